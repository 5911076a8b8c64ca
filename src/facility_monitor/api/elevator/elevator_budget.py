"""The budget of elevators' parts: by quarter and year, three years ahead; what if; as files."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from facility_monitor.api.auth import Call, ReadsCosts
from facility_monitor.api.downloads import InLocale, download, responses
from facility_monitor.api.elevator.elevator_parts import expectation
from facility_monitor.api.models import parts as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.domain.elevator.budget import Change, WhatIf
from facility_monitor.flows.elevator import elevator_budget, elevator_parts
from facility_monitor.flows.elevator.elevator_budget import Made
from facility_monitor.sheets import pdf, xlsx
from facility_monitor.sheets.sheet import Footer
from facility_monitor.store.elevator import elevator_parts as kept
from facility_monitor.store.tables import elevator_part, site

router = APIRouter(prefix="/elevator-budget", tags=["parts"])


def _forecasts(call: Call, site_id: int | None) -> list[elevator_parts.Forecast]:
    conditions = [] if site_id is None else [elevator_part.c.site_id == site_id]
    with call.transaction() as tx:
        if site_id is not None:
            call.must_see(tx, site, site_id)
        return elevator_parts.forecasts(tx, call.now, kept.seen(call.sight), *conditions)


def _stands(
    call: ReadsCosts,
    request: Request,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    postpone_months: Annotated[int, Query(ge=0, le=60, description="what if: all replacements so much later")] = 0,
    price_percent: Annotated[Decimal, Query(ge=-100, le=1000, description="what if: all prices changed")] = Decimal(),
) -> Made:
    what_if = WhatIf(postpone_months, {}, [Change(None, price_percent)])
    timezone = parts_of(request).settings.timezone
    return elevator_budget.changed(_forecasts(call, site_id), call.now, timezone, what_if)


Stands = Annotated[Made, Depends(_stands)]


@router.get(
    "",
    summary="What parts will cost, three years ahead",
    response_model=models.Budget,
    responses=documented(401, 403, 404, 422, 503),
)
def show_budget(_call: ReadsCosts, made: Stands) -> dict[str, Any]:
    """By quarter and year. A part stands in the quarter in which its nearest life ends; what is over age, in this one.
    Money is in minor units, by currency."""
    return _shown(made)


@router.post(
    "/what-if",
    summary="What if: postponed, at other prices",
    response_model=models.WhatIfAnswer,
    responses=documented(401, 403, 404, 413, 422, 503),
)
def ask_what_if(asked: models.WhatIf, call: ReadsCosts, request: Request) -> dict[str, Any]:
    """Stores nothing. Single parts in `postponed` go before `postpone_months`, prices of a kind before those of all."""
    forecasts = _forecasts(call, asked.site_id)
    what_if = WhatIf(
        asked.postpone_months,
        {each.part_id: each.months for each in asked.postponed},
        [Change(each.kind, each.percent) for each in asked.prices],
    )
    timezone = parts_of(request).settings.timezone
    stands = elevator_budget.changed(forecasts, call.now, timezone, WhatIf())
    changed = elevator_budget.changed(forecasts, call.now, timezone, what_if)
    return {"stands": _shown(stands), "changed": _shown(changed)}


@router.get(
    ".xlsx",
    summary="The same as a workbook",
    response_class=Response,
    responses=responses("The budget", xlsx.MEDIA_TYPE, 401, 403, 404, 422, 503),
)
def show_budget_workbook(call: ReadsCosts, made: Stands, request: Request, locale: InLocale = None) -> Response:
    zone = ZoneInfo(parts_of(request).settings.timezone)
    content = xlsx.workbook(elevator_budget.sheets(made, call.now), locale or call.person.locale, zone)
    return download(content, xlsx.MEDIA_TYPE, f"elevator-parts-{made.budget.today}.xlsx")


@router.get(
    ".pdf",
    summary="The same on paper",
    response_class=Response,
    responses=responses("The budget", pdf.MEDIA_TYPE, 401, 403, 404, 422, 503),
)
def show_budget_pages(call: ReadsCosts, made: Stands, request: Request, locale: InLocale = None) -> Response:
    zone = ZoneInfo(parts_of(request).settings.timezone)
    lines = [f"facility_monitor {made.budget.today}", f"{call.now.astimezone(zone):%Y-%m-%d %H:%M}"]
    pages = elevator_budget.sheets(made, call.now)
    content = pdf.document(pages, locale or call.person.locale, zone, Footer(lines), wide=True)
    return download(content, pdf.MEDIA_TYPE, f"elevator-parts-{made.budget.today}.pdf")


def _shown(made: Made) -> dict[str, Any]:
    budget = made.budget
    return {
        "today": budget.today,
        "total": budget.total,
        "years": [{"year": year, "total": total} for year, total in budget.years.items()],
        "quarters": [
            {
                "year": quarter.year,
                "quarter": quarter.number,
                "total": quarter.total,
                "items": [_item(made, item) for item in quarter.items],
            }
            for quarter in budget.quarters
        ],
        "unknown": [{"id": each.part.id, "name": each.part.kind} for each in made.unknown],
    }


def _item(made: Made, item: Any) -> Mapping[str, Any]:
    part, planned = made.part(item), item.planned
    ends = part.nearest
    return {
        **{name: getattr(item, name) for name in ("nth", "due_on", "order_by", "cost", "overdue", "risky")},
        **{name: getattr(planned, name) for name in ("part_id", "kind", "earliest", "latest", "lead_time_days")},
        **{name: getattr(planned, name) for name in ("quantity", "currency")},
        "unit_price": item.cost // planned.quantity,
        "elevator": part.part.elevator,
        "kind_name": part.part.kind_name,
        "by": None if ends is None else expectation(ends),
    }
