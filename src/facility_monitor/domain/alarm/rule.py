"""A rule: which condition of which points is an alarm, how severe, and what to do then."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from facility_monitor.domain.alarm.condition import Condition
from facility_monitor.domain.alarm.condition.limit import Limit
from facility_monitor.domain.alarm.condition.limit_by_date import LimitByDate
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.text import Text


class Severity(StrEnum):
    """ISA-18.2 priorities, most severe first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a rule's numbers come from. ``grade``: L looked up, L~ weak source, O common knowledge, P own proposal."""

    source: str
    grade: str
    effective_from: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The points a rule watches: all of ``metric``, narrowed by whatever else is given."""

    metric: str
    site_id: int | None = None
    equipment_kind: str | None = None
    point_id: int | None = None

    def covers(self, point_id: int, site_id: int, equipment_kind: str) -> bool:
        """Whether a point of ``metric`` is among them."""
        return (
            self.point_id in (None, point_id)
            and self.site_id in (None, site_id)
            and self.equipment_kind in (None, equipment_kind)
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it stands in one version. Delays are in microseconds of event time.

    ``misread_filter``: a single abnormal reading between normal ones is no alarm; the next reading confirms it.
    ``realarm``: how long an alarm stays active before it is told again; None for never.
    ``latched``: the alarm stays until somebody resets it, though the condition has ended.
    ``shadow``: the rule runs and is written down, but nobody is told and no ticket is opened.
    ``changed_at``: when this version was made, by our clock.
    """

    id: int
    code: str
    version: int
    name: Text
    severity: Severity
    life_safety: bool
    scope: Scope
    condition: Condition
    on_delay: Instant
    off_delay: Instant
    opens_ticket: bool
    response: Text
    cause: Text
    respond_within_s: int | None
    misread_filter: bool = False
    realarm: Instant | None = None
    latched: bool = False
    shadow: bool = False
    basis: Basis | None = None
    changed_at: Instant = 0

    def limit_at(self, at: Instant) -> Limit | None:
        """The limit on the value itself by which a reading of that instant is judged, for rules that have one."""
        if isinstance(self.condition, LimitByDate):
            return self.condition.in_force(at)
        return self.condition if isinstance(self.condition, Limit) else None

    def basis_at(self, at: Instant) -> Basis | None:
        """Where the number that counts at that instant comes from."""
        limit = self.limit_at(at)
        if limit is None or limit.row is None:
            return self.basis
        row = limit.row
        return Basis(f"{row.standard}, {row.clause}", row.grade, row.effective_from.isoformat())
