"""The calendar of upkeep: what is due of which equipment when, as a pure function of dated plans, and how it stands.

A plan with ``parts`` is a rolling one: each of its periods takes the part of the equipment whose turn it is, so that
after so many periods every piece had its own, whatever was added or removed in between.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from facility_monitor.domain.calendar_month import last_of_month
from facility_monitor.domain.text import Text

DAY = timedelta(days=1)


class UpkeepEvent(StrEnum):
    """What the ledger records of the calendar."""

    REMINDED = "upkeep_reminded"
    MISSED = "upkeep_missed"
    WAIVED = "upkeep_waived"
    IMPAIRED = "equipment_impaired"
    IMPAIRMENT_CHANGED = "equipment_impairment_changed"
    CALENDAR_CHANGED = "upkeep_calendar_changed"


class Cycle(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    """from Monday to Sunday"""
    HALF_MONTHLY = "half_monthly"
    """to the 15th, and to the month's end"""
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"


@dataclass(frozen=True, slots=True)
class Plan:
    """A duty at all equipment of a kind, done with ``form`` once in each period of ``cycle``.

    ``places`` are classes of places (basement, crowded, fuel): the plan holds in these only, or with ``elsewhere`` in
    all others only. With ``shifts`` a due day that is a holiday moves to the next that is none. Both days of force are
    included.
    """

    code: str
    name: Text
    kind: str
    form: str
    cycle: Cycle
    standard: str
    clause: str
    grade: str
    effective_from: date
    effective_to: date | None = None
    parts: int = 1
    places: tuple[str, ...] = ()
    elsewhere: bool = False
    shifts: bool = False
    remind_days: int = 0

    def in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def covers(self, item: Item) -> bool:
        """Whether this is a duty at ``item`` at all."""
        in_places = item.place_class in self.places
        return item.kind == self.kind and (not self.places or in_places is not self.elsewhere)


class Basis(NamedTuple):
    """What the calendar of a site is made of, as JSON says it: plans by their code, and by day whether a day that is
    not as its weekday is worked."""

    plans: Mapping[str, Any] = MappingProxyType({})
    days: Mapping[str, Any] = MappingProxyType({})

    def changed(self, body: Mapping[str, Any]) -> Basis:
        """With the changes that an entry of the ledger tells; null is what is no more."""
        return Basis(*(_with(before, body.get(name, {})) for name, before in self._asdict().items()))

    def changes(self, now: Basis) -> dict[str, dict[str, Any]]:
        """What an entry tells of a change to ``now``; empty where there is none."""
        pairs = {name: (getattr(self, name), after) for name, after in now._asdict().items()}
        told = {
            name: {each: after.get(each) for each in sorted({*before, *after}) if before.get(each) != after.get(each)}
            for name, (before, after) in pairs.items()
        }
        return {name: found for name, found in told.items() if found}

    def differences(self, now: Basis) -> Iterator[tuple[str, Any, Any]]:
        """What differs, by its name, with what it was and what it is ``now``, which is None where it is not there."""
        for name, found in self.changes(now).items():
            for each, after in found.items():
                yield f"{'upkeep_plan' if name == 'plans' else 'holiday'} {each}", getattr(self, name).get(each), after


def _with(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {each: value for each, value in {**before, **changes}.items() if value is not None}


class Item(NamedTuple):
    """A piece of equipment as the calendar sees it, in use ``since`` that day."""

    id: int
    kind: str
    since: date
    place_class: str | None = None


class Task(NamedTuple):
    """One duty: to be done from ``first`` to ``last``; what is done before ``until`` still counts, as done late."""

    plan: str
    equipment_id: int
    first: date
    last: date
    until: date


def periods(cycle: Cycle, first: date, last: date) -> Iterator[tuple[date, date]]:
    """The periods of ``cycle`` that have a day in ``first`` to ``last``, each with its first and last day."""
    begin = period_of(cycle, first)[0]
    while begin <= last:
        end = period_of(cycle, begin)[1]
        yield begin, end
        begin = end + DAY


def period_of(cycle: Cycle, day: date) -> tuple[date, date]:
    """The period in which ``day`` lies."""
    if cycle is Cycle.DAILY:
        return day, day
    if cycle is Cycle.WEEKLY:
        monday = day - day.weekday() * DAY
        return monday, monday + 6 * DAY
    if cycle is Cycle.HALF_MONTHLY:
        return (day.replace(day=1), day.replace(day=15)) if day.day <= 15 else (day.replace(day=16), last_of_month(day))
    if cycle is Cycle.MONTHLY:
        return day.replace(day=1), last_of_month(day)
    if cycle is Cycle.QUARTERLY:
        month = (day.month - 1) // 3 * 3 + 1
        return date(day.year, month, 1), last_of_month(date(day.year, month + 2, 1))
    if cycle is Cycle.HALF_YEARLY:
        half = (day.month - 1) // 6 * 6
        return date(day.year, half + 1, 1), last_of_month(date(day.year, half + 6, 1))
    return date(day.year, 1, 1), date(day.year, 12, 31)


def _index(cycle: Cycle, begin: date) -> int:
    """A number that grows by one from period to period."""
    if cycle is Cycle.DAILY:
        return begin.toordinal()
    if cycle is Cycle.WEEKLY:
        return (begin.toordinal() - 1) // 7
    months = begin.year * 12 + begin.month - 1
    if cycle is Cycle.HALF_MONTHLY:
        return months * 2 + (begin.day > 15)
    return months // {Cycle.MONTHLY: 1, Cycle.QUARTERLY: 3, Cycle.HALF_YEARLY: 6, Cycle.YEARLY: 12}[cycle]


def tasks(
    plans: Iterable[Plan], items: Sequence[Item], first: date, last: date, holidays: Collection[date] = ()
) -> list[Task]:
    """All tasks whose period has a day in ``first`` to ``last``, in the order of their last day."""
    found = []
    for plan in plans:
        covered = [item for item in items if plan.covers(item)]
        for begin, end in periods(plan.cycle, first, last) if covered else ():
            if not (plan.effective_from <= end and (plan.effective_to is None or begin <= plan.effective_to)):
                continue
            turn = _index(plan.cycle, begin) % plan.parts
            due = _shifted(end, holidays) if plan.shifts else end
            until = _next_turn(plan, begin)
            found += [
                Task(plan.code, item.id, begin, due, max(until, due + DAY))
                for item in covered
                if item.since <= end and item.id % plan.parts == turn
            ]
    return sorted(found, key=lambda task: (task.last, task.plan, task.equipment_id))


def _shifted(day: date, holidays: Collection[date]) -> date:
    while day in holidays:
        day += DAY
    return day


def _next_turn(plan: Plan, begin: date) -> date:
    for _ in range(plan.parts):
        begin = period_of(plan.cycle, begin)[1] + DAY
    return begin


class State(StrEnum):
    PLANNED = "planned"
    DUE = "due"
    DONE = "done"
    LATE = "late"
    """done after the last day, or entered late (补录)"""
    OVERDUE = "overdue"
    """not done, but it still can be"""
    MISSED = "missed"
    IMPAIRED = "impaired"
    """not done, since the equipment was out of service on the last day"""


class Done(NamedTuple):
    """What was made on a day at the site, a check or an elevator's test; ``late_entry``: it was entered afterwards."""

    on: date
    check_id: int | None
    late_entry: bool
    passed: bool | None = None
    test_id: int | None = None


class Standing(NamedTuple):
    """``check_id``, ``passed`` and ``test_id`` are those of the newest verdict; ``settled_by`` is the check that counts
    as done, which comes before it where there was another one."""

    state: State
    check_id: int | None = None
    passed: bool | None = None
    test_id: int | None = None
    settled_by: int | None = None


def standing(
    task: Task, done: Sequence[Done], out_of_service: Iterable[tuple[date, date | None]], on: date
) -> Standing:
    """How ``task`` stands on the day ``on``, past or future: by the checks of its form, in the order of their days.

    The first settles whether it was done in time; the newest verdict by the last day is what was found, so that a fault
    found after a good check is not hidden by it. Of what was done late all count that do before ``until``.
    """
    counting = _between(done, task.first, min(task.until, on + DAY))
    if counting:
        first = counting[0]
        overdue = first.on > task.last
        judged = counting if overdue else _between(counting, task.first, task.last + DAY)
        found = next((each for each in reversed(judged) if each.passed is not None), first)
        state = State.LATE if overdue or first.late_entry else State.DONE
        return Standing(state, found.check_id, found.passed, found.test_id, first.check_id)
    if on < task.first:
        return Standing(State.PLANNED)
    if any(begin <= min(on, task.last) and (end is None or min(on, task.last) <= end) for begin, end in out_of_service):
        return Standing(State.IMPAIRED)
    if on <= task.last:
        return Standing(State.DUE)
    return Standing(State.OVERDUE if on < task.until else State.MISSED)


def _between(done: Sequence[Done], first: date, until: date) -> Sequence[Done]:
    begin, end = (bisect_left(done, day, key=lambda each: each.on) for day in (first, until))
    return done[begin:end]


_SETTLED = frozenset({State.DONE, State.LATE, State.IMPAIRED})


def lapsed(previous: State, current: State | None) -> bool:
    """Whether a duty is open at a piece: its ``previous`` task was not done, nor has its ``current`` one made up for
    that. Equipment that is out of service now has its substitute measure instead."""
    return previous in (State.OVERDUE, State.MISSED) and current not in _SETTLED
