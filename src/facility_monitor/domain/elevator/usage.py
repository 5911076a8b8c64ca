"""What an elevator does in a day, from counters that are read now and then: trips, door cycles, starts, rope bends."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

RECENT_DAYS = 365
"""The rate is that of the last year: a house is used as it is now, not as it was."""
SHORTEST_DAYS = 7
"""What is known of less than a week tells no rate."""


class Counter(StrEnum):
    TRIPS = "trips"
    """an elevator starts once for each: starts and trips are the same count"""
    DOOR_CYCLES = "door_cycles"
    ROPE_BENDS = "rope_bends"


class Reading(NamedTuple):
    """What a counter showed on a day."""

    on: date
    value: float


MOST_A_DAY: Mapping[Counter, int] = {Counter.TRIPS: 10_000, Counter.DOOR_CYCLES: 20_000, Counter.ROPE_BENDS: 500_000}
"""No elevator does more in a day (P): a trip takes eight seconds at least."""


def wrong(counter: Counter, readings: Sequence[Reading], read: Reading, reset: bool) -> str | None:
    """What is wrong with a reading among the other ``readings``, in the order of their days.

    A counter counts up; ``reset``: somebody knows that it was replaced or set back since the reading before.
    """
    before = next((each for each in reversed(readings) if each.on < read.on), None)
    after = next((each for each in readings if each.on > read.on), None)
    if before is not None and not reset:
        if read.value < before.value:
            return f"is less than on {before.on} ({before.value:.0f}): say reset if it was replaced or set back"
        if (read.value - before.value) / (read.on - before.on).days > MOST_A_DAY[counter]:
            return f"is too much since {before.on} ({before.value:.0f}): at most {MOST_A_DAY[counter]} a day"
    grows = after is not None and (before is None or before.value <= after.value)
    if after is not None and grows and not reset and read.value > after.value:
        return f"is more than on {after.on} ({after.value:.0f})"
    return None


class Usage(NamedTuple):
    """``used`` since the part was installed; counts per day as usual, and in the slowest and fastest part of a year."""

    used: float
    per_day: float
    slowest: float
    fastest: float

    def times(self, factor: float) -> Usage:
        """What this makes of something that happens ``factor`` times each time."""
        return Usage(*(each * factor for each in self))


def usage(readings: Sequence[Reading], installed_on: date, today: date) -> Usage | None:
    """What ``readings`` of one counter, in the order of their days, tell of a part; None where they tell no rate.

    A counter that goes down was replaced or reset and begins again at zero. Days before the first reading and after the
    last count at the usual rate.
    """
    known = [reading for reading in readings if reading.on <= today]
    if len(known) < 2 or (known[-1].on - known[0].on).days < SHORTEST_DAYS:
        return None
    recent = [reading for reading in known if (known[-1].on - reading.on).days <= RECENT_DAYS]
    if len(recent) < 2 or (recent[-1].on - recent[0].on).days < SHORTEST_DAYS:
        recent = known
    per_day = _rate(recent)
    rates = [per_day, *(_rate(third) for third in _thirds(recent))]
    first = max(known[0].on, installed_on)
    counted = sum(_increase(before, after, installed_on) for before, after in itertools.pairwise(known))
    unseen = max((first - installed_on).days, 0) + (today - max(known[-1].on, installed_on)).days
    return Usage(counted + per_day * unseen, per_day, min(rates), max(rates))


def _increase(before: Reading, after: Reading, since: date) -> float:
    """What was counted between two readings, of which only the part after ``since`` counts."""
    grown = after.value - before.value if after.value >= before.value else after.value
    days = (after.on - before.on).days
    if before.on >= since or not days:
        return grown if before.on >= since else 0.0
    return grown * max((after.on - since).days, 0) / days


def _rate(readings: Sequence[Reading]) -> float:
    days = (readings[-1].on - readings[0].on).days
    pairs = itertools.pairwise(readings)
    return sum(_increase(before, after, readings[0].on) for before, after in pairs) / days


def _thirds(readings: Sequence[Reading]) -> list[Sequence[Reading]]:
    """The readings of each third of the time, where each has a week of them at least."""
    begin, span = readings[0].on, (readings[-1].on - readings[0].on).days
    edges = [begin.toordinal() + span * n / 3 for n in range(4)]
    found = [
        [each for each in readings if low <= each.on.toordinal() <= high] for low, high in itertools.pairwise(edges)
    ]
    return [each for each in found if len(each) > 1 and (each[-1].on - each[0].on).days >= SHORTEST_DAYS]


class RopeDrive(NamedTuple):
    """The way of a rope. Diameters in mm: ``traction_sheave`` Dt, ``deflector`` Dp, the mean of all pulleys but it.

    ``traction_equivalent`` is N_equiv(t), which the groove decides: 1 for a semi-circular one without undercut, more
    for undercut and V grooves. ``pulleys`` bend the rope the same way as the sheave, ``reverse_pulleys`` the other.
    """

    traction_sheave: float
    deflector: float | None = None
    pulleys: int = 0
    reverse_pulleys: int = 0
    traction_equivalent: float = 1.0

    def bends_per_trip(self) -> float:
        """How many simple bends over the traction sheave one trip is worth to the rope's busiest stretch.

        N_equiv(t) + K_p (N_ps + 4 N_pr) with K_p = (Dt / Dp)^4: EN 81-50 / GB/T 7588.2 5.12.2 (O). Every trip counts
        as if the stretch passed all pulleys, which a short trip does not: the count is on the safe side.
        """
        factor = 1.0 if self.deflector is None else (self.traction_sheave / self.deflector) ** 4
        return self.traction_equivalent + factor * (self.pulleys + 4 * self.reverse_pulleys)
