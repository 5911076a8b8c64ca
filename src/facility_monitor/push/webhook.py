"""Webhooks: each message as a signed HTTP POST to another system (Standard Webhooks, see ``domain.signature``).

The body is JSON: ``type`` (the ledger event, or ``test``), ``timestamp`` (when it was recorded) and ``data``: the
notice with its values in SenML units, ``ledger_id`` (their order is the order of what happened; messages may arrive in
another), ``alarm_id`` and ``link``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from facility_monitor.domain.message.signature import BadSecret, sign
from facility_monitor.push.channel import Delivered, Message, Refused, TryLater
from facility_monitor.push.wire import TIMEOUT, Answer, Wire


def _utc() -> datetime:
    return datetime.now(UTC)


class Webhook:
    """Sends to any http or https address. ``public_url`` is how people reach the service, for links."""

    def __init__(
        self, public_url: str | None = None, *, read_timeout: float = 10.0, clock: Callable[[], datetime] = _utc
    ) -> None:
        self._public_url = public_url.rstrip("/") if public_url else None
        self._clock = clock
        # whoever may add a webhook decides where it goes, also inside
        self._wire = Wire(anywhere=True, timeout={**TIMEOUT, "read": read_timeout})

    def send(self, message: Message) -> Delivered:
        if message.secret is None:
            raise Refused("the channel has no secret to sign with")
        body = self._body(message)
        headers = {"content-type": "application/json"}
        try:
            headers |= sign(message.secret, message.id, body, self._clock())
        except BadSecret as error:
            raise Refused(f"the channel's secret is unusable: {error}") from None
        return self._judge(self._wire.post(_checked(message.address), headers, body))

    def _judge(self, answer: Answer) -> Delivered:
        if answer.taken:
            return Delivered()
        if answer.worth_another_try:
            raise TryLater(answer.said, answer.retry_after(self._clock()))
        if 300 <= answer.status < 400:
            raise Refused(f"{answer.said}; redirects are not followed, give the final address")
        raise Refused(answer.said)

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


def _checked(address: str) -> str:
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        raise Refused("the channel's address is no URL") from None
    port = 80 if url.port is None else url.port
    if url.scheme not in ("http", "https") or not url.host or port not in range(1, 65536):
        raise Refused("the channel's address is not http(s)://host/...")
    if url.userinfo:
        raise Refused("the channel's address holds a password; the signature tells who sends")
    return str(url)
