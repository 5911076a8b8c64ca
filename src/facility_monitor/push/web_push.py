"""Web Push: messages to browsers and installed apps (RFC 8030), sealed for the phone alone (RFC 8291).

The payload is JSON, which the app's service worker reads: ``id``, ``kind``, ``tag``, ``title``, ``body``, ``path``,
``severity``, ``life_safety``, ``locale``, ``at``, ``token``, and whether it can be acknowledged (``acknowledge``).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
from pywebpush import WebPusher

from facility_monitor.domain.message.subscription import BadSubscription, Subscription, kept, origin
from facility_monitor.errors import Unavailable
from facility_monitor.push.channel import Delivered, Ended, Message, Refused, TryLater
from facility_monitor.push.wire import TIMEOUT, Answer, Wire
from facility_monitor.push.wording import announcement

GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
"""The subscription has ended (RFC 8030, 7.3)."""
TTL: Mapping[int, timedelta] = {0: timedelta(hours=24), 1: timedelta(hours=24), 2: timedelta(hours=12)}
"""How long the push service keeps it for a phone that is off, by urgency; an old piece of low news is none."""
SHORT_TTL = timedelta(hours=4)
PACE: Mapping[int, str] = {0: "high", 1: "high", 2: "high", 3: "normal", 4: "low"}
"""RFC 8030, 5.3: what may wake a phone that saves its battery."""
PLAIN_BYTES = 3000
"""Push services take 4096 bytes, sealed; longer texts are cut here already."""
SHORT_BYTES = 600
"""And what is tried where even that was too large."""
PROOF_LASTS = timedelta(hours=12)
"""RFC 8292 allows 24."""


def _utc() -> datetime:
    return datetime.now(UTC)


class WebPush:
    """Sends to subscriptions; the address is the endpoint, the secret its keys.

    ``vapid_key`` gives the key by which push services know this service; it may raise Unavailable. ``contact`` is whom
    they may ask, an https or mailto address. ``loopback`` also allows endpoints on this machine, without TLS.
    """

    def __init__(
        self,
        vapid_key: Callable[[], ec.EllipticCurvePrivateKey],
        contact: str,
        *,
        loopback: bool = False,
        read_timeout: float = TIMEOUT["read"],
        clock: Callable[[], datetime] = _utc,
    ) -> None:
        self._vapid_key = vapid_key
        self._contact = contact
        self._loopback = loopback
        self._clock = clock
        self._wire = Wire(anywhere=loopback, timeout={**TIMEOUT, "read": read_timeout})
        self._lock = threading.Lock()
        self._vapid: Vapid02 | None = None
        self._proofs: dict[str, tuple[datetime, str]] = {}

    def send(self, message: Message) -> Delivered:
        try:
            to = kept(message.address, message.secret or "", loopback=self._loopback)
        except BadSubscription as wrong:
            raise Ended(f"it is no subscription: {wrong}") from None
        answer = self._post(to, message, PLAIN_BYTES)
        if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            answer = self._post(to, message, SHORT_BYTES)
        return self._judge(answer)

    def _judge(self, answer: Answer) -> Delivered:
        if answer.taken:
            return Delivered(answer.headers.get("location"))
        if answer.status in GONE:
            raise Ended(f"{answer.said}: the subscription has ended")
        if answer.worth_another_try:
            raise TryLater(answer.said, answer.retry_after(self._clock()))
        raise Refused(answer.said)

    def _post(self, to: Subscription, message: Message, size: int) -> Answer:
        sealed = WebPusher({"endpoint": to.endpoint, "keys": {"p256dh": to.p256dh, "auth": to.auth}}).encode(
            payload(message, size)
        )
        headers = {
            "content-type": "application/octet-stream",
            "content-encoding": "aes128gcm",
            "ttl": str(int(TTL.get(message.urgency, SHORT_TTL).total_seconds())),
            "urgency": PACE.get(message.urgency, "normal"),
            "topic": topic(message.notice.tag),
            "authorization": self._proof(origin(to.endpoint)),
        }
        return self._wire.post(to.endpoint, headers, sealed["body"])

    def _proof(self, audience: str) -> str:
        """The VAPID header for a push service, signed anew when half of its time is over."""
        now = self._clock()
        with self._lock:
            until, proof = self._proofs.get(audience, (now, ""))
            if until <= now:
                if self._vapid is None:
                    self._vapid = Vapid02(self._key())
                claims = {"aud": audience, "exp": int((now + PROOF_LASTS).timestamp()), "sub": self._contact}
                proof = self._vapid.sign(claims)["Authorization"]
                self._proofs[audience] = (now + PROOF_LASTS / 2, proof)
            return proof

    def _key(self) -> ec.EllipticCurvePrivateKey:
        try:
            return self._vapid_key()
        except Unavailable as error:
            raise TryLater(str(error)) from None

    def close(self) -> None:
        self._wire.close()


def topic(tag: str) -> str:
    """The tag as RFC 8030, 5.4 allows it: at the push service too the second copy replaces the first."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,32}", tag):
        return tag
    return base64.urlsafe_b64encode(hashlib.sha256(tag.encode()).digest()[:24]).decode()


def payload(message: Message, size: int) -> bytes:
    """What the service worker gets, at most about ``size`` bytes: the text is cut, never the rest."""
    notice = message.notice
    title, body = announcement(notice, message.locale)
    document: dict[str, Any] = {
        "id": message.id,
        "kind": notice.kind,
        "tag": notice.tag,
        "title": title,
        "body": body,
        "path": notice.path,
        "severity": notice.severity,
        "life_safety": notice.life_safety,
        "locale": message.locale,
        "at": message.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "token": message.token,
        "acknowledge": message.token is not None and message.alarm_id is not None,
    }
    for name, least in (("body", 0), ("title", 60)):
        over = len(_json(document)) - size
        if over > 0:
            text = str(document[name])
            document[name] = _cut(text, max(least, len(text.encode()) - over - len("…".encode())))
    return _json(document)


def _cut(text: str, size: int) -> str:
    cut = text.encode()[:size].decode("utf-8", "ignore").rstrip()
    return f"{cut}…" if cut else ""


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def contact(public_url: str | None) -> str:
    """Whom a push service may ask about this one: the service's own address, where it has one."""
    public = public_url is not None and urlsplit(public_url).scheme == "https"
    return public_url if public and public_url is not None else "https://facility-monitor.invalid"
