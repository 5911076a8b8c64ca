"""What parts will cost, and when: by quarter and year, three years ahead; and what if it were otherwise.

All of it is a function of its arguments: to ask what if changes nothing. Money is whole minor units (fen, cents).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from facility_monitor.domain.calendar_month import add_months

YEARS = 3
MOST_AGAIN = 40
"""So often at most one part is replaced within the years of a budget."""

Money = Mapping[str, int]
"""By currency (ISO 4217), in its minor units; different currencies are never added."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A part to be replaced: ``quantity`` pieces at ``unit_price`` (minor units), ordered ``lead_time_days`` before.

    ``due_on`` is when it is expected to be at its end, or any day from ``earliest`` to ``latest``. A new one lasts
    ``life_days``; None where that is not known. ``discard`` says that it must not run on beyond its end.
    """

    part_id: int
    kind: str
    due_on: date
    earliest: date
    latest: date | None
    quantity: int
    unit_price: int
    currency: str
    lead_time_days: int
    life_days: int | None = None
    discard: bool = False


class Change(NamedTuple):
    """What if: all prices of a kind of part (None: of all others) changed by ``percent``."""

    kind: str | None
    percent: Decimal


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Replacements ``postpone_months`` later, single ones by ``postponed``, and prices changed."""

    postpone_months: int = 0
    postponed: Mapping[int, int] = field(default_factory=dict)
    prices: Sequence[Change] = ()

    def months(self, part_id: int) -> int:
        return self.postponed.get(part_id, self.postpone_months)

    def price(self, kind: str, unit_price: int) -> int:
        """The changed price, half a minor unit to the even one."""
        by_kind = {change.kind: change.percent for change in self.prices}
        percent = by_kind.get(kind, by_kind.get(None, Decimal()))
        changed = Decimal(unit_price) * (100 + percent) / 100
        return int(changed.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


class Item(NamedTuple):
    """One replacement, in the quarter in which its part is due; what is overdue stands in the first.

    ``nth`` counts a part's replacements from 1. ``risky``: it was postponed beyond what the part is good for.
    """

    planned: Planned
    nth: int
    due_on: date
    order_by: date
    cost: int
    overdue: bool
    risky: bool


class Quarter(NamedTuple):
    year: int
    number: int
    items: Sequence[Item]

    @property
    def total(self) -> Money:
        return _sum(self.items)


class Budget(NamedTuple):
    """From the quarter in which ``today`` lies to the one three years later, each of which there is."""

    today: date
    quarters: Sequence[Quarter]

    @property
    def total(self) -> Money:
        return _sum([item for quarter in self.quarters for item in quarter.items])

    @property
    def years(self) -> Mapping[int, Money]:
        """By calendar year; the first and the last may be in it with some quarters only."""
        years = sorted({quarter.year for quarter in self.quarters})
        return {
            year: _sum([item for quarter in self.quarters if quarter.year == year for item in quarter.items])
            for year in years
        }


def budget(parts: Sequence[Planned], today: date, what_if: WhatIf | None = None) -> Budget:
    """What replacing ``parts`` costs, by quarters."""
    asked = what_if or WhatIf()
    begin = quarter_begin(today)
    end = add_months(begin, 12 * YEARS + 3)
    by_quarter: dict[date, list[Item]] = defaultdict(list)
    for planned in parts:
        for item in _items(planned, today, end, asked):
            by_quarter[quarter_begin(max(item.due_on, today))].append(item)
    begins = [add_months(begin, 3 * n) for n in range(4 * YEARS + 1)]
    quarters = [
        Quarter(
            day.year, (day.month + 2) // 3, sorted(by_quarter[day], key=lambda item: (item.due_on, item[0].part_id))
        )
        for day in begins
    ]
    return Budget(today, quarters)


def quarter_begin(day: date) -> date:
    """The first day of the quarter in which ``day`` lies."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def order_by(due_on: date, lead_time_days: int) -> date:
    """The last day on which to order what is needed on ``due_on``."""
    return due_on - timedelta(days=lead_time_days)


def _items(planned: Planned, today: date, end: date, asked: WhatIf) -> list[Item]:
    """The replacements of one part before ``end``: the first, and then one after each life of a new one."""
    months = asked.months(planned.part_id)
    # what is overdue already is postponed from today on: it cannot be replaced in the past
    due = add_months(max(planned.due_on, today), months) if months else planned.due_on
    last = planned.due_on if planned.discard else planned.latest
    risky = months > 0 and last is not None and due > last
    cost = planned.quantity * asked.price(planned.kind, planned.unit_price)
    items: list[Item] = []
    while due < end and len(items) < MOST_AGAIN:
        first = not items
        by = order_by(due, planned.lead_time_days)
        items.append(Item(planned, len(items) + 1, due, by, cost, due < today, first and risky))
        if not planned.life_days:
            break
        due = max(due, today) + timedelta(days=planned.life_days)
    return items


def _sum(items: Sequence[Item]) -> Money:
    total: dict[str, int] = defaultdict(int)
    for item in items:
        total[item.planned.currency] += item.cost
    return dict(sorted(total.items()))
