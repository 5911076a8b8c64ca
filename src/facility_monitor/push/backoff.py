"""How long to wait after failures: twice as long each time, up to a cap, spread so that not all come at once."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple


class Backoff(NamedTuple):
    """``first`` is the wait after the first failure, ``cap`` the longest."""

    first: timedelta
    cap: timedelta

    def delay(self, failures: int, jitter: float) -> timedelta:
        """The wait after ``failures`` (>= 1) in a row: between half of the full wait and all of it.

        ``jitter`` is a random number in [0, 1).
        """
        doublings = min(failures - 1, 1000)  # a float holds no more than 2 ** 1023
        full = min(self.first.total_seconds() * 2.0**doublings, self.cap.total_seconds())
        return timedelta(seconds=full * (0.5 + jitter / 2))
