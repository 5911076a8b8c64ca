"""The alarm report. Shares are from 0 to 1, durations in seconds."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from facility_monitor.api.models.fields import Output, Text
from facility_monitor.api.models.plant import Severity
from facility_monitor.api.models.shared import Named, SiteName


class Rate(Output):
    average: float
    peak: int


class StepRate(Rate):
    over_10_share: float = Field(description="of all spans of 10 minutes, those with more than 10 alarms")


class FloodEpisode(Output):
    start: datetime
    end: datetime
    alarms: int


class Floods(Output):
    count: int
    share_of_time: float
    items: list[FloodEpisode]


class NamedRule(Output):
    id: int
    code: str
    name: Text


class NamedPoint(Output):
    id: int
    key: str


class NamedEquipment(Output):
    id: int
    name: Text


class FromWhere(Output):
    rule: NamedRule
    point: NamedPoint
    equipment: NamedEquipment


class Frequent(FromWhere):
    count: int
    share: float


class Top(Output):
    items: list[Frequent]
    share: float


class Proposal(Output):
    """Any one of these would have spared ``spared`` raises, by what the point really did; null: it cannot help."""

    deadband: float | None = Field(description="in `unit`")
    off_delay_s: int | None
    on_delay_s: int | None
    spared: int
    unit: str | None


class Nuisance(Frequent):
    proposal: Proposal | None


class Nuisances(Output):
    count: int
    items: list[Nuisance]


class StaleAlarm(FromWhere):
    alarm_id: int
    active_s: float


class Stale(Output):
    count: int
    items: list[StaleAlarm]


class PriorityShare(Output):
    severity: Severity
    share: float
    target: float = Field(description="of medium and low: of both together")


class Durations(Output):
    count: int
    median: float | None
    p90: float | None


class ShelvedItem(Output):
    alarm_id: int
    kind: str
    reason: str
    requested_by: Named
    requested_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_how: str | None


class Shelved(Output):
    count: int
    items: list[ShelvedItem]


class QueueFigures(Output):
    """A queue is what one receiving group gets: a site. Alarms are raises that people were called for."""

    site: SiteName
    alarms: int
    per_10_min: StepRate
    per_day: Rate
    floods: Floods
    top: Top
    chattering: Nuisances = Field(description="3 raises in a minute; counted are their sources")
    fleeting: Nuisances = Field(description="over within a minute, and not chattering; counted are the raises")
    stale: Stale = Field(description="active for more than 24 h at the end of the period")
    priorities: list[PriorityShare]
    acknowledge_s: Durations
    return_s: Durations
    not_announced: dict[str, int] = Field(description="raises that nobody was ever called for, by the reason")
    shelved: Shelved


class AlarmReport(Output):
    start: datetime = Field(alias="from")
    end: datetime = Field(alias="to")
    targets: dict[str, float] = Field(description="ISA-18.2 and EEMUA 191, for one operator position")
    queues: list[QueueFigures]
