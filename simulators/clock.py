"""Event time against the wall clock: when a packet may leave."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulators.errors import SimulatorError


@dataclass(frozen=True)
class Clock:
    """Event time runs `speed` times as fast as the wall clock and never ahead of it."""

    zero: float
    """Event time of the start (Unix seconds)."""
    began: float
    """Wall-clock time at which sending began (Unix seconds)."""
    speed: float
    """Event seconds in a wall-clock second; infinity sends at once whatever has happened already."""

    def due(self, at: float) -> float:
        """Wall-clock time (Unix seconds) at which what happens at event time `at` is sent.

        What lies before `zero` is history and sent at once; nothing is sent before it happens.
        """
        return max(self.began + max(0.0, at - self.zero) / self.speed, at)


def start_clock(now: float, *, speed: float, duration_s: float | None, start: float | None = None) -> Clock:
    """The clock of a run that begins at `now` (Unix seconds).

    A compressed run of D simulated seconds at speed x starts at now - D + D/x, so that it ends at the present.
    Raises SimulatorError for a start in the future, and for compression without a past to compress.
    """
    if start is not None:
        if start > now:
            raise SimulatorError("--start lies in the future")
        return Clock(start, now, speed)
    if speed <= 1:
        return Clock(now, now, speed)
    if duration_s is None or math.isinf(duration_s):
        raise SimulatorError(
            "--speed above 1 needs a --duration or a --start in the past: events never run ahead of now"
        )
    return Clock(now - duration_s + duration_s / speed, now, speed)
