"""Equipment, its kinds, and what can be measured."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import insert

from facility_monitor.api.auth import Call, ReadsPlant, WritesPlant
from facility_monitor.api.models import plant as models
from facility_monitor.api.models.fields import KindCode, Line, PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of, whole
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.errors import NotFound
from facility_monitor.flows.plant import inventory
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import equipment, equipment_kind, metric, site, space
from facility_monitor.store.views import equipment as views

router = APIRouter(tags=["equipment"])
_ORDER = by_id("equipment")


@router.get(
    "/equipment",
    summary="Equipment",
    response_model=Page[models.Equipment],
    responses=documented(401, 403, 422, 503),
)
def list_equipment(
    call: ReadsPlant,
    part: Part,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    kind: Annotated[KindCode | None, Query()] = None,
    space_id: Annotated[PathId | None, Query(alias="space", description="in it, or in a space inside of it")] = None,
    q: Annotated[Line | None, Query(description="part of the code or of a name")] = None,
) -> dict[str, Any]:
    conditions = [] if site_id is None else [equipment.c.site_id == site_id]
    if kind is not None:
        conditions.append(equipment.c.kind == kind)
    if space_id is not None:
        conditions.append(views.within(space_id))
    if q is not None:
        conditions.append(views.named_like(q))
    (after,) = _ORDER.after(part) or (0,)
    with call.transaction() as tx:
        rows = views.pieces(tx, call.sight, *conditions, after=after, limit=part.limit + 1)
    return _ORDER.page(rows, part.limit, id_of)


@router.post(
    "/equipment",
    status_code=201,
    summary="Add a piece of equipment",
    response_model=models.Equipment,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_equipment(new: models.NewEquipment, call: WritesPlant, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        call.must_refer(tx, site_id=(site, new.site_id), space_id=(space, new.space_id))
        views.must_be_kind(tx, new.kind, "kind")
        return tagged(response, _one(tx, call, inventory.add_equipment(tx, new.model_dump(), call.person, call.now)))


@router.get(
    "/equipment/{equipment_id}",
    summary="One piece of equipment",
    response_model=models.Equipment,
    responses=documented(401, 403, 404, 422, 503),
)
def show_equipment(equipment_id: PathId, call: ReadsPlant, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _one(tx, call, equipment_id))


@router.patch(
    "/equipment/{equipment_id}",
    summary="Change a piece of equipment",
    response_model=models.Equipment,
    responses=documented(401, 403, 404, 412, 413, 422, 428, 503),
)
def change_equipment(
    equipment_id: PathId, changes: models.EquipmentChanges, call: WritesPlant, version: MadeFrom, response: Response
) -> dict[str, object]:
    with call.transaction() as tx:
        call.must_see(tx, equipment, equipment_id)
        call.must_refer(tx, space_id=(space, changes.space_id))
        inventory.change_equipment(tx, equipment_id, version, changes.given(), call.person, call.now)
        return tagged(response, _one(tx, call, equipment_id))


def _one(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.pieces(tx, call.sight, equipment.c.id == number)
    if not rows:
        raise NotFound(f"equipment {number}")
    return rows[0]


@router.get(
    "/equipment-kinds",
    summary="Kinds of equipment",
    response_model=Page[models.EquipmentKind],
    responses=documented(401, 403, 503),
)
def list_kinds(call: ReadsPlant) -> dict[str, Any]:
    with call.transaction() as tx:
        return whole(views.kinds(tx))


@router.post(
    "/equipment-kinds",
    status_code=201,
    summary="Add a kind of equipment",
    response_model=models.EquipmentKind,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_kind(new: models.NewEquipmentKind, call: WritesPlant) -> dict[str, Any]:
    """For every site, so only by somebody who sees all sites."""
    with call.transaction() as tx:
        call.must_see_all_sites(tx, "a kind holds")
        tx.execute(insert(equipment_kind).values(new.model_dump()))
    return new.model_dump()


@router.get(
    "/metrics", summary="What can be measured", response_model=Page[models.Metric], responses=documented(401, 403, 503)
)
def list_metrics(call: ReadsPlant) -> dict[str, Any]:
    with call.transaction() as tx:
        return whole(views.metrics(tx))


@router.post(
    "/metrics",
    status_code=201,
    summary="Add a metric",
    response_model=models.Metric,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_metric(new: models.NewMetric, call: WritesPlant) -> dict[str, Any]:
    """For every site, so only by somebody who sees all sites."""
    with call.transaction() as tx:
        call.must_see_all_sites(tx, "a metric holds")
        tx.execute(insert(metric).values(new.model_dump()))
    return {**new.model_dump(), "codes": None}
