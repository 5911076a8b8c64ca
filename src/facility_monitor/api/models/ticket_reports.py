"""The report on repairs."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from facility_monitor.api.models.fields import Output, Text


class Times(Output):
    """Of ``count`` tickets, in seconds since the opening; null where there is none."""

    count: int
    median_s: float | None
    p90_s: float | None = Field(description="what 90 % of them did not exceed, by nearest rank")


class Figures(Output):
    """``decided`` are closed or past their deadline; shares are parts of these, from 0 to 1."""

    opened: int
    closed: int
    decided: int
    in_time: int
    share: float | None
    in_time_net: int = Field(description="closed in time if the time on hold is not counted")
    share_net: float | None
    reopened: int
    acknowledge: Times
    arrive: Times
    repair: Times
    close: Times


class Group(Output):
    name: Text | str
    figures: Figures


class LateTicket(Output):
    id: int
    site: Text
    equipment: Text
    title: Text
    person: str | None
    contractor: Text | None
    due_at: datetime
    closed_at: datetime | None
    late_s: float
    on_hold_s: float
    reason: str = Field(description="what those say who answer for it, then of its holds, and the closing note")


class TicketReport(Output):
    first: date
    last: date
    made_at: datetime
    total: Figures
    groups: dict[str, list[Group]] = Field(description="by month, site, kind, class, person and contractor")
    late: list[LateTicket]
