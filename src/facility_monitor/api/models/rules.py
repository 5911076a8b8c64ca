"""Rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationInfo, field_validator, model_validator

from facility_monitor.api.models import conditions
from facility_monitor.api.models.fields import (
    Code,
    Flag,
    Grade,
    Id,
    Input,
    KindCode,
    Line,
    LongWords,
    Output,
    Prose,
    Seconds,
    Text,
    Words,
    example,
)
from facility_monitor.api.models.plant import Severity
from facility_monitor.api.models.shared import Basis

Kind = Literal[
    "limit", "state", "rate", "stuck", "silence", "quality", "times", "dew_point", "combination", "fluctuation", "joint"
]
KINDS: tuple[str, ...] = get_args(Kind)


class RuleScope(Output):
    """All points of the metric, narrowed by whatever else is not null."""

    metric: str
    site_id: int | None
    equipment_kind: str | None
    point_id: int | None


class Rule(Output):
    """Under the kind's name stands what the rule looks for; the other kinds are null."""

    id: int
    code: str
    version: int
    enabled: bool
    shadow: bool
    name: Text
    kind: Kind
    severity: Severity
    life_safety: bool
    scope: RuleScope
    limit: conditions.LimitIn | None
    state: conditions.StateIn | None
    rate: conditions.RateIn | None
    stuck: conditions.StuckIn | None
    silence: conditions.SilenceIn | None
    quality: conditions.QualityIn | None
    times: conditions.TimesIn | None
    dew_point: conditions.DewPointIn | None
    combination: conditions.CombinationIn | None
    fluctuation: conditions.FluctuationIn | None
    joint: conditions.JointIn | None
    on_delay_s: float
    off_delay_s: float
    realarm_s: float | None
    misread_filter: bool
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
    """A rule as people write it, whole: a change replaces all of it.

    Under the name of its ``kind`` stands what it looks for.
    """

    model_config = example(**_HUMID, reason="Two wet summers showed that 85 is too late")
    enabled: Flag = True
    shadow: Flag = Field(False, description="it runs and is written down, but nobody is told and no ticket opened")
    name: Words
    kind: Kind = Field("limit", description="told by what the rule looks for where it is left out")
    severity: Severity
    life_safety: Flag = False
    scope: ScopeIn
    limit: conditions.LimitIn | None = Field(None, validate_default=True)
    state: conditions.StateIn | None = Field(None, validate_default=True)
    rate: conditions.RateIn | None = Field(None, validate_default=True)
    stuck: conditions.StuckIn | None = Field(None, validate_default=True)
    silence: conditions.SilenceIn | None = Field(None, validate_default=True)
    quality: conditions.QualityIn | None = Field(None, validate_default=True)
    times: conditions.TimesIn | None = Field(None, validate_default=True)
    dew_point: conditions.DewPointIn | None = Field(None, validate_default=True)
    combination: conditions.CombinationIn | None = Field(None, validate_default=True)
    fluctuation: conditions.FluctuationIn | None = Field(None, validate_default=True)
    joint: conditions.JointIn | None = Field(None, validate_default=True)
    on_delay_s: Seconds = Field(0.0, description="must be 0 where life_safety is true")
    off_delay_s: Seconds = 0.0
    realarm_s: Annotated[Seconds, Field(ge=60)] | None = Field(
        None, description="an alarm that is still there after so long is told again"
    )
    misread_filter: Flag = Field(False, description="a single abnormal reading between normal ones is no alarm")
    latched: Flag | None = Field(
        None, description="the alarm stays until it is reset; as life_safety where it is left out, which needs it"
    )
    opens_ticket: Flag = False
    response: LongWords = Field(description="what to do")
    cause: Annotated[dict[Literal["zh-CN", "en"], Prose], Field()] = Field(default_factory=dict)
    respond_within_s: Annotated[int, Field(strict=True, ge=1, le=30 * 86400)] | None = None
    basis: BasisIn
    reason: Line = Field(description="why the rule is made or changed")

    @model_validator(mode="before")
    @classmethod
    def _with_kind(cls, written: Any) -> Any:
        if not isinstance(written, Mapping) or "kind" in written:
            return written
        named = [kind for kind in KINDS if written.get(kind) is not None]
        return {**written, "kind": named[0]} if len(named) == 1 else written

    @field_validator(*KINDS, mode="before")
    @classmethod
    def _of_its_kind(cls, spec: Any, before: ValidationInfo) -> Any:
        kind = before.data.get("kind")
        if spec is None and before.field_name == kind:
            raise ValueError(f"must be given: it is what a rule of kind {kind} looks for")
        if spec is not None and kind is not None and before.field_name != kind:
            raise ValueError(f"does not belong to a rule of kind {kind}")
        return spec

    @field_validator("on_delay_s")
    @classmethod
    def _at_once(cls, on_delay_s: float, before: ValidationInfo) -> float:
        if on_delay_s and before.data.get("life_safety"):
            raise ValueError("must be 0: what may cost a life does not wait")
        return on_delay_s

    @field_validator("misread_filter")
    @classmethod
    def _by_readings(cls, misread_filter: bool, before: ValidationInfo) -> bool:
        if misread_filter and before.data.get("life_safety"):
            raise ValueError("must be false: what may cost a life does not wait for a second reading")
        if misread_filter and before.data.get("kind") in ("silence", "stuck"):
            raise ValueError("must be false: it goes by more than one reading already")
        return misread_filter

    @field_validator("latched")
    @classmethod
    def _stays(cls, latched: bool | None, before: ValidationInfo) -> bool | None:
        if latched is False and before.data.get("life_safety"):
            raise ValueError("must be true where life_safety is: it stays until somebody resets it")
        return latched

    def document(self) -> dict[str, Any]:
        """The rule as the store keeps it."""
        left = {"enabled", "reason", "code"}
        written = self.model_dump(mode="json", by_alias=True, exclude=left, exclude_none=True)
        written["latched"] = self.life_safety if self.latched is None else self.latched
        return written

    def measures(self) -> list[conditions.Measure]:
        """The units and metrics that stand in the condition, each under its path."""
        spec = getattr(self, self.kind)
        return [each._replace(path=f"{self.kind}.{each.path}") for each in spec.measures()]


class NewRule(RuleDocument):
    model_config = example(code="room-humidity-house", **_HUMID, reason="Asked for by the power company")
    code: Code


class ImportedRule(Output):
    code: str
    became: Literal["added", "changed", "unchanged"]


class Imported(Output):
    rules: list[ImportedRule]
