"""A state or a code: one of a set of values, or any other than these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from facility_monitor.domain import code
from facility_monitor.domain.alarm.condition import Circumstances, Condition, Signal
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import LOCALES, Text, said


@dataclass(frozen=True, slots=True)
class State(Condition):
    """Abnormal while the value is one of ``values``, or with ``other`` while it is none of them.

    ``means`` are values by what they mean in the code set of the equipment (``domain.code``), whatever their numbers
    there; ``codes`` are single ones, (code_set, value). Equipment without the attribute ``code_set`` goes by
    ``default_code_set``. Where neither adds a value, a rule without other values does not watch.
    """

    kind: ClassVar[str] = "state"
    remembers: ClassVar[bool] = False

    values: tuple[float, ...] = ()
    other: bool = False
    codes: tuple[tuple[str, float], ...] = ()
    means: tuple[str, ...] = ()
    default_code_set: str | None = None
    names: Mapping[float, Text] = field(default_factory=dict, hash=False, repr=False)
    """how people call the values where the rule is bound"""

    def signal(self, reading: Reading) -> Signal:
        return Signal.ABNORMAL if (reading.value in self.values) is not self.other else Signal.NORMAL

    def bound(self, to: Circumstances) -> State | None:
        code_set = to.attributes.get("code_set", self.default_code_set)
        known = code.of(to.codes, to.attributes, to.metric, to.equipment_kind, self.default_code_set)
        names = {value: each.name for value, each in known.items()}
        values = (
            *self.values,
            *(value for of, value in self.codes if of == code_set),
            *(value for value, each in known.items() if each.meaning in self.means),
        )
        if not values:
            return None
        if not names and values == self.values:
            return self
        return replace(self, values=values, codes=(), means=(), default_code_set=None, names=names)

    def sentence(self, value: float) -> Text:
        name = self.names.get(value)
        if name is None:
            return {"zh-CN": f"状态值 {value:g}", "en": f"state {value:g}"}
        return {"zh-CN": f"{said(name, 'zh-CN')}（代码 {value:g}）", "en": f"{said(name, 'en')} (code {value:g})"}

    def clause(self) -> Text:
        values = self.values or tuple(value for _, value in self.codes)
        chinese, english = (
            ", ".join(said(self.names[value], locale) if value in self.names else f"{value:g}" for value in values)
            for locale in LOCALES
        )
        if self.other:
            return {"zh-CN": f"不为{chinese}", "en": f"is not {english}"}
        return {"zh-CN": f"为{chinese}", "en": f"is {english}"}
