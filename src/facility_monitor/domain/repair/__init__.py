"""Tickets, their clock, and how well repairs kept it."""
