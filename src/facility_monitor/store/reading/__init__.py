"""Readings, what they sum up to, and the ingest's own books."""
