"""When fire equipment must be serviced, and when it must go: computed from dated rules, each with its basis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from facility_monitor.domain.calendar_month import add_months
from facility_monitor.domain.text import Text


class Step(StrEnum):
    """What is due, and from which of the equipment's dates it is counted."""

    FIRST_SERVICE = "first_service"
    """from manufacture (extinguishers) or installation, where it was never serviced"""
    NEXT_SERVICE = "next_service"
    """from the last service"""
    SCRAP = "scrap"
    """from manufacture"""
    LIFE = "life"
    """from installation, else from manufacture"""


@dataclass(frozen=True, slots=True)
class ServiceRule:
    """``months`` after the date that ``step`` counts from; for all of ``kind`` where ``subtype`` is None."""

    code: str
    kind: str
    subtype: str | None
    step: Step
    months: int
    name: Text
    standard: str
    clause: str
    grade: str
    effective_from: date
    effective_to: date | None = None


class Dates(NamedTuple):
    """What the register says of one piece; None where it says nothing that can be used."""

    made_on: date | None
    installed_on: date | None
    serviced_on: date | None


class Due(NamedTuple):
    """``step`` is due ``on`` that day, by ``rule``, counted ``since``."""

    step: Step
    on: date
    since: date
    rule: ServiceRule

    def as_json(self) -> dict[str, Any]:
        rule = self.rule
        return {
            "step": self.step.value,
            "on": self.on.isoformat(),
            "since": self.since.isoformat(),
            "months": rule.months,
            "name": dict(rule.name),
            **{name: getattr(rule, name) for name in ("standard", "clause", "grade")},
            "effective_from": rule.effective_from.isoformat(),
        }


def dates_of(attributes: Mapping[str, Any]) -> Dates:
    """The dates in an equipment's ``attributes``; what is no date there counts as not said."""
    return Dates(*(_date(attributes.get(name)) for name in Dates._fields))


EARLIEST = date(1950, 1, 1)
"""No equipment in use was made before then; a date that is says that something was mistyped."""


def wrong_dates(known: Dates, today: date) -> dict[str, str]:
    """What cannot be true of a piece's dates, by name. It may be installed on a day to come."""
    wrong = {name: f"must not lie before {EARLIEST}" for name, on in known._asdict().items() if on and on < EARLIEST}
    for name, on in (("made_on", known.made_on), ("serviced_on", known.serviced_on)):
        if on is not None and on > today:
            wrong[name] = f"must not lie after today ({today})"
    for name, on in (("installed_on", known.installed_on), ("serviced_on", known.serviced_on)):
        if on is not None and known.made_on is not None and on < known.made_on:
            wrong.setdefault(name, f"must not lie before made_on ({known.made_on})")
    return wrong


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def due(rules: Iterable[ServiceRule], kind: str, subtype: str | None, known: Dates, on: date) -> list[Due]:
    """What is due of a piece, the first first, by the rules that stand on the day ``on``.

    A rule for the subtype goes before one for the whole kind; of two, the one that came into force last.
    """
    chosen: dict[Step, ServiceRule] = {}
    for rule in sorted(rules, key=lambda rule: (rule.subtype is not None, rule.effective_from)):
        stands = rule.effective_from <= on and (rule.effective_to is None or on <= rule.effective_to)
        if rule.kind == kind and rule.subtype in (None, subtype) and stands:
            chosen[rule.step] = rule
    found = []
    for step, rule in chosen.items():
        since = _since(step, kind, known)
        if since is not None:
            found.append(Due(step, add_months(since, rule.months), since, rule))
    return sorted(found, key=lambda each: (each.on, each.step))


def _since(step: Step, kind: str, known: Dates) -> date | None:
    if step is Step.NEXT_SERVICE:
        return known.serviced_on
    if step is Step.FIRST_SERVICE and known.serviced_on:
        return None
    # an extinguisher ages on the shelf too: GB 50444 counts its first service from manufacture, as its scrapping
    if step is Step.SCRAP:
        return known.made_on
    if kind == "extinguisher":
        return known.made_on or known.installed_on
    return known.installed_on or known.made_on
