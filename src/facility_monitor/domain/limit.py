"""A dated limit: a row of data with its standard, from the day it came into force to the day it was replaced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from facility_monitor.domain.text import Text


class Direction(StrEnum):
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    WITHIN = "within"
    """as far from zero, to either side"""


@dataclass(frozen=True, slots=True)
class DatedLimit:
    """``value`` is in ``unit``; both days are included, and the last is None while the limit stands.

    A limit with a ``door_type`` holds for such doors only, one with ``clear_width_up_to_mm`` up to that width.
    ``grade``: L looked up, L~ weak source, O common knowledge, P own proposal.
    """

    code: str
    quantity: str
    name: Text = field(hash=False)
    direction: Direction
    value: float
    unit: str
    standard: str
    clause: str
    grade: str
    effective_from: date
    effective_to: date | None = None
    door_type: str | None = None
    clear_width_up_to_mm: int | None = None

    def in_force(self, on: date) -> bool:
        """Whether the limit stands on that day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def met_by(self, value: float) -> bool:
        """Whether ``value`` is good; the limit itself still is."""
        return self.excess(value) <= 0

    def excess(self, value: float) -> float:
        """How far ``value`` is beyond the limit, as a part of it; zero or less where it is good."""
        if self.direction is Direction.AT_LEAST:
            return (self.value - value) / abs(self.value)
        reached = abs(value) if self.direction is Direction.WITHIN else value
        return (reached - self.value) / abs(self.value)

    def as_json(self) -> dict[str, Any]:
        """What is kept with a verdict, so that it can be understood without the table."""
        return {
            "direction": self.direction.value,
            "value": self.value,
            "unit": self.unit,
            "standard": self.standard,
            "clause": self.clause,
            "grade": self.grade,
            "effective_from": self.effective_from.isoformat(),
        }


def applicable(
    limits: Iterable[DatedLimit], quantity: str, on: date, door_type: str | None, clear_width_mm: float | None
) -> list[DatedLimit]:
    """The limits of ``quantity`` in force on a day, at most one for each direction.

    Of those that go by the door's width it is the narrowest class that takes the door in; a door wider than all has
    none. Without a door, limits that go by one do not count.
    """
    found: dict[Direction, DatedLimit] = {}
    for limit in limits:
        if limit.quantity != quantity or not limit.in_force(on) or limit.door_type not in (None, door_type):
            continue
        widest = limit.clear_width_up_to_mm
        if widest is not None and (clear_width_mm is None or clear_width_mm > widest):
            continue
        known = found.get(limit.direction)
        if known is None or _closeness(limit) < _closeness(known):
            found[limit.direction] = limit
    return [found[direction] for direction in sorted(found)]


def _closeness(limit: DatedLimit) -> tuple[float, int]:
    widest = limit.clear_width_up_to_mm
    return (float("inf") if widest is None else widest, -limit.effective_from.toordinal())


def by_quantity(limits: Iterable[DatedLimit]) -> dict[str, list[DatedLimit]]:
    """Limits under what they are of."""
    found: dict[str, list[DatedLimit]] = {}
    for limit in limits:
        found.setdefault(limit.quantity, []).append(limit)
    return found


def decided(verdicts: Iterable[bool | None]) -> bool | None:
    """The worst decides; None where no limit was in force for anything."""
    known = set(verdicts)
    return False if False in known else True if True in known else None


def tells_states_apart(limit: float, display_unit: str | None) -> bool:
    """Whether ``limit`` lies between two states of something that has no unit, as 0.5 does between off and on: then
    neither it nor the value is a figure that anybody would say."""
    return not display_unit and limit % 1 == 0.5
