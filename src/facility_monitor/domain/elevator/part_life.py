"""When a part of an elevator must go: by its age, by what it has done, by what was measured; and the first of these.

Every life is a dated row of data with its basis (``LifeRule``). The national rule (GB/T 31821-2015) scraps parts by
their state and names no years, so that an age is always somebody's: the maker's, the contract's, or our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from facility_monitor.domain.calendar_month import add_months
from facility_monitor.domain.elevator.trend import DAY, LEAST, Sample, forecast
from facility_monitor.domain.elevator.usage import Usage
from facility_monitor.domain.instant import LATEST, Instant
from facility_monitor.domain.text import Text

HORIZON_DAYS = 3653
"""No end is foretold further ahead than ten years: a line does not know that far."""


class Aspect(StrEnum):
    CALENDAR = "calendar"
    """months since it was installed"""
    COUNTER = "counter"
    """how often since it was installed"""
    CONDITION = "condition"
    """what an inspection has measured"""


class Line(StrEnum):
    """What it means that a life is over."""

    DISCARD = "discard"
    """it must not run on"""
    MAKER = "maker"
    """its maker wants it replaced"""
    PLANNING = "planning"
    """it is planned to be replaced"""
    EARLY = "early"
    """it is to be looked at more often, and replaced soon; no end"""


@dataclass(frozen=True, slots=True)
class LifeRule:
    """A life of all parts of ``part_kind``, or of those of one maker, model or rope construction only.

    ``lowest``, ``expected`` and ``highest`` are months for a calendar, a count for a counter, and all three the same
    limit, which a good value does not exceed, for a condition. ``quantity`` is the counter or what is measured, None
    for a calendar. grade: L looked up, L~ weak source, O common knowledge not confirmed, P own proposal.
    """

    code: str
    part_kind: str
    aspect: Aspect
    quantity: str | None
    line: Line
    lowest: float
    expected: float
    highest: float
    unit: str
    name: Text
    standard: str
    clause: str
    grade: str
    effective_from: date
    effective_to: date | None = None
    maker: str | None = None
    model: str | None = None
    construction: str | None = None

    def in_force(self, on: date) -> bool:
        """Whether the rule stands on that day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def as_json(self) -> dict[str, Any]:
        """What is kept with a verdict, so that it can be understood without the table."""
        return {
            **{name: getattr(self, name) for name in ("code", "quantity", "expected", "unit")},
            **{name: getattr(self, name) for name in ("standard", "clause", "grade")},
            "line": self.line.value,
            "name": dict(self.name),
            "effective_from": self.effective_from.isoformat(),
        }


class Nature(NamedTuple):
    """What of a part decides which rules are its own."""

    kind: str
    maker: str | None = None
    model: str | None = None
    construction: str | None = None


def applicable(rules: Iterable[LifeRule], nature: Nature, on: date) -> list[LifeRule]:
    """The rules of a part in force on a day, one for each aspect, quantity and line.

    What is said of its model goes before what is said of its maker, and this before what is said of all; of two, the
    one that came into force last.
    """
    found: dict[tuple[Aspect, str | None, Line], LifeRule] = {}
    for rule in sorted(rules, key=_closeness):
        own = all(
            asked in (None, known)
            for asked, known in (
                (rule.maker, nature.maker),
                (rule.model, nature.model),
                (rule.construction, nature.construction),
            )
        )
        if rule.part_kind == nature.kind and own and rule.in_force(on):
            found[rule.aspect, rule.quantity, rule.line] = rule
    return list(found.values())


def _closeness(rule: LifeRule) -> tuple[bool, bool, bool, date, str]:
    return rule.model is not None, rule.maker is not None, rule.construction is not None, rule.effective_from, rule.code


class Expectation(NamedTuple):
    """When a part is at the end of one of its lives: on the ``expected`` day, or any from ``earliest`` to ``latest``.

    ``latest`` is None where it may well never come. ``used`` of ``limit``, both in ``rule.unit``, are gone, at
    ``per_year``. ``life_days`` is how long a new part lasts by the same rule, None for a condition.
    """

    rule: LifeRule
    expected: date
    earliest: date
    latest: date | None
    used: float
    limit: float
    per_year: float | None
    life_days: int | None

    @property
    def ends(self) -> bool:
        """Whether the part has to go then."""
        return self.rule.line is not Line.EARLY


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a part in use since ``installed_on``: its counters, and what was measured of it over time."""

    installed_on: date
    usage: Mapping[str, Usage] = field(default_factory=dict)
    measured: Mapping[str, Sequence[Sample]] = field(default_factory=dict)


def expectations(rules: Iterable[LifeRule], history: History, today: date) -> list[Expectation]:
    """What each of ``rules``, those that apply, says of a part; the first to come first.

    A counter that does not move, and a condition without a trend that can be relied on, say nothing.
    """
    found = [each for rule in rules if (each := _expectation(rule, history, today)) is not None]
    return sorted(found, key=lambda each: (each.expected, each.rule.code))


def nearest(found: Iterable[Expectation]) -> Expectation | None:
    """The first end of all, early lines left out; None where nothing is known."""
    return next((each for each in found if each.ends), None)


def _expectation(rule: LifeRule, history: History, today: date) -> Expectation | None:
    if rule.aspect is Aspect.CALENDAR:
        return _by_calendar(rule, history.installed_on, today)
    if rule.aspect is Aspect.COUNTER:
        usage = history.usage.get(rule.quantity or "")
        return None if usage is None else _by_counter(rule, usage, today)
    return _by_condition(rule, history.measured.get(rule.quantity or "", ()))


def _by_calendar(rule: LifeRule, since: date, today: date) -> Expectation:
    ends = [add_months(since, round(months)) for months in (rule.expected, rule.lowest, rule.highest)]
    months = (today - since).days / (365.25 / 12)
    return Expectation(rule, ends[0], ends[1], ends[2], months, rule.expected, 12, (ends[0] - since).days)


def _by_counter(rule: LifeRule, usage: Usage, today: date) -> Expectation | None:
    """The counts that are left, at the usual rate; the earliest end is at the fastest, the latest at the slowest."""
    if usage.per_day <= 0:
        return None
    expected = _after(today, (rule.expected - usage.used) / usage.per_day)
    earliest = _after(today, (rule.lowest - usage.used) / usage.fastest)
    latest = None if usage.slowest <= 0 else _after(today, (rule.highest - usage.used) / usage.slowest)
    life = min(round(rule.expected / usage.per_day), 10 * HORIZON_DAYS)
    ends = (expected, min(earliest, expected), None if latest is None else max(latest, expected))
    return Expectation(rule, *ends, usage.used, rule.expected, usage.per_day * 365.25, life)


def _after(day: date, days: float) -> date:
    return day + timedelta(days=round(max(min(days, 10 * HORIZON_DAYS), -10 * HORIZON_DAYS)))


RESOLUTION: Mapping[str, float] = {"diameter_loss": 0.5}
"""The least difference that an inspection tells: a caliper 0.05 mm, of a rope of 10 mm; of broken wires, one."""


def _by_condition(rule: LifeRule, samples: Sequence[Sample]) -> Expectation | None:
    """The day on which a line through what was measured reaches the limit, or on which it was first seen beyond it."""
    beyond = next((sample for sample in samples if sample.value > rule.expected), None)
    if beyond is not None and samples[-1].value > rule.expected:
        seen = _day(beyond.at)
        return Expectation(rule, seen, seen, seen, samples[-1].value, rule.expected, None, None)
    if len(samples) < LEAST:
        return None
    resolution = RESOLUTION.get(rule.quantity or "", 1.0)
    found = forecast(samples, None, rule.expected, resolution, HORIZON_DAYS * DAY, (len(samples),))
    if found is None:
        return None
    crossing, trend = found.crossing, found.trend
    latest = None if crossing.latest is None else _bounded(crossing.latest)
    ends = (_day(crossing.expected), _day(crossing.earliest), latest)
    return Expectation(rule, *ends, trend.level, rule.expected, trend.slope * 365.25, None)


def _day(at: Instant) -> date:
    return date(1970, 1, 1) + timedelta(days=at // DAY)


def _bounded(at: Instant) -> date | None:
    """The end of a band; one that is almost flat gets there beyond any calendar, which is as good as never."""
    return _day(at) if at < LATEST else None
