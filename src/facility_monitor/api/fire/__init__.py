"""The fire log: what is due, what was done, and what an inspector gets."""
