"""Elevators, each with its latest tests and the parts that are due."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from facility_monitor.api.auth import Call, ReadsPlant
from facility_monitor.api.models import elevators as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.problems import documented
from facility_monitor.errors import NotFound
from facility_monitor.flows.elevator import elevator_parts
from facility_monitor.flows.elevator.elevator_parts import Forecast
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import elevator_part, elevator_test, equipment
from facility_monitor.store.views import elevators as views

router = APIRouter(tags=["elevators"])
_ORDER = by_id("elevators")


@router.get(
    "/elevators", summary="Elevators", response_model=Page[models.Elevator], responses=documented(401, 403, 422, 503)
)
def list_elevators(
    call: ReadsPlant, part: Part, site_id: Annotated[PathId | None, Query(alias="site")] = None
) -> dict[str, Any]:
    """With what the register holds of each, and its last test. What the register holds is changed as `attributes` of
    the equipment."""
    conditions = [] if site_id is None else [equipment.c.site_id == site_id]
    (after,) = _ORDER.after(part) or (0,)
    with call.transaction() as tx:
        rows = views.elevators(tx, call.sight, *conditions, after=after, limit=part.limit + 1)
    return _ORDER.page(rows, part.limit, id_of)


@router.get(
    "/elevators/{elevator_id}",
    summary="One elevator",
    response_model=models.ElevatorDetail,
    responses=documented(401, 403, 404, 422, 503),
)
def show_elevator(elevator_id: PathId, call: ReadsPlant) -> dict[str, Any]:
    with call.transaction() as tx:
        latest = views.summaries(tx, call.sight, elevator_test.c.equipment_id == elevator_id, limit=10)
        found = the_elevator(tx, call, elevator_id)
        parts = elevator_parts.forecasts(tx, call.now, elevator_part.c.equipment_id == elevator_id)
    return {**found, "latest_tests": latest, "parts_due": [_due(each) for each in parts if each.order_soon]}


def _due(each: Forecast) -> dict[str, Any]:
    return {
        **{name: getattr(each.part, name) for name in ("id", "kind", "kind_name")},
        **{name: getattr(each, name) for name in ("over_age", "order_by")},
        "expected": None if each.nearest is None else each.nearest.expected,
    }


def the_elevator(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    """One elevator that the caller sees. Raises NotFound."""
    rows = views.elevators(tx, call.sight, equipment.c.id == number)
    if not rows:
        raise NotFound(f"elevator {number}")
    return rows[0]
