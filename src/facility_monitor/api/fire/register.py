"""The register of fire equipment: what there is, what is due of it, files in and out, labels."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Request, Response
from openpyxl import Workbook

from facility_monitor.api.auth import ReadsPlant, WritesPlant
from facility_monitor.api.downloads import BINARY, download, responses
from facility_monitor.api.fire import register_file
from facility_monitor.api.models import upkeep as models
from facility_monitor.api.models.fields import Locale, PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.domain.text import said
from facility_monitor.flows.fire import register
from facility_monitor.sheets import pdf, xlsx
from facility_monitor.sheets.labels import Label, labels
from facility_monitor.store import plant
from facility_monitor.store.tables import equipment, site
from facility_monitor.store.views import register as views

router = APIRouter(prefix="/register", tags=["register"])
_ORDER = by_id("register")
MOST_LABELS = 5000


@router.get(
    "",
    summary="Fire equipment of a site, and what is due of it",
    response_model=Page[models.RegisterEntry],
    responses=documented(401, 403, 404, 422, 503),
)
def list_register(
    call: ReadsPlant,
    part: Part,
    site_id: Annotated[PathId, Query(alias="site")],
    equipment_id: Annotated[PathId | None, Query(alias="equipment")] = None,
) -> dict[str, Any]:
    """Service and scrap dates are computed from dated rules; each names its standard. What the register holds is
    changed as `attributes` of the equipment, or by a file."""
    (after,) = _ORDER.after(part) or (0,)
    with call.transaction() as tx:
        call.must_see(tx, site, site_id)
        on = plant.today(tx, site_id, call.now)
        asked = [equipment.c.site_id == site_id]
        if equipment_id is not None:
            asked.append(equipment.c.id == equipment_id)
        rows = views.entries(tx, call.sight, on, *asked, after=after, limit=part.limit + 1)
    return _ORDER.page(rows, part.limit, id_of)


@router.post(
    ":import",
    summary="Bring the register in from a file",
    response_model=models.Imported,
    responses=documented(401, 403, 404, 413, 422, 503),
)
def import_register(
    call: WritesPlant,
    site_id: Annotated[PathId, Query(alias="site")],
    file: Annotated[bytes, Body(media_type="application/octet-stream", description="CSV or XLSX after the template")],
) -> dict[str, Any]:
    """A line for each piece; one of a known code is brought up to date. Where a line is refused nothing is stored, and
    the answer says which line, which column and why."""
    read = register_file.read(file)
    with call.transaction() as tx:
        call.must_see(tx, site, site_id)
        refused = [each._asdict() for each in read.refused]
        names = ("line", "field", "message")
        refused += [dict(zip(names, each, strict=True)) for each in register.refusals(tx, site_id, read.rows, call.now)]
        stored = 0 if refused else register.bring_in(tx, site_id, read.rows, call.person, call.now)
    return {"stored": stored, "refused": sorted(refused, key=lambda each: each["line"])}


@router.get(
    "/template.{kind}",
    summary="An empty file for the import",
    response_class=Response,
    responses={
        200: {
            "description": "CSV or XLSX",
            "content": {"text/csv": {"schema": {"type": "string"}}, xlsx.MEDIA_TYPE: {"schema": BINARY}},
        },
        **documented(401, 403, 404, 422, 503),
    },
)
def show_register_template(kind: Literal["csv", "xlsx"], _call: ReadsPlant) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="register.{kind}"'}
    if kind == "csv":
        written = io.StringIO(newline="")
        csv.writer(written).writerow(register_file.COLUMNS)
        return Response(written.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")
    book, made = Workbook(), io.BytesIO()
    book.create_sheet("register", 0).append(list(register_file.COLUMNS))
    book.save(made)
    return Response(made.getvalue(), headers=headers, media_type=xlsx.MEDIA_TYPE)


@router.get(
    "/labels.pdf",
    summary="QR labels of a site's fire equipment",
    response_class=Response,
    responses=responses("A4, 24 labels a page", pdf.MEDIA_TYPE, 401, 403, 404, 422, 503),
)
def show_labels(
    call: ReadsPlant,
    request: Request,
    site_id: Annotated[PathId, Query(alias="site")],
    locale: Annotated[Locale, Query()] = "zh-CN",
) -> Response:
    """Scanned, a label opens the equipment in the app."""
    base = (parts_of(request).settings.public_url or str(request.base_url)).rstrip("/")
    with call.transaction() as tx:
        call.must_see(tx, site, site_id)
        on = plant.today(tx, site_id, call.now)
        rows = views.entries(tx, call.sight, on, equipment.c.site_id == site_id, limit=MOST_LABELS)
    made = [
        Label(row["code"], said(row["name"], locale), said(row["place"], locale), f"{base}/equipment/{row['id']}")
        for row in rows
    ]
    return download(labels(made, locale), pdf.MEDIA_TYPE, "labels.pdf", shown=True)
