"""Dated limits: what values are judged by, each row with where it comes from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from facility_monitor.api.models.fields import Code, Grade, Input, KindCode, Line, Number, Output, Text, example
from facility_monitor.domain.limit import Direction

DoorType = Literal["centre", "side"]


def _not_zero(value: float) -> float:
    if value == 0:
        raise ValueError("must not be 0: how far a value is beyond a limit is told as a part of it")
    return value


class NewLimit(Input):
    model_config = example(
        code="humidity-warn-owner-2027",
        quantity="distribution_room_humidity_warn",
        direction="at_most",
        value=65,
        unit="%RH",
        standard="Agreed with the owner",
        clause="minutes of 2026-11-20, item 4",
        grade="P",
        effective_from="2027-01-01",
        reason="New switchgear, its maker allows 65 %RH",
    )
    code: Code
    quantity: KindCode = Field(description="one that has a limit already (`GET /limits`): rules and forms go by it")
    direction: Direction = Field(description="`within`: as far from zero, or from a set point, to either side")
    value: Annotated[Number, AfterValidator(_not_zero)]
    unit: Line = Field(description="that of the quantity's other rows")
    door_type: DoorType | None = Field(None, description="holds for elevator doors of this type only")
    clear_width_up_to_mm: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = Field(
        None, description="holds for elevator doors up to this clear width, in mm"
    )
    standard: Line = Field(description="where it can be looked up, with its year")
    clause: Line
    grade: Grade
    effective_from: date = Field(description="today or later: what was judged stays judged. The newest row counts")
    effective_to: date | None = Field(None, description="the last day; null while it stands")
    reason: Line = Field(description="why it is added")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise ValueError("effective_to lies before effective_from")
        return self


class DatedLimit(Output):
    """Both days are included; ``effective_to`` is null while the limit stands. Who added it and why."""

    code: str
    quantity: str
    name: Text
    door_type: DoorType | None
    clear_width_up_to_mm: int | None
    direction: Direction
    value: float
    unit: str
    standard: str
    clause: str
    grade: str
    effective_from: date
    effective_to: date | None
    added_by: str
    added_at: datetime
    reason: str | None
