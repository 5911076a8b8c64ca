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
from facility_monitor.catalogue import said_problem
from facility_monitor.domain.text import LOCALES
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


def language(accepted: str | None) -> str:
    """The language to answer in, by an ``Accept-Language`` header: the first of ours in it, else English."""
    for wanted in (accepted or "").lower().split(","):
        for locale in LOCALES:
            if wanted.strip().startswith(locale[:2].lower()):
                return locale
    return "en"


def answer(error: FacilityMonitorError, locale: str = "en") -> JSONResponse:
    """The response to ``error``; one that has no place in the tree is a fault of the service."""
    kind = KINDS.get(type(error))
    if kind is None:
        return unexpected(error)
    kind = kind._replace(title=said_problem(kind.title, locale))
    more: dict[str, Any] = {}
    headers = {"Content-Language": locale}
    if isinstance(error, InvalidInput):
        error = InvalidInput({field: said_problem(message, locale) for field, message in error.fields.items()})
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
    detail = str(error) if isinstance(error, InvalidInput) else said_problem(str(error), locale)
    return _answer(*kind, detail, headers, **more)


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
        path, message = _path(each["loc"]), said(each)
        if each["type"] == "json_invalid":
            path, message = "body", f"is not JSON: {each['ctx']['error']} at character {each['loc'][-1]}"
        fields.setdefault(path, message)
    return InvalidInput(fields)


def said(error: Mapping[str, Any]) -> str:
    """What Pydantic has found, where its own words are for programmers in words for everybody."""
    kind, limits = error["type"], error.get("ctx", {})
    if kind == "timezone_aware":
        return "needs its offset from UTC, as in 2026-03-02T15:30:00+08:00"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return "must be an object"
    if kind in ("too_short", "too_long"):
        bound = f"at least {limits['min_length']}" if kind == "too_short" else f"at most {limits['max_length']}"
        if isinstance(error.get("input"), str):
            return f"must have {bound} characters"
        return f"must hold {bound}; it holds {limits['actual_length']}"
    words: str = error["msg"]
    return words.removeprefix("Value error, ")


def _path(where: Sequence[int | str]) -> str:
    """``limit.value`` of ("body", "limit", "value"); the source alone where the whole body is meant."""
    source, *rest = where
    # Pydantic marks a wrong key of a dictionary so; people know the field only.
    steps = [str(step) for step in rest if step != "[key]"]
    return ".".join(steps) or str(source)


_UNREAD = "There was an error parsing the body"
"""What FastAPI says of a body at which the parser itself has failed."""


def _of(request: Request) -> str:
    return language(request.headers.get("accept-language"))


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` as a problem."""

    async def known(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, FacilityMonitorError)  # noqa: S101 - registered for these only
        return answer(error, _of(request))

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return answer(_invalid(error), _of(request))

    async def refused(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, IntegrityError)  # noqa: S101
        told = refusal(error)
        return unexpected(error) if told is None else answer(told, _of(request))

    async def by_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101
        if error.detail == _UNREAD:
            told = InvalidInput({"body": "is not JSON in UTF-8, is nested too deep or holds a number that is too long"})
            return answer(told, _of(request))
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
