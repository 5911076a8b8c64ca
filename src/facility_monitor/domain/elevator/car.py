"""An elevator's car as it stands, put together from the newest readings of its points (fields of GB/T 24476)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from facility_monitor.domain.alarm.condition.silence import MISSED
from facility_monitor.domain.code import Code
from facility_monitor.domain.instant import SECOND, Instant
from facility_monitor.domain.reading.reading import Quality, Reading

POSITION, FAULT = "car_position", "fault_code"
STATES = ("service_mode", "car_status", "car_direction", "door_zone", "door_status", "passenger_status")
"""Metrics whose values are codes."""
COUNTERS = (
    *("present_counter_value", "door_count", "total_running_time", "run_distance"),
    *("rope_bend_count", "level_trigger_count"),
)
"""What only grows: trips (a start each), door cycles, running time, distance, rope bends, leveling operations."""
CONDITIONS = ("leveling_error", "door_open_time", "door_close_time", "motor_temperature")
"""What is measured of the car beside."""
METRICS = (POSITION, FAULT, *STATES, *COUNTERS, *CONDITIONS)
ENTRAPMENT, NO_FAULT = "entrapment", "none"
"""Meanings of codes."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A coded value with what it means; ``code`` is None where nobody has said."""

    value: float
    at: Instant
    code: Code | None


class Position(NamedTuple):
    """Where the car is; ``floor`` is a label of the register, None where the value is none of them."""

    value: float
    floor: str | None
    at: Instant


class Fault(NamedTuple):
    """A fault code that stood from ``began_at`` until ``ended_at``, None while it stands."""

    value: float
    began_at: Instant
    ended_at: Instant | None


def floor(value: float, floors: Sequence[str] | None) -> str | None:
    """The label of the floor that a gateway means by ``value``: ``3`` for 3, ``B2`` for -2, else None."""
    if floors is None or value != int(value):
        return None
    written = (f"{value:g}", f"B{-value:g}", f"-{-value:g}") if value < 0 else (f"{value:g}",)
    return next((each for each in written if each in floors), None)


def coded(reading: Reading, meanings: Mapping[float, Code]) -> Coded:
    """What a reading of a coded metric says."""
    return Coded(reading.value, reading.at, meanings.get(reading.value))


def meant(state: Coded | None) -> str | None:
    """Our own word for what a coded value means, None where there is none."""
    return None if state is None or state.code is None else state.code.meaning


def silent(heard_at: Instant | None, period_s: int | None, now: Instant) -> bool:
    """Whether so many reports have not come that the state is that of the past."""
    return heard_at is None or (period_s is not None and now - heard_at > MISSED * period_s * SECOND)


def faults(readings: Iterable[Reading], none: float = 0.0) -> list[Fault]:
    """The faults that stood in the ``readings`` of a fault code, in order of time; the newest first.

    A code that follows another ends it. Readings of bad quality say nothing.
    """
    found: list[Fault] = []
    standing: Fault | None = None
    for reading in readings:
        if reading.quality is Quality.BAD or (standing is not None and reading.value == standing.value):
            continue
        if standing is not None:
            found.append(standing._replace(ended_at=reading.at))
        standing = None if reading.value == none else Fault(reading.value, reading.at, None)
    if standing is not None:
        found.append(standing)
    return found[::-1]
