"""Floor 2: where things are kept. Functions take a transaction, return domain values and never commit."""
