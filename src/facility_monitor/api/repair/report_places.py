"""Labels for residents: made and revoked by who looks after the plant, printed as QR codes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import ColumnElement, select

from facility_monitor.api.auth import Call, ReadsPlant, WritesPlant
from facility_monitor.api.downloads import download, responses
from facility_monitor.api.models import report_places as models
from facility_monitor.api.models.fields import Locale, PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.domain.text import Text, said
from facility_monitor.errors import NotFound
from facility_monitor.flows.repair import residents
from facility_monitor.sheets import pdf
from facility_monitor.sheets.labels import Label, labels
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import signing_key
from facility_monitor.store.repair import residents as kept
from facility_monitor.store.tables import equipment, report_place, site

router = APIRouter(prefix="/report-places", tags=["tickets"])
_HEAD: Text = {"zh-CN": "扫码报修、投诉", "en": "Scan to report a problem"}


@router.get(
    "",
    summary="Labels for residents",
    response_model=Page[models.ReportPlace],
    responses=documented(401, 403, 422, 503),
)
def list_report_places(
    call: ReadsPlant, request: Request, site_id: Annotated[PathId | None, Query(alias="site")] = None
) -> dict[str, Any]:
    conditions = [] if site_id is None else [report_place.c.site_id == site_id]
    with call.transaction() as tx:
        return whole(_places(tx, call, request, *conditions))


@router.post(
    "",
    status_code=201,
    summary="Make a label for residents",
    response_model=models.ReportPlace,
    responses=documented(401, 403, 413, 422, 503),
)
def add_report_place(new: models.NewReportPlace, call: WritesPlant, request: Request) -> dict[str, Any]:
    """Its code opens a form without a log-in; what is reported there becomes a ticket of that piece of equipment. That
    it was made stands in the ledger."""
    with call.transaction() as tx:
        call.must_refer(tx, equipment_id=(equipment, new.equipment_id))
        site_id = plant.places(tx, [new.equipment_id])[new.equipment_id].site_id
        name: Text = dict(new.name.items())
        number = residents.make_place(tx, site_id, new.equipment_id, name, call.person, call.now)
        return _places(tx, call, request, report_place.c.id == number)[0]


@router.post(
    "/{place_id}/revoke",
    summary="End a label at once",
    response_model=models.ReportPlace,
    responses=documented(401, 403, 404, 409, 422, 503),
)
def revoke_report_place(place_id: PathId, call: WritesPlant, request: Request) -> dict[str, Any]:
    """Reports that came by it keep their status pages."""
    with call.transaction() as tx:
        here = report_place.c.id == place_id
        if not _places(tx, call, request, here):
            raise NotFound(f"label {place_id}")
        residents.revoke_place(tx, place_id, call.person, call.now)
        return _places(tx, call, request, here)[0]


@router.get(
    "/labels.pdf",
    summary="QR labels for residents",
    response_class=Response,
    responses=responses("A4, 24 labels a page", pdf.MEDIA_TYPE, 401, 403, 404, 422, 503),
)
def show_report_labels(
    call: ReadsPlant,
    request: Request,
    site_id: Annotated[PathId, Query(alias="site")],
    locale: Annotated[Locale, Query()] = "zh-CN",
) -> Response:
    """Those of a site that are in use; printed again they are the same."""
    with call.transaction() as tx:
        call.must_see(tx, site, site_id)
        rows = _places(tx, call, request, report_place.c.site_id == site_id, report_place.c.revoked_at.is_(None))
        site_name = tx.execute(select(site.c.name).where(site.c.id == site_id)).scalar_one()
    made = [Label(said(_HEAD, locale), said(row["name"], locale), said(site_name, locale), row["url"]) for row in rows]
    return download(labels(made, locale), pdf.MEDIA_TYPE, "report-labels.pdf", shown=True)


def _places(tx: Tx, call: Call, request: Request, *conditions: ColumnElement[bool]) -> list[dict[str, Any]]:
    parts = parts_of(request)
    key = signing_key.kept(parts.settings.signing_key)
    base = (parts.settings.public_url or str(request.base_url)).rstrip("/")
    seen = call.sight.thing(report_place.c.site_id, report_place.c.equipment_id)
    return [
        {
            **row,
            "url": None if row["revoked_at"] else f"{base}/report/{residents.place_token(key, row['id'])}",
        }
        for row in kept.places(tx, seen, *conditions)
    ]
