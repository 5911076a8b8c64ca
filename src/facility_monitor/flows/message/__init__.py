"""Who has to know, and what becomes of what they were told."""
