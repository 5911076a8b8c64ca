"""Early warning of an elevator's faults: which measurements are followed over the tests, and what becomes of a warning.

::

            confirm            act
    open ───────────> confirmed ──────> acted
      │ act / dismiss     │ dismiss
      └───────────────────┴───────────> dismissed

A warning that was acted upon or dismissed is at its end: only what is measured after that can open another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from statistics import fmean
from typing import NamedTuple

from facility_monitor.domain.elevator.elevator import CAR_ITEMS, FLOOR_ITEMS
from facility_monitor.domain.elevator.trend import DAY, Forecast, Sample, forecast
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.limit import DatedLimit, Direction

HORIZON: Instant = 56 * DAY
"""A crossing further ahead is no warning yet (P): eight weekly tests."""


class WarningState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    ACTED = "acted"
    DISMISSED = "dismissed"


LIVE = (WarningState.OPEN, WarningState.CONFIRMED)
NEXT: Mapping[WarningState, frozenset[WarningState]] = {
    WarningState.OPEN: frozenset({WarningState.CONFIRMED, WarningState.ACTED, WarningState.DISMISSED}),
    WarningState.CONFIRMED: frozenset({WarningState.ACTED, WarningState.DISMISSED}),
    WarningState.ACTED: frozenset(),
    WarningState.DISMISSED: frozenset(),
}
"""From each state, where a warning may go."""


class Followed(NamedTuple):
    """A measurement that is followed: the mean of ``fields`` of one floor, or of the car, in ``unit``.

    ``resolution`` is the least difference that the usual instrument tells. A floor's leveling is the mean from above
    and from below: what wears moves both, while a misread ruler moves one.
    """

    quantity: str
    fields: tuple[str, ...]
    unit: str
    resolution: float


_RESOLUTION: Mapping[str, float] = {"mm": 0.5, "s": 0.1, "ms": 10.0, "N": 2.0, "m/s2": 0.01}
FOLLOWED: tuple[Followed, ...] = (
    Followed("leveling", ("leveling_up_mm", "leveling_down_mm"), "mm", _RESOLUTION["mm"]),
    *(
        Followed(item.quantity, (name,), item.unit, _RESOLUTION[item.unit])
        for name, item in FLOOR_ITEMS.items()
        if item.quantity != "leveling"
    ),
    *(
        Followed(item.quantity, (name,), item.unit, _RESOLUTION[item.unit])
        for name, item in CAR_ITEMS.items()
        if name.startswith("vibration.")
    ),
)


class Series(NamedTuple):
    """What is followed where: ``floor`` is None for the car."""

    quantity: str
    floor: str | None


class Test(NamedTuple):
    """What a test has measured: by floor (None: the car) and field."""

    at: Instant
    values: Mapping[str | None, Mapping[str, float]]


def series(tests: Iterable[Test]) -> dict[Series, list[Sample]]:
    """The samples of everything that ``tests``, in order of time, have measured."""
    found: dict[Series, list[Sample]] = {}
    for at, places in tests:
        for floor, values in places.items():
            for each in FOLLOWED:
                measured = [values[name] for name in each.fields if name in values]
                if measured:
                    found.setdefault(Series(each.quantity, floor), []).append(Sample(at, fmean(measured)))
    return found


def followed(quantity: str) -> Followed:
    """How ``quantity``, one of ``FOLLOWED``, is measured."""
    return next(each for each in FOLLOWED if each.quantity == quantity)


def look(quantity: str, samples: list[Sample], limits: Iterable[DatedLimit]) -> tuple[Forecast, DatedLimit] | None:
    """A forecast that crosses one of ``limits``, those of this quantity in force, within the horizon; and which."""
    low: DatedLimit | None = None
    high: DatedLimit | None = None
    for limit in limits:
        low = limit if limit.direction in (Direction.AT_LEAST, Direction.WITHIN) else low
        high = limit if limit.direction in (Direction.AT_MOST, Direction.WITHIN) else high
    lowest = None if low is None else -low.value if low.direction is Direction.WITHIN else low.value
    found = forecast(samples, lowest, None if high is None else high.value, followed(quantity).resolution, HORIZON)
    crossed = high if found is not None and found.trend.slope > 0 else low
    return None if found is None or crossed is None else (found, crossed)
