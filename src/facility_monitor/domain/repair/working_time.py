"""Working days at a site, and how long so many of them last (GB 29837-2013 3.1.3: parts from the maker, 5 of them)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo

HOLD_DAYS = 5
HOLD_LONGEST = timedelta(days=16)
"""The same on any calendar: 5 working days, the longest public holidays (9 days) and a weekend. Who may enter days off
makes no hold longer by that."""
_DAY = timedelta(days=1)


def is_working(day: date, exceptions: Mapping[date, bool]) -> bool:
    """Whether people work on a day: Monday to Friday, but for ``exceptions``: holidays, and days worked instead."""
    return exceptions.get(day, day.weekday() < 5)


def working_time(since: datetime, until: datetime, zone: tzinfo, exceptions: Mapping[date, bool]) -> timedelta:
    """How much of a span lies on working days by the calendar of ``zone``, where such a day has all its hours."""
    spent = timedelta(0)
    for day, begins, ends in _days(since, until, zone):
        if is_working(day, exceptions):
            spent += ends - begins
    return spent


def after_working_days(
    since: datetime, days: timedelta, longest: timedelta, zone: tzinfo, exceptions: Mapping[date, bool]
) -> datetime:
    """When so much time on working days has passed, or ``longest`` of any days."""
    left = days
    for day, begins, ends in _days(since, since + longest, zone):
        if is_working(day, exceptions):
            if left <= ends - begins:
                return begins + left
            left -= ends - begins
    return since + longest


def _days(since: datetime, until: datetime, zone: tzinfo) -> list[tuple[date, datetime, datetime]]:
    """The days of a span, each with its part of it."""
    found = []
    begins = since
    while begins < until:
        day = begins.astimezone(zone).date()
        ends = min(until, datetime.combine(day + _DAY, time(), zone).astimezone(since.tzinfo))
        found.append((day, begins, ends))
        begins = ends
    return found
