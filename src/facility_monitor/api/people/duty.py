"""Who is on duty, when and where."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import select

from facility_monitor.api.auth import Call, ReadsAlarms, WritesDuty
from facility_monitor.api.models import people as models
from facility_monitor.api.models.fields import PathId, Time
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Order, Part, whole
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.domain.message.coverage import Cover, stretches
from facility_monitor.domain.message.rota import Position
from facility_monitor.errors import Conflict, InvalidInput, NotFound
from facility_monitor.flows.people.plan_duty import AHEAD_DAYS
from facility_monitor.store import versioned
from facility_monitor.store.database import Tx
from facility_monitor.store.message import recipients
from facility_monitor.store.tables import duty, person, site
from facility_monitor.store.views import people as views

router = APIRouter(prefix="/duty", tags=["duty"])
_ORDER = Order("duty", datetime, int)


@router.get("", summary="Who is on duty", response_model=Page[models.Shift], responses=documented(401, 403, 422, 503))
def list_shifts(
    call: ReadsAlarms,
    part: Part,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    start: Annotated[Time | None, Query(alias="from", description="default: now")] = None,
    end: Annotated[Time | None, Query(alias="to", description="not included; default: `from`")] = None,
) -> dict[str, Any]:
    """Now, or all shifts with any moment between `from` and `to`."""
    start = start or call.now
    conditions = [views.overlapping(start, end or start)]
    if site_id is not None:
        conditions.append(duty.c.site_id == site_id)
    with call.transaction() as tx:
        rows = views.shifts(tx, call.sight, *conditions, after=_after(part), limit=part.limit + 1)
    return _ORDER.page(rows, part.limit, lambda row: (row["starts_at"], row["id"]))


@router.get(
    "/gaps",
    summary="When nobody would come",
    response_model=Page[models.Gap],
    responses=documented(401, 403, 404, 422, 503),
)
def list_gaps(
    call: ReadsAlarms,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    position: Position = Position.ENGINEER,
    days: Annotated[int, Query(ge=1, le=AHEAD_DAYS, description="from now on; rotas reach no further")] = 14,
) -> dict[str, Any]:
    """Ahead, by site: nobody on duty, or nobody who can be reached, or by one channel only. Channels are as of now."""
    until = call.now + timedelta(days=days)
    with call.transaction() as tx:
        if site_id is not None:
            call.must_see(tx, site, site_id)
        asked = select(site.c.id).where(call.sight.at_site(site.c.id)).order_by(site.c.id)
        sites = tx.execute(asked).scalars().all() if site_id is None else [site_id]
        watches = recipients.watches(tx, sites, position, call.now, until)
    return whole(
        [
            {"site_id": number, "position": position, "why": each.cover.name.lower(), **each._asdict()}
            for number, shifts in watches.items()
            for each in stretches(shifts, call.now, until)
            if each.cover is not Cover.FULL
        ]
    )


def _after(part: Part) -> tuple[datetime, int] | None:
    key = _ORDER.after(part)
    return None if key is None else (key[0], key[1])


@router.post(
    "",
    status_code=201,
    summary="Put somebody on duty",
    response_model=models.Shift,
    responses=documented(401, 403, 413, 422, 503),
)
def add_shift(new: models.NewShift, call: WritesDuty, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        call.must_refer(tx, site_id=(site, new.site_id), person_id=(person, new.person_id))
        number = versioned.add(tx, duty, new.model_dump())
        return tagged(response, _one(tx, call, number))


@router.get(
    "/{shift_id}", summary="One shift", response_model=models.Shift, responses=documented(401, 403, 404, 422, 503)
)
def show_shift(shift_id: PathId, call: ReadsAlarms, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _one(tx, call, shift_id))


@router.patch(
    "/{shift_id}",
    summary="End or prolong a shift",
    response_model=models.Shift,
    responses=documented(401, 403, 404, 412, 413, 422, 428, 503),
)
def change_shift(
    shift_id: PathId, changes: models.ShiftChanges, call: WritesDuty, version: MadeFrom, response: Response
) -> dict[str, object]:
    with call.transaction() as tx:
        standing = _one(tx, call, shift_id)
        if changes.ends_at is not None and changes.ends_at <= standing["starts_at"]:
            raise InvalidInput({"ends_at": "must come after starts_at"})
        versioned.change(tx, duty, shift_id, version, changes.given())
        return tagged(response, _one(tx, call, shift_id))


@router.delete(
    "/{shift_id}",
    status_code=204,
    summary="Take back a shift that has not begun",
    responses=documented(401, 403, 404, 409, 412, 422, 428, 503),
)
def remove_shift(shift_id: PathId, call: WritesDuty, version: MadeFrom) -> None:
    """One that has begun stays on record: end it instead."""
    with call.transaction() as tx:
        if _one(tx, call, shift_id)["starts_at"] <= call.now:
            raise Conflict("the shift has begun: end it instead")
        versioned.remove(tx, duty, shift_id, version)


def _one(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.shifts(tx, call.sight, duty.c.id == number)
    if not rows:
        raise NotFound(f"shift {number}")
    return rows[0]
