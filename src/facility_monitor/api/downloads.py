"""Reports as files: what their routes have in common."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Response

from facility_monitor.api.models.fields import Locale
from facility_monitor.api.problems import documented

BINARY = {"type": "string", "format": "binary"}
"""The schema of a file in the OpenAPI document."""
InLocale = Annotated[Locale | None, Query(description="default: the caller's own")]


def responses(what: str, media_type: str, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route that answers with a file, described as ``what``, may answer with."""
    return {200: {"description": what, "content": {media_type: {"schema": BINARY}}}, **documented(*statuses)}


def download(content: bytes, media_type: str, name: str, *, shown: bool = False) -> Response:
    """A file that the browser saves under ``name``, or shows first where it is to be ``shown``."""
    way = "inline" if shown else "attachment"
    return Response(content, headers={"Content-Disposition": f'{way}; filename="{name}"'}, media_type=media_type)
