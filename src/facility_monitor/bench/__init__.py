"""Measurements of the real thing: the product's own processes, with a broker and a database of their own."""
