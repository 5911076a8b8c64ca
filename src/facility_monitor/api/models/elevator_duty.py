"""The report of the user's safety duty at its elevators."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from facility_monitor.api.models.fields import Output, Text
from facility_monitor.domain.fire.upkeep import State


class ElevatorInDuty(Output):
    equipment_id: int
    code: str
    place: Text
    tests: dict[State, int] = Field(
        description="weekly tests by how they stand: those that end in the period, of a single day those that run"
    )
    maintenance: dict[State, int] = Field(description="the same of half-monthly to yearly maintenance")
    failed: int = Field(description="tests and maintenance that did not pass")
    alarms: int = Field(description="raised in the period")
    critical_alarms: int
    open_tickets: int = Field(description="at the end of the period")
    warnings: int = Field(description="early warnings live at the end of the period")
    in_order: bool = Field(description="nothing missed, failed, critical or open")


class ElevatorDuty(Output):
    site: Text
    contractors: list[Text] = Field(description="with a contract for the site's elevators on the last day")
    first: date
    last: date
    on: date = Field(description="as it stands on this day")
    items: list[ElevatorInDuty]
