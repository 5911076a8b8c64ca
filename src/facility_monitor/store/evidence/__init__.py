"""The ledger, what it refers to, and its proof."""
