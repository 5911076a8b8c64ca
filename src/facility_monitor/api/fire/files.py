"""Files that are no photos (certificates, reports, logs): taken in as they are, given out as they were."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from facility_monitor.api.auth import ReadsPhotos, WritesPhotos
from facility_monitor.api.downloads import BINARY
from facility_monitor.api.fire import uploads
from facility_monitor.api.fire.uploads import Sent
from facility_monitor.api.guard import LARGEST_FILE
from facility_monitor.api.models import evidence as models
from facility_monitor.api.models.fields import Sha256
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.errors import NotFound
from facility_monitor.media import document
from facility_monitor.store.views import evidence as views

router = APIRouter(prefix="/files", tags=["files"])

_FILE = {media_type: {"schema": BINARY} for media_type in document.ENDINGS}
FileSent = Annotated[Sent, Depends(uploads.sent)]


@router.post(
    "",
    status_code=201,
    summary="Send a file",
    response_model=models.File,
    responses={200: {"model": models.File, "description": "sent before"}, **documented(401, 403, 413, 422, 503)},
    openapi_extra=uploads.sending(models.FileContext, f"PDF or CSV, of at most {LARGEST_FILE} bytes", _FILE),
)
def add_file(call: WritesPhotos, sent: FileSent, request: Request, response: Response) -> dict[str, Any]:
    """A certificate, report or log of an instrument, as a form or as the body itself. Kept byte by byte, under its
    SHA-256, by which records then refer to it. A PDF is opened to its last object; what is encrypted, brings scripts,
    actions or other files along, holds formulas, or is something else besides, is refused. What no record names within
    a day is forgotten."""
    return uploads.keep(call, sent, models.FileContext, document.read, request, response)


@router.get(
    "/{sha256}",
    summary="A file as it was sent",
    response_class=Response,
    responses={200: {"description": "The file", "content": _FILE}, **documented(401, 403, 404, 422, 503)},
)
def show_file(sha256: Sha256, call: ReadsPhotos, request: Request) -> Response:
    """The bytes as they came, checked against their hash, for the disk of who asks: no browser shows them by itself."""
    with call.transaction() as tx:
        found = views.named_file(tx, call.sight, bytes.fromhex(sha256))
    if found is None:
        raise NotFound(f"file {sha256}")
    return uploads.given(uploads.content(parts_of(request).files, sha256), sha256, *found)


@router.get(
    "/{sha256}/record",
    summary="What is known of a file",
    response_model=models.File,
    responses=documented(401, 403, 404, 422, 503),
)
def show_file_record(sha256: Sha256, call: ReadsPhotos) -> dict[str, Any]:
    """Who sent it when, and what it is evidence of, as far as the caller sees these."""
    with call.transaction() as tx:
        return uploads.record(tx, call, bytes.fromhex(sha256), photo=False)
