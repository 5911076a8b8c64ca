"""Links for inspectors: made by somebody who sees the site, read-only, ending by themselves, revocable."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import select

from facility_monitor.api.auth import WritesPlant
from facility_monitor.api.models import inspection as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.errors import NotFound
from facility_monitor.flows.fire import inspection
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import signing_key
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import inspection_link, site

router = APIRouter(prefix="/inspection-links", tags=["inspection"])


@router.get(
    "",
    summary="Links for inspectors",
    response_model=Page[models.InspectionLink],
    responses=documented(401, 403, 422, 503),
)
def list_inspection_links(
    call: WritesPlant, site_id: Annotated[PathId | None, Query(alias="site")] = None
) -> dict[str, Any]:
    """Without their tokens, which are shown only when they are made."""
    conditions = [] if site_id is None else [inspection_link.c.site_id == site_id]
    with call.transaction() as tx:
        return whole(_links(tx, call.sight, *conditions))


def _links(tx: Tx, sight: Sight, *conditions: Any) -> list[dict[str, Any]]:
    seen = sight.at_site(inspection_link.c.site_id)
    rows = tx.execute(select(inspection_link).where(seen, *conditions).order_by(inspection_link.c.id.desc()))
    return [dict(row) for row in rows.mappings()]


@router.post(
    "",
    status_code=201,
    summary="Make a link for an inspector",
    response_model=models.MadeInspectionLink,
    responses=documented(401, 403, 413, 422, 503),
)
def add_inspection_link(new: models.NewInspectionLink, call: WritesPlant, request: Request) -> dict[str, Any]:
    """It opens the site from `first` to `last`, to whoever has it, and nothing else. That it was made stands in the
    ledger."""
    parts = parts_of(request)
    key = signing_key.kept(parts.settings.signing_key)
    with call.transaction() as tx:
        call.must_refer(tx, site_id=(site, new.site_id))
        number, token = inspection.make(tx, **new.model_dump(), person=call.person, key=key, now=call.now)
        (made,) = _links(tx, call.sight, inspection_link.c.id == number)
    base = (parts.settings.public_url or str(request.base_url)).rstrip("/")
    return {**made, "token": token, "url": f"{base}/inspection/{token}"}


@router.post(
    "/{link_id}/revoke",
    summary="End a link at once",
    response_model=models.InspectionLink,
    responses=documented(401, 403, 404, 409, 422, 503),
)
def revoke_inspection_link(link_id: PathId, call: WritesPlant) -> dict[str, Any]:
    with call.transaction() as tx:
        here = inspection_link.c.id == link_id
        if not _links(tx, call.sight, here):
            raise NotFound(f"link {link_id}")
        inspection.revoke(tx, link_id, call.person, call.now)
        return _links(tx, call.sight, here)[0]
