"""How often somebody may post: a bucket of tokens each, so that one program's fault does not become everybody's."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

PER_MINUTE = 60
_MOST_BUCKETS = 10_000


class Standing(NamedTuple):
    """How somebody stands after a request. ``wait_s`` is 0 where it was allowed, else when to come again."""

    limit: int
    remaining: int
    reset_s: int
    wait_s: int

    def headers(self) -> Mapping[str, str]:
        """For the answer: the size of the bucket, what is left in it, and seconds until it is full again."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }


class Quota:
    """Allows ``limit`` requests at once and as many again in each minute, counted by this process. Thread-safe."""

    def __init__(self, limit: int = PER_MINUTE) -> None:
        self._limit = limit
        self._per_second = limit / 60
        self._buckets: dict[str, tuple[float, datetime]] = {}
        self._changing = threading.Lock()

    def take(self, who: str, now: datetime) -> Standing:
        """Count a request of ``who``. A clock that goes back fills no bucket."""
        with self._changing:
            tokens = self._filled(who, now)
            allowed = tokens >= 1
            if allowed:
                tokens -= 1
            if len(self._buckets) >= _MOST_BUCKETS:
                # A full bucket is like none.
                self._buckets = {
                    key: each for key, each in self._buckets.items() if self._filled(key, now) < self._limit
                }
            self._buckets[who] = (tokens, now)
        wait = 0 if allowed else max(1, math.ceil(round((1 - tokens) / self._per_second, 6)))
        full = math.ceil(round((self._limit - tokens) / self._per_second, 6))
        return Standing(self._limit, int(tokens), full, wait)

    def _filled(self, who: str, now: datetime) -> float:
        tokens, at = self._buckets.get(who, (float(self._limit), now))
        return min(self._limit, tokens + max(0.0, (now - at).total_seconds()) * self._per_second)
