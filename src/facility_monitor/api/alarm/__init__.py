"""Alarms and rules."""
