"""A rota: a weekly pattern in local time, and the shifts that follow from it.

A shift begins and ends when the clock on the wall says so: on the night of a change of the clocks it is an hour shorter
or longer. A time that the wall skips counts as if the clock had not been changed yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from facility_monitor.domain.calendar_week import monday


class Position(StrEnum):
    """In which capacity somebody has duty, the first to be called first."""

    ENGINEER = "engineer"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"


class Holidays(StrEnum):
    """What a rota does on holidays."""

    AS_USUAL = "as_usual"
    OFF = "off"
    ONLY = "only"
    """on holidays, whatever the weekday, and on no other day"""


@dataclass(frozen=True, slots=True)
class Rota:
    """``weekdays`` are ISO numbers, 1 for Monday. ``every_weeks`` counts from the week of ``first_day``."""

    weekdays: frozenset[int]
    starts: time
    ends: time
    first_day: date
    last_day: date | None = None
    every_weeks: int = 1
    holidays: Holidays = Holidays.AS_USUAL

    def has(self, day: date, holidays: Collection[date]) -> bool:
        """Whether a shift begins on ``day``."""
        if day < self.first_day or (self.last_day is not None and day > self.last_day):
            return False
        if self.holidays is Holidays.ONLY:
            return day in holidays
        if self.holidays is Holidays.OFF and day in holidays:
            return False
        weeks = (monday(day) - monday(self.first_day)).days // 7
        return day.isoweekday() in self.weekdays and weeks % self.every_weeks == 0


class Planned(NamedTuple):
    """``day`` is the local day on which it begins; the instants are aware UTC, the end not included."""

    day: date
    starts_at: datetime
    ends_at: datetime


def shifts(rota: Rota, zone: tzinfo, holidays: Collection[date], first: date, days: int) -> Iterator[Planned]:
    """The shifts that begin on ``first`` or the ``days`` - 1 days after it."""
    for day in (first + timedelta(days=n) for n in range(days)):
        if rota.has(day, holidays):
            ends_on = day if rota.ends > rota.starts else day + timedelta(days=1)
            yield Planned(day, _instant(day, rota.starts, zone), _instant(ends_on, rota.ends, zone))


def _instant(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
