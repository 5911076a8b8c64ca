"""Channels, messages, and answers to them."""
