"""Tickets and their clock."""
