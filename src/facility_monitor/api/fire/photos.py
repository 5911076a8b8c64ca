"""Photos: taken in as they are, given out as they were."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from facility_monitor.api.auth import Call, ReadsPhotos, WritesPhotos
from facility_monitor.api.downloads import BINARY
from facility_monitor.api.fire import uploads
from facility_monitor.api.fire.uploads import Sent
from facility_monitor.api.guard import LARGEST_PHOTO
from facility_monitor.api.models import evidence as models
from facility_monitor.api.models.fields import Sha256
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.errors import NotFound
from facility_monitor.media import picture
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.views import evidence as views

router = APIRouter(prefix="/photos", tags=["photos"])

_PHOTO = {media_type: {"schema": BINARY} for media_type in picture.MEDIA_TYPES}
_GIVING: dict[int | str, dict[str, Any]] = {
    200: {"description": "The photo", "content": _PHOTO},
    **documented(401, 403, 404, 422, 503),
}
PhotoSent = Annotated[Sent, Depends(uploads.sent)]


@router.post(
    "",
    status_code=201,
    summary="Send a photo",
    response_model=models.Photo,
    responses={200: {"model": models.Photo, "description": "sent before"}, **documented(401, 403, 413, 422, 503)},
    openapi_extra=uploads.sending(models.PhotoContext, f"JPEG, PNG or WebP, of at most {LARGEST_PHOTO} bytes", _PHOTO),
)
def add_photo(call: WritesPhotos, sent: PhotoSent, request: Request, response: Response) -> dict[str, Any]:
    """As a form, or as the body itself. Kept byte by byte, under its SHA-256, by which records then refer to it; the
    same photo of the same place sent again is answered again. What does not decode to its last pixel, or is something
    else besides, is refused. Doubts (from the gallery, wrong time, far away) refuse nothing: they are told. What no
    record names within a day is forgotten."""
    return uploads.keep(call, sent, models.PhotoContext, picture.read, request, response)


@router.get("/{sha256}", summary="A photo as it was sent", response_class=Response, responses=_GIVING)
def show_photo(sha256: Sha256, call: ReadsPhotos, request: Request) -> Response:
    """The bytes as they came, checked against their hash."""
    content, media_type = _bytes(call, parts_of(request).files, sha256)
    name = f"{sha256[:16]}.{media_type.rpartition('/')[2]}"
    headers = {
        "Content-Security-Policy": uploads.NOT_ACTIVE,
        "ETag": f'"{sha256}"',
        "Content-Disposition": f'inline; filename="{name}"',
    }
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
    headers = {"Content-Security-Policy": uploads.NOT_ACTIVE, "Content-Disposition": "inline"}
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
        return uploads.record(tx, call, bytes.fromhex(sha256), photo=True)


def _bytes(call: Call, files: Files, sha256: str) -> tuple[bytes, str]:
    with call.transaction() as tx:
        media_type = views.media_type(tx, call.sight, bytes.fromhex(sha256))
    if media_type is None:
        raise NotFound(f"photo {sha256}")
    return uploads.content(files, sha256), media_type
