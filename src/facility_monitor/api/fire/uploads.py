"""Files that are sent in, photos or others: as a form or as the body itself, with what is told of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

from fastapi import Request, Response
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from facility_monitor.api.auth import Call
from facility_monitor.api.downloads import BINARY
from facility_monitor.api.models.evidence import FileContext, PhotoContext
from facility_monitor.api.parts import parts_of
from facility_monitor.domain.fire.evidence import GeoPoint, Source
from facility_monitor.errors import InvalidInput, NotFound
from facility_monitor.flows.evidence import evidence
from facility_monitor.flows.evidence.evidence import About, Exhibits, Use
from facility_monitor.media.container import NoPicture
from facility_monitor.media.document import ENDINGS, Document, NoDocument
from facility_monitor.media.picture import Picture
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.tables import equipment, site
from facility_monitor.store.views import evidence as views

C = TypeVar("C", bound=FileContext)
NOT_ACTIVE = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""Content-Security-Policy of what came from outside: even opened by itself it runs nothing and loads nothing."""


class Sent(NamedTuple):
    """The bytes of a request, and all that it said of them."""

    content: bytes
    told: Mapping[str, Any]


async def sent(request: Request) -> Sent:
    """Read a file from a form (field ``file``) or from the body itself. Raises InvalidInput.

    Stands after the caller in a route's parameters: nothing is read from who has not signed in.
    """
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
    return Sent(content, told)


def context(kind: type[C], told: Mapping[str, Any]) -> C:
    """What was told, as a ``kind`` of context. Raises InvalidInput."""
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        wrong = {
            ".".join(map(str, each["loc"])) or "equipment_id": each["msg"].removeprefix("Value error, ")
            for each in error.errors(include_url=False, include_context=False)
        }
        raise InvalidInput(wrong) from None


def about(tx: Tx, call: Call, told: FileContext) -> About:
    """Of which place it is. Raises InvalidInput for one that the caller does not see."""
    call.must_refer(tx, equipment_id=(equipment, told.equipment_id), site_id=(site, told.site_id))
    site_id = told.site_id
    if told.equipment_id is not None:
        stands_at = plant.places(tx, [told.equipment_id])[told.equipment_id].site_id
        if site_id not in (None, stands_at):
            raise InvalidInput({"site_id": "is not the site of this equipment"})
        site_id = stands_at
    assert site_id is not None  # noqa: S101 - the context has one of the two
    place, source = None, Source.UNKNOWN
    if isinstance(told, PhotoContext):
        source = told.source
        if told.latitude is not None and told.longitude is not None:
            place = GeoPoint(told.latitude, told.longitude)
    return About(site_id, told.equipment_id, told.device_at, place, source, told.file_name)


def keep(
    call: Call,
    sent: Sent,
    kind: type[FileContext],
    read: Callable[[bytes], Picture | Document],
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """Keep what was sent under its SHA-256 and return what is known of it; ``response`` says whether and where it is
    new. Raises InvalidInput where it is not what ``read`` takes."""
    told = context(kind, sent.told)
    try:
        # outside of the transaction: a large picture takes its time
        found = read(sent.content)
    except (NoPicture, NoDocument) as error:
        raise InvalidInput({"file": str(error)}) from None
    with call.transaction() as tx:
        of_place = about(tx, call, told)
        kept = evidence.keep(tx, parts_of(request).files, sent.content, found, of_place, call.person, call.now)
        response.status_code = 201 if kept.new else 200
        response.headers["Location"] = f"{request.url.path}/{kept.sha256.hex()}"
        return record(tx, call, kept.sha256, photo=kind is PhotoContext)


def record(tx: Tx, call: Call, digest: bytes, *, photo: bool) -> dict[str, Any]:
    """What is known of a photo, or of another file. Raises NotFound where the caller sees no such one."""
    found = views.file(tx, call.sight, digest)
    if found is None or (found["width"] is not None) is not photo:
        raise NotFound(f"{'photo' if photo else 'file'} {digest.hex()}")
    return found


def sending(kind: type[FileContext], what: str, media_types: Mapping[str, Any]) -> dict[str, Any]:
    """How a request that sends a file, described as ``what``, stands in the OpenAPI document."""
    told = kind.model_json_schema(ref_template="#/components/schemas/{model}")["properties"]
    file = {"file": {**BINARY, "description": what}}
    form = {"type": "object", "required": ["file"], "properties": {**file, **told}}
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}, **media_types}},
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": schema, "description": "as in the form"}
            for name, schema in told.items()
        ],
    }


def content(files: Files, sha256: str) -> bytes:
    """The bytes of a photo or file that a row names. Raises NotFound where they are not here, Damaged for others."""
    digest = bytes.fromhex(sha256)
    if not files.holds(digest):
        raise NotFound(f"file {sha256}: it was moved to the archive, or is lost")
    return files.read(digest)


def given(content: bytes, sha256: str, media_type: str, name: str | None) -> Response:
    """A file that is no photo: to be saved under its own name, with the ending of what it really is, never shown."""
    ending = f".{ENDINGS[media_type]}"
    name = name or sha256[:16]
    name = name if name.lower().endswith(ending) else f"{name}{ending}"
    plain = f"{sha256[:16]}{ending}"
    headers = {
        "Content-Security-Policy": NOT_ACTIVE,
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "ETag": f'"{sha256}"',
    }
    return Response(content, headers=headers, media_type=media_type)


class Ref(Protocol):
    """A file as a request names it."""

    sha256: str
    purpose: str


def exhibits(photos: Sequence[Ref], files: Sequence[Ref] = ()) -> Exhibits:
    """Photos and files as they are named in a request."""
    return Exhibits(*([Use(bytes.fromhex(each.sha256), each.purpose) for each in named] for named in (photos, files)))
