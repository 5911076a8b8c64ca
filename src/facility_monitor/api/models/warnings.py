"""The fault early-warning ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from facility_monitor.api.models.elevators import ItemLimit
from facility_monitor.api.models.fields import Input, Output, Prose, example
from facility_monitor.api.models.shared import EquipmentName, Named
from facility_monitor.domain.elevator.early_warning import WarningState


class ElevatorWarning(Output):
    """Something measured that is on its way to its limit. Slopes are in ``unit`` per day."""

    id: int
    site_id: int
    elevator: EquipmentName
    quantity: str
    floor: str | None = Field(description="null for the car")
    state: WarningState
    source: Literal["test", "telemetry"] = Field("test", description="what is followed: tests, or weeks of readings")
    opened_at: datetime
    looked_at: datetime = Field(description="when the forecast was renewed last")
    unit: str
    level: float = Field(description="the fitted line at the last measurement")
    slope_per_day: float
    slope_error_per_day: float = Field(description="one standard error")
    tests: int = Field(description="how many of the latest measurements the line is fitted to")
    crosses: float = Field(description="the value at which the limit is crossed, with its sign")
    limit: ItemLimit
    expected_at: datetime = Field(description="when the line crosses it")
    earliest_at: datetime = Field(description="at the steep edge of the 95 % band")
    latest_at: datetime | None = Field(description="at its flat edge; null where that never gets there")
    ended_at: datetime | None
    version: int


class Sample(Output):
    at: datetime
    value: float


class WarningStep(Output):
    state: WarningState = Field(description="what it became")
    at: datetime
    by: Named
    reason: str


class ElevatorWarningDetail(ElevatorWarning):
    samples: list[Sample] = Field(description="all that was measured of it, in order of time, to draw the line through")
    steps: list[WarningStep] = Field(description="what people made of it, in order")


class Decision(Input):
    model_config = example(reason="Brake adjusted, leveling checked at all floors")

    reason: Prose
