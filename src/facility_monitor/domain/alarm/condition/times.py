"""Too often: something that may happen, but not so many times within a window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from facility_monitor.domain.alarm.condition import Circumstances, Condition, Memory, Seen, Signal
from facility_monitor.domain.alarm.condition.wording import span
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import Text


@dataclass(frozen=True, slots=True)
class Times(Condition):
    """Abnormal while ``of``, a condition on the single value, has begun ``count`` times within the last ``window``."""

    kind: ClassVar[str] = "times"

    of: Condition
    count: int
    window: Instant

    def bound(self, to: Circumstances) -> Times | None:
        of = self.of.bound(to)
        return None if of is None else replace(self, of=of)

    def see(self, memory: Memory, reading: Reading, metric: str) -> Seen:
        del metric
        on, begun = memory or (False, [])
        signal = self.of.signal(reading)
        if signal is Signal.ABNORMAL and not on:
            begun = [*begun[1 - self.count :], reading.at] if self.count > 1 else [reading.at]
        if signal is not Signal.UNDECIDED:
            on = signal is Signal.ABNORMAL
        return self.at([on, begun], reading.at)

    def at(self, memory: Memory, instant: Instant) -> Seen:
        begun = [each for each in memory[1] if each > instant - self.window]
        if len(begun) < self.count:
            return Seen(memory, Signal.NORMAL, float(len(begun)))
        return Seen(memory, Signal.ABNORMAL, float(len(begun)), begun[0] + self.window)

    def sentence(self, value: float) -> Text:
        within = span(self.window)
        return {
            "zh-CN": f"{within['zh-CN']}内发生 {value:g} 次",
            "en": f"{value:g} times within {within['en']}",
        }
