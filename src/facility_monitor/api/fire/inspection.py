"""What an inspector sees with a link: completeness, entries, photos, sheets, and the bundle that proves itself."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from facility_monitor.api.downloads import BINARY
from facility_monitor.api.fire import uploads
from facility_monitor.api.models import upkeep as models
from facility_monitor.api.models.fields import BigPathId, Locale, Sha256
from facility_monitor.api.models.inspection import InspectedEntry, Inspection
from facility_monitor.api.models.shared import Page
from facility_monitor.api.models.technical_files import TechnicalFile
from facility_monitor.api.pages import whole
from facility_monitor.api.parts import Parts, parts_of
from facility_monitor.api.problems import documented
from facility_monitor.domain.fire.chain import Head
from facility_monitor.errors import NotFound
from facility_monitor.flows.evidence import bundle
from facility_monitor.flows.evidence.seal import seal
from facility_monitor.flows.fire import inspection, inspection_sheets
from facility_monitor.flows.fire.inspection import Visit
from facility_monitor.media import picture
from facility_monitor.media.document import ENDINGS
from facility_monitor.sheets import pdf, xlsx
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import chain, ledger, signing_key
from facility_monitor.store.evidence.checkpoints import Checkpoints
from facility_monitor.store.evidence.files import Damaged

router = APIRouter(prefix="/inspection/{token}", tags=["inspection"])
_NOT_ACTIVE = "sandbox; default-src 'none'"
_ERRORS = documented(401, 404, 422, 503)
_PHOTO: dict[int | str, dict[str, Any]] = {
    200: {"description": "as it was sent", "content": {"application/octet-stream": {"schema": BINARY}}},
    **_ERRORS,
}
_PREVIEW: dict[int | str, dict[str, Any]] = {
    200: {"description": "JPEG, upright", "content": {"image/jpeg": {"schema": BINARY}}},
    **_ERRORS,
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "as it was sent", "content": {kind: {"schema": BINARY} for kind in ENDINGS}},
    **_ERRORS,
}
Token = Annotated[str, InPath(max_length=80)]


class Desk:
    """One request with a link, which stands for the sign-in."""

    def __init__(self, token: str, parts: Parts, base: str) -> None:
        self.parts = parts
        self.now = parts.now()
        self.key = signing_key.kept(parts.settings.signing_key)
        self.address = f"{(parts.settings.public_url or base).rstrip('/')}/inspection/{token}"
        self._token = token
        with parts.database.transaction() as tx:
            self.visit(tx)

    def visit(self, tx: Tx) -> Visit:
        """Raises NotSignedIn."""
        return inspection.open_link(tx, self._token, self.key, self.now)


def _desk(token: Token, request: Request) -> Desk:
    return Desk(token, parts_of(request), str(request.base_url))


AtDesk = Annotated[Desk, Depends(_desk)]


@router.get("", summary="Completeness: equipment by month", response_model=Inspection, responses=_ERRORS)
def show_inspection(desk: AtDesk) -> dict[str, Any]:
    """Done, late and missed of each piece in each month, with the checks behind them."""
    with desk.parts.database.transaction() as tx:
        visit = desk.visit(tx)
        head = _head(tx, visit)
        names = {"site": visit.code, "name": visit.name, "timezone": visit.zone.key}
        period = {"first": visit.first, "last": visit.last}
        place = {"chain_position": head.position, "chain_head": head.hash.hex(), "key": desk.key.public}
        return {**names, **period, **place, **inspection.matrix(tx, visit, desk.now)}


def _head(tx: Tx, visit: Visit) -> Head:
    return ledger.heads(tx, [visit.site_id]).get(visit.site_id, Head())


@router.get(
    "/entries/{position}",
    summary="The hash of an entry of the ledger",
    response_model=InspectedEntry,
    responses=_ERRORS,
)
def show_inspected_entry(position: BigPathId, desk: AtDesk) -> dict[str, Any]:
    """To be compared with what stands on a printed page: it names the head of the chain when it was made."""
    with desk.parts.database.transaction() as tx:
        found = chain.entry_at(tx, desk.visit(tx).site_id, position)
    if found is None:
        raise NotFound(f"entry {position}")
    return {"position": position, "hash": found.hash.hex(), "at": found.at}


@router.get("/checks/{check_id}", summary="One check of the period", response_model=models.Check, responses=_ERRORS)
def show_inspected_check(check_id: BigPathId, desk: AtDesk) -> dict[str, Any]:
    """Also one that was made after the period for a duty of it."""
    return _check(desk, check_id)


def _check(desk: Desk, check_id: int) -> dict[str, Any]:
    with desk.parts.database.transaction() as tx:
        found = inspection.check(tx, desk.visit(tx), check_id, desk.now)
    if found is None:
        raise NotFound(f"check {check_id}")
    return found


@router.get(
    "/checks/{check_id}/photos/{sha256}", summary="A photo of a check", response_class=Response, responses=_PHOTO
)
def show_inspected_photo(check_id: BigPathId, sha256: Sha256, desk: AtDesk) -> Response:
    return _photo(desk, _check(desk, check_id), sha256)


@router.get(
    "/checks/{check_id}/photos/{sha256}/preview",
    summary="A photo of a check, small",
    response_class=Response,
    responses=_PREVIEW,
)
def show_inspected_preview(check_id: BigPathId, sha256: Sha256, desk: AtDesk) -> Response:
    return _preview(desk, _check(desk, check_id), sha256)


@router.get("/checks/{check_id}/files/{sha256}", summary="A file of a check", response_class=Response, responses=_FILE)
def show_inspected_file(check_id: BigPathId, sha256: Sha256, desk: AtDesk) -> Response:
    return _file(desk, _check(desk, check_id), sha256)


@router.get(
    "/technical-files",
    summary="Technical files of the site, of whatever time",
    response_model=Page[TechnicalFile],
    responses=_ERRORS,
)
def list_inspected_technical_files(desk: AtDesk) -> dict[str, Any]:
    """Those that stand; they are kept for ever, so that no period bounds them."""
    with desk.parts.database.transaction() as tx:
        return whole(inspection.technical_files(tx, desk.visit(tx)))


@router.get(
    "/technical-files/{file_id}/photos/{sha256}",
    summary="A photo that a technical file consists of",
    response_class=Response,
    responses=_PHOTO,
)
def show_inspected_technical_photo(file_id: BigPathId, sha256: Sha256, desk: AtDesk) -> Response:
    return _photo(desk, _paper(desk, file_id), sha256)


@router.get(
    "/technical-files/{file_id}/photos/{sha256}/preview",
    summary="A photo that a technical file consists of, small",
    response_class=Response,
    responses=_PREVIEW,
)
def show_inspected_technical_preview(file_id: BigPathId, sha256: Sha256, desk: AtDesk) -> Response:
    return _preview(desk, _paper(desk, file_id), sha256)


@router.get(
    "/technical-files/{file_id}/files/{sha256}",
    summary="What a technical file consists of",
    response_class=Response,
    responses=_FILE,
)
def show_inspected_technical_file(file_id: BigPathId, sha256: Sha256, desk: AtDesk) -> Response:
    return _file(desk, _paper(desk, file_id), sha256)


def _paper(desk: Desk, file_id: int) -> dict[str, Any]:
    """Raises NotFound."""
    with desk.parts.database.transaction() as tx:
        found = inspection.technical_files(tx, desk.visit(tx))
    for each in found:
        if each["id"] == file_id:
            return each
    raise NotFound(f"technical file {file_id}")


def _photo(desk: Desk, of: Mapping[str, Any], sha256: str) -> Response:
    """Of a record. Raises NotFound."""
    _, content = _exhibit(desk, of, "photos", sha256)
    headers = {"Content-Security-Policy": _NOT_ACTIVE, "Content-Disposition": "attachment"}
    return Response(content, headers=headers, media_type="application/octet-stream")


def _preview(desk: Desk, of: Mapping[str, Any], sha256: str) -> Response:
    """Of a record. Raises NotFound."""
    _, content = _exhibit(desk, of, "photos", sha256)
    headers = {"Content-Security-Policy": _NOT_ACTIVE, "Content-Disposition": "inline"}
    return Response(picture.preview(content), headers=headers, media_type="image/jpeg")


def _file(desk: Desk, of: Mapping[str, Any], sha256: str) -> Response:
    """Of a record. Raises NotFound."""
    named, content = _exhibit(desk, of, "files", sha256)
    return uploads.given(content, sha256, named["media_type"], named["name"])


def _exhibit(
    desk: Desk, of: Mapping[str, Any], field: Literal["photos", "files"], sha256: str
) -> tuple[Mapping[str, Any], bytes]:
    """What a record says of a photo or file of its own, and the bytes. Raises NotFound."""
    for each in of[field]:
        if each["sha256"] == sha256:
            try:
                return each, uploads.content(desk.parts.files, sha256)
            except Damaged as error:
                raise NotFound(str(error)) from None
    raise NotFound(f"{field.removesuffix('s')} {sha256}")


@router.get(
    "/sheets/{sheet}.{kind}",
    summary="One of the customary sheets",
    response_class=Response,
    responses={
        200: {
            "description": "A4 or a workbook",
            "content": {pdf.MEDIA_TYPE: {"schema": BINARY}, xlsx.MEDIA_TYPE: {"schema": BINARY}},
        },
        **_ERRORS,
    },
)
def show_sheet(
    sheet: Literal["matrix", "patrol", "test", "repair", "upkeep"],
    kind: Literal["pdf", "xlsx"],
    desk: AtDesk,
    locale: Annotated[Locale, Query()] = "zh-CN",
) -> Response:
    """巡查 patrol, 检测 test, 故障维修 repair, 维护保养 upkeep, and the matrix. Every page says site, period, sheet
    number and the head of the chain."""
    with desk.parts.database.transaction() as tx:
        chain.snapshot(tx)
        visit = desk.visit(tx)
        made = inspection_sheets.sheet(tx, visit, sheet, desk.now)
        foot = inspection_sheets.footer(visit, sheet, made, _head(tx, visit), desk.now, locale, desk.address)
    name = inspection_sheets.number_of(visit, sheet)
    headers = {"Content-Disposition": f'inline; filename="{name}.{kind}"'}
    if kind == "pdf":
        return Response(
            pdf.document([made], locale, visit.zone, foot, wide=True), headers=headers, media_type=pdf.MEDIA_TYPE
        )
    content = xlsx.workbook([made], locale, visit.zone, [foot])
    return Response(content, headers=headers, media_type=xlsx.MEDIA_TYPE)


@router.get(
    "/bundle.zip",
    summary="Everything, in one file that proves itself",
    response_class=FileResponse,
    responses={
        200: {"description": "for `ledger verify --export`", "content": {"application/zip": {"schema": BINARY}}},
        **_ERRORS,
    },
)
def show_bundle(desk: AtDesk) -> FileResponse:
    """Entries of the ledger with their checkpoints, records, photos, the matrix and all sheets, signed. It is sealed
    first, so that all of it is under a checkpoint."""
    settings, checkpoints = desk.parts.settings, Checkpoints(desk.parts.settings.checkpoints)
    seal(desk.parts.database, checkpoints, desk.key, desk.now)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=settings.data_dir, suffix=".zip", delete=False) as draft:
        path = Path(draft.name)
    try:
        with desk.parts.database.transaction() as tx:
            chain.snapshot(tx)
            visit = desk.visit(tx)
            bundle.bundle(tx, path, visit, checkpoints, desk.key, desk.parts.files, desk.address, desk.now)
    except BaseException:
        path.unlink()
        raise
    name = f"{visit.code}-{visit.first:%Y%m%d}-{visit.last:%Y%m%d}.zip"
    return FileResponse(path, media_type="application/zip", filename=name, background=BackgroundTask(path.unlink))
