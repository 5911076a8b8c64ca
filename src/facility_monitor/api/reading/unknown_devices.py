"""Devices that nobody has told the service about: to be looked at, and adopted with one call."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter

from facility_monitor.api.auth import ReadsIngest, WritesPlant
from facility_monitor.api.models import ingest as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.problems import documented
from facility_monitor.errors import InvalidInput, NotFound
from facility_monitor.flows.reading import adoption
from facility_monitor.store.tables import equipment, site, unknown_device
from facility_monitor.store.views import unknown_devices as views
from facility_monitor.store.views.equipment import metric_unit

router = APIRouter(prefix="/unknown-devices", tags=["ingest"])
_ORDER = by_id("unknown devices")
_CODE = re.compile(r"[a-z0-9-]{1,64}")


@router.get(
    "",
    summary="Devices that nobody has told the service about",
    response_model=Page[models.UnknownDevice],
    responses=documented(401, 403, 422, 503),
)
def list_unknown_devices(call: ReadsIngest, part: Part) -> dict[str, Any]:
    """By the site in their topic, the newest first; those that tell none are shown to admins. What they send is kept
    as rejects; a thousand names are kept, those heard only once go first."""
    (after,) = _ORDER.after(part) or (None,)
    with call.transaction() as tx:
        rows = views.unknown_devices(tx, call.sight, after=after, limit=part.limit + 1)
    return _ORDER.page(rows, part.limit, id_of)


@router.post(
    "/{unknown_id}/adopt",
    status_code=201,
    summary="Make an unknown device one of ours",
    response_model=models.Adopted,
    responses=documented(401, 403, 404, 409, 413, 422, 503),
)
def adopt_device(unknown_id: PathId, new: models.Adoption, call: WritesPlant) -> dict[str, int]:
    """Adds the device and its points, and has the ingest store what it has sent so far."""
    with call.transaction() as tx:
        rows = views.unknown_devices(tx, call.sight, unknown_device.c.id == unknown_id, after=None, limit=1)
        if not rows:
            raise NotFound(f"unknown_device {unknown_id}")
        call.must_refer(tx, site_id=(site, new.site_id), equipment_id=(equipment, new.equipment_id))
        for number, point in enumerate(new.points):
            call.must_refer(tx, **{f"points.{number}.equipment_id": (equipment, point.equipment_id)})
            metric_unit(tx, point.metric, f"points.{number}.metric")
        code = new.code or rows[0]["device"]
        if not _CODE.fullmatch(code):
            raise InvalidInput({"code": "is needed: the name under which it was heard can be none"})
        device = {"site_id": new.site_id, "equipment_id": new.equipment_id, "code": code, "name": new.name}
        points = [point.model_dump(exclude_none=True) for point in new.points]
        by = call.person.username
        device_id, replayed = adoption.adopt(tx, unknown_id, device, points, by, call.now)
    return {"device_id": device_id, "replayed": replayed}
