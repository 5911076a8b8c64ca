"""How well repairs kept their deadlines: shares and times over any number of tickets.

A ticket counts as decided once it is closed or its deadline has passed; one that is still running says nothing yet.
Percentiles are by nearest rank: the time that so many percent of the tickets did not exceed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from facility_monitor.domain.repair.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Times:
    """Of so many tickets the median and what 90 % did not exceed; None where there is none."""

    count: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True, slots=True)
class Figures:
    """``in_time`` by the clock that never stops, ``in_time_net`` without holds; shares are of ``decided``."""

    opened: int
    closed: int
    decided: int
    in_time: int
    in_time_net: int
    reopened: int
    acknowledge: Times
    arrive: Times
    repair: Times
    close: Times

    @property
    def share(self) -> float | None:
        """The part of the decided ones that were closed by their deadline."""
        return self.in_time / self.decided if self.decided else None

    @property
    def share_net(self) -> float | None:
        return self.in_time_net / self.decided if self.decided else None


def figures(tickets: Sequence[Ticket], now: datetime) -> Figures:
    """The figures of ``tickets`` as they stand ``now``."""
    decided = [each for each in tickets if each.closed_at is not None or now > each.due_at]
    closed = [each for each in decided if each.closed_at is not None]
    return Figures(
        opened=len(tickets),
        closed=len(closed),
        decided=len(decided),
        in_time=sum(not each.overdue(now) for each in closed),
        in_time_net=sum(each.net(now) <= each.due_at - each.opened_at for each in closed),
        reopened=sum(each.reopened > 0 for each in tickets),
        acknowledge=_times((each.opened_at, each.accepted_at) for each in tickets),
        arrive=_times((each.opened_at, each.arrived_at) for each in tickets),
        repair=_times((each.opened_at, each.repaired_at) for each in tickets),
        close=_times((each.opened_at, each.closed_at) for each in tickets),
    )


def _times(spans: Iterable[tuple[datetime, datetime | None]]) -> Times:
    known = sorted(until - since for since, until in spans if until is not None)
    return Times(len(known), _percentile(known, 50), _percentile(known, 90))


def _percentile(ordered: Sequence[timedelta], percent: int) -> timedelta | None:
    return ordered[math.ceil(percent / 100 * len(ordered)) - 1] if ordered else None
