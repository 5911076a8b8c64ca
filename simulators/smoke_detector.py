"""A point smoke detector: obscuration, contamination that creeps up, battery, chamber temperature, radio, self test.

Incidents: `fire` (the alarm latches until the panel is reset at the end), `contaminated` (dust of building work,
cleaned at the end), `battery_low`, `self_test_failed`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from simulators.incidents import Incidents
from simulators.message import Message, Value
from simulators.noise import COMMISSIONED, OrnsteinUhlenbeck, generator, local_hour

PERIOD_S = 60.0
ALARM_AT = 0.15
"""dB/m at which the detector alarms (EN 54-7 asks for a threshold of at least 0.05)."""
ALARM_AFTER_S = 50.0
"""Seconds from the first smoke to the alarm threshold."""
REPORT_STEP = 0.02
"""Change in dB/m that is reported at once."""
DIRTY = 92.0
"""% contamination that an incident ends up with; it arrives there after 60 % of its time."""


class SmokeDetector:
    """One detector; a message every 60 s, and at once when an alarm, a self test or the smoke itself changes."""

    def __init__(self, device: str, seed: int, incidents: Incidents, *, utc_offset_h: float = 8.0) -> None:
        self.device = device
        self._incidents = incidents
        self._utc_offset_h = utc_offset_h
        self._rng = generator(seed, device)
        self._noise = OrnsteinUhlenbeck(self._rng, 0.002, 600.0)
        self._air_noise = OrnsteinUhlenbeck(self._rng, 0.3, 1800.0)
        self._contamination = self._rng.uniform(3.0, 30.0)
        self._creep_per_year = self._rng.uniform(1.0, 4.0)
        self._battery = self._rng.uniform(2.9, 3.1)
        self._rssi = self._rng.uniform(-82.0, -58.0)
        self._alarm = False
        self._stepped_at = 0.0

    def run(self, start: float) -> Iterator[Message]:
        """Messages from `start` (Unix seconds) on, without end."""
        at = self._stepped_at = start
        # Spread over the period: forty detectors on one panel do not speak in the same second.
        report_at = start + self._rng.uniform(0.0, PERIOD_S)
        sent = self._values(at)
        while True:
            values = self._values(at)
            if at >= report_at or self._matters(sent, values):
                yield Message(at, self.device, values)
                sent = values
                report_at += PERIOD_S if at >= report_at else 0.0
            fire_step = at + 1.0 if self._incidents.on("fire", at) else math.inf
            at = min(report_at, fire_step, self._incidents.next_change(at))

    @staticmethod
    def _matters(sent: dict[str, Value], values: dict[str, Value]) -> bool:
        if any(sent[key] != values[key] for key in ("smoke_alarm", "self_test")):
            return True
        return abs(values["smoke_obscuration"] - sent["smoke_obscuration"]) >= REPORT_STEP

    def _smoke(self, at: float) -> float:
        """dB/m of a fire: grows with the square of time, is put out 40 s before the incident ends."""
        age = self._incidents.since("fire", at)
        if age is None:
            return 0.0
        out_for_s = max(0.0, 40.0 - self._incidents.left("fire", at))
        return min(0.6, ALARM_AT * (age / ALARM_AFTER_S) ** 2) * math.exp(-out_for_s / 8.0)

    def _contaminated(self, at: float) -> float:
        usual = self._contamination + self._creep_per_year * (at - COMMISSIONED) / (365 * 86400)
        progress = min(1.0, self._incidents.progress("contaminated", at) / 0.6)
        return min(60.0, usual) + (DIRTY - min(60.0, usual)) * progress

    def _values(self, at: float) -> dict[str, Value]:
        passed, self._stepped_at = at - self._stepped_at, at
        smoke = self._smoke(at)
        contamination = self._contaminated(at)
        obscuration = max(0.0, 0.012 + 0.0003 * contamination + self._noise.step(passed) + smoke)
        # Latching: only a reset at the panel (the end of the incident) clears it.
        self._alarm = self._incidents.on("fire", at) and (self._alarm or obscuration >= ALARM_AT)
        day = math.cos((local_hour(at, self._utc_offset_h) - 15.0) / 24 * 2 * math.pi)
        battery = 2.45 if self._incidents.on("battery_low", at) else self._battery
        return {
            "smoke_obscuration": round(obscuration, 3),
            "smoke_alarm": int(self._alarm),
            "contamination": round(contamination, 1),
            "battery": round(battery + self._rng.gauss(0.0, 0.003), 2),
            "chamber_temperature": round(24.0 + 1.5 * day + self._air_noise.step(passed) + 12.0 * smoke, 1),
            "rssi": round(self._rssi + self._rng.gauss(0.0, 1.5)),
            "self_test": int(not self._incidents.on("self_test_failed", at)),
        }
