"""Photos: taken in as they are, given out as they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from facility_monitor.api.auth import Call, ReadsPhotos, WritesPhotos
from facility_monitor.api.downloads import BINARY
from facility_monitor.api.guard import LARGEST_PHOTO
from facility_monitor.api.models import evidence as models
from facility_monitor.api.models.fields import Sha256
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.domain.fire.evidence import GeoPoint
from facility_monitor.errors import InvalidInput, NotFound
from facility_monitor.flows.evidence import evidence
from facility_monitor.flows.evidence.evidence import About
from facility_monitor.media import picture
from facility_monitor.media.container import NoPicture
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.tables import equipment, site
from facility_monitor.store.views import evidence as views

router = APIRouter(prefix="/photos", tags=["photos"])

_CONTEXT = models.PhotoContext.model_json_schema(ref_template="#/components/schemas/{model}")["properties"]
_FILE = {"file": {**BINARY, "description": f"JPEG, PNG or WebP, of at most {LARGEST_PHOTO} bytes"}}
_FORM = {"type": "object", "required": ["file"], "properties": {**_FILE, **_CONTEXT}}
_PHOTO = {media_type: {"schema": BINARY} for media_type in picture.MEDIA_TYPES}
_SENDING = {
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}, **_PHOTO}},
    "parameters": [
        {"name": name, "in": "query", "required": False, "schema": schema, "description": "as in the form"}
        for name, schema in _CONTEXT.items()
    ],
}
_GIVING: dict[int | str, dict[str, Any]] = {
    200: {"description": "The photo", "content": _PHOTO},
    **documented(401, 403, 404, 422, 503),
}
_NOT_ACTIVE = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""Content-Security-Policy of what came from outside: even opened by itself it runs nothing and loads nothing."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The bytes of a request, and what it said of them."""

    content: bytes
    context: models.PhotoContext


async def _sent(request: Request) -> Sent:
    """Read a photo from a form (field ``file``) or from the body itself. Raises InvalidInput."""
    told: dict[str, Any] = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=20, max_part_size=4096) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise InvalidInput({"file": "is missing from the form"})
            told |= {name: value for name, value in form.items() if name != "file"}
            if file.filename:
                told.setdefault("file_name", file.filename)
            content = await file.read()
    else:
        content = await request.body()
    if not content:
        raise InvalidInput({"file": "is empty"})
    return Sent(content, _context(told))


def _context(told: Mapping[str, Any]) -> models.PhotoContext:
    try:
        return models.PhotoContext.model_validate(told)
    except ValidationError as error:
        wrong = {
            ".".join(map(str, each["loc"])) or "equipment_id": each["msg"].removeprefix("Value error, ")
            for each in error.errors(include_url=False, include_context=False)
        }
        raise InvalidInput(wrong) from None


PhotoSent = Annotated[Sent, Depends(_sent)]
"""Stands after the caller in a route's parameters: nothing is read from who has not signed in."""


@router.post(
    "",
    status_code=201,
    summary="Send a photo",
    response_model=models.Photo,
    responses={200: {"model": models.Photo, "description": "sent before"}, **documented(401, 403, 413, 422, 503)},
    openapi_extra=_SENDING,
)
def add_photo(call: WritesPhotos, sent: PhotoSent, request: Request, response: Response) -> dict[str, Any]:
    """As a form, or as the body itself. Kept byte by byte, under its SHA-256, by which records then refer to it; the
    same photo of the same place sent again is answered again. What does not decode to its last pixel, or is something
    else besides, is refused. Doubts (from the gallery, wrong time, far away) refuse nothing: they are told. What no
    record names within a day is forgotten."""
    try:
        read = picture.read(sent.content)
    except NoPicture as error:
        raise InvalidInput({"file": str(error)}) from None
    with call.transaction() as tx:
        kept = evidence.keep(
            tx, parts_of(request).files, sent.content, read, _about(tx, call, sent.context), call.person, call.now
        )
        response.status_code = 201 if kept.new else 200
        response.headers["Location"] = f"/api/v1/photos/{kept.sha256.hex()}"
        return _photo(tx, call, kept.sha256)


def _about(tx: Tx, call: Call, context: models.PhotoContext) -> About:
    call.must_refer(tx, equipment_id=(equipment, context.equipment_id), site_id=(site, context.site_id))
    site_id = context.site_id
    if context.equipment_id is not None:
        stands_at = plant.places(tx, [context.equipment_id])[context.equipment_id].site_id
        if site_id not in (None, stands_at):
            raise InvalidInput({"site_id": "is not the site of this equipment"})
        site_id = stands_at
    assert site_id is not None  # noqa: S101 - the context has one of the two
    place = None
    if context.latitude is not None and context.longitude is not None:
        place = GeoPoint(context.latitude, context.longitude)
    return About(site_id, context.equipment_id, context.device_at, place, context.source, context.file_name)


@router.get("/{sha256}", summary="A photo as it was sent", response_class=Response, responses=_GIVING)
def show_photo(sha256: Sha256, call: ReadsPhotos, request: Request) -> Response:
    """The bytes as they came, checked against their hash."""
    content, media_type = _bytes(call, parts_of(request).files, sha256)
    kind = media_type.rpartition("/")[2]
    headers = {"Content-Security-Policy": _NOT_ACTIVE, "ETag": f'"{sha256}"'}
    if media_type in picture.MEDIA_TYPES:
        headers["Content-Disposition"] = f'inline; filename="{sha256[:16]}.{kind}"'
    else:
        headers["Content-Disposition"] = f'attachment; filename="{sha256[:16]}"'
    return Response(content, headers=headers, media_type=media_type)


@router.get(
    "/{sha256}/preview",
    summary="A small picture of a photo",
    response_class=Response,
    responses={
        200: {"description": "JPEG, its longest side 480 pixels", "content": {"image/jpeg": {"schema": BINARY}}},
        **documented(401, 403, 404, 422, 503),
    },
)
def show_preview(sha256: Sha256, call: ReadsPhotos, request: Request) -> Response:
    """Upright, and without what the camera wrote into it."""
    content, _ = _bytes(call, parts_of(request).files, sha256)
    headers = {"Content-Security-Policy": _NOT_ACTIVE, "Content-Disposition": "inline"}
    return Response(picture.preview(content), headers=headers, media_type="image/jpeg")


@router.get(
    "/{sha256}/record",
    summary="What is known of a photo",
    response_model=models.Photo,
    responses=documented(401, 403, 404, 422, 503),
)
def show_photo_record(sha256: Sha256, call: ReadsPhotos) -> dict[str, Any]:
    """Who sent it when, what it is evidence of, and what speaks against it, as far as the caller sees these."""
    with call.transaction() as tx:
        return _photo(tx, call, bytes.fromhex(sha256))


def _photo(tx: Tx, call: Call, sha256: bytes) -> dict[str, Any]:
    found = views.photo(tx, call.sight, sha256)
    if found is None:
        raise NotFound(f"photo {sha256.hex()}")
    return found


def _bytes(call: Call, files: Files, sha256: str) -> tuple[bytes, str]:
    with call.transaction() as tx:
        media_type = views.media_type(tx, call.sight, bytes.fromhex(sha256))
    if media_type is None:
        raise NotFound(f"photo {sha256}")
    return files.read(bytes.fromhex(sha256)), media_type
