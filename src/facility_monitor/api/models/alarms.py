"""Alarms, tickets, their ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from facility_monitor.api.models.fields import Id, Input, Line, Output, Prose, Text, Words, example
from facility_monitor.api.models.plant import Level, Severity
from facility_monitor.api.models.shared import Basis, EquipmentName, Named, SiteName
from facility_monitor.domain.alarm import AlarmState
from facility_monitor.domain.ticket import TicketState


class AlarmPoint(Output):
    id: int
    key: str
    metric: str
    unit: str
    display_unit: str
    display_scale: float
    decimals: int
    name: Text


class AlarmRule(Output):
    id: int
    code: str
    version: int = Field(description="the version that raised the alarm")


class AlarmLimit(Output):
    level: Level
    value: float
    deadband: float
    unit: str
    basis: Basis | None


class Alarm(Output):
    """``value`` and ``limit`` are in the point's SenML unit; title, response, cause and limit are those of the version
    of the rule that raised it."""

    id: int
    state: AlarmState
    active: bool
    acknowledged: bool
    severity: Severity
    life_safety: bool
    title: Text
    response: Text
    cause: Text
    respond_within_s: int | None
    site: SiteName
    place: Text
    equipment: EquipmentName
    point: AlarmPoint
    rule: AlarmRule
    value: float
    limit: AlarmLimit
    raised_at: datetime
    raise_count: int
    acknowledged_at: datetime | None
    acknowledged_by: Named | None
    returned_at: datetime | None
    cleared_at: datetime | None
    ticket_id: int | None
    version: int


class Acknowledgement(Input):
    model_config = example(comment="On my way")
    comment: Prose | None = None


class LedgerEntry(Output):
    """``occurred_at`` is when it happened by the event's own clock, ``at`` when it was written down."""

    id: int
    at: datetime
    occurred_at: datetime
    kind: str
    actor: Named | None
    reason: str | None
    body: dict[str, Any]


class Ticket(Output):
    id: int
    state: TicketState
    title: Text
    cause: str = Field(description="the rule's code, `elevator-test-failed`, or `report` for one opened by hand")
    ticket_class: str = Field(alias="class")
    site: SiteName
    place: Text
    equipment: EquipmentName
    alarm_ids: list[int]
    opened_at: datetime
    due_at: datetime = Field(description="fixed when the ticket opens")
    repaired_at: datetime | None
    closed_at: datetime | None
    overdue: bool
    assignee: Named | None
    closing_note: str | None
    version: int


class NewTicket(Input):
    model_config = example(
        equipment_id=1, title={"zh-CN": "门锁损坏", "en": "Lock broken"}, description="The door does not close."
    )
    equipment_id: Id
    title: Line | Words = Field(description="words by language, or one line in the reporter's own")
    description: Prose


class Note(Input):
    model_config = example(note="Contactor replaced, ran it for ten minutes")
    note: Prose
