"""How well contractors keep their elevators: weekly tests, repairs, faults that come back."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from facility_monitor.api.auth import ReadsTests
from facility_monitor.api.downloads import InLocale, download, responses
from facility_monitor.api.models import scorecards as models
from facility_monitor.api.models.fields import Day, PathId
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.errors import InvalidInput
from facility_monitor.flows.elevator import scorecards
from facility_monitor.flows.elevator.scorecards import Card, Cards
from facility_monitor.sheets import xlsx
from facility_monitor.store.tables import site

router = APIRouter(prefix="/contractor-scorecards", tags=["reports"])
USUAL, LONGEST = timedelta(weeks=13), timedelta(days=366)


def _cards(
    call: ReadsTests,
    request: Request,
    first: Annotated[Day | None, Query(alias="from", description="first day; default: 13 weeks before `to`")] = None,
    last: Annotated[Day | None, Query(alias="to", description="last day, which may be today; default: today")] = None,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
) -> Cards:
    today = call.now.astimezone(ZoneInfo(parts_of(request).settings.timezone)).date()
    last = last or today
    first = first or last - USUAL
    if last > today:
        raise InvalidInput({"to": f"must not lie after today ({today})"})
    if not timedelta(0) <= last - first <= LONGEST:
        raise InvalidInput({"from": f"must not be after to, nor more than {LONGEST.days} days before"})
    with call.transaction() as tx:
        if site_id is not None:
            call.must_see(tx, site, site_id)
        return scorecards.made(tx, call.sight, first, last, call.now, site_id)


Made = Annotated[Cards, Depends(_cards)]


@router.get(
    "",
    summary="Scorecards of contractors",
    response_model=models.Scorecards,
    responses=documented(401, 403, 404, 422, 503),
)
def show_scorecards(_call: ReadsTests, made: Made) -> dict[str, Any]:
    """Whole weeks without a test are missed; repairs count once done or past their deadline; the same cause at the same
    elevator within 30 days of its repair is a repetition. Days are those of each site."""
    return {"first": made.first, "last": made.last, "items": [_shown(each) for each in made.cards]}


@router.get(
    ".xlsx",
    summary="The same as a workbook",
    response_class=Response,
    responses=responses("The scorecards", xlsx.MEDIA_TYPE, 401, 403, 404, 422, 503),
)
def show_scorecard_workbook(call: ReadsTests, made: Made, request: Request, locale: InLocale = None) -> Response:
    zone = ZoneInfo(parts_of(request).settings.timezone)
    content = xlsx.workbook(scorecards.sheets(made), locale or call.person.locale, zone)
    return download(content, xlsx.MEDIA_TYPE, f"contractors-{made.first}-{made.last}.xlsx")


def _shown(card: Card) -> dict[str, Any]:
    contractor, score = card
    lift = contractor.elevators
    names = ("weeks", "tests_in_time", "test_share", "faults", "decided", "repairs_in_time", "repair_share")
    return {
        "contractor": {name: getattr(contractor, name) for name in ("id", "code", "name")},
        "elevators": len(lift),
        **{name: getattr(score, name) for name in names},
        "late_weeks": [{"elevator": lift[each.elevator_id], "monday": each.monday} for each in score.late_weeks],
        "missed": [{"elevator": lift[each.elevator_id], "monday": each.monday} for each in score.missed],
        "late_repairs": [{**each._asdict(), "elevator": lift[each.elevator_id]} for each in score.late_repairs],
        "repeats": [
            {
                "elevator": lift[each.fault.elevator_id],
                "ticket_id": each.fault.ticket_id,
                "opened_at": each.fault.opened_at,
                "before_ticket_id": each.before.ticket_id,
                "repaired_at": each.before.done_at,
            }
            for each in score.repeats
        ],
    }
