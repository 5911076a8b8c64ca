"""Abnormal fluctuation: a point is farther from its own learned normal than is usual for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facility_monitor.domain.alarm.condition import UNDECIDED, Condition, Memory, Seen
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
        at, value, learning, watch = reading.at, reading.value, self.learning, self.watch
        if memory is None:
            return Seen([None, learning.begin(at, value)], UNDECIDED, value)
        since, before = memory
        spread = before[SPREAD]
        if spread is None:
            normal = learning.learn(before, at, value)
            return Seen([None, normal], UNDECIDED, normal[LEVEL])
        level = learning.level(before, at, value)
        off = abs(self.allowance.used(level, learning.centre(before, at), spread))
        if off > 1 or since is not None:
            since = watch.since(since, off, at)
            if watch.outdated(since, at):
                return Seen([None, learning.begin(at, value)], watch.signal(off), level)
        return Seen([since, learning.after(before, at, level, since is None)], watch.signal(off), level)

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
        centre = self.learning.centre(normal, normal[AT])
        return beside_usual(value, centre, self.allowance.of(centre, normal[SPREAD]), self.unit)
