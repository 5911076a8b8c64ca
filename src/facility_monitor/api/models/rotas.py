"""Rotas and swaps."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated

from pydantic import Field, field_validator

from facility_monitor.api.models.fields import Id, Input, Output, example
from facility_monitor.api.models.people import OnDuty, Shift
from facility_monitor.api.models.shared import Named
from facility_monitor.domain.message.rota import Holidays, Position


class Rota(Output):
    """A weekly pattern in the local time of the site; it makes the shifts of the next 60 days."""

    id: int
    site_id: int
    person_id: int
    position: Position
    weekdays: list[int]
    starts: time
    ends: time
    every_weeks: int
    first_day: date
    last_day: date | None
    holidays: Holidays
    version: int


class NewRota(Input):
    model_config = example(
        site_id=1, person_id=3, weekdays=[1, 2, 3, 4, 5], starts="20:00", ends="08:00", first_day="2026-03-02"
    )
    site_id: Id
    person_id: Id
    position: Position = Position.ENGINEER
    weekdays: Annotated[list[Annotated[int, Field(strict=True, ge=1, le=7)]], Field(min_length=1, max_length=7)]
    starts: time = Field(description="by the clock on the wall of the site")
    ends: time = Field(description="on the next day where it is not after `starts`")
    every_weeks: Annotated[int, Field(strict=True, ge=1, le=52)] = Field(1, description="2: every other week")
    first_day: date
    last_day: date | None = None
    holidays: Holidays = Holidays.AS_USUAL

    @field_validator("starts", "ends")
    @classmethod
    def _local(cls, at: time) -> time:
        if at.tzinfo is not None:
            raise ValueError("is local time: without an offset")
        return at


class Swap(Input):
    model_config = example(person_id=2)
    person_id: Id


class StandIn(OnDuty):
    """Somebody who could take a shift."""

    busy: bool = Field(description="has duty at that time already")


class SwapRequest(Output):
    """A colleague was asked to take a shift, and has not answered yet."""

    id: int
    shift: Shift
    asked_by: Named
    person: Named = Field(description="who was asked")
    asked_at: datetime
