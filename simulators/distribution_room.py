"""A distribution room: humidity, temperature, the coldest surface, water on the floor, a dehumidifier that cycles.

Incidents: `dehumidifier_failed` (stands still), `open_vent` (wet outside air), `leak` (water evaporates from the
floor). The exchange times and the climate of the room are our own choice, for a ventilated basement in Shanghai.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from simulators.incidents import Incidents
from simulators.message import Message
from simulators.noise import OrnsteinUhlenbeck, day_of_year, generator, interpolate, local_hour

PERIOD_S = 10.0
DEHUMIDIFIER_ON, DEHUMIDIFIER_OFF = 62.0, 54.0
"""%RH at which the dehumidifier starts and stops."""
REMOVAL = 0.03
"""%RH a second that a running dehumidifier takes out."""
EXCHANGE_S = 2700.0
"""Time constant in seconds with which the room's air follows its surroundings."""
WET = {"leak": (99.0, 400.0), "open_vent": (99.0, 1500.0)}
"""Incident to (%RH the room tends to, time constant in seconds)."""

# Day of the year to the %RH that a room without dehumidifier tends to, and to its mean temperature in Cel.
# The plum rains (about day 165 to 195) are the worst.
SURROUNDINGS = ((0, 45.0), (60, 55.0), (110, 72.0), (150, 85.0), (168, 94.0), (195, 94.0), (230, 86.0), (290, 66.0),
                (330, 52.0), (366, 45.0))  # fmt: skip
MEAN_TEMPERATURE = ((0, 14.0), (45, 14.5), (110, 20.0), (170, 26.0), (210, 29.0), (240, 28.5), (290, 22.0), (340, 16.0),
                    (366, 14.0))  # fmt: skip


class DistributionRoom:
    """One sensor box in one room; a message every 10 s."""

    def __init__(
        self,
        device: str,
        seed: int,
        incidents: Incidents,
        *,
        utc_offset_h: float = 8.0,
        season_day: float | None = None,
    ) -> None:
        """`season_day` pins the climate to a day of the year (0..366); None takes it from the event date."""
        self.device = device
        self._incidents = incidents
        self._utc_offset_h = utc_offset_h
        self._season_day = season_day
        self._rng = generator(seed, device)
        self._humidity_noise = OrnsteinUhlenbeck(self._rng, 0.03, 600.0)
        self._air_noise = OrnsteinUhlenbeck(self._rng, 0.15, 900.0)
        self._surface_noise = OrnsteinUhlenbeck(self._rng, 0.08, 900.0)
        self._own_offset = self._rng.uniform(-0.6, 0.6)
        self._running = False
        self._machine_heat = 0.0

    def run(self, start: float) -> Iterator[Message]:
        """Messages from `start` (Unix seconds) on, without end."""
        at = start + self._rng.uniform(0.0, PERIOD_S)
        humidity = self._first_humidity(at)
        while True:
            yield Message(at, self.device, self._values(at, humidity))
            humidity = self._next_humidity(at, humidity)
            at += PERIOD_S

    def _first_humidity(self, at: float) -> float:
        usual = min(56.0, self._surroundings(at)[0])
        age = max((self._incidents.since(kind, at) or 0.0 for kind in ("dehumidifier_failed", *WET)), default=0.0)
        # An incident that began before the first message has already done its part.
        return self._follow(at, usual, age, running=self._runs(at, usual) or age > 0)

    def _next_humidity(self, at: float, humidity: float) -> float:
        self._running = self._runs(at, humidity)
        return self._follow(at, humidity, PERIOD_S, running=self._running)

    def _runs(self, at: float, humidity: float) -> bool:
        if self._incidents.on("dehumidifier_failed", at):
            return False
        return humidity > (DEHUMIDIFIER_OFF if self._running else DEHUMIDIFIER_ON)

    def _follow(self, at: float, humidity: float, seconds: float, *, running: bool) -> float:
        """d humidity / dt = (surroundings - humidity) / exchange - removal, solved over `seconds`."""
        surroundings, exchange_s = self._surroundings(at)
        if running and not self._incidents.on("dehumidifier_failed", at):
            surroundings -= REMOVAL * exchange_s
        return surroundings + (humidity - surroundings) * math.exp(-seconds / exchange_s)

    def _surroundings(self, at: float) -> tuple[float, float]:
        for kind, wet in WET.items():
            if self._incidents.on(kind, at):
                return wet
        return interpolate(SURROUNDINGS, self._day(at)), EXCHANGE_S

    def _day(self, at: float) -> float:
        return day_of_year(at) if self._season_day is None else self._season_day

    def _values(self, at: float, humidity: float) -> dict[str, float]:
        self._machine_heat += (0.8 * self._running - self._machine_heat) * PERIOD_S / 600.0
        warmest_hour = 15.0
        day = math.cos((local_hour(at, self._utc_offset_h) - warmest_hour) / 24 * 2 * math.pi)
        temperature = (
            interpolate(MEAN_TEMPERATURE, self._day(at))
            + self._own_offset
            + 0.9 * day
            + self._machine_heat
            + self._air_noise.step(PERIOD_S)
        )
        measured = humidity + self._humidity_noise.step(PERIOD_S) + self._rng.gauss(0.0, 0.02)
        return {
            "humidity": round(min(99.9, measured), 1),
            "temperature": round(temperature, 1),
            "surface_temperature": round(temperature - 1.2 + self._surface_noise.step(PERIOD_S), 1),
            "water_leak": int(self._incidents.on("leak", at)),
            "dehumidifier_running": int(self._running),
        }
