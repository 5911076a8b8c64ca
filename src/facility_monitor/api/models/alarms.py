"""Alarms and the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from facility_monitor.api.models.fields import Input, Output, Prose, Text, Time, example
from facility_monitor.api.models.plant import Level, Severity, ValueNames
from facility_monitor.api.models.shared import Basis, EquipmentName, Named, SiteName
from facility_monitor.domain.alarm.alarm import AlarmEvent, AlarmState, Quiet, Suppression
from facility_monitor.domain.alarm.shelving import ShelvingKind


class AlarmPoint(Output):
    id: int
    key: str
    metric: str
    unit: str
    display_unit: str
    display_scale: float
    decimals: int
    codes: ValueNames
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


class Shelving(Output):
    """An alarm put away. Of life safety it is in force only once a second person has confirmed it."""

    id: int
    kind: ShelvingKind
    reason: str
    requested_by: Named
    requested_at: datetime
    expires_at: datetime
    confirmed_by: Named | None
    confirmed_at: datetime | None
    in_force: bool


class SourceName(Output):
    id: int
    name: Text


class SuppressedBy(Output):
    """``source`` is the device that is offline, or the suppression rule that holds; null for equipment not in use."""

    cause: Suppression
    source: SourceName | None


class WindowName(Output):
    """The window that takes the alarm out of service."""

    id: int
    purpose: Literal["maintenance", "test"]
    reason: str
    starts_at: datetime
    ends_at: datetime
    author: Named


class Alarm(Output):
    """``limit`` is in the point's SenML unit, and so is ``value`` where there is a limit; else it is what the rule went
    by (a change, a count, a margin), which ``seen`` puts into words. Title, response, cause and limit are those of the
    version of the rule that raised it."""

    id: int
    state: AlarmState
    active: bool
    acknowledged: bool
    latched: bool = Field(description="needs a reset after its condition has ended")
    shelved: bool
    suppressed: bool
    out_of_service: bool
    quiet: Quiet | None = Field(description="why nobody is called for it; null where people are")
    shelving: Shelving | None
    shelve_longest_s: int = Field(description="how long it may be shelved at a time")
    suppression: SuppressedBy | None
    window: WindowName | None
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
    seen: Text = Field(description="what the rule saw, in one sentence")
    limit: AlarmLimit | None = Field(description="null where the rule is not a fixed limit on the value itself")
    raised_at: datetime
    raise_count: int
    last_raised_at: datetime
    first_out_id: int = Field(description="the alarm that came first of those that came together at this equipment")
    acknowledged_at: datetime | None
    acknowledged_by: Named | None
    reset_at: datetime | None
    reset_by: Named | None
    returned_at: datetime | None
    cleared_at: datetime | None
    ticket_id: int | None
    version: int


class Occurrence(Output):
    """One raise of an alarm. ``quiet`` is why nobody was called when it was raised."""

    number: int
    raised_at: datetime
    value: float
    returned_at: datetime | None
    returned_value: float | None
    quiet: Quiet | None
    announced_at: datetime | None = Field(description="null: nobody was ever called for it")
    acknowledged_at: datetime | None


class KeptAct(Input):
    """``acted_at`` is the time of the act by the phone's clock, where it could not be sent at once."""

    model_config = example(acted_at="2026-03-02T08:00:00Z")
    acted_at: Time | None = None


class Acknowledgement(KeptAct):
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


class TransitionPoint(Output):
    id: int
    key: str
    unit: str = Field(description="SenML")


class Transition(Output):
    """``state``, ``quiet`` and ``raise_count`` are those of the alarm afterwards; ``value`` is that of the reading that
    caused it, else of the alarm."""

    id: int
    at: datetime
    occurred_at: datetime
    kind: AlarmEvent
    alarm_id: int
    ticket_id: int | None
    title: Text
    rule: str = Field(description="its code")
    severity: Severity
    state: AlarmState
    quiet: Quiet | None
    raise_count: int
    site: SiteName
    equipment: EquipmentName
    point: TransitionPoint
    value: float
    seen: Text
    actor: Named | None = Field(description="null where nobody did it")
    reason: str | None


class Note(Input):
    model_config = example(note="Contactor replaced, ran it for ten minutes")
    note: Prose
