"""The wire to other people's servers: bounded in time, without redirects, cookies or proxies, and what answers mean."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple

import httpcore

from facility_monitor.push.channel import TryLater

AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
"""4xx that are worth another try; all others are refusals for good."""
BODY_BYTES = 64 * 1024
"""How much of an answer is read; the rest costs the connection."""
BODY_SECONDS = 2.0
TIMEOUT = {"connect": 4.0, "write": 3.0, "read": 8.0, "pool": 1.0}
"""Seconds."""


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> str:
        """The status in words."""
        try:
            return f"answered {self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"answered {self.status}"

    def retry_after(self, now: datetime) -> timedelta | None:
        """``Retry-After`` in seconds or as a date (RFC 9110, 10.2.3); None where it is absent or nonsense."""
        return _retry_after(self.headers.get("retry-after"), now)

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300

    @property
    def worth_another_try(self) -> bool:
        return self.status in AGAIN or self.status >= 500


class Wire:
    """Posts over kept connections. ``anywhere`` lets it reach addresses that are not public, this machine included."""

    def __init__(self, *, anywhere: bool = False, timeout: Mapping[str, float] = TIMEOUT) -> None:
        self._timeout = dict(timeout)
        self._pool = httpcore.ConnectionPool(
            max_connections=None,
            max_keepalive_connections=64,
            keepalive_expiry=30.0,
            http2=False,
            network_backend=httpcore.SyncBackend() if anywhere else _PublicOnly(),
        )

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """POST ``body``. Raises TryLater where there is no answer; its text holds no part of the address."""
        sent = list({"user-agent": "facility-monitor", "accept": "*/*", **headers}.items())
        try:
            extensions = {"timeout": dict(self._timeout)}
            with self._pool.stream("POST", url, headers=sent, content=body, extensions=extensions) as response:
                named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                return Answer(response.status, named, _read(response.iter_stream()))
        except _NotPublic as refusal:
            raise TryLater(str(refusal)) from None
        except _LOST as error:
            raise TryLater(_reason(error)) from None

    def close(self) -> None:
        self._pool.close()


_LOST = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.ProxyError)


class _NotPublic(httpcore.ConnectError):
    """The name leads to an address that is not public: somebody would let us knock at doors inside."""


class _PublicOnly(httpcore.SyncBackend):
    """Connects to public addresses only, as the name resolves at that very moment."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"the name is unknown: {error.strerror}") from None
        address = next((str(each[4][0]) for each in found), "")
        if not ipaddress.ip_address(address.partition("%")[0]).is_global:
            raise _NotPublic("the address is not public")
        return super().connect_tcp(address, port, timeout, local_address, socket_options)


def _read(parts: Iterable[bytes]) -> bytes:
    """The body as far as it comes in time; how it ends does not matter, the status is known."""
    deadline = time.monotonic() + BODY_SECONDS
    body = b""
    try:
        for part in parts:
            body += part
            if len(body) > BODY_BYTES or time.monotonic() > deadline:
                break
    except _LOST:
        return body
    return body


def _reason(error: Exception) -> str:
    cause: BaseException = error
    while cause.__cause__ is not None or cause.__context__ is not None:
        cause = cause.__cause__ or cause.__context__  # type: ignore[assignment]
    return type(error).__name__ + (f": {cause.strerror}" if isinstance(cause, OSError) and cause.strerror else "")


def _retry_after(value: str | None, now: datetime) -> timedelta | None:
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value), 10**9))
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(timedelta(), (until if until.tzinfo else until.replace(tzinfo=UTC)) - now)
