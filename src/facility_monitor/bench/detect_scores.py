"""How good alarms are against labels: by row, by event, and as the Numenta Anomaly Benchmark counts."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from facility_monitor.bench.detect_replay import Raised
from facility_monitor.domain.instant import SECOND, Instant

MERGED_WITHIN: Instant = 30 * SECOND
"""Alarms less far apart are one episode."""


@dataclass
class Rows:
    """Rows in alarm and not, right and wrong."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    def count(self, alarmed: bool, abnormal: bool) -> None:
        if abnormal:
            self.tp, self.fn = self.tp + alarmed, self.fn + (not alarmed)
        else:
            self.fp, self.tn = self.fp + alarmed, self.tn + (not alarmed)

    def add(self, other: Rows) -> None:
        self.tp, self.fp, self.fn, self.tn = (
            self.tp + other.tp,
            self.fp + other.fp,
            self.fn + other.fn,
            self.tn + other.tn,
        )

    def figures(self) -> dict[str, float | int | None]:
        """F1, false and missed alarm rate (as parts of one); None where there is nothing to divide by."""
        return {
            "rows": self.tp + self.fp + self.fn + self.tn,
            "tp": self.tp,
            "fp": self.fp,
            "fn": self.fn,
            "tn": self.tn,
            "f1": _part(self.tp, self.tp + (self.fp + self.fn) / 2) if self.tp + self.fn else None,
            "far": _part(self.fp, self.fp + self.tn),
            "mar": _part(self.fn, self.fn + self.tp),
        }


def _part(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


Span = tuple[Instant, Instant | None]
"""From, and up to; None for ever."""


def episodes(alarms: Iterable[Raised]) -> list[Span]:
    """Alarms of all rules, merged where less than ``MERGED_WITHIN`` lies between them."""
    merged: list[Span] = []
    for alarm in sorted(alarms, key=lambda each: each.raised_at):
        since, until = merged[-1] if merged else (0, 0)
        if merged and (until is None or alarm.raised_at - until < MERGED_WITHIN):
            merged[-1] = (since, None if until is None or alarm.cleared_at is None else max(until, alarm.cleared_at))
        else:
            merged.append((alarm.raised_at, alarm.cleared_at))
    return merged


class Event(NamedTuple):
    """A block of labelled rows, from the first to the last of them."""

    since: Instant
    until: Instant

    def overlaps(self, span: Span) -> bool:
        return span[0] <= self.until and (span[1] is None or span[1] > self.since)


def events(rows: Sequence[Instant], labels: Sequence[bool]) -> list[Event]:
    """The blocks of neighbouring labelled rows."""
    blocks: list[Event] = []
    before = False
    for at, label in zip(rows, labels, strict=True):
        if label and before:
            blocks[-1] = Event(blocks[-1].since, at)
        elif label:
            blocks.append(Event(at, at))
        before = label
    return blocks


FALSE_POSITIVE = 0.11
"""The standard profile: what a false alarm costs, where a hit brings 1 and a miss costs 1."""


def nab(rows: Sequence[Instant], windows: Sequence[Span], raised: Iterable[Instant]) -> float | None:
    """The score of detections at ``raised``, 0 for none at all and 100 for all at once and no false one.

    After Lavin and Ahmad, Evaluating Real-time Anomaly Detection Algorithms, 2015: of every window only the earliest
    detection counts, by a sigmoid of how far in it comes; one outside of all costs the more the farther behind a
    window it comes, in widths of that. The first 15 % of the rows, at most 750, are for learning. None without windows.
    """
    probation = min(math.floor(0.15 * len(rows)), 750)
    bounds = []
    for since, until in windows:
        inside = [at for at, row in enumerate(rows) if since <= row and (until is None or row <= until)]
        if inside:
            bounds.append((inside[0], inside[-1]))
    if not bounds:
        return None
    hits, cost = [-1.0] * len(bounds), 0.0
    for at in sorted({bisect_left(rows, each) for each in raised}):
        if at < probation:
            continue
        inside = [which for which, (first, last) in enumerate(bounds) if first <= at <= last]
        if inside:
            first, last = bounds[inside[0]]
            worth = _sigmoid(-(last - at + 1) / (last - first + 1)) / _sigmoid(-1.0)
            hits[inside[0]] = max(hits[inside[0]], worth)
        else:
            behind = [(first, last) for first, last in bounds if last < at]
            first, last = behind[-1] if behind else (0, 0)
            cost += FALSE_POSITIVE * (_sigmoid((at - last) / max(1, last - first)) if behind else -1.0)
    return round(100 * (math.fsum(hits) + cost + len(bounds)) / (2 * len(bounds)), 1)


def _sigmoid(position: float) -> float:
    """1 far left of the window's right edge, 0 at it, -1 far right of it."""
    return -1.0 if position >= 3 else 2 / (1 + math.exp(5 * position)) - 1
