"""Sites and their spaces."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from facility_monitor.api.auth import Call, ReadsPlant, WritesPlant
from facility_monitor.api.models import plant as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.errors import NotFound
from facility_monitor.flows.plant import inventory
from facility_monitor.store import versioned
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import site, space
from facility_monitor.store.views import sites as views

router = APIRouter(tags=["sites"])
_SITES, _SPACES = by_id("sites"), by_id("spaces")


@router.get("/sites", summary="Sites", response_model=Page[models.Site], responses=documented(401, 403, 422, 503))
def list_sites(call: ReadsPlant, part: Part) -> dict[str, Any]:
    (after,) = _SITES.after(part) or (0,)
    with call.transaction() as tx:
        rows = views.sites(tx, call.sight, after=after, limit=part.limit + 1)
    return _SITES.page(rows, part.limit, id_of)


@router.post(
    "/sites",
    status_code=201,
    summary="Add a site",
    response_model=models.Site,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_site(new: models.NewSite, call: WritesPlant, request: Request, response: Response) -> dict[str, object]:
    """Who adds it sees it."""
    values = new.model_dump()
    values["timezone"] = new.timezone or parts_of(request).settings.timezone
    with call.transaction() as tx:
        return tagged(response, _site(tx, call, inventory.add_site(tx, values, call.person)))


@router.get(
    "/sites/{site_id}", summary="One site", response_model=models.Site, responses=documented(401, 403, 404, 422, 503)
)
def show_site(site_id: PathId, call: ReadsPlant, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _site(tx, call, site_id))


@router.patch(
    "/sites/{site_id}",
    summary="Change a site",
    response_model=models.Site,
    responses=documented(401, 403, 404, 412, 413, 422, 428, 503),
)
def change_site(
    site_id: PathId, changes: models.SiteChanges, call: WritesPlant, version: MadeFrom, response: Response
) -> dict[str, object]:
    with call.transaction() as tx:
        call.must_see(tx, site, site_id)
        versioned.change(tx, site, site_id, version, changes.given())
        return tagged(response, _site(tx, call, site_id))


def _site(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.sites(tx, call.sight, site.c.id == number)
    if not rows:
        raise NotFound(f"site {number}")
    return rows[0]


@router.get(
    "/spaces",
    summary="Spaces: buildings, floors, rooms",
    response_model=Page[models.Space],
    responses=documented(401, 403, 422, 503),
)
def list_spaces(
    call: ReadsPlant, part: Part, site_id: Annotated[PathId | None, Query(alias="site")] = None
) -> dict[str, Any]:
    conditions = [] if site_id is None else [space.c.site_id == site_id]
    (after,) = _SPACES.after(part) or (0,)
    with call.transaction() as tx:
        rows = views.spaces(tx, call.sight, *conditions, after=after, limit=part.limit + 1)
    return _SPACES.page(rows, part.limit, id_of)


@router.post(
    "/spaces",
    status_code=201,
    summary="Add a space",
    response_model=models.Space,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_space(new: models.NewSpace, call: WritesPlant, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        call.must_refer(tx, site_id=(site, new.site_id), parent_id=(space, new.parent_id))
        return tagged(response, _space(tx, call, inventory.add_space(tx, new.model_dump())))


@router.get(
    "/spaces/{space_id}",
    summary="One space",
    response_model=models.Space,
    responses=documented(401, 403, 404, 422, 503),
)
def show_space(space_id: PathId, call: ReadsPlant, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _space(tx, call, space_id))


@router.patch(
    "/spaces/{space_id}",
    summary="Change a space",
    response_model=models.Space,
    responses=documented(401, 403, 404, 412, 413, 422, 428, 503),
)
def change_space(
    space_id: PathId, changes: models.SpaceChanges, call: WritesPlant, version: MadeFrom, response: Response
) -> dict[str, object]:
    with call.transaction() as tx:
        call.must_see(tx, space, space_id)
        call.must_refer(tx, parent_id=(space, changes.parent_id))
        inventory.change_space(tx, space_id, version, changes.given())
        return tagged(response, _space(tx, call, space_id))


def _space(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.spaces(tx, call.sight, space.c.id == number)
    if not rows:
        raise NotFound(f"space {number}")
    return rows[0]
