"""Randomness and curves shared by the physical models."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime


def generator(seed: int, *names: str) -> random.Random:
    """A random generator of its own for every name, the same in every run and on every machine."""
    return random.Random("/".join((str(seed), *names)))


class OrnsteinUhlenbeck:
    """Noise that wanders around zero: an Ornstein-Uhlenbeck process, exact for any step."""

    def __init__(self, rng: random.Random, sigma: float, correlation_s: float) -> None:
        """`sigma` is its standard deviation in the quantity's unit, `correlation_s` its memory in seconds."""
        self._rng = rng
        self._sigma = sigma
        self._correlation_s = correlation_s
        self._seconds, self._keep, self._spread = 0.0, 1.0, 0.0
        self.value = rng.gauss(0.0, sigma)

    def step(self, seconds: float) -> float:
        """The value `seconds` later."""
        if seconds != self._seconds:
            self._seconds = seconds
            self._keep = math.exp(-seconds / self._correlation_s)
            self._spread = self._sigma * math.sqrt(1 - self._keep * self._keep)
        self.value = self._keep * self.value + self._spread * self._rng.gauss(0.0, 1.0)
        return self.value


Curve = Sequence[tuple[float, float]]


def interpolate(curve: Curve, x: float) -> float:
    """Straight lines through (x, y) points sorted by x; constant outside."""
    before = curve[0]
    for after in curve:
        if x < after[0]:
            if after is before:
                return after[1]
            share = (x - before[0]) / (after[0] - before[0])
            return before[1] + share * (after[1] - before[1])
        before = after
    return before[1]


def local_hour(at: float, utc_offset_h: float) -> float:
    """Hour of the day, 0..24, at Unix seconds `at`."""
    return (at / 3600 + utc_offset_h) % 24


def day_of_year(at: float) -> float:
    """Day of the year, 0..366, at Unix seconds `at`."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.timetuple().tm_yday - 1 + (at % 86400) / 86400


COMMISSIONED = datetime(2021, 1, 1, tzinfo=UTC).timestamp()
"""When the simulated plant went into service (Unix seconds)."""


def count_since_commissioning(at: float, every_s: float) -> int:
    """Where a counter stands at `at` (Unix seconds) that went up once every `every_s` seconds since commissioning.

    Where `every_s` is shorter than the model's own mean time between counts, a restarted model never counts backwards.
    """
    return max(0, int((at - COMMISSIONED) / every_s))
