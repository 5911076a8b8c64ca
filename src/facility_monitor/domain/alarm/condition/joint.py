"""Joint fluctuation: several points of one equipment are off their learned normals, each perhaps only a little."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from facility_monitor.domain.alarm.condition import Circumstances, Condition, Memory, Seen, Signal
from facility_monitor.domain.alarm.condition.normal import AT, LEVEL, SPREAD, Allowance, Learning, Watch
from facility_monitor.domain.alarm.condition.wording import beside_usual
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import LOCALES, Text, said

PART = 0.5
"""How much of its own allowance a metric must use to be named among those that are off."""


@dataclass(frozen=True, slots=True)
class Joint(Condition):
    """The memory is since when it is abnormal, of every metric its normal, and how much it uses of what it is allowed.

    What it goes by is the root of the sum of squares of these: 1 is just allowed, for one metric that is off alone as
    for several together. A metric counts from when its normal is learned; while there is none nothing is decided.
    """

    kind: ClassVar[str] = "joint"

    allowances: tuple[tuple[str, Allowance], ...]
    """by metric"""
    learning: Learning
    watch: Watch
    names: Mapping[str, Text] = field(default_factory=dict, hash=False, repr=False)
    """how people call the metrics where it is bound"""

    def bound(self, to: Circumstances) -> Joint:
        return replace(self, names={metric: to.metric_names.get(metric, {}) for metric in self.inputs})

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(metric for metric, _ in self.allowances)

    def see(self, memory: Memory, reading: Reading, metric: str) -> Seen:
        """Judged by what was normal before the reading, which is followed only afterwards."""
        at = reading.at
        since, normals, used = (None, {}, {}) if memory is None else memory
        before = normals.get(metric)
        if before is None:
            normal = self.learning.begin(at, reading.value)
        elif before[SPREAD] is None:
            normal = self.learning.learn(before, at, reading.value)
        else:
            level, centre = self.learning.level(before, at, reading.value), self.learning.centre(before, at)
            used = {**used, metric: self._allowance(metric).used(level, centre, before[SPREAD])}
            since = self.watch.since(since, together(used), at)
            normal = self.learning.after(before, at, level, since is None)
        off = together(used)
        signal = self.watch.signal(off) if used else Signal.UNDECIDED
        if self.watch.outdated(since, at):
            return Seen([None, {metric: self.learning.begin(at, reading.value)}, {}], signal, off)
        return Seen([since, {**normals, metric: normal}, used], signal, off)

    def sentence(self, value: float) -> Text:
        times = f"{value:.3g}"
        chinese, english = (", ".join(self._name(metric, locale) for metric in self.inputs) for locale in LOCALES)
        return {
            "zh-CN": f"{chinese} 共同偏离学得的正常水平，为允许值的 {times} 倍",
            "en": f"{english} together are off their learned normals by {times} times what is allowed",
        }

    def told(self, value: float, at: Instant, memory: Memory) -> Text:
        """Of those that are off, the farthest first, the value beside what is usual."""
        del at
        _, normals, used = (None, {}, {}) if memory is None else memory
        farthest = sorted(used, key=lambda metric: -abs(used[metric]))
        off = [metric for metric in farthest if abs(used[metric]) >= PART] or farthest[:1]
        if not off:
            return self.sentence(value)
        each = []
        for metric in off:
            allowed, normal = self._allowance(metric), normals[metric]
            centre = self.learning.centre(normal, normal[AT])
            words = beside_usual(normal[LEVEL], centre, allowed.of(centre, normal[SPREAD]), allowed.unit)
            each.append({locale: f"{self._name(metric, locale)} {told}" for locale, told in words.items()})
        return {"zh-CN": "；".join(words["zh-CN"] for words in each), "en": "; ".join(words["en"] for words in each)}

    def _name(self, metric: str, locale: str) -> str:
        return said(self.names.get(metric, {}), locale) or metric

    def _allowance(self, metric: str) -> Allowance:
        return next(allowance for name, allowance in self.allowances if name == metric)


def together(used: Mapping[str, float]) -> float:
    """Of several deviations, each a multiple of what is allowed, one."""
    return math.hypot(*used.values())
