"""Devices, the points that they report, and mappings for messages whose shape is not ours."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from facility_monitor.api.auth import Call, ReadsPlant, WritesPlant
from facility_monitor.api.models import plant as models
from facility_monitor.api.models.fields import KindCode, PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.errors import NotFound
from facility_monitor.flows.plant import inventory
from facility_monitor.store import versioned
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import device, equipment, payload_mapping, point, site
from facility_monitor.store.views import devices as views
from facility_monitor.store.views.equipment import metric_unit
from facility_monitor.store.views.hearing import device_state

router = APIRouter(tags=["devices"])
_DEVICES, _POINTS, _MAPPINGS = by_id("devices"), by_id("points"), by_id("mappings")


@router.get("/devices", summary="Devices", response_model=Page[models.Device], responses=documented(401, 403, 422, 503))
def list_devices(
    call: ReadsPlant,
    part: Part,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    state: Annotated[Literal["online", "offline", "unknown"] | None, Query()] = None,
    equipment_id: Annotated[PathId | None, Query(alias="equipment")] = None,
) -> dict[str, Any]:
    conditions = [] if site_id is None else [device.c.site_id == site_id]
    if state is not None:
        conditions.append(device_state(call.now) == state)
    if equipment_id is not None:
        conditions.append(device.c.equipment_id == equipment_id)
    (after,) = _DEVICES.after(part) or (0,)
    with call.transaction() as tx:
        rows = views.devices(tx, call.sight, *conditions, after=after, limit=part.limit + 1)
    return _DEVICES.page([_with_topics(row) for row in rows], part.limit, id_of)


@router.post(
    "/devices",
    status_code=201,
    summary="Add a device",
    response_model=models.Device,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_device(new: models.NewDevice, call: WritesPlant, response: Response) -> dict[str, object]:
    """The answer names the topics to publish on. The device's MQTT password is made by `facility-monitor device`."""
    with call.transaction() as tx:
        call.must_refer(tx, site_id=(site, new.site_id), equipment_id=(equipment, new.equipment_id))
        return tagged(response, _device(tx, call, inventory.add_device(tx, new.model_dump())))


@router.get(
    "/devices/{device_id}",
    summary="One device",
    response_model=models.Device,
    responses=documented(401, 403, 404, 422, 503),
)
def show_device(device_id: PathId, call: ReadsPlant, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _device(tx, call, device_id))


@router.patch(
    "/devices/{device_id}",
    summary="Change a device",
    response_model=models.Device,
    responses=documented(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def change_device(
    device_id: PathId, changes: models.DeviceChanges, call: WritesPlant, version: MadeFrom, response: Response
) -> dict[str, object]:
    with call.transaction() as tx:
        call.must_see(tx, device, device_id)
        call.must_refer(tx, equipment_id=(equipment, changes.equipment_id))
        inventory.change_device(tx, device_id, version, changes.given())
        return tagged(response, _device(tx, call, device_id))


def _device(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.devices(tx, call.sight, device.c.id == number)
    if not rows:
        raise NotFound(f"device {number}")
    return _with_topics(rows[0])


def _with_topics(row: dict[str, Any]) -> dict[str, Any]:
    base = f"facility/{row['site']}/{row['code']}"
    return {**row, "topics": {"telemetry": f"{base}/telemetry", "status": f"{base}/status"}}


@router.get(
    "/points",
    summary="Points, with their latest readings and the limits in force",
    response_model=Page[models.Point],
    responses=documented(401, 403, 422, 503),
)
def list_points(
    call: ReadsPlant,
    part: Part,
    equipment_id: Annotated[PathId | None, Query(alias="equipment")] = None,
    device_id: Annotated[PathId | None, Query(alias="device")] = None,
    metric: Annotated[KindCode | None, Query()] = None,
) -> dict[str, Any]:
    conditions = [] if equipment_id is None else [point.c.equipment_id == equipment_id]
    if device_id is not None:
        conditions.append(point.c.device_id == device_id)
    if metric is not None:
        conditions.append(point.c.metric == metric)
    (after,) = _POINTS.after(part) or (0,)
    with call.transaction() as tx:
        rows = views.points(tx, call.sight, *conditions, after=after, limit=part.limit + 1)
    return _POINTS.page(rows, part.limit, id_of)


@router.post(
    "/points",
    status_code=201,
    summary="Add a point",
    response_model=models.Point,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_point(new: models.NewPoint, call: WritesPlant, response: Response) -> dict[str, object]:
    """From now on the device's values under this key are stored, in the metric's SenML unit."""
    with call.transaction() as tx:
        call.must_refer(tx, device_id=(device, new.device_id), equipment_id=(equipment, new.equipment_id))
        metric_unit(tx, new.metric, "metric")
        return tagged(response, _point(tx, call, inventory.add_point(tx, new.model_dump())))


@router.get(
    "/points/{point_id}",
    summary="One point",
    response_model=models.Point,
    responses=documented(401, 403, 404, 422, 503),
)
def show_point(point_id: PathId, call: ReadsPlant, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _point(tx, call, point_id))


@router.patch(
    "/points/{point_id}",
    summary="Change a point",
    response_model=models.Point,
    responses=documented(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def change_point(
    point_id: PathId, changes: models.PointChanges, call: WritesPlant, version: MadeFrom, response: Response
) -> dict[str, object]:
    with call.transaction() as tx:
        call.must_see(tx, point, point_id)
        inventory.change_point(tx, point_id, version, changes.given(), call.person, call.now)
        return tagged(response, _point(tx, call, point_id))


def _point(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.points(tx, call.sight, point.c.id == number)
    if not rows:
        raise NotFound(f"point {number}")
    return rows[0]


@router.get(
    "/mappings",
    summary="Payload mappings",
    response_model=Page[models.Mapping],
    responses=documented(401, 403, 422, 503),
)
def list_mappings(call: WritesPlant, part: Part) -> dict[str, Any]:
    """They hold for every site, so all of their routes are for somebody who sees all sites."""
    (after,) = _MAPPINGS.after(part) or (0,)
    with call.transaction() as tx:
        call.must_see_all_sites(tx, "mappings hold")
        rows = views.mappings(tx, after=after, limit=part.limit + 1)
    return _MAPPINGS.page(rows, part.limit, id_of)


@router.post(
    "/mappings",
    status_code=201,
    summary="Add a payload mapping",
    response_model=models.Mapping,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_mapping(new: models.NewMapping, call: WritesPlant, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        call.must_see_all_sites(tx, "a mapping holds")
        return tagged(response, _mapping(tx, inventory.add_mapping(tx, new.model_dump())))


@router.get(
    "/mappings/{mapping_id}",
    summary="One payload mapping",
    response_model=models.Mapping,
    responses=documented(401, 403, 404, 422, 503),
)
def show_mapping(mapping_id: PathId, call: WritesPlant, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        call.must_see_all_sites(tx, "mappings hold")
        return tagged(response, _mapping(tx, mapping_id))


@router.patch(
    "/mappings/{mapping_id}",
    summary="Change a payload mapping",
    response_model=models.Mapping,
    responses=documented(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def change_mapping(
    mapping_id: PathId, changes: models.MappingChanges, call: WritesPlant, version: MadeFrom, response: Response
) -> dict[str, object]:
    with call.transaction() as tx:
        call.must_see_all_sites(tx, "a mapping holds")
        inventory.change_mapping(tx, mapping_id, version, changes.given())
        return tagged(response, _mapping(tx, mapping_id))


@router.delete(
    "/mappings/{mapping_id}",
    status_code=204,
    summary="Remove a payload mapping",
    responses=documented(401, 403, 404, 412, 422, 428, 503),
)
def remove_mapping(mapping_id: PathId, call: WritesPlant, version: MadeFrom) -> None:
    with call.transaction() as tx:
        call.must_see_all_sites(tx, "a mapping holds")
        versioned.remove(tx, payload_mapping, mapping_id, version)


def _mapping(tx: Tx, number: int) -> dict[str, Any]:
    rows = views.mappings(tx, payload_mapping.c.id == number)
    if not rows:
        raise NotFound(f"mapping {number}")
    return rows[0]
