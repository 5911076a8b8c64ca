"""A stuck value: readings keep coming, but they no longer move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facility_monitor.domain.alarm.condition import ABNORMAL, NORMAL, Condition, Memory, Seen
from facility_monitor.domain.alarm.condition.wording import span
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import Text


@dataclass(frozen=True, slots=True)
class Stuck(Condition):
    """Abnormal once all readings of the last ``length`` microseconds or more lie within ``band`` of each other.

    Decided by readings alone: where none come it is silence, and another kind's matter. Values at ``rest`` (a pump's
    flow of 0) may stand as long as they like.
    """

    kind: ClassVar[str] = "stuck"

    length: Instant
    band: float = 0.0
    rest: tuple[float, ...] = ()

    def see(self, memory: Memory, reading: Reading, metric: str) -> Seen:
        del metric
        value, at = reading.value, reading.at
        low, high, since = memory or (value, value, at)
        low, high = min(low, value), max(high, value)
        if high - low > self.band or value in self.rest:
            low, high, since = value, value, at
        stuck = at - since >= self.length and value not in self.rest
        return Seen([low, high, since], ABNORMAL if stuck else NORMAL, value)

    def at(self, memory: Memory, instant: Instant) -> Seen:
        raise NotImplementedError("never due")

    def over(self, value: float, at: Instant, memory: Memory) -> Text:
        del value, at, memory
        return {"zh-CN": "读数恢复变化", "en": "the reading moves again"}

    def sentence(self, value: float) -> Text:
        length = span(self.length)
        return {
            "zh-CN": f"读数停在 {value:.7g} 已超过 {length['zh-CN']}",
            "en": f"stuck at {value:.7g} for more than {length['en']}",
        }
