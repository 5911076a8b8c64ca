"""Devices, what they send, and what became of it."""
