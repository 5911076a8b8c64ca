"""Rules that are tried on what is stored."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from facility_monitor.api.models.fields import Code, Input, Line, Locale, LongWords, Output, Text, Time, Words
from facility_monitor.api.models.plant import Severity, ValueNames
from facility_monitor.api.models.rules import BasisIn, RuleDocument
from facility_monitor.api.models.shared import EquipmentName, SiteName


def _words(english: str) -> dict[Locale, str]:
    return {"en": english}


class Draft(RuleDocument):
    """A rule that is only tried: where it watches and what it looks for is enough."""

    name: Words = Field(default_factory=lambda: _words("draft"))
    severity: Severity = "medium"
    response: LongWords = Field(default_factory=lambda: _words("not written yet"))
    basis: BasisIn = BasisIn(source="draft", grade="P")
    reason: Line = "draft"


class Backtest(Input):
    """Either ``rule`` or the ``code`` of one that there is; by default the last 7 days."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "rule": {
                        "scope": {"metric": "humidity", "equipment_kind": "distribution_room"},
                        "limit": {"level": "high", "value": 75, "unit": "%RH", "deadband": 5},
                        "on_delay_s": 600,
                    },
                    "from": "2026-03-01T00:00:00Z",
                    "to": "2026-03-08T00:00:00Z",
                }
            ]
        }
    )
    rule: Draft | None = None
    code: Code | None = None
    start: Time | None = Field(None, alias="from", description="default: 7 days before `to`")
    end: Time | None = Field(None, alias="to", description="not included; default: now")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.rule is None) == (self.code is None):
            raise ValueError("needs either rule or code")
        return self


class TriedPoint(Output):
    """A point that was judged."""

    id: int
    key: str
    metric: str
    name: Text
    unit: str
    display_unit: str
    display_scale: float
    decimals: int
    codes: ValueNames
    site: SiteName
    equipment: EquipmentName


class TriedAlarm(Output):
    """An alarm that there would have been. ``cleared_at`` is null where it would have been there at the end."""

    point_id: int
    raised_at: datetime
    cleared_at: datetime | None
    value: float = Field(description="what the rule went by, as in an alarm")
    seen: Text


class Trial(Output):
    start: datetime = Field(alias="from")
    end: datetime = Field(alias="to")
    readings: int = Field(description="that were judged")
    points: list[TriedPoint]
    points_left_out: int = Field(
        description="points that were not judged, since there would have been too many readings"
    )


class BacktestAnswer(Trial):
    count: int
    alarms: list[TriedAlarm] = Field(description="the first 1,000")


class Raised(Output):
    """What one version would have raised, and of it what has no counterpart in the other at the same point."""

    count: int
    alarms: list[TriedAlarm] = Field(description="the first 1,000")
    alone_count: int
    alone: list[TriedAlarm] = Field(description="those that meet none of the other version; the first 1,000")


class Preview(Trial):
    """``before`` is the rule as it stands, ``after`` as it would be; one that is not enabled raises nothing."""

    before: Raised
    after: Raised
