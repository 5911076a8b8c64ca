"""Key figures of alarms, exactly defined, with the standards' targets beside them.

Sources: ANSI/ISA-18.2-2016 (IEC 62682) clause 16, table 7 and EEMUA 191 (3rd edition), for one operator position; a
queue here is what one receiving group gets: a site. Both were read in secondary sources (basis L~).

The period is ``start`` <= raised_at < ``end``. An *alarm* is one occurrence (one raise) that people were called for,
by itself or by a flood's summary; what was kept quiet is counted apart, by its reason. Times are those of the
condition itself (event time), so that a report can be made again later and says the same.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from facility_monitor.domain.alarm import flood
from facility_monitor.domain.alarm.rule import Severity

STEP = timedelta(minutes=10)
DAY = timedelta(days=1)
STALE = timedelta(hours=24)
"""Active for longer: stale (ISA-18.2: remains annunciated for more than 24 h)."""
CHATTER = (3, timedelta(minutes=1))
"""So many raises within so long: chattering (ISA-18.2, 3 or more in one minute)."""
FLEETING = timedelta(minutes=1)
"""Over again within this, and not chattering: fleeting. The standard gives no figure (basis P)."""
TOP = 10

TARGETS: Mapping[str, float] = {
    "per_10_min": 1,
    "per_10_min_most": 2,
    "peak_10_min": 10,
    "over_10_share": 0.01,
    "per_day": 144,
    "per_day_most": 288,
    "flood_share": 0.01,
    "top_share": 0.05,
    "chattering": 0,
    "fleeting": 0,
    "stale": 5,
}
"""About 1 in 10 minutes and 144 a day are very likely acceptable, 2 and 288 the most that can be managed; at most 10 in
any 10 minutes, less than 1 % of them above; less than 1 % of the time in flood; the ten most frequent at most 5 % of
all; no chattering and fleeting ones; fewer than 5 stale on any day."""
PRIORITIES: Mapping[Severity, float] = {
    Severity.CRITICAL: 0.05,
    Severity.HIGH: 0.15,
    Severity.MEDIUM: 0.80,
    Severity.LOW: 0.80,
}
"""About 5 % highest, 15 % high; medium and low together 80 %."""

Source = tuple[int, int]
"""(rule_id, point_id): what an alarm comes from."""


class Occurrence(NamedTuple):
    """One raise. ``quiet`` is why nobody was called at first, ``announced_at`` when people were, if ever."""

    source: Source
    severity: Severity
    raised_at: datetime
    returned_at: datetime | None = None
    acknowledged_at: datetime | None = None
    announced_at: datetime | None = None
    quiet: str | None = None


class Flood(NamedTuple):
    """From the alarm with which more than 10 came in 10 minutes until fewer than 5 did; the alarms of both spans."""

    start: datetime
    end: datetime
    alarms: int


class Times(NamedTuple):
    """Durations in seconds: how many, the median, and the 90th percentile (nearest rank); None where there are none."""

    measured: int
    median: float | None
    p90: float | None


class Frequent(NamedTuple):
    """How often something came from one source, and its share of all."""

    source: Source
    raises: int
    share: float


class Figures(NamedTuple):
    """The figures of one queue. ``average_10_min`` and ``average_day`` are alarms over the length of the period."""

    alarms: int
    average_10_min: float
    peak_10_min: int
    over_10_share: float
    average_day: float
    peak_day: int
    floods: Sequence[Flood]
    flood_share: float
    top: Sequence[Frequent]
    top_share: float
    chattering: Sequence[Frequent]
    fleeting: Sequence[Frequent]
    priorities: Mapping[Severity, float]
    acknowledge: Times
    returned: Times
    not_announced: Mapping[str, int]


def figures(occurrences: Iterable[Occurrence], start: datetime, end: datetime) -> Figures:
    """All figures of a queue from its occurrences of the period, which must not be empty of time."""
    everything = sorted(occurrences, key=lambda each: each.raised_at)
    alarms = [each for each in everything if each.announced_at is not None]
    times = [each.raised_at for each in alarms]
    length = end - start
    steps = _bins(times, start, STEP)
    floods = flood_episodes(times, end)
    top = _frequent(Counter(each.source for each in alarms), len(alarms))[:TOP]
    chattering, fleeting = nuisances(everything)
    return Figures(
        alarms=len(alarms),
        average_10_min=len(alarms) / (length / STEP),
        peak_10_min=max(steps.values(), default=0),
        over_10_share=sum(count > flood.MOST for count in steps.values()) / math.ceil(length / STEP),
        average_day=len(alarms) / (length / DAY),
        peak_day=max(_bins(times, start, DAY).values(), default=0),
        floods=floods,
        flood_share=sum((each.end - each.start for each in floods), timedelta()) / length,
        top=top,
        top_share=sum(each.share for each in top),
        chattering=_frequent(chattering, len(everything)),
        fleeting=_frequent(fleeting, len(everything)),
        priorities=_priorities(alarms),
        acknowledge=_times(
            each.acknowledged_at - each.raised_at for each in alarms if each.acknowledged_at is not None
        ),
        returned=_times(each.returned_at - each.raised_at for each in alarms if each.returned_at is not None),
        not_announced=Counter(each.quiet for each in everything if each.quiet and each.announced_at is None),
    )


def flood_episodes(times: Sequence[datetime], end: datetime) -> list[Flood]:
    """The floods in alarms raised at ``times``, in order: as ``domain.flood`` has them, but in event time."""
    found = []
    recent: deque[datetime] = deque()
    start, count = None, 0
    for at in times:
        if start is not None and (over := recent[-flood.CALM] + flood.SPAN) <= at:
            found.append(Flood(start, over, count))
            start = None
        recent.append(at)
        while recent[0] <= at - flood.SPAN:
            recent.popleft()
        if start is not None:
            count += 1
        elif flood.begins(len(recent)):
            start, count = at, len(recent)
    if start is not None:
        found.append(Flood(start, min(recent[-flood.CALM] + flood.SPAN, end), count))
    return found


def nuisances(occurrences: Sequence[Occurrence]) -> tuple[Counter[Source], Counter[Source]]:
    """How many raises of each source chatter, and how many of the others are fleeting; quiet ones are counted too."""
    by_source: dict[Source, list[Occurrence]] = defaultdict(list)
    for each in occurrences:
        by_source[each.source].append(each)
    chattering: Counter[Source] = Counter()
    fleeting: Counter[Source] = Counter()
    most, within = CHATTER
    for source, raises in by_source.items():
        members: set[int] = set()
        for first in range(len(raises) - most + 1):
            if raises[first + most - 1].raised_at - raises[first].raised_at <= within:
                members.update(range(first, first + most))
        short = sum(
            each.returned_at is not None and each.returned_at - each.raised_at <= FLEETING
            for number, each in enumerate(raises)
            if number not in members
        )
        chattering += Counter({source: len(members)})
        fleeting += Counter({source: short})
    return chattering, fleeting


def is_stale(raised_at: datetime, at: datetime) -> bool:
    """Whether what is active at ``at`` has been so for too long."""
    return at - raised_at > STALE


def _bins(times: Iterable[datetime], start: datetime, width: timedelta) -> Counter[int]:
    """Alarms in each step of ``width`` from ``start`` on."""
    return Counter((at - start) // width for at in times)


def _frequent(counted: Counter[Source], of: int) -> list[Frequent]:
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [Frequent(source, count, count / of) for source, count in ranked]


def _priorities(alarms: Sequence[Occurrence]) -> dict[Severity, float]:
    counted = Counter(each.severity for each in alarms)
    return {severity: counted[severity] / len(alarms) if alarms else 0.0 for severity in Severity}


def _times(durations: Iterable[timedelta]) -> Times:
    seconds = sorted(max(each.total_seconds(), 0.0) for each in durations)
    if not seconds:
        return Times(0, None, None)
    return Times(len(seconds), statistics.median(seconds), seconds[math.ceil(0.9 * len(seconds)) - 1])
