"""A domestic water pump room: constant pressure around 0.45 MPa, demand through the day, pumps that cycle at night.

Incidents: `burst` (a main breaks), `suction_low` (the town main fails; the pumps draw from the tank instead),
`sensor_drift` (the supervisor's own pressure transmitter creeps up; control, on another transmitter, holds).
The vessel, the gains and the demand are our own choice for some 300 households.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from simulators.incidents import Incidents
from simulators.message import Message
from simulators.noise import OrnsteinUhlenbeck, count_since_commissioning, generator, interpolate, local_hour

PERIOD_S = 5.0
SET_POINT = 0.45
"""MPa; pressures are in MPa inside this file and in Pa in the messages."""
CAPACITY = 12.0
"""l/s of all pumps together."""
VESSEL = 0.001
"""MPa that one litre changes in the pressure vessel and the pipes."""
GAIN, INTEGRAL = 300.0, 10.0
"""The controller: l/s for each MPa, and l/s for each MPa second."""
BURST_FLOW = 20.0
"""l/s that leave through the break at set point."""
DRIFT = 0.035
"""MPa that the drifting transmitter ends up with."""
TANK_AREA, TANK_LEVEL = 12.0, 1.8
"""m2, and the m that its float valve holds."""

# Local hour to l/s.
DEMAND = ((0, 0.35), (2, 0.15), (5, 0.3), (7, 4.5), (9, 2.5), (12, 3.0), (14, 1.8), (18, 3.5), (20.5, 5.5), (22.5, 2.5),
          (24, 0.35))  # fmt: skip


class PumpRoom:
    """One controller in one pump room; a step every second, a message every 5 s."""

    def __init__(self, device: str, seed: int, incidents: Incidents, *, utc_offset_h: float = 8.0) -> None:
        self.device = device
        self._incidents = incidents
        self._utc_offset_h = utc_offset_h
        self._rng = generator(seed, device)
        self._demand_noise = OrnsteinUhlenbeck(self._rng, 0.08, 90.0)
        self._main_noise = OrnsteinUhlenbeck(self._rng, 0.004, 300.0)
        self._households = self._rng.uniform(0.85, 1.15)
        self._pressure = SET_POINT
        self._usual = 0.0
        self._supply = 0.0
        self._integral = 0.0
        self._running = True
        self._boosting = False
        self._little_for_s = 0.0
        self._main = 0.24
        self._level = TANK_LEVEL
        self._starts = 0

    def run(self, start: float) -> Iterator[Message]:
        """Messages from `start` (Unix seconds) on, without end."""
        at = start + self._rng.uniform(0.0, PERIOD_S)
        self._starts = count_since_commissioning(start, 600.0)
        self._usual = self._usual_demand(at)
        self._supply = self._integral = self._usual
        while True:
            yield Message(at, self.device, self._values(at))
            self._usual = self._usual_demand(at)
            for second in range(int(PERIOD_S)):
                self._step(at + second)
            self._draw(at)
            at += PERIOD_S

    def _usual_demand(self, at: float) -> float:
        return interpolate(DEMAND, local_hour(at, self._utc_offset_h)) * self._households

    def _burst(self, at: float) -> float:
        """l/s through the break at set point; the break opens in 2 s, a valve is closed by hand in the last 30 s."""
        age = self._incidents.since("burst", at)
        if age is None:
            return 0.0
        return BURST_FLOW * min(1.0, age / 2.0, self._incidents.left("burst", at) / 30.0)

    def _step(self, at: float) -> None:
        demand = self._usual * max(0.2, 1.0 + self._demand_noise.step(1.0))
        leaving = (demand + self._burst(at)) * math.sqrt(self._pressure / SET_POINT)
        self._control(demand)
        self._pressure = max(0.0, self._pressure + VESSEL * (self._supply - leaving))

    def _control(self, demand: float) -> None:
        """Proportional-integral control of the flow; at little demand fill the vessel, stop, and let it feed."""
        if not self._running:
            self._supply = 0.0
            if self._pressure < SET_POINT - 0.014:
                self._running, self._integral = True, demand
                self._starts += 1
            return
        error = SET_POINT - self._pressure
        wanted = 2.0 if self._boosting else self._integral + GAIN * error
        if 0.0 < wanted < CAPACITY:
            # Not while the pumps are at an end of their range: what piles up there overshoots afterwards.
            self._integral += INTEGRAL * error
        wanted = min(CAPACITY, max(0.0, wanted))
        self._supply += max(-3.0, min(3.0, wanted - self._supply))
        self._little_for_s = self._little_for_s + 1.0 if demand < 0.5 and abs(error) < 0.01 else 0.0
        if self._boosting and (self._pressure > SET_POINT + 0.012 or error > 0.02):
            self._running, self._boosting = error > 0.02, False
        elif self._little_for_s > 30.0:
            self._boosting = True

    def _draw(self, at: float) -> None:
        """One period of the town main and the tank that the pumps draw from."""
        failed = self._incidents.on("suction_low", at)
        noise = self._main_noise.step(PERIOD_S)
        target = 0.05 if failed else 0.24 + noise - 0.006 * self._supply
        self._main += (target - self._main) * (1 - math.exp(-PERIOD_S / 12.0))
        inflow = 0.0 if failed else min(4.0, max(0.0, 15.0 * (TANK_LEVEL - self._level)))
        drawn = self._supply if failed else 0.0
        self._level += (inflow - drawn) * PERIOD_S / 1000.0 / TANK_AREA

    def _values(self, at: float) -> dict[str, float]:
        drift = DRIFT * min(1.0, self._incidents.progress("sensor_drift", at) / 0.7)
        pressure = self._pressure + drift + self._rng.gauss(0.0, 0.0006)
        flow = self._supply * self._rng.gauss(1.0, 0.005)
        return {
            "pressure": round(max(0.0, pressure) * 1e6, -2),
            "suction_pressure": round(max(0.0, self._main + self._rng.gauss(0.0, 0.0008)) * 1e6, -2),
            "flow": round(flow, 2),
            "pump_running": int(self._running),
            "pump_starts": self._starts,
            "water_level": round(self._level + self._rng.gauss(0.0, 0.001), 3),
        }
