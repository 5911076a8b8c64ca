"""A colleague is asked to take a shift, and answers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from sqlalchemy import or_

from facility_monitor.api.auth import Acknowledges, Call
from facility_monitor.api.models import rotas as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.people import Shift
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.problems import documented
from facility_monitor.domain.person import Scope
from facility_monitor.errors import NotFound
from facility_monitor.flows.people import swap_duty
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import duty, duty_swap
from facility_monitor.store.views import people as views

router = APIRouter(tags=["duty"])


@router.get(
    "/duty-swaps",
    summary="Requests to swap",
    response_model=Page[models.SwapRequest],
    responses=documented(401, 403, 503),
)
def list_swaps(call: Acknowledges) -> dict[str, Any]:
    """Those that wait for an answer: one's own, and those to oneself; with `write:duty` all."""
    mine = or_(duty_swap.c.asked_by == call.person.id, duty_swap.c.person_id == call.person.id)
    with call.transaction() as tx:
        return whole(views.swaps(tx, call.sight, *([] if call.may(Scope.WRITE_DUTY) else [mine])))


@router.get(
    "/duty/{shift_id}/stand-ins",
    summary="Who could take a shift",
    response_model=Page[models.StandIn],
    responses=documented(401, 403, 404, 422, 503),
)
def list_stand_ins(shift_id: PathId, call: Acknowledges) -> dict[str, Any]:
    with call.transaction() as tx:
        _shift(tx, call, shift_id)
        return whole(swap_duty.stand_ins(tx, shift_id))


@router.post(
    "/duty/{shift_id}/swaps",
    status_code=201,
    summary="Ask a colleague to take one's shift",
    response_model=models.SwapRequest,
    responses=documented(401, 403, 404, 409, 413, 422, 503),
)
def ask_swap(shift_id: PathId, to: models.Swap, call: Acknowledges) -> dict[str, Any]:
    """Who is asked is told; the shift changes hands when they accept."""
    with call.transaction() as tx:
        _shift(tx, call, shift_id)
        number = swap_duty.ask(tx, shift_id, call.person, to.person_id, call.now)
        return views.swaps(tx, call.sight, duty_swap.c.id == number)[0]


@router.post(
    "/duty-swaps/{swap_id}/accept",
    summary="Take the shift",
    response_model=Shift,
    responses=documented(401, 403, 404, 409, 422, 503),
)
def accept_swap(swap_id: PathId, call: Acknowledges) -> dict[str, Any]:
    """All that is left of it, from now on where it has begun."""
    with call.transaction() as tx:
        return _shift(tx, call, swap_duty.accept(tx, swap_id, call.person, call.now))


@router.post(
    "/duty-swaps/{swap_id}/decline",
    status_code=204,
    summary="Do not take the shift",
    responses=documented(401, 403, 404, 409, 422, 503),
)
def decline_swap(swap_id: PathId, call: Acknowledges) -> None:
    with call.transaction() as tx:
        swap_duty.decline(tx, swap_id, call.person, call.now)


@router.post(
    "/duty-swaps/{swap_id}/withdraw",
    status_code=204,
    summary="Take a request back",
    responses=documented(401, 403, 404, 409, 422, 503),
)
def withdraw_swap(swap_id: PathId, call: Acknowledges) -> None:
    with call.transaction() as tx:
        swap_duty.withdraw(tx, swap_id, call.person, call.now)


def _shift(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.shifts(tx, call.sight, duty.c.id == number)
    if not rows:
        raise NotFound(f"shift {number}")
    return rows[0]
