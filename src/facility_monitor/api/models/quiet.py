"""What keeps alarms quiet: shelving, windows out of service, suppression rules."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from facility_monitor.api.models.fields import (
    Changes,
    Flag,
    Id,
    Input,
    KindCode,
    Number,
    Output,
    Prose,
    Text,
    Time,
    Words,
    example,
    left_out,
)
from facility_monitor.api.models.shared import Named
from facility_monitor.domain.alarm.service_window import Purpose
from facility_monitor.domain.alarm.shelving import ShelvingKind

Compare = Literal["equals", "below", "above"]
Reach = Literal["equipment", "space"]
Cause = Literal["power_off", "equipment_off"]


class NewShelving(Input):
    """Without ``until``, one-shot lasts as long as shelving may."""

    model_config = example(kind="one_shot", reason="Sensor is being replaced")
    kind: ShelvingKind = ShelvingKind.TIMED
    until: Time | None = None
    reason: Prose


class Reason(Input):
    model_config = example(reason="Looked at the place, all is in order")
    reason: Prose


class Comment(Input):
    model_config = example(reason="Works again")
    reason: Prose | None = None


class NewWindow(Input):
    """Reaches everything of the site, narrowed by whatever else is given."""

    model_config = example(
        site_id=1,
        equipment_kind="smoke_detector",
        purpose="test",
        starts_at="2026-03-03T09:00:00+08:00",
        ends_at="2026-03-03T11:00:00+08:00",
        reason="Monthly smoke detector test",
        life_safety=True,
        substitute="Two wardens patrol the floors",
    )
    site_id: Id
    space_id: Id | None = Field(None, description="this space and all inside it")
    equipment_kind: KindCode | None = None
    equipment_id: Id | None = None
    purpose: Purpose
    starts_at: Time
    ends_at: Time
    reason: Prose
    life_safety: Flag = Field(False, description="also alarms of life safety, once a second person has confirmed it")
    substitute: Prose | None = Field(None, description="what replaces the alarms of life safety meanwhile")


class WindowChanges(Changes):
    model_config = example(ends_at="2026-03-03T12:00:00+08:00")
    ends_at: Time = left_out()
    reason: Prose = left_out()


class Window(Output):
    """``begun_at`` and ``ended_at`` are when its beginning and end were carried out."""

    id: int
    site_id: int
    space_id: int | None
    equipment_kind: str | None
    equipment_id: int | None
    purpose: Purpose
    starts_at: datetime
    ends_at: datetime
    reason: str
    life_safety: bool
    substitute: str | None
    author: Named
    created_at: datetime
    confirmed_by: Named | None
    confirmed_at: datetime | None
    state: Literal["scheduled", "open", "ended"]
    begun_at: datetime | None
    ended_at: datetime | None
    quiet_alarms: int = Field(description="live alarms that it keeps quiet now")
    version: int


class NewSuppression(Input):
    """While the newest value of ``point_id`` compares so, alarms in reach call nobody, but life safety does."""

    model_config = example(
        point_id=1,
        name={"zh-CN": "配电房停电", "en": "Room power off"},
        cause="power_off",
        compare="equals",
        value=0,
        reach="space",
        reason="Without power its equipment has nothing to say",
    )
    point_id: Id = Field(description="the point whose value tells it")
    name: Words
    cause: Cause
    compare: Compare
    value: Number = Field(description="in the point's SenML unit")
    reach: Reach = Field(description="the point's own equipment, or all equipment in its space and inside it")
    equipment_kind: KindCode | None = Field(None, description="only this kind of equipment")
    enabled: Flag = True
    reason: Prose


class SuppressionChanges(Changes):
    model_config = example(enabled=False, reason="The meter is out for repair")
    name: Words = left_out()
    cause: Cause = left_out()
    compare: Compare = left_out()
    value: Number = left_out()
    reach: Reach = left_out()
    equipment_kind: KindCode | None = None
    enabled: Flag = left_out()
    reason: Prose


class SuppressionRule(Output):
    id: int
    site_id: int
    point_id: int
    name: Text
    cause: Cause
    compare: Compare
    value: float
    reach: Reach
    equipment_kind: str | None
    enabled: bool
    reason: str
    changed_by: Named
    changed_at: datetime
    quiet_alarms: int = Field(description="live alarms that it keeps quiet now")
    version: int
