"""Rate of change: how far a value has risen or fallen within a span of time, such as a burst pipe's pressure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from facility_monitor.domain.alarm.condition import ABNORMAL, NORMAL, UNDECIDED, Condition, Memory, Seen
from facility_monitor.domain.alarm.condition.wording import quantity, span
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import Text

_CELLS = 64
"""Of the values within one cell of the span only the outermost is remembered."""

Extremes = list[list[float]]
"""[instant, value] of each reading from which the later ones only go away, oldest and outermost first."""


class Way(StrEnum):
    UP = "up"
    DOWN = "down"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Rate(Condition):
    """Abnormal while the value is more than ``change`` (> 0, in ``unit``) from where it was within the last ``span``.

    Normal again once it is no more than ``change - deadband``. What is compared are readings at most ``span``
    microseconds apart: a device that reports more seldom gives no reason for an alarm.
    """

    kind: ClassVar[str] = "rate"

    way: Way
    change: float
    span: Instant
    unit: str
    deadband: float = 0.0

    def see(self, memory: Memory, reading: Reading, metric: str) -> Seen:
        del metric
        _, highest, lowest = memory or (0.0, [], [])
        at, value = reading.at, reading.value
        if self.way is not Way.UP:
            highest = self._with(highest, at, value, 1)
        if self.way is not Way.DOWN:
            lowest = self._with(lowest, at, value, -1)
        return self.at([value, highest, lowest], at)

    def at(self, memory: Memory, instant: Instant) -> Seen:
        value, highest, lowest = memory
        oldest = instant - self.span
        top, bottom = _first_since(highest, oldest), _first_since(lowest, oldest)
        fallen = max(0.0, top[1] - value) if top else 0.0
        risen = max(0.0, value - bottom[1]) if bottom else 0.0
        went, furthest = (risen, bottom) if risen > fallen else (-fallen, top)
        if abs(went) > self.change:
            signal = ABNORMAL
        else:
            signal = NORMAL if abs(went) <= self.change - self.deadband else UNDECIDED
        due = None
        if signal is not NORMAL and furthest is not None:
            due = min(int(each[0]) for each in (top, bottom) if each is not None) + self.span + 1
        return Seen(memory, signal, went, due)

    def _with(self, extremes: Extremes, at: Instant, value: float, sign: int) -> Extremes:
        """``extremes`` and one more reading, without those that it outdoes or that are too old."""
        oldest, first, end = at - self.span, 0, len(extremes)
        while end and (extremes[end - 1][1] - value) * sign <= 0:
            end -= 1
        while first < end and extremes[first][0] < oldest:
            first += 1
        kept = extremes[first:end]
        if kept and int(kept[-1][0]) * _CELLS // self.span == at * _CELLS // self.span:
            return kept
        return [*kept, [at, value]]

    def sentence(self, value: float) -> Text:
        within, went, limit = span(self.span), quantity(abs(value), self.unit), quantity(self.change, self.unit)
        chinese, english = ("上升", "rose") if value > 0 else ("下降", "fell")
        return {
            "zh-CN": f"{within['zh-CN']}内{chinese} {went}（限值 {limit}）",
            "en": f"{english} by {went} within {within['en']} (limit {limit})",
        }


def _first_since(extremes: Extremes, oldest: Instant) -> list[float] | None:
    for each in extremes:
        if each[0] >= oldest:
            return each
    return None
