"""A rule: which condition of which points is an alarm, how severe, and what to do then."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from facility_monitor.domain.instant import Instant
from facility_monitor.domain.text import Text


class Severity(StrEnum):
    """ISA-18.2 priorities, most severe first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Level(StrEnum):
    """ISA-18.2 limit names. The two high ones are crossed upwards, the two low ones downwards."""

    HIGH_HIGH = "high_high"
    HIGH = "high"
    LOW = "low"
    LOW_LOW = "low_low"

    @property
    def upwards(self) -> bool:
        return self in (Level.HIGH, Level.HIGH_HIGH)


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a limit comes from. ``grade``: L looked up, L~ weak source, O common knowledge, P own proposal."""

    source: str
    grade: str
    effective_from: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """``value`` and ``deadband`` are in ``unit``, the SenML unit of the metric; the deadband is never negative."""

    level: Level
    value: float
    unit: str
    deadband: float = 0.0
    basis: Basis | None = None

    def crossed_by(self, value: float) -> bool:
        """Whether ``value`` is abnormal: strictly beyond the limit."""
        return value > self.value if self.level.upwards else value < self.value

    def left_by(self, value: float) -> bool:
        """Whether ``value`` is normal again: back by at least the deadband."""
        if self.level.upwards:
            return value <= self.value - self.deadband
        return value >= self.value + self.deadband


@dataclass(frozen=True, slots=True)
class Scope:
    """The points a rule watches: all of ``metric``, narrowed by whatever else is given."""

    metric: str
    site_id: int | None = None
    equipment_kind: str | None = None
    point_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit rule as it stands in one version. Delays are in microseconds of event time."""

    id: int
    code: str
    version: int
    name: Text
    severity: Severity
    life_safety: bool
    scope: Scope
    limit: Limit
    on_delay: Instant
    off_delay: Instant
    opens_ticket: bool
    response: Text
    cause: Text
    respond_within_s: int | None
