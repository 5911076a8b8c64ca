"""A limit on the value itself, at one of the four levels of ISA-18.2, absolute or relative to a set point."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from facility_monitor.domain.alarm.condition import Circumstances, Condition, Signal
from facility_monitor.domain.alarm.condition.wording import quantity
from facility_monitor.domain.limit import DatedLimit
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import Text


class Level(StrEnum):
    """ISA-18.2 limit names. The two high ones are crossed upwards, the two low ones downwards."""

    HIGH_HIGH = "high_high"
    HIGH = "high"
    LOW = "low"
    LOW_LOW = "low_low"

    @property
    def upwards(self) -> bool:
        return self in (Level.HIGH, Level.HIGH_HIGH)


@dataclass(frozen=True, slots=True)
class Limit(Condition):
    """``value`` and ``deadband`` are in ``unit``, the SenML unit of the metric; the deadband is never negative.

    With ``relative_to``, ``value`` counts from the number under that name among the equipment's attributes. ``row`` is
    the dated limit that the value was taken from, if it was.
    """

    kind: ClassVar[str] = "limit"
    remembers: ClassVar[bool] = False

    level: Level
    value: float
    unit: str
    deadband: float = 0.0
    relative_to: str | None = None
    row: DatedLimit | None = None

    def signal(self, reading: Reading) -> Signal:
        """Abnormal is strictly beyond the limit, normal back by at least the deadband."""
        value, limit = reading.value, self.value
        if self.level.upwards:
            if value > limit:
                return Signal.ABNORMAL
            return Signal.NORMAL if value <= limit - self.deadband else Signal.UNDECIDED
        if value < limit:
            return Signal.ABNORMAL
        return Signal.NORMAL if value >= limit + self.deadband else Signal.UNDECIDED

    @property
    def calm(self) -> tuple[float, float]:
        return (-math.inf, self.value) if self.level.upwards else (self.value, math.inf)

    def bound(self, to: Circumstances) -> Limit | None:
        if self.relative_to is None:
            return self
        from_here = to.attributes.get(self.relative_to)
        if isinstance(from_here, bool) or not isinstance(from_here, int | float):
            return None
        return replace(self, value=from_here + self.value, relative_to=None)

    def clause(self) -> Text:
        limit = quantity(self.value, self.unit)
        if self.level.upwards:
            return {"zh-CN": f"高于 {limit}", "en": f"above {limit}"}
        return {"zh-CN": f"低于 {limit}", "en": f"below {limit}"}

    def sentence(self, value: float) -> Text:
        seen = quantity(value, self.unit)
        limit = f"{'+' if self.relative_to and self.value >= 0 else ''}{quantity(self.value, self.unit)}"
        if self.relative_to:
            return {"zh-CN": f"{seen}，限值为设定值 {limit}", "en": f"{seen}; limit: set point {limit}"}
        if self.level.upwards:
            return {"zh-CN": f"{seen}，高于限值 {limit}", "en": f"{seen}, above the limit of {limit}"}
        return {"zh-CN": f"{seen}，低于限值 {limit}", "en": f"{seen}, below the limit of {limit}"}
