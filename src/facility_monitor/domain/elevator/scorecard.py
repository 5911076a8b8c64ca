"""How well a contractor keeps its elevators: weekly tests, repairs, and faults that come back.

Only what can be decided counts: weeks from Monday to Sunday that lie wholly in the period and under the contract, and
repairs that were done or whose deadline has passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from facility_monitor.domain.calendar_week import monday

REPEAT = timedelta(days=30)
"""The same fault of the same elevator so soon after its repair is a repetition (the users' own practice)."""


class Cover(NamedTuple):
    """An elevator under contract, both days included; ``until`` is None without an end."""

    elevator_id: int
    since: date
    until: date | None


class Tested(NamedTuple):
    """A weekly test on a day of the site; ``late``: it was entered too late to count as in time."""

    elevator_id: int
    on: date
    late: bool


class Repair(NamedTuple):
    """A fault: ``done_at`` is when it was repaired, or closed without that; None while it is neither.

    ``cause`` is None where people said it in their own words, which no other fault is the same as. ``counts``: it was
    opened in the period and under the contract; another tells only whether one that counts is a repetition.
    """

    ticket_id: int
    elevator_id: int
    cause: str | None
    opened_at: datetime
    due_at: datetime
    done_at: datetime | None
    counts: bool


class Week(NamedTuple):
    """An elevator in the week that begins on ``monday``."""

    elevator_id: int
    monday: date


class Repeat(NamedTuple):
    """A fault that came back, and the repair after which it did."""

    fault: Repair
    before: Repair


@dataclass(frozen=True, slots=True)
class Scorecard:
    """``weeks`` are those of all elevators: tested in time, tested but entered ``late_weeks``, or ``missed``."""

    weeks: int
    late_weeks: Sequence[Week]
    missed: Sequence[Week]
    faults: int
    decided: int
    late_repairs: Sequence[Repair]
    repeats: Sequence[Repeat]

    @property
    def tests_in_time(self) -> int:
        return self.weeks - len(self.late_weeks) - len(self.missed)

    @property
    def repairs_in_time(self) -> int:
        return self.decided - len(self.late_repairs)

    @property
    def test_share(self) -> float | None:
        """The part of the weeks with a test in time, 0 to 1; None without a week."""
        return self.tests_in_time / self.weeks if self.weeks else None

    @property
    def repair_share(self) -> float | None:
        """The part of the decided repairs that were done by their deadline, 0 to 1; None without one."""
        return self.repairs_in_time / self.decided if self.decided else None


def scorecard(
    covers: Iterable[Cover],
    tests: Iterable[Tested],
    repairs: Sequence[Repair],
    period: tuple[date, date],
    now: datetime,
) -> Scorecard:
    """The card of one contractor for ``period``, both days included."""
    weeks = sorted({week for cover in covers for week in _weeks(cover, period)}, key=lambda week: week[::-1])
    late: dict[Week, bool] = {}
    for test in tests:
        week = Week(test.elevator_id, monday(test.on))
        late[week] = late.get(week, True) and test.late
    faults = [each for each in repairs if each.counts]
    decided = [each for each in faults if each.done_at is not None or each.due_at < now]
    return Scorecard(
        weeks=len(weeks),
        late_weeks=[week for week in weeks if late.get(week, False)],
        missed=[week for week in weeks if week not in late],
        faults=len(faults),
        decided=len(decided),
        late_repairs=[each for each in decided if (each.done_at or now) > each.due_at],
        repeats=[Repeat(each, before) for each in faults if (before := _before(each, repairs)) is not None],
    )


def _weeks(cover: Cover, period: tuple[date, date]) -> Iterable[Week]:
    first = max(cover.since, period[0])
    last = period[1] if cover.until is None else min(cover.until, period[1])
    begins = monday(first + timedelta(days=6))
    while begins + timedelta(days=6) <= last:
        yield Week(cover.elevator_id, begins)
        begins += timedelta(days=7)


def _before(fault: Repair, repairs: Sequence[Repair]) -> Repair | None:
    """The last repair of the same fault that was done within ``REPEAT`` before it came again."""
    found = [
        each
        for each in repairs
        if (each.elevator_id, each.cause) == (fault.elevator_id, fault.cause)
        and each.cause is not None
        and each.done_at is not None
        and timedelta(0) <= fault.opened_at - each.done_at <= REPEAT
        and each.ticket_id != fault.ticket_id
    ]
    return max(found, key=lambda each: each.done_at or each.opened_at, default=None)
