"""Rotas that make shifts, and shifts that change hands."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import select

from facility_monitor.api.auth import Call, ReadsAlarms, WritesDuty
from facility_monitor.api.models import rotas as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.people import Shift
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.errors import NotFound
from facility_monitor.flows.people import plan_duty
from facility_monitor.store import versioned
from facility_monitor.store.database import Tx
from facility_monitor.store.people import rotas
from facility_monitor.store.tables import duty, person, rota, site
from facility_monitor.store.views import people as views

router = APIRouter(tags=["duty"])


@router.get("/rotas", summary="Rotas", response_model=Page[models.Rota], responses=documented(401, 403, 503))
def list_rotas(call: ReadsAlarms) -> dict[str, Any]:
    with call.transaction() as tx:
        rows = tx.execute(select(rota).where(call.sight.at_site(rota.c.site_id)).order_by(rota.c.id)).mappings()
        return whole([dict(row) for row in rows])


@router.post(
    "/rotas",
    status_code=201,
    summary="Add a rota",
    response_model=models.Rota,
    responses=documented(401, 403, 413, 422, 503),
)
def add_rota(new: models.NewRota, call: WritesDuty, response: Response) -> dict[str, object]:
    """Its shifts of the next 60 days stand at once; the day after tomorrow's 60th is added tomorrow."""
    with call.transaction() as tx:
        call.must_refer(tx, site_id=(site, new.site_id), person_id=(person, new.person_id))
        number = versioned.add(tx, rota, new.model_dump())
        plan_duty.plan(tx, call.now, number)
        return tagged(response, _rota(tx, call, number))


@router.post(
    "/rotas/{rota_id}/plan",
    summary="Plan a rota anew",
    response_model=models.Rota,
    responses=documented(401, 403, 404, 422, 503),
)
def plan_rota(rota_id: PathId, call: WritesDuty) -> dict[str, object]:
    """After holidays have changed. What has begun or was swapped stays."""
    with call.transaction() as tx:
        found = _rota(tx, call, rota_id)
        plan_duty.replan(tx, call.now, rota_id)
        return found


@router.delete(
    "/rotas/{rota_id}",
    status_code=204,
    summary="End a rota",
    responses=documented(401, 403, 404, 412, 422, 428, 503),
)
def remove_rota(rota_id: PathId, call: WritesDuty, version: MadeFrom) -> None:
    """Takes back the shifts that have not begun; the others stay on record."""
    with call.transaction() as tx:
        _rota(tx, call, rota_id)
        rotas.drop_future_shifts(tx, rota_id, call.now)
        versioned.remove(tx, rota, rota_id, version)


@router.post(
    "/duty/{shift_id}/swap",
    summary="Give a shift to somebody else",
    response_model=Shift,
    responses=documented(401, 403, 404, 409, 413, 422, 503),
)
def swap_shift(shift_id: PathId, to: models.Swap, call: WritesDuty, response: Response) -> dict[str, object]:
    """From now on where it has begun: who had it until now stays on record."""
    with call.transaction() as tx:
        _shift(tx, call, shift_id)
        call.must_refer(tx, person_id=(person, to.person_id))
        plan_duty.swap(tx, shift_id, to.person_id, call.now)
        return tagged(response, _shift(tx, call, shift_id))


def _rota(tx: Tx, call: Call, number: int) -> dict[str, object]:
    asked = select(rota).where(rota.c.id == number, call.sight.at_site(rota.c.site_id))
    row = tx.execute(asked).mappings().one_or_none()
    if row is None:
        raise NotFound(f"rota {number}")
    return dict(row)


def _shift(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.shifts(tx, call.sight, duty.c.id == number)
    if not rows:
        raise NotFound(f"shift {number}")
    return rows[0]
