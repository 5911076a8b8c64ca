"""Readings that the device itself calls bad."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facility_monitor.domain.alarm.condition import Condition, Memory, Signal
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.domain.text import Text


@dataclass(frozen=True, slots=True)
class BadQuality(Condition):
    """Abnormal while readings are of ``worst`` quality or worse."""

    kind: ClassVar[str] = "quality"
    remembers: ClassVar[bool] = False
    takes_bad: ClassVar[bool] = True

    worst: Quality = Quality.BAD

    def signal(self, reading: Reading) -> Signal:
        return Signal.ABNORMAL if reading.quality >= self.worst else Signal.NORMAL

    def over(self, value: float, at: Instant, memory: Memory) -> Text:
        del value, at, memory
        return {"zh-CN": "读数质量恢复正常", "en": "readings are good again"}

    def sentence(self, value: float) -> Text:
        return {"zh-CN": f"读数 {value:g}，质量差", "en": f"reading {value:g} of bad quality"}

    def clause(self) -> Text:
        return {"zh-CN": "质量差", "en": "is of bad quality"}
