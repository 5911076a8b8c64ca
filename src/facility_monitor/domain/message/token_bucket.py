"""A token bucket: how many messages may go, so that a robot's limit is never passed in any minute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Rate:
    """``size`` tokens at most, one more every ``every``; the last ``reserve`` are for what may cost a life.

    In any span of time no more go than ``size`` and what comes back meanwhile.
    """

    size: int
    every: timedelta
    reserve: int = 0


TWENTY_A_MINUTE = Rate(size=8, every=timedelta(seconds=5), reserve=3)
"""What group robots of WeCom, DingTalk and Feishu take: 8 at once, 12 more within the minute; DingTalk shuts a robot
that passes 20 out for ten minutes."""


@dataclass(frozen=True, slots=True)
class Bucket:
    tokens: float
    at: datetime

    def refilled(self, rate: Rate, now: datetime) -> Bucket:
        """The bucket at ``now``. A clock that was set back takes nothing away."""
        gained = max(timedelta(), now - self.at) / rate.every
        return Bucket(min(rate.size, self.tokens + gained), max(now, self.at))

    def granted(self, wanted: int, rate: Rate, *, life_safety: bool) -> int:
        """How many of ``wanted`` may go now."""
        free = self.tokens - (0 if life_safety else rate.reserve)
        return max(0, min(wanted, int(free)))

    def less(self, tokens: int) -> Bucket:
        return replace(self, tokens=self.tokens - tokens)

    def next_at(self, rate: Rate, *, life_safety: bool) -> datetime:
        """When one more may go."""
        missing = 1 + (0 if life_safety else rate.reserve) - self.tokens
        return self.at + max(0.0, missing) * rate.every


def full(rate: Rate, now: datetime) -> Bucket:
    """A robot that has sent nothing yet."""
    return Bucket(float(rate.size), now)
