"""A fire pump with its stabiliser: the small pump holds the fire main, the fire pump starts when a hydrant is opened.

Incidents: `hydrant_open` (the main loses pressure, the fire pump starts and is stopped by hand at the end),
`fire_pump_blocked` (the same, but the fire pump does not start). The pressures are our own choice for 18 floors.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulators.incidents import Incidents
from simulators.message import Message
from simulators.noise import count_since_commissioning, generator

PERIOD_S = 10.0
HOLD_FROM, HOLD_TO = 0.75, 0.85
"""MPa at which the stabiliser starts and stops."""
START_AT = 0.65
"""MPa at which the fire pump starts."""


class FirePump:
    """One controller; a step every second, a message every 10 s."""

    def __init__(self, device: str, seed: int, incidents: Incidents) -> None:
        self.device = device
        self._incidents = incidents
        self._rng = generator(seed, device)
        self._pressure = self._rng.uniform(HOLD_FROM + 0.01, HOLD_TO - 0.01)
        self._seepage = self._rng.uniform(0.05, 0.09) / 1500
        self._stabilising = False
        self._running = False
        self._starts = 0

    def run(self, start: float) -> Iterator[Message]:
        """Messages from `start` (Unix seconds) on, without end."""
        at = start + self._rng.uniform(0.0, PERIOD_S)
        self._starts = count_since_commissioning(start, 7 * 86400.0)
        while True:
            yield Message(at, self.device, self._values())
            for second in range(int(PERIOD_S)):
                self._step(at + second)
            at += PERIOD_S

    def _step(self, at: float) -> None:
        blocked = self._incidents.on("fire_pump_blocked", at)
        if self._incidents.on("hydrant_open", at) or blocked:
            if self._pressure < START_AT and not self._running and not blocked:
                self._running = True
                self._starts += 1
            target, seconds = (0.95, 6.0) if self._running else (0.35, 20.0)
            self._pressure += (target - self._pressure) / seconds
            return
        self._running = False
        if self._pressure < HOLD_FROM:
            self._stabilising = True
        elif self._pressure > HOLD_TO:
            self._stabilising = False
        self._pressure += 0.008 if self._stabilising else -self._seepage
        if self._pressure > HOLD_TO + 0.02:
            # After a run of the fire pump the relief valve brings the main back to its band.
            self._pressure -= 0.005

    def _values(self) -> dict[str, float]:
        return {
            "pressure": round((self._pressure + self._rng.gauss(0.0, 0.001)) * 1e6, -3),
            "pump_running": int(self._running),
            "pump_starts": self._starts,
        }
