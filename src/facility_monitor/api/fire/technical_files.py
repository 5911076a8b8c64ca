"""Technical files of equipment and sites: entered once, replaced by newer ones, kept for ever."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from facility_monitor.api.auth import Call, ReadsTests, WritesTests
from facility_monitor.api.fire.uploads import exhibits
from facility_monitor.api.models import technical_files as models
from facility_monitor.api.models.fields import BigPathId, PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.problems import documented
from facility_monitor.domain.fire.technical_file import TechnicalFile
from facility_monitor.errors import NotFound
from facility_monitor.flows.fire import technical_files
from facility_monitor.flows.fire.technical_files import Draft
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import equipment, site, technical_file
from facility_monitor.store.views import technical_files as views

router = APIRouter(prefix="/technical-files", tags=["technical-files"])
MOST = 2000


@router.get(
    "",
    summary="Technical files, newest first",
    response_model=Page[models.TechnicalFile],
    responses=documented(401, 403, 422, 503),
)
def list_technical_files(
    call: ReadsTests,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    equipment_id: Annotated[PathId | None, Query(alias="equipment")] = None,
    replaced: Annotated[bool, Query(description="those too that a newer one has replaced")] = False,
) -> dict[str, Any]:
    wanted = {technical_file.c.site_id: site_id, technical_file.c.equipment_id: equipment_id}
    conditions = [column == value for column, value in wanted.items() if value is not None]
    with call.transaction() as tx:
        return whole(views.seen(tx, call.sight, *conditions, replaced=replaced, limit=MOST))


@router.post(
    "",
    status_code=201,
    summary="Enter a technical file",
    response_model=models.TechnicalFile,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_technical_file(new: models.NewTechnicalFile, call: WritesTests, response: Response) -> dict[str, Any]:
    """Type approval, drawing, manual, certificate, contract: of equipment or a whole site. Nothing is changed
    afterwards: a newer one `replaces` it for a `reason`. Thirty days before its end the managers are told."""
    with call.transaction() as tx:
        call.must_refer(tx, equipment_id=(equipment, new.equipment_id), site_id=(site, new.site_id))
        number = technical_files.add(tx, _draft(tx, new), call.sight, call.now)
        response.headers["Location"] = f"/api/v1/technical-files/{number}"
        return _one(tx, call, number)


def _draft(tx: Tx, new: models.NewTechnicalFile) -> Draft:
    at = new.site_id if new.equipment_id is None else plant.places(tx, [new.equipment_id])[new.equipment_id].site_id
    assert at is not None  # noqa: S101 - the model has one of the two
    paper = TechnicalFile(new.kind, new.title, new.valid_from, new.valid_until, new.remarks)
    return Draft(at, new.equipment_id, paper, exhibits(new.photos, new.files), new.replaces, new.reason)


@router.get(
    "/{file_id}",
    summary="One technical file",
    response_model=models.TechnicalFile,
    responses=documented(401, 403, 404, 422, 503),
)
def show_technical_file(file_id: BigPathId, call: ReadsTests) -> dict[str, Any]:
    with call.transaction() as tx:
        return _one(tx, call, file_id)


def _one(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.seen(tx, call.sight, technical_file.c.id == number, replaced=True)
    if not rows:
        raise NotFound(f"technical file {number}")
    return rows[0]
