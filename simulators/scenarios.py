"""What a scenario is: incidents placed on devices, and the truth about what should alarm, when, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulators.errors import SimulatorError
from simulators.incidents import Incident
from simulators.limits import LIMITS
from simulators.sites import Device


@dataclass(frozen=True)
class Placed:
    """An incident on the device of a kind with a number (from 1) in its site."""

    kind: str
    number: int
    incident: Incident


@dataclass(frozen=True)
class Truth:
    """One alarm that should be raised. Times are seconds of event time after the scenario's start."""

    kind: str
    number: int
    limit: str
    """A code of `limits.LIMITS`, whose hold is counted in the times below."""
    raised_s: tuple[float, float]
    """Raised between these two."""
    normal_by_s: float
    """Beyond the limit at no time from here on."""
    every_s: float | None = None
    """All of it comes again with this period."""

    def as_json(self, device: str) -> dict[str, object]:
        limit = LIMITS[self.limit]
        return {
            "device": device,
            "limit": limit.code,
            "metric": limit.metric,
            "condition": limit.condition,
            "for_s": limit.for_s,
            "raised_from_s": self.raised_s[0],
            "raised_to_s": self.raised_s[1],
            "normal_by_s": self.normal_by_s,
            "every_s": self.every_s,
        }


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    duration_s: float | None
    """Seconds it runs by default; None goes on without end."""
    placed: tuple[Placed, ...] = ()
    truth: tuple[Truth, ...] = ()
    season_day: float | None = None
    """Day of the year the rooms' climate is taken from; None follows the event date."""
    history_s: float = 0.0
    """Seconds before its start that are sent at once by default."""
    longest_history_s: float | None = None
    """Longest history whose truth is known; None for any."""

    def device(self, devices: Sequence[Device], kind: str, number: int) -> Device:
        """Raises SimulatorError when the site has no such device."""
        for device in devices:
            if device.kind.code == kind and device.number == number:
                return device
        raise SimulatorError(f"scenario {self.name} needs {kind} number {number}; the site has fewer")

    def incidents_of(self, device: Device) -> list[Incident]:
        mine = (device.kind.code, device.number)
        return [placed.incident for placed in self.placed if (placed.kind, placed.number) == mine]

    def as_json(self, devices: Sequence[Device]) -> dict[str, object]:
        """Raises SimulatorError when the site is too small for it."""
        truth = [known.as_json(self.device(devices, known.kind, known.number).code) for known in self.truth]
        return {
            "name": self.name,
            "title": self.title,
            "duration_s": self.duration_s,
            "history_s": self.history_s,
            "truth": truth,
        }
