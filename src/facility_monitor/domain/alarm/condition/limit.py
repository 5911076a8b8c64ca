"""A limit on the value itself, at one of the four levels of ISA-18.2, absolute or relative to a set point."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar

from facility_monitor.domain import code
from facility_monitor.domain.alarm.condition import Circumstances, Condition, Memory, Signal
from facility_monitor.domain.alarm.condition.wording import quantity
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.limit import DatedLimit
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import Text, said


class Level(StrEnum):
    """ISA-18.2 limit names. The two high ones are crossed upwards, the two low ones downwards."""

    HIGH_HIGH = "high_high"
    HIGH = "high"
    LOW = "low"
    LOW_LOW = "low_low"

    @property
    def upwards(self) -> bool:
        return self in (Level.HIGH, Level.HIGH_HIGH)


_NONE: Text = {"zh-CN": "为 0", "en": "is 0"}
_NOT_NONE: Text = {"zh-CN": "不为 0", "en": "is not 0"}


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
    names: Mapping[float, Text] = field(default_factory=dict, hash=False, repr=False)
    """how people call the values of a limit between two states, where it is bound"""

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
        if self._tells_states_apart:
            known = code.of(to.codes, to.attributes, to.metric, to.equipment_kind)
            return replace(self, names={value: each.name for value, each in known.items()}) if known else self
        if self.relative_to is None:
            return self
        from_here = to.attributes.get(self.relative_to)
        if isinstance(from_here, bool) or not isinstance(from_here, int | float):
            return None
        return replace(self, value=from_here + self.value, relative_to=None)

    @property
    def _tells_states_apart(self) -> bool:
        """Whether it lies between off and on, or none and one: nobody would say "above 0.5" of these."""
        return self.value == 0.5 and self.unit == "1" and self.relative_to is None

    def over(self, value: float, at: Instant, memory: Memory) -> Text:
        del at, memory
        if self._tells_states_apart:
            return {"zh-CN": f"读数为{self._called(value, 'zh-CN')}", "en": f"reads {self._called(value, 'en')}"}
        seen, limit = quantity(value, self.unit), quantity(self.value, self.unit)
        return {"zh-CN": f"{seen}（限值 {limit}）", "en": f"{seen} (limit {limit})"}

    def _called(self, value: float, locale: str) -> str:
        name = self.names.get(value)
        if name is not None:
            return f"“{said(name, locale)}”"
        return f"{value:.7g}" if locale == "en" else f" {value:.7g}"

    def clause(self) -> Text:
        if self._tells_states_apart:
            return _NOT_NONE if self.level.upwards else _NONE
        limit = quantity(self.value, self.unit)
        if self.level.upwards:
            return {"zh-CN": f"高于 {limit}", "en": f"above {limit}"}
        return {"zh-CN": f"低于 {limit}", "en": f"below {limit}"}

    def sentence(self, value: float) -> Text:
        if self._tells_states_apart:
            normal = 0.0 if self.level.upwards else 1.0
            return {
                "zh-CN": f"读数为{self._called(value, 'zh-CN')}，正常为{self._called(normal, 'zh-CN')}",
                "en": f"reads {self._called(value, 'en')}, normally {self._called(normal, 'en')}",
            }
        seen = quantity(value, self.unit)
        limit = f"{'+' if self.relative_to and self.value >= 0 else ''}{quantity(self.value, self.unit)}"
        if self.relative_to:
            return {"zh-CN": f"{seen}，限值为设定值 {limit}", "en": f"{seen}; limit: set point {limit}"}
        if self.level.upwards:
            return {"zh-CN": f"{seen}，高于限值 {limit}", "en": f"{seen}, above the limit of {limit}"}
        return {"zh-CN": f"{seen}，低于限值 {limit}", "en": f"{seen}, below the limit of {limit}"}
