"""An attempt: what a batch of readings, or a look at the clock, would change in the memory of the evaluator."""

from __future__ import annotations

from typing import NamedTuple

from facility_monitor.domain.alarm.judge import Track, Verdict
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.plant import Point
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import Text

Pair = tuple[int, int]
"""(rule_id, point_id)"""


class Judgement(NamedTuple):
    """A rule came to a verdict about a point. ``seen`` tells what it saw, and what is usual there if it is known."""

    rule: Rule
    point: Point
    verdict: Verdict
    seen: Text


class Shown(NamedTuple):
    """Readings of one message and one instant with their metrics, and the instant of the newest before them."""

    since: Instant | None
    readings: list[tuple[Reading, str]]


class Attempt:
    """What a batch or a look at the clock would change; adopted by ``Evaluator.keep``, or dropped."""

    def __init__(self) -> None:
        self.lasts: dict[int, Reading] = {}
        """the newest reading of each point where it is another one"""
        self.tracks: dict[int, tuple[Track, ...]] = {}
        """the tracks of each point where one has changed"""
        self.timed: set[int] = set()
        """those of them where something is due though nothing more arrives"""
        self.judgements: list[Judgement] = []
        self.moved: set[Pair] = set()
        """the pairs whose timers changed, which have to be saved with the batch"""
        self.stirred: set[int] = set()
        """the points of these pairs"""
        self.learned: dict[Pair, Instant] = {}
        """the pairs whose memory changed, and the instant up to which it goes now"""
        self.pinned: set[Pair] = set()
        """the pairs whose memory must be saved with the batch, since the stored readings alone do not tell it"""
        self.shown: dict[tuple[int, int], Shown] = {}
        """by point and the rule's index there: what its condition of several points is shown of the message at hand"""
        self.saved: dict[Pair, Instant] = {}
        """the pairs whose memory was saved, and how far it went"""
