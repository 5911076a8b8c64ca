"""Scorecards of contractors."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from facility_monitor.api.models.fields import Output
from facility_monitor.api.models.shared import EquipmentName, SiteName


class Week(Output):
    elevator: EquipmentName
    monday: date


class Repair(Output):
    elevator: EquipmentName
    ticket_id: int
    opened_at: datetime
    due_at: datetime
    done_at: datetime | None


class Repeat(Output):
    """``ticket_id`` was opened with the same cause within 30 days after ``before_ticket_id`` was repaired."""

    elevator: EquipmentName
    ticket_id: int
    opened_at: datetime
    before_ticket_id: int
    repaired_at: datetime


class Scorecard(Output):
    """``weeks`` are those to test, of all elevators; shares are 0 to 1, null where there is nothing to judge."""

    contractor: SiteName
    elevators: int
    weeks: int = Field(description="whole weeks from Monday under contract, counted for each elevator")
    tests_in_time: int
    test_share: float | None
    late_weeks: list[Week] = Field(description="tested, but entered late")
    missed: list[Week]
    faults: int = Field(description="opened in the period")
    decided: int = Field(description="of these repaired, or past their deadline")
    repairs_in_time: int
    repair_share: float | None
    late_repairs: list[Repair]
    repeats: list[Repeat]


class Scorecards(Output):
    first: date
    last: date
    items: list[Scorecard]
