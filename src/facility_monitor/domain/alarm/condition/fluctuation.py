"""Abnormal fluctuation: a point is farther from its own learned normal than is usual for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facility_monitor.domain.alarm.condition import Condition, Memory, Seen, Signal
from facility_monitor.domain.alarm.condition.normal import AT, LEVEL, SPREAD, Allowance, Learning, Watch
from facility_monitor.domain.alarm.condition.wording import beside_usual, quantity
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import Text


@dataclass(frozen=True, slots=True)
class Fluctuation(Condition):
    """The memory is since when it is abnormal, and the normal. While that is being learned nothing is decided.

    What it goes by is the point's level, in ``unit``.
    """

    kind: ClassVar[str] = "fluctuation"

    unit: str
    learning: Learning
    allowance: Allowance
    watch: Watch

    def see(self, memory: Memory, reading: Reading, metric: str) -> Seen:
        """Judged by what was normal before the reading, which is followed only afterwards."""
        del metric
        at = reading.at
        if memory is None:
            return Seen([None, self.learning.begin(at, reading.value)], Signal.UNDECIDED, reading.value)
        since, before = memory
        normal = self.learning.look(before, at, reading.value)
        level = normal[LEVEL]
        if before[SPREAD] is None:
            return Seen([None, normal], Signal.UNDECIDED, level)
        off = abs(self.allowance.used(level, self.learning.centre(normal), normal[SPREAD]))
        since = self.watch.since(since, off, at)
        if self.watch.outdated(since, at):
            since, normal = None, self.learning.begin(at, reading.value)
        elif since is None:
            normal = self.learning.follow_up(normal, at - before[AT])
        return Seen([since, normal], self.watch.signal(off), level)

    def sentence(self, value: float) -> Text:
        seen = quantity(value, self.unit)
        allowed = [(f"{self.allowance.spreads:.3g} 倍正常波动", f"{self.allowance.spreads:.3g} times its usual spread")]
        if self.allowance.tolerance:
            allowed.append((quantity(self.allowance.tolerance, self.unit),) * 2)
        if self.allowance.tolerance_share:
            allowed.append(
                (f"正常值的 {self.allowance.tolerance_share:.3%}", f"{self.allowance.tolerance_share:.3%} of it")
            )
        chinese, english = (" / ".join(words) for words in zip(*allowed, strict=True))
        return {
            "zh-CN": f"{seen}，偏离本测点学得的正常值，超出允许范围（{chinese}，取最大者）",
            "en": f"{seen}, farther from this point's learned normal than allowed (the widest of {english})",
        }

    def told(self, value: float, at: Instant, memory: Memory) -> Text:
        """``71 %RH, usually 52 to 58 %RH``; without what is usual while that is being learned."""
        del at
        normal = None if memory is None else memory[1]
        if normal is None or normal[SPREAD] is None:
            return self.sentence(value)
        centre = self.learning.centre(normal)
        return beside_usual(value, centre, self.allowance.of(centre, normal[SPREAD]), self.unit)
