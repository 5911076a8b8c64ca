"""Readings, one by one and summed up, and how long they are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from facility_monitor.api.models.fields import Changes, Line, Output, Time, example, left_out
from facility_monitor.api.models.plant import Quality


class Reading(Output):
    at: datetime
    value: float
    quality: Quality
    sequence: int | None = Field(description="the device's own number; null where it sends none")
    received_at: datetime


class Step(Output):
    """Readings summed up: those that are not bad, from ``at`` up to where the next step begins."""

    at: datetime = Field(description="where the step begins")
    min: float
    max: float
    mean: float
    last: float
    last_at: datetime = Field(description="event time of the last reading")
    count: int


class Steps(Output):
    """Readings in steps of time. A step without a reading is left out: a gap is a gap."""

    model_config = example(
        point_id=4,
        unit="%RH",
        start="2026-03-01T16:00:00Z",
        end="2026-03-02T16:00:00Z",
        step_s=3600,
        timezone="Asia/Shanghai",
        items=[
            {
                "at": "2026-03-02T08:00:00Z",
                "min": 60.1,
                "max": 63.8,
                "mean": 61.7,
                "last": 62.4,
                "last_at": "2026-03-02T08:59:50Z",
                "count": 360,
            }
        ],
    )

    point_id: int
    unit: str = Field(description="SenML unit of the values")
    start: datetime
    end: datetime
    step_s: int
    timezone: str = Field(description="steps of whole days begin at midnight there, those of weeks on Mondays")
    items: list[Step]


Days = Annotated[int, Field(strict=True, ge=1, le=36_500)]


class NewRetentionPolicy(Changes):
    model_config = example(reading_days=180, reason="the insurer wants half a year")

    effective_from: Time | None = Field(None, description="default: now")
    late_days: Days = left_out()
    reject_days: Days = left_out()
    reading_days: Days = left_out()
    minute_days: Days = left_out()
    hour_days: Days = left_out()
    day_days: Days = left_out()
    reason: Line


class RetentionPolicy(Output):
    """Days from a reading's event time on."""

    id: int
    effective_from: datetime
    late_days: int = Field(description="how late a reading may come; what is later becomes a dead letter")
    reject_days: int = Field(description="dead letters, from their receipt on")
    reading_days: int
    minute_days: int
    hour_days: int
    day_days: int
    changed_by: str
    reason: str
    changed_at: datetime
