"""Elevators: their tests, warnings and parts."""
