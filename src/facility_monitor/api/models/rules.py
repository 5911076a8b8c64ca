"""Rules."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from facility_monitor.api.models.fields import (
    Code,
    Flag,
    Id,
    Input,
    KindCode,
    Line,
    LongWords,
    Number,
    Output,
    Prose,
    Seconds,
    Text,
    Words,
    example,
)
from facility_monitor.api.models.plant import Level, Severity, Unit
from facility_monitor.api.models.shared import Basis

Grade = Literal["L", "L~", "O", "P"]


class RuleScope(Output):
    """All points of the metric, narrowed by whatever else is not null."""

    metric: str
    site_id: int | None
    equipment_kind: str | None
    point_id: int | None


class RuleLimit(Output):
    level: Level
    value: float
    unit: str
    deadband: float


class Rule(Output):
    id: int
    code: str
    version: int
    enabled: bool
    name: Text
    kind: Literal["limit"]
    severity: Severity
    life_safety: bool
    scope: RuleScope
    limit: RuleLimit
    on_delay_s: float
    off_delay_s: float
    latched: bool
    opens_ticket: bool
    response: Text
    cause: Text
    respond_within_s: int | None
    basis: Basis | None
    changed_at: datetime
    changed_by: str = Field(description="user name")
    reason: str


class ScopeIn(Input):
    metric: KindCode
    site_id: Id | None = None
    equipment_kind: KindCode | None = None
    point_id: Id | None = None


class LimitIn(Input):
    """Abnormal is strictly beyond ``value``; normal again is back by at least ``deadband``."""

    level: Level
    value: Number
    unit: Unit = Field(description="must be the metric's SenML unit")
    deadband: Annotated[Number, Field(ge=0)] = 0.0


class BasisIn(Input):
    """Where the limit comes from: looked up (L), on a weak page (L~), common knowledge (O), own proposal (P)."""

    source: Line
    grade: Grade
    effective_from: date | None = None


_HUMID = {
    "name": {"zh-CN": "配电房湿度过高", "en": "Distribution room too humid"},
    "kind": "limit",
    "severity": "high",
    "scope": {"metric": "humidity", "equipment_kind": "distribution_room"},
    "limit": {"level": "high", "value": 80, "unit": "%RH", "deadband": 5},
    "on_delay_s": 600,
    "off_delay_s": 60,
    "opens_ticket": True,
    "response": {"zh-CN": "检查除湿机", "en": "Check the dehumidifier"},
    "cause": {"zh-CN": "除湿机停机", "en": "The dehumidifier has stopped"},
    "respond_within_s": 1800,
    "basis": {"source": "own practice", "grade": "P", "effective_from": "2026-01-01"},
}


class RuleDocument(Input):
    """A rule as people write it, whole: a change replaces all of it."""

    model_config = example(**_HUMID, reason="Two wet summers showed that 85 is too late")
    enabled: Flag = True
    name: Words
    kind: Literal["limit"] = "limit"
    severity: Severity
    life_safety: Flag = False
    scope: ScopeIn
    limit: LimitIn
    on_delay_s: Seconds = Field(0.0, description="must be 0 where life_safety is true")
    off_delay_s: Seconds = 0.0
    latched: Literal[False] = Field(False, description="rules do not latch yet: no other value is accepted")
    opens_ticket: Flag = False
    response: LongWords = Field(description="what to do")
    cause: Annotated[dict[Literal["zh-CN", "en"], Prose], Field()] = Field(default_factory=dict)
    respond_within_s: Annotated[int, Field(strict=True, ge=1, le=30 * 86400)] | None = None
    basis: BasisIn
    reason: Line = Field(description="why the rule is made or changed")

    @field_validator("on_delay_s")
    @classmethod
    def _at_once(cls, on_delay_s: float, before: ValidationInfo) -> float:
        if on_delay_s and before.data.get("life_safety"):
            raise ValueError("must be 0: what may cost a life does not wait")
        return on_delay_s

    def document(self) -> dict[str, Any]:
        """The rule as the store keeps it."""
        written = self.model_dump(mode="json", exclude={"enabled", "reason", "code", "basis", "latched"})
        written["scope"] = {name: value for name, value in written["scope"].items() if value is not None}
        written["limit"]["basis"] = self.basis.model_dump(mode="json")
        return written


class NewRule(RuleDocument):
    model_config = example(code="room-humidity-house", **_HUMID, reason="Asked for by the power company")
    code: Code
