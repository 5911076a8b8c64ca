"""Backtest: what rules would have raised over readings that are past, by the same evaluator as live."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from facility_monitor.domain.alarm.attempt import Attempt
from facility_monitor.domain.alarm.evaluator import Evaluator, Remembered
from facility_monitor.domain.alarm.judge import UNTRACKED, Change
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.plant import Point
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import Text


class Episode(NamedTuple):
    """One alarm that would have been: ``cleared_at`` is None where it was still there at the end.

    ``seen`` is what raised it, in words.
    """

    rule: Rule
    point_id: int
    raised_at: Instant
    cleared_at: Instant | None
    value: float
    seen: Text

    def meets(self, other: Episode) -> bool:
        """Whether both are of one point, and some instant belongs to both."""
        return (
            self.point_id == other.point_id
            and (other.cleared_at is None or self.raised_at <= other.cleared_at)
            and (self.cleared_at is None or other.raised_at <= self.cleared_at)
        )


def backtest(points: Mapping[int, Point], readings: Iterable[Reading], until: Instant | None = None) -> list[Episode]:
    """What the rules of ``points`` make of ``readings``, given in the order of arrival; by the time of the raise.

    Time ends with ``until``, else with the newest reading of all: what was due at a point by then counts, though
    nothing more came of it.
    """
    evaluator, attempt = Evaluator(), Attempt()
    evaluator.install(points, {key: Remembered(None, (UNTRACKED,) * len(point.rules)) for key, point in points.items()})
    take, judgements = evaluator.take, attempt.judgements
    end: Instant = 0
    for reading in readings:
        take(attempt, reading)
        if reading.at > end:
            end = reading.at
    evaluator.settle(attempt)
    evaluator.keep(attempt)
    last = Attempt()
    evaluator.pass_to(last, end if until is None else max(end, until))
    episodes: list[Episode] = []
    live: dict[tuple[int, int], int] = {}
    for rule, point, verdict, seen in [*judgements, *last.judgements]:
        key = (rule.id, point.id)
        if verdict.change is Change.RAISED:
            live[key] = len(episodes)
            episodes.append(Episode(rule, point.id, verdict.at, None, verdict.value, seen))
        elif verdict.change is Change.RETURNED and key in live:
            number = live.pop(key)
            episodes[number] = episodes[number]._replace(cleared_at=verdict.at)
    return sorted(episodes, key=lambda each: (each.raised_at, each.rule.id, each.point_id))


def alone(episodes: Iterable[Episode], others: Iterable[Episode]) -> list[Episode]:
    """Those of ``episodes`` that meet none of ``others``."""
    by_point: dict[int, list[Episode]] = defaultdict(list)
    for other in others:
        by_point[other.point_id].append(other)
    return [each for each in episodes if not any(each.meets(other) for other in by_point[each.point_id])]
