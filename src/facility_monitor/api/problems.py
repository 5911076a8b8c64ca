"""Errors as problem details (RFC 9457): one dictionary from the error tree to HTTP."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException

from facility_monitor.api.models.shared import Problem
from facility_monitor.errors import (
    Conflict,
    FacilityMonitorError,
    Forbidden,
    InvalidInput,
    NotFound,
    NotSignedIn,
    Stale,
    TooMany,
    Unavailable,
    VersionRequired,
)
from facility_monitor.store.integrity import refusal

MEDIA_TYPE = "application/problem+json"

log = logging.getLogger(__name__)


class Kind(NamedTuple):
    """How an error of the tree is answered. ``name`` is the anchor of its type in the documentation."""

    status: int
    name: str
    title: str


KINDS: Mapping[type[FacilityMonitorError], Kind] = {
    InvalidInput: Kind(422, "invalid-input", "The input is wrong"),
    NotSignedIn: Kind(401, "not-signed-in", "Who is asking?"),
    Forbidden: Kind(403, "forbidden", "Not allowed"),
    NotFound: Kind(404, "not-found", "No such thing, or none that you may see"),
    Conflict: Kind(409, "conflict", "Its state does not allow this"),
    Stale: Kind(412, "stale", "Somebody has changed it in between; read it again"),
    VersionRequired: Kind(428, "version-required", "The change must say which version it was made from"),
    TooMany: Kind(429, "too-many", "Too often; come back later"),
    Unavailable: Kind(503, "unavailable", "A part that is needed does not answer"),
}


def _answer(
    status: int, name: str, title: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    body = {"type": f"/docs#{name}", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, dict(headers or {}), media_type=MEDIA_TYPE)


def answer(error: FacilityMonitorError) -> JSONResponse:
    """The response to ``error``; one that has no place in the tree is a fault of the service."""
    kind = KINDS.get(type(error))
    if kind is None:
        return unexpected(error)
    more: dict[str, Any] = {}
    headers = {}
    if isinstance(error, InvalidInput):
        more["errors"] = [{"field": field, "message": message} for field, message in error.fields.items()]
    elif isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="facility-monitor"'
    elif isinstance(error, Conflict) and error.existing is not None:
        more["existing"] = error.existing
    elif isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, Unavailable):
        log.warning("unavailable: %s", error)
        headers["Retry-After"] = "5"
        return _answer(*kind, "try again in a few seconds", headers)
    return _answer(*kind, str(error), headers, **more)


def unexpected(error: Exception) -> JSONResponse:
    """The response to a fault of ours: nothing of its inside but a number that finds it in the log."""
    number = secrets.token_hex(6)
    log.error("unexpected error %s", number, exc_info=error)
    detail = f"it has been logged as {number}"
    return _answer(500, "internal", "The service has failed", detail, instance=f"urn:facility-monitor:error:{number}")


def too_large(limit: int) -> JSONResponse:
    """The response to a body of more than ``limit`` bytes."""
    return _answer(413, "too-large", "The body is too large", f"at most {limit} bytes", {"Connection": "close"})


def _invalid(error: RequestValidationError) -> InvalidInput:
    fields: dict[str, str] = {}
    for each in error.errors():
        path, message = _path(each["loc"]), each["msg"].removeprefix("Value error, ")
        if each["type"] == "json_invalid":
            path, message = "body", f"is not JSON: {each['ctx']['error']} at character {each['loc'][-1]}"
        fields.setdefault(path, message)
    return InvalidInput(fields)


def _path(where: Sequence[int | str]) -> str:
    """``limit.value`` of ("body", "limit", "value"); the source alone where the whole body is meant."""
    source, *rest = where
    # Pydantic marks a wrong key of a dictionary so; people know the field only.
    steps = [str(step) for step in rest if step != "[key]"]
    return ".".join(steps) or str(source)


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` as a problem."""

    async def known(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, FacilityMonitorError)  # noqa: S101 - registered for these only
        return answer(error)

    async def invalid(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return answer(_invalid(error))

    async def refused(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, IntegrityError)  # noqa: S101
        told = refusal(error)
        return unexpected(error) if told is None else answer(told)

    async def by_http(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101
        phrase = HTTPStatus(error.status_code).phrase
        name = phrase.lower().replace(" ", "-")
        return _answer(error.status_code, name, phrase, error.detail, error.headers)

    async def broken(_request: Request, error: Exception) -> JSONResponse:
        return unexpected(error)

    app.add_exception_handler(FacilityMonitorError, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(ResponseValidationError, broken)
    app.add_exception_handler(IntegrityError, refused)
    app.add_exception_handler(HTTPException, by_http)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that may answer with these problems."""
    titles = {kind.status: kind.title for kind in KINDS.values()} | {413: "The body is too large"}
    return {status: {"model": Problem, "description": titles[status]} for status in statuses}
