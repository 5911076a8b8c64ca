"""Alarms in sum: the key figures, and the list as a file."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from starlette.responses import StreamingResponse

from facility_monitor.api.alarm import alarm_files
from facility_monitor.api.alarm.alarms import Severities, States, filter_of
from facility_monitor.api.auth import ReadsAlarms
from facility_monitor.api.models import kpi as models
from facility_monitor.api.models.fields import PathId, Time
from facility_monitor.api.problems import documented
from facility_monitor.domain.alarm import kpi
from facility_monitor.errors import InvalidInput
from facility_monitor.sheets import xlsx
from facility_monitor.store.tables import site
from facility_monitor.store.views import kpi as views

router = APIRouter(prefix="/alarms", tags=["alarms"])

LONGEST = timedelta(days=366)
"""The longest period of a report."""
USUAL = timedelta(days=7)


@router.get(
    "/kpi",
    summary="The key figures of alarms, beside their targets",
    response_model=models.AlarmReport,
    responses=documented(401, 403, 404, 422, 503),
)
def show_kpi(
    call: ReadsAlarms,
    start: Annotated[Time | None, Query(alias="from", description="default: 7 days before `to`")] = None,
    end: Annotated[Time | None, Query(alias="to", description="not included; default: now")] = None,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
) -> dict[str, Any]:
    """Of what the caller sees. What each figure means stands in docs/alarms.md; the period has at most 366 days."""
    start, end = period(start, end, call.now)
    with call.transaction() as tx:
        if site_id is not None:
            call.must_see(tx, site, site_id)
        queues = views.report(tx, call.sight, start, end, site_id)
    return {"from": start, "to": end, "targets": dict(kpi.TARGETS), "queues": queues}


def period(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """The period of a report. Raises InvalidInput."""
    end = end or now
    start = start or end - USUAL
    if not timedelta() < end - start <= LONGEST:
        raise InvalidInput({"from": f"must come before `to`, by at most {LONGEST.days} days"})
    return start, end


@router.get(
    "/export",
    summary="Alarms as a file",
    response_class=Response,
    responses={200: alarm_files.DOCUMENTED, **documented(401, 403, 422, 503)},
)
def export_alarms(
    call: ReadsAlarms,
    form: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "csv",
    states: States = [],  # noqa: B006 - FastAPI copies it
    severities: Severities = [],  # noqa: B006
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    equipment_id: Annotated[PathId | None, Query(alias="equipment")] = None,
    start: Annotated[Time | None, Query(alias="from", description="raised then or later")] = None,
    end: Annotated[Time | None, Query(alias="to", description="raised before")] = None,
) -> Response:
    """Newest raise first, in the caller's language. A cell that begins like a formula is made harmless. CSV goes as far
    as there are alarms; XLSX up to 100,000 of them."""
    wanted = filter_of(states, severities, site_id, equipment_id, start, end)
    rows = alarm_files.rows(call, wanted)
    head = {"Content-Disposition": f'attachment; filename="alarms.{form}"'}
    if form == "csv":
        lines = alarm_files.csv_lines(rows, alarm_files.ALARMS, call.person.locale)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=head)
    made = alarm_files.workbook(rows, alarm_files.ALARMS, {"zh-CN": "报警", "en": "Alarms"}, call.person.locale)
    return Response(made, media_type=xlsx.MEDIA_TYPE, headers=head)
