"""Webhooks: each message as a signed HTTP POST to another system (Standard Webhooks, see ``domain.signature``).

The body is JSON: ``type`` (the ledger event, or ``test``), ``timestamp`` (when it was recorded) and ``data``: the
notice with its values in SenML units, ``ledger_id`` (their order is the order of what happened; messages may arrive in
another), ``alarm_id`` and ``link``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from facility_monitor.domain.signature import BadSecret, sign
from facility_monitor.push.channel import Delivered, Message, Refused, TryLater

AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
"""4xx that are worth another try; all others are refusals for good."""
BODY_BYTES = 64 * 1024
"""How much of an answer's body is read, to keep the connection for the next message; a longer one costs it."""
BODY_SECONDS = 2.0


def _utc() -> datetime:
    return datetime.now(UTC)


class Webhook:
    """Sends to any http or https address. ``public_url`` is how people reach the service, for links.

    Uses the transport below httpx's client on purpose: it follows no redirect, keeps no cookies that one receiver could
    plant for another, takes no proxy from the environment, and does not log addresses, which may hold a token.
    """

    def __init__(
        self, public_url: str | None = None, *, read_timeout: float = 10.0, clock: Callable[[], datetime] = _utc
    ) -> None:
        self._public_url = public_url.rstrip("/") if public_url else None
        self._timeout = httpx.Timeout(connect=4.0, write=3.0, read=read_timeout, pool=1.0).as_dict()
        self._clock = clock
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=30.0)
        self._wire = httpx.HTTPTransport(limits=limits, trust_env=False)

    def send(self, message: Message) -> Delivered:
        if message.secret is None:
            raise Refused("the channel has no secret to sign with")
        body = self._body(message)
        headers = {"content-type": "application/json", "user-agent": "facility-monitor", "accept": "*/*"}
        try:
            headers |= sign(message.secret, message.id, body, self._clock())
        except BadSecret as error:
            raise Refused(f"the channel's secret is unusable: {error}") from None
        extensions = {"timeout": dict(self._timeout)}
        request = httpx.Request("POST", _checked(message.address), headers=headers, content=body, extensions=extensions)
        try:
            response = self._wire.handle_request(request)
        except httpx.TransportError as error:
            raise TryLater(_reason(error)) from None
        try:
            _discard(response)
        finally:
            response.close()
        return self._judge(response)

    def _judge(self, response: httpx.Response) -> Delivered:
        status = response.status_code
        said = f"answered {status} {httpx.codes.get_reason_phrase(status)}".rstrip()
        if response.is_success:
            return Delivered()
        if status in AGAIN or status >= 500:
            raise TryLater(said, _retry_after(response.headers.get("retry-after"), self._clock()))
        if response.is_redirect:
            raise Refused(f"{said}; redirects are not followed, give the final address")
        raise Refused(said)

    def _body(self, message: Message) -> bytes:
        data = {
            **message.notice.as_json(),
            "ledger_id": message.ledger_id,
            "alarm_id": message.alarm_id,
            "link": self._public_url + message.notice.path if self._public_url else None,
        }
        timestamp = message.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        document = {"type": message.notice.kind, "timestamp": timestamp, "data": data}
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

    def close(self) -> None:
        self._wire.close()


def _checked(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        raise Refused("the channel's address is no URL") from None
    port = 80 if url.port is None else url.port
    if url.scheme not in ("http", "https") or not url.host or port not in range(1, 65536):
        raise Refused("the channel's address is not http(s)://host/...")
    if url.userinfo:
        raise Refused("the channel's address holds a password; the signature tells who sends")
    return url


def _reason(error: httpx.TransportError) -> str:
    cause = error
    while cause.__cause__ is not None or cause.__context__ is not None:
        cause = cause.__cause__ or cause.__context__  # type: ignore[assignment]
    return type(error).__name__ + (f": {cause.strerror}" if isinstance(cause, OSError) and cause.strerror else "")


def _discard(response: httpx.Response) -> None:
    """Read what is left of an answer whose status is known; how it ends no longer matters."""
    deadline = time.monotonic() + BODY_SECONDS
    try:
        for _ in response.iter_raw():
            if response.num_bytes_downloaded > BODY_BYTES or time.monotonic() > deadline:
                return
    except httpx.TransportError:
        return


def _retry_after(value: str | None, now: datetime) -> timedelta | None:
    """``Retry-After`` in seconds or as a date (RFC 9110, 10.2.3); None where it is absent or nonsense."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value), 10**9))
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(timedelta(), (until if until.tzinfo else until.replace(tzinfo=UTC)) - now)
