"""Rollups: into which steps a span of time is cut, and from which tier each part of it can be read exactly.

Readings are summed up by minute, hour and day (of UTC). An answer takes each part from the coarsest tier that
says the same as the readings themselves: where a step begins or ends inside a day, its hours are read instead, and so
on down to single readings; likewise where readings have come late and are not summed up yet.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from enum import Enum

from facility_monitor.domain.instant import SECOND, Instant, instant, moment

Span = tuple[Instant, Instant]
"""From the first included to the second not included."""


class Tier(Enum):
    """How finely values are kept. ``width`` is the length of a unit in microseconds, 0 for readings."""

    READING = ("reading", 0)
    MINUTE = ("minute", 60 * SECOND)
    HOUR = ("hour", 3_600 * SECOND)
    DAY = ("day", 86_400 * SECOND)

    def __init__(self, label: str, width: Instant) -> None:
        self.label = label
        self.width = width

    def begin(self, at: Instant) -> Instant:
        """Where the unit that holds ``at`` begins."""
        return at - at % self.width


FINER: Mapping[Tier, Tier] = {Tier.MINUTE: Tier.READING, Tier.HOUR: Tier.MINUTE, Tier.DAY: Tier.HOUR}

DAY_S = 86_400
NICE_S = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1_800),
    *(3_600, 7_200, 10_800, 14_400, 21_600, 43_200),
    *(DAY_S, 2 * DAY_S, 7 * DAY_S, 14 * DAY_S, 28 * DAY_S, 91 * DAY_S, 364 * DAY_S),
)
"""Steps that a clock or a calendar has, in seconds."""

_EPOCH = date(1970, 1, 1)
_MONDAY = date(1970, 1, 5)


def nice_step(span: Span, count: int) -> int:
    """The smallest step of ``NICE_S`` that cuts ``span`` into at most about ``count`` steps, in seconds."""
    wanted = (span[1] - span[0]) / SECOND / count
    return NICE_S[min(bisect_left(NICE_S, wanted), len(NICE_S) - 1)]


def steps(span: Span, step_s: int, zone: tzinfo) -> list[Instant]:
    """Where the steps that touch ``span`` begin, in order, and where the last one ends.

    Steps of whole days begin at midnight in ``zone``, those of whole weeks on Mondays; all others are counted from
    the epoch in UTC.
    """
    start, end = span
    if step_s % DAY_S:
        step = step_s * SECOND
        return list(range(start - start % step, end + -end % step + 1, step))
    days = step_s // DAY_S
    first = _EPOCH if days % 7 else _MONDAY
    day = moment(start).astimezone(zone).date()
    day -= timedelta(days=(day - first).days % days)
    # One step early: in a zone whose midnights have moved, the first may begin after the start.
    edges = [_midnight(day - timedelta(days=days), zone)]
    while edges[-1] < end:
        edges.append(_midnight(day, zone))
        day += timedelta(days=days)
    while edges[1] <= start:
        del edges[0]
    return edges


def _midnight(day: date, zone: tzinfo) -> Instant:
    return instant(datetime(day.year, day.month, day.day, tzinfo=zone))


def sources(
    span: Span,
    edges: Iterable[Instant],
    *,
    folded: Instant,
    late: Sequence[Instant],
    since: Mapping[Tier, Instant],
) -> dict[Tier, list[Span]]:
    """The spans to be read from each tier, which together are ``span`` and do not overlap.

    ``edges``: where steps begin. ``folded``: what is older than this has been summed up, but for the minutes that
    begin at ``late``. ``since``: what is older than this may be gone from a tier; there a unit that would have to be
    divided counts whole, as of its beginning.
    """
    start, end = span
    cuts = [start, end, *(edge for edge in edges if start < edge < end)]
    stale = [minute for minute in late if minute >= since[Tier.READING]]
    found: dict[Tier, list[Span]] = {}
    left = [span]
    for tier in (Tier.DAY, Tier.HOUR, Tier.MINUTE):
        divided = {tier.begin(cut) for cut in cuts if cut % tier.width}
        divided = {unit for unit in divided if unit >= since[FINER[tier]]}
        divided |= {tier.begin(minute) for minute in stale}
        open_since = tier.begin(folded)
        holes = [(unit, unit + tier.width) for unit in sorted(divided) if unit < open_since]
        found[tier] = _without(left, [*holes, (open_since, max(end, folded))])
        left = _without(left, found[tier])
    found[Tier.READING] = left
    return found


def _without(spans: Iterable[Span], holes: Sequence[Span]) -> list[Span]:
    """``spans`` less ``holes``; both in order."""
    kept: list[Span] = []
    first = 0
    for start, end in spans:
        while first < len(holes) and holes[first][1] <= start:
            first += 1
        index = first
        while index < len(holes) and holes[index][0] < end and start < end:
            if start < holes[index][0]:
                kept.append((start, holes[index][0]))
            start = max(start, holes[index][1])
            index += 1
        if start < end:
            kept.append((start, end))
    return _joined(kept)


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
