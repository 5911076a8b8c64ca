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
from statistics import fmean, median
from typing import NamedTuple

from facility_monitor.domain.elevator.elevator import CAR_ITEMS, FLOOR_ITEMS
from facility_monitor.domain.elevator.trend import DAY, Forecast, Sample, forecast
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.limit import DatedLimit, Direction

HORIZON: Instant = 56 * DAY
"""A crossing further ahead is no warning yet (P): eight weekly tests."""
WEEK: Instant = 7 * DAY


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


TELEMETRY: tuple[Followed, ...] = (
    Followed("motor_temperature", ("motor_temperature",), "Cel", 0.5),
    Followed("door_open_time", ("door_open_time",), "s", 0.05),
    Followed("door_close_time", ("door_close_time",), "s", 0.05),
    Followed("starts_per_hour", ("present_counter_value",), "1", 2.0),
    Followed("relevels_per_100_trips", ("level_trigger_count", "present_counter_value"), "1", 0.5),
)
"""What is followed from day to day, by the metrics of the car: the hottest of the day, the mean door times, the starts
in its busiest hour, and how often the car had to level again."""
LEAST_DAYS = 4
"""A week of which fewer days are known is left out."""


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


def weekly(days: Iterable[Sample]) -> list[Sample]:
    """A sample for each whole week of the ``days``, which are in order: the median, at the middle of the week.

    Days follow each other's weather and have a rhythm of seven; weeks do not. A day that is far out moves no median.
    """
    weeks: dict[int, list[float]] = {}
    last = None
    for at, value in days:
        weeks.setdefault(at // WEEK, []).append(value)
        last = at
    whole = None if last is None else (last + DAY) // WEEK
    return [
        Sample(week * WEEK + WEEK // 2, median(values))
        for week, values in weeks.items()
        if len(values) >= LEAST_DAYS and week != whole
    ]


def look(of: Followed, samples: list[Sample], limits: Iterable[DatedLimit]) -> tuple[Forecast, DatedLimit] | None:
    """A forecast that crosses one of ``limits``, those of the quantity in force, within the horizon; and which."""
    low: DatedLimit | None = None
    high: DatedLimit | None = None
    for limit in limits:
        low = limit if limit.direction in (Direction.AT_LEAST, Direction.WITHIN) else low
        high = limit if limit.direction in (Direction.AT_MOST, Direction.WITHIN) else high
    lowest = None if low is None else -low.value if low.direction is Direction.WITHIN else low.value
    found = forecast(samples, lowest, None if high is None else high.value, of.resolution, HORIZON)
    crossed = high if found is not None and found.trend.slope > 0 else low
    return None if found is None or crossed is None else (found, crossed)
