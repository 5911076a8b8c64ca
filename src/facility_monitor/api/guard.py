"""What stands around every request: the size limit, the headers, the last catch for errors, and the counting."""

from __future__ import annotations

import time
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from facility_monitor.api import problems
from facility_monitor.api.metrics import HttpMetrics

LARGEST_BODY = 1_000_000
"""Bytes, where nothing else is said."""
LARGEST_PHOTO = 20_000_000
LARGEST_FILE = 20_000_000
_FORM = 20_000
"""What a form may add to a photo or file."""
LARGEST_REPORT = LARGEST_PHOTO
"""What a resident may send, who has not signed in. The form takes less, and its page says so."""
_LET_RUN_OUT = 100_000_000
"""Bytes of what is too large that are taken and thrown away before the answer: who is still sending when the connection
is cut is told nothing. Beyond it is cut."""
_LARGEST: Mapping[str, int] = {"/api/v1/photos": LARGEST_PHOTO + _FORM, "/api/v1/files": LARGEST_FILE + _FORM}
_REPORTS = "/report/"

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
    # Pages that the app itself consists of set their own; nothing else that is served here is a page.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}


class Guard:
    """The outermost layer of the app, as ASGI: it sees streams byte by byte and buffers nothing."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete(scope, MutableHeaders(scope=message))
            await send(message)

        try:
            await self._answer(scope, receive, sending)
        except Exception as error:
            if status:
                raise  # too late for another answer: the server cuts the connection
            await problems.unexpected(error)(scope, receive, sending)
        finally:
            self._metrics.count(scope, status, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = Headers(scope=scope).get("content-length", "")
        report = scope["path"].startswith(_REPORTS)
        largest = LARGEST_REPORT + _FORM if report else _LARGEST.get(scope["path"], LARGEST_BODY)
        if length.isdecimal() and int(length) > largest:
            if int(length) <= _LET_RUN_OUT:
                await _run_out(receive, 0)
            await problems.too_large(largest)(scope, receive, send)
            return
        taken = 0

        async def receiving() -> Message:
            # A body without a length, or with a false one, is counted as it comes.
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > largest:
                if message.get("more_body"):
                    await _run_out(receive, taken)
                raise HTTPException(413, f"at most {largest} bytes", {"Connection": "close"})
            return message

        await self._app(scope, receiving, send)


async def _run_out(receive: Receive, taken: int) -> None:
    """Throw away the rest of a body of which ``taken`` bytes have come."""
    while taken < _LET_RUN_OUT:
        message = await receive()
        taken += len(message.get("body", b""))
        if not message.get("more_body"):
            return


def promise(connection: HTTPConnection, headers: Mapping[str, str]) -> None:
    """Let the answer to this request bear ``headers``, whatever it will be, an error too."""
    connection.state.promised = headers


def _complete(scope: Scope, headers: MutableHeaders) -> None:
    for name, value in scope.get("state", {}).get("promised", {}).items():
        headers[name] = value
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    # Nothing that was read with somebody's rights may lie in a cache.
    headers.setdefault("Cache-Control", "no-store")
    if scope["scheme"] == "https":
        for name, value in HTTPS_ONLY.items():
            headers.setdefault(name, value)
