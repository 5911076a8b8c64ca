"""Weeks of the calendar, which begin on a Monday (ISO 8601)."""

from __future__ import annotations

from datetime import date, timedelta


def monday(day: date) -> date:
    """The first day of the week of ``day``."""
    return day - timedelta(days=day.weekday())
