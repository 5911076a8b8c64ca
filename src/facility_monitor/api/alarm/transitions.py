"""The ledger of alarms: what they went through, who did it and why, across all of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from starlette.responses import StreamingResponse

from facility_monitor.api.alarm import alarm_files
from facility_monitor.api.alarm.alarms import Severities
from facility_monitor.api.auth import ReadsAlarms
from facility_monitor.api.models import alarms as models
from facility_monitor.api.models.fields import PathId, Time
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Order, Part
from facility_monitor.api.problems import documented
from facility_monitor.domain.alarm.alarm import LIVE, AlarmEvent, AlarmState
from facility_monitor.sheets import xlsx
from facility_monitor.store.views import transitions as views

router = APIRouter(prefix="/alarms/transitions", tags=["alarms"])
_TRANSITIONS = Order("transitions", datetime, int)


async def _wanted(
    events: Annotated[list[AlarmEvent], Query(alias="event", max_length=20)] = [],  # noqa: B006 - FastAPI copies it
    states: Annotated[
        list[AlarmState | Literal["live"]], Query(alias="state", max_length=8, description="of the alarm afterwards")
    ] = [],  # noqa: B006
    severities: Severities = [],  # noqa: B006
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    equipment_id: Annotated[PathId | None, Query(alias="equipment")] = None,
    actor_id: Annotated[PathId | None, Query(alias="actor", description="the person who did it")] = None,
    start: Annotated[Time | None, Query(alias="from", description="written then or later")] = None,
    end: Annotated[Time | None, Query(alias="to", description="written before")] = None,
) -> views.Filter:
    return views.Filter(
        events=set(events),
        states=_each(states),
        severities=set(severities),
        site_id=site_id,
        equipment_id=equipment_id,
        actor_id=actor_id,
        start=start,
        end=end,
    )


Wanted = Annotated[views.Filter, Depends(_wanted)]


def _each(states: Collection[AlarmState | str]) -> set[AlarmState]:
    return {state for each in states for state in (LIVE if each == "live" else (AlarmState(each),))}


@router.get(
    "",
    summary="What alarms went through, newest first",
    response_model=Page[models.Transition],
    responses=documented(401, 403, 422, 503),
)
def list_transitions(call: ReadsAlarms, part: Part, wanted: Wanted) -> dict[str, Any]:
    """Each with who did it and why, and with the reading that caused it."""
    key = _TRANSITIONS.after(part)
    after = None if key is None else (key[0], key[1])
    with call.transaction() as tx:
        rows = views.transitions(tx, call.sight, wanted, after, part.limit + 1)
    return _TRANSITIONS.page(rows, part.limit, lambda row: (row["at"], row["id"]))


@router.get(
    "/export",
    summary="What alarms went through, as a file",
    response_class=Response,
    responses={200: alarm_files.DOCUMENTED, **documented(401, 403, 422, 503)},
)
def export_transitions(
    call: ReadsAlarms, wanted: Wanted, form: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "csv"
) -> Response:
    """Newest first, in the caller's language; XLSX up to 100,000 rows."""
    rows, locale = alarm_files.passed(call, wanted), call.person.locale
    head = {"Content-Disposition": f'attachment; filename="alarm-ledger.{form}"'}
    if form == "csv":
        lines = alarm_files.csv_lines(rows, alarm_files.TRANSITIONS, locale)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=head)
    made = alarm_files.workbook(rows, alarm_files.TRANSITIONS, {"zh-CN": "报警台账", "en": "Alarm ledger"}, locale)
    return Response(made, media_type=xlsx.MEDIA_TYPE, headers=head)
