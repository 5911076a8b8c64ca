"""Silence: readings that should have come have not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from facility_monitor.domain.alarm.condition import ABNORMAL, NORMAL, Circumstances, Condition, Memory, Seen
from facility_monitor.domain.alarm.condition.wording import span
from facility_monitor.domain.instant import SECOND, Instant
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import Text

MISSED = 3
"""Reports that may be missed."""
MISSED_LIFE_SAFETY = 2
"""Of equipment that protects people: its supervision is trouble within two periods."""
_RECENT, _ENOUGH = 15, 5
"""Intervals that are remembered to learn the period from, and how many it takes."""


@dataclass(frozen=True, slots=True)
class Silence(Condition):
    """Abnormal once ``missed`` report periods have passed without a reading; normal with the next one.

    ``missed`` None is 3, and 2 for life safety. ``period`` in microseconds; None is the point's own report period, and
    where it has none the median of its last 15 intervals, which a few gaps do not move. Where every fifth of these is
    longer than all that may be missed, reports come irregularly, and half as much again as that is waited for.
    """

    kind: ClassVar[str] = "silence"
    takes_bad: ClassVar[bool] = True
    by_absence: ClassVar[bool] = True

    missed: int | None = None
    period: Instant | None = None

    @property
    def by_last(self) -> bool:
        return self.period is not None

    def bound(self, to: Circumstances) -> Silence:
        missed = self.missed or (MISSED_LIFE_SAFETY if to.life_safety else MISSED)
        return replace(self, missed=missed, period=self.period or to.report_period)

    def see(self, memory: Memory, reading: Reading, metric: str) -> Seen:
        del metric
        before, intervals = memory or (None, [])
        if self.period is None and before is not None and reading.at > before:
            intervals = [*intervals[1 - _RECENT :], reading.at - before]
        return self.at([reading.at, intervals], reading.at)

    def at(self, memory: Memory, instant: Instant) -> Seen:
        last, intervals = memory
        patience = self._patience(intervals)
        if patience is None:
            return Seen(memory, NORMAL, 0.0)
        if instant < last + patience:
            return Seen(memory, NORMAL, 0.0, last + patience)
        return Seen(memory, ABNORMAL, patience / SECOND)

    def _patience(self, intervals: list[Instant]) -> Instant | None:
        missed = self.missed or MISSED
        if self.period is not None:
            return missed * self.period
        if len(intervals) < _ENOUGH:
            return None
        ordered = sorted(intervals)
        usual, long = ordered[len(ordered) // 2], ordered[len(ordered) * 4 // 5]
        return missed * usual if long <= missed * usual else long * 3 // 2

    def over(self, value: float, at: Instant, memory: Memory) -> Text:
        del value, at, memory
        return {"zh-CN": "重新收到读数", "en": "readings come again"}

    def sentence(self, value: float) -> Text:
        if value == 0:
            return {"zh-CN": "设备已离线", "en": "the device went offline"}
        length = span(round(value * SECOND))
        return {"zh-CN": f"{length['zh-CN']}没有读数", "en": f"no reading for {length['en']}"}
