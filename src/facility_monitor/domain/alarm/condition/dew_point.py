"""The margin to condensation: how far a surface is above the dew point of the air around it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from facility_monitor.domain.alarm.condition import Condition, Memory, Seen, Signal
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import Text


def dew_point(temperature: float, humidity: float) -> float:
    """Cel, from air at ``temperature`` (Cel) and relative ``humidity`` (%RH, above 0).

    Magnus formula over water with the coefficients of Sonntag (1990), as in WMO-No. 8 (CIMO guide), annex 4.B; good to
    0.1 K from -45 to 60 Cel.
    """
    gamma = math.log(max(humidity, 0.1) / 100) + 17.62 * temperature / (243.12 + temperature)
    return 243.12 * gamma / (17.62 - gamma)


@dataclass(frozen=True, slots=True)
class DewPoint(Condition):
    """Abnormal while the surface is less than ``margin`` K above the dew point; normal from ``deadband`` K more on."""

    kind: ClassVar[str] = "dew_point"

    margin: float
    deadband: float = 0.0
    surface: str = "surface_temperature"
    temperature: str = "temperature"
    humidity: str = "humidity"

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.surface, self.temperature, self.humidity)

    def see(self, memory: Memory, reading: Reading, metric: str) -> Seen:
        known = list(memory or (None, None, None))
        known[self.inputs.index(metric)] = reading.value
        return self._seen(known)

    def at(self, memory: Memory, instant: Instant) -> Seen:
        raise NotImplementedError("never due")

    def _seen(self, known: Memory) -> Seen:
        surface, temperature, humidity = known
        if surface is None or temperature is None or humidity is None or temperature <= -100:
            return Seen(known, Signal.UNDECIDED, 0.0)
        margin = surface - dew_point(temperature, humidity)
        if margin < self.margin:
            return Seen(known, Signal.ABNORMAL, margin)
        return Seen(known, Signal.NORMAL if margin >= self.margin + self.deadband else Signal.UNDECIDED, margin)

    def sentence(self, value: float) -> Text:
        chinese, english = ("只高", "only ") if value < self.margin else ("高", "")
        return {
            "zh-CN": f"表面温度比露点{chinese} {value:.1f} K（限值 {self.margin:g} K）",
            "en": f"surface {english}{value:.1f} K above the dew point (limit {self.margin:g} K)",
        }
