"""The report on repairs, for programs, as a workbook and on paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from facility_monitor.api.auth import ReadsTickets
from facility_monitor.api.downloads import InLocale, download, responses
from facility_monitor.api.models import ticket_reports as models
from facility_monitor.api.models.fields import Day, PathId
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.domain.repair.repair_report import Figures, Times
from facility_monitor.errors import InvalidInput
from facility_monitor.flows.repair import ticket_report
from facility_monitor.flows.repair.ticket_report import Report
from facility_monitor.sheets import pdf, xlsx
from facility_monitor.sheets.sheet import Footer
from facility_monitor.store.tables import ticket
from facility_monitor.store.views import ticket_report as views

router = APIRouter(prefix="/reports/tickets", tags=["reports"])
LONGEST = timedelta(days=366)


def _report(
    call: ReadsTickets,
    request: Request,
    first: Annotated[Day | None, Query(alias="from", description="first day of opening; default: 30 days ago")] = None,
    last: Annotated[Day | None, Query(alias="to", description="last day of opening; default: today")] = None,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
) -> Report:
    today = call.now.astimezone(ZoneInfo(parts_of(request).settings.timezone)).date()
    last = last or today
    first = first or last - timedelta(days=30)
    if not timedelta(0) <= last - first <= LONGEST:
        raise InvalidInput({"from": f"must not be after to, nor more than {LONGEST.days} days before"})
    conditions = [] if site_id is None else [ticket.c.site_id == site_id]
    with call.transaction() as tx:
        rows = views.tickets(tx, call.sight, first, last, *conditions)
    return ticket_report.report(rows, first, last, call.now)


Made = Annotated[Report, Depends(_report)]


@router.get(
    "",
    summary="How well repairs kept their deadlines",
    response_model=models.TicketReport,
    responses=documented(401, 403, 422, 503),
)
def show_ticket_report(_call: ReadsTickets, made: Made) -> dict[str, Any]:
    """Of the tickets that were opened in a period and that the caller sees. Days are those of each site."""
    return {
        **{name: getattr(made, name) for name in ("first", "last", "made_at")},
        "total": _figures(made.total),
        "groups": {
            name: [{"name": line.name, "figures": _figures(line.figures)} for line in lines]
            for name, lines in made.groups.items()
        },
        "late": [
            {
                "id": each.ticket.id,
                **{name: getattr(each, name) for name in ("site", "equipment", "person", "contractor")},
                **{name: getattr(each.ticket, name) for name in ("title", "due_at", "closed_at")},
                "late_s": ((each.ticket.closed_at or made.made_at) - each.ticket.due_at).total_seconds(),
                "on_hold_s": each.ticket.on_hold(made.made_at).total_seconds(),
                "reason": ticket_report.reason(each),
            }
            for each in made.late
        ],
    }


@router.get(
    ".xlsx",
    summary="The same as a workbook",
    response_class=Response,
    responses=responses("The report", xlsx.MEDIA_TYPE, 401, 403, 422, 503),
)
def show_ticket_workbook(call: ReadsTickets, made: Made, request: Request, locale: InLocale = None) -> Response:
    zone = ZoneInfo(parts_of(request).settings.timezone)
    content = xlsx.workbook(ticket_report.sheets(made), locale or call.person.locale, zone)
    return download(content, xlsx.MEDIA_TYPE, f"tickets-{made.first}-{made.last}.xlsx")


@router.get(
    ".pdf",
    summary="The same on paper",
    response_class=Response,
    responses=responses("The report", pdf.MEDIA_TYPE, 401, 403, 422, 503),
)
def show_ticket_pages(call: ReadsTickets, made: Made, request: Request, locale: InLocale = None) -> Response:
    zone, chosen = ZoneInfo(parts_of(request).settings.timezone), locale or call.person.locale
    lines = [f"facility_monitor, {made.first} – {made.last}", f"{made.made_at.astimezone(zone):%Y-%m-%d %H:%M}"]
    content = pdf.document(ticket_report.sheets(made), chosen, zone, Footer(lines), wide=True)
    return download(content, pdf.MEDIA_TYPE, f"tickets-{made.first}-{made.last}.pdf")


def _figures(found: Figures) -> dict[str, Any]:
    counts = ("opened", "closed", "decided", "in_time", "share", "in_time_net", "share_net", "reopened")
    spans = ("acknowledge", "arrive", "repair", "close")
    return {
        **{name: getattr(found, name) for name in counts},
        **{name: _times(getattr(found, name)) for name in spans},
    }


def _times(found: Times) -> dict[str, Any]:
    def seconds(span: timedelta | None) -> float | None:
        return None if span is None else span.total_seconds()

    return {"count": found.count, "median_s": seconds(found.median), "p90_s": seconds(found.p90)}
