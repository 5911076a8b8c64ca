"""A state or a code: one of a set of values, or any other than these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from facility_monitor.domain.alarm.condition import Circumstances, Condition, Signal
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import Text


@dataclass(frozen=True, slots=True)
class State(Condition):
    """Abnormal while the value is one of ``values``, or with ``other`` while it is none of them.

    ``codes`` are values by the code set that gives them their meaning: (code_set, value). They hold at equipment whose
    attribute ``code_set`` names it, and at such without the attribute by ``default_code_set``; elsewhere the rule does
    not watch.
    """

    kind: ClassVar[str] = "state"
    remembers: ClassVar[bool] = False

    values: tuple[float, ...] = ()
    other: bool = False
    codes: tuple[tuple[str, float], ...] = ()
    default_code_set: str | None = None

    def signal(self, reading: Reading) -> Signal:
        return Signal.ABNORMAL if (reading.value in self.values) is not self.other else Signal.NORMAL

    def bound(self, to: Circumstances) -> State | None:
        if not self.codes:
            return self
        code_set = to.attributes.get("code_set", self.default_code_set)
        values = tuple(value for of, value in self.codes if of == code_set)
        return replace(self, values=values, codes=(), default_code_set=None) if values else None

    def sentence(self, value: float) -> Text:
        return {"zh-CN": f"状态值 {value:g}", "en": f"state {value:g}"}

    def clause(self) -> Text:
        values = ", ".join(f"{value:g}" for value in self.values or (value for _, value in self.codes))
        if self.other:
            return {"zh-CN": f"不为 {values}", "en": f"is not {values}"}
        return {"zh-CN": f"为 {values}", "en": f"is {values}"}
