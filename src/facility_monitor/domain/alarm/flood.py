"""Floods: more alarms than anybody can follow, folded into one summary; what must not wait is never folded."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from facility_monitor.domain.alarm.rule import Severity

SPAN = timedelta(minutes=10)
MOST = 10
"""More than so many in ``SPAN`` for one queue are a flood (ISA-18.2-2016, 16.5; EEMUA 191: one operator)."""
CALM = 5
"""A flood is over when fewer than so many came in ``SPAN`` (ISA-18.2-2016, 16.5)."""
TOLD_AGAIN = timedelta(minutes=1)
"""While a flood goes on, its summary is brought up to date at most so often."""


class FloodEvent(StrEnum):
    STARTED = "flood_started"
    GREW = "flood_grew"
    """the summary was brought up to date"""
    ENDED = "flood_ended"


def folds(severity: Severity, life_safety: bool) -> bool:
    """Whether a flood's summary may stand for such an alarm. Critical and life safety always come on their own."""
    return severity is not Severity.CRITICAL and not life_safety


def begins(announced: int) -> bool:
    """Whether so many in ``SPAN`` are a flood."""
    return announced > MOST


def ends(announced: int) -> bool:
    """Whether a flood with so many in the last ``SPAN`` is over."""
    return announced < CALM
