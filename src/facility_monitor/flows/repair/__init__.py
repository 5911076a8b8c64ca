"""Tickets from their opening to their end."""
