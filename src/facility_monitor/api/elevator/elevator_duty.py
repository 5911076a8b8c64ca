"""The report of the user's safety duty at its elevators, for programs, as a workbook and on paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from facility_monitor.api.auth import ReadsTests
from facility_monitor.api.downloads import InLocale, download, responses
from facility_monitor.api.models import elevator_duty as models
from facility_monitor.api.models.fields import Day, PathId
from facility_monitor.api.problems import documented
from facility_monitor.domain.calendar_week import monday
from facility_monitor.errors import InvalidInput
from facility_monitor.flows.elevator import elevator_duty as flows
from facility_monitor.flows.elevator.elevator_duty import Report
from facility_monitor.sheets import pdf, xlsx
from facility_monitor.sheets.sheet import Footer
from facility_monitor.store import plant
from facility_monitor.store.tables import site

router = APIRouter(prefix="/reports/elevator-duty", tags=["reports"])
LONGEST = timedelta(days=100)


def _report(
    call: ReadsTests,
    site_id: Annotated[PathId, Query(alias="site")],
    first: Annotated[Day | None, Query(alias="from", description="default: Monday of the last whole week")] = None,
    last: Annotated[Day | None, Query(alias="to", description="default: six days after from")] = None,
) -> Report:
    with call.transaction() as tx:
        call.must_see(tx, site, site_id)
        today = plant.today(tx, site_id, call.now)
        first = first or monday(today) - timedelta(days=7)
        last = last or first + timedelta(days=6)
        if not timedelta(0) <= last - first <= LONGEST:
            raise InvalidInput({"from": f"must not be after to, nor more than {LONGEST.days} days before"})
        return flows.report(tx, call.sight, site_id, first, last, call.now)


Made = Annotated[Report, Depends(_report)]


@router.get(
    "",
    summary="Whether the elevators are in order (日管控, 周排查, 月调度)",
    response_model=models.ElevatorDuty,
    responses=documented(401, 403, 404, 422, 503),
)
def show_elevator_duty(_call: ReadsTests, made: Made) -> dict[str, Any]:
    """Elevator by elevator of a week, a day, or of any period: the weekly tests and the maintenance by how they stand,
    what failed, alarms of the period, tickets and warnings open at its end."""
    return {
        **{name: getattr(made, name) for name in ("site", "contractors", "first", "last", "on")},
        "items": [{**each._asdict(), "in_order": each.in_order} for each in made.lines],
    }


@router.get(
    ".xlsx",
    summary="The same as a workbook",
    response_class=Response,
    responses=responses("The report", xlsx.MEDIA_TYPE, 401, 403, 404, 422, 503),
)
def show_elevator_duty_workbook(call: ReadsTests, made: Made, locale: InLocale = None) -> Response:
    content = xlsx.workbook([flows.sheet(made)], locale or call.person.locale, made.zone)
    return download(content, xlsx.MEDIA_TYPE, f"elevators-{made.first}-{made.last}.xlsx")


@router.get(
    ".pdf",
    summary="The same on paper",
    response_class=Response,
    responses=responses("The report", pdf.MEDIA_TYPE, 401, 403, 404, 422, 503),
)
def show_elevator_duty_pages(call: ReadsTests, made: Made, locale: InLocale = None) -> Response:
    footer = Footer([f"facility_monitor, {made.first} – {made.last}"])
    content = pdf.document([flows.sheet(made)], locale or call.person.locale, made.zone, footer, wide=True)
    return download(content, pdf.MEDIA_TYPE, f"elevators-{made.first}-{made.last}.pdf")
