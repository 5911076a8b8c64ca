"""Incidents: what goes wrong in a model, when, and how often again."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Incident:
    """Something that begins, lasts and heals; with `every_s` it comes again for ever."""

    kind: str
    at_s: float
    """Seconds after the scenario's start; negative lies in its history."""
    lasts_s: float
    every_s: float | None = None
    """Seconds from one beginning to the next, longer than `lasts_s`."""


class Incidents:
    """One device's incidents on the clock of events (Unix seconds)."""

    def __init__(self, zero: float, incidents: Iterable[Incident] = ()) -> None:
        """`zero` is the event time of the scenario's start."""
        self._zero = zero
        self._incidents = tuple(incidents)

    def since(self, kind: str, at: float) -> float | None:
        """Seconds since the incident of this kind that is on at `at` began; None when none is on."""
        for incident in self._incidents:
            if incident.kind == kind and (age := self._age(incident, at)) is not None:
                return age
        return None

    def on(self, kind: str, at: float) -> bool:
        return self.since(kind, at) is not None

    def left(self, kind: str, at: float) -> float:
        """Seconds until the incident of this kind that is on at `at` ends; 0 when none is on."""
        for incident in self._incidents:
            if incident.kind == kind and (age := self._age(incident, at)) is not None:
                return incident.lasts_s - age
        return 0.0

    def progress(self, kind: str, at: float) -> float:
        """Share 0..1 of the incident that has passed; 0 when none is on."""
        age = self.since(kind, at)
        return 0.0 if age is None else age / (age + self.left(kind, at))

    def next_change(self, at: float) -> float:
        """Event time after `at` at which any incident begins or ends; infinity when none does."""
        return min((self._next_change(incident, at) for incident in self._incidents), default=math.inf)

    def _age(self, incident: Incident, at: float) -> float | None:
        age = at - self._zero - incident.at_s
        if incident.every_s is not None and age >= 0:
            age %= incident.every_s
        return age if 0 <= age < incident.lasts_s else None

    def _next_change(self, incident: Incident, at: float) -> float:
        begin = self._zero + incident.at_s
        if incident.every_s is not None and at >= begin:
            begin += (at - begin) // incident.every_s * incident.every_s
        for candidate in (begin, begin + incident.lasts_s):
            if candidate > at:
                return candidate
        return math.inf if incident.every_s is None else begin + incident.every_s
