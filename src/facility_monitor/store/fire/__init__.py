"""The fire log: what is due, and what was done."""
