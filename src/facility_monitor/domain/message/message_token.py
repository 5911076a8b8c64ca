"""Tokens of messages: whoever holds one may say what became of that message, and answer it once.

A token goes out with one message to one person. It names the message and its own end, and is signed with a key that
only the service has; which alarm and which person it stands for is known by the message. It is made of letters,
digits, ``-`` and ``_``: nothing in it has to be escaped in a URL.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import UTC, datetime, timedelta

LASTS = timedelta(hours=72)
"""How long after it was queued a message can be answered: a phone may be without network for a weekend."""

_BODY = struct.Struct(">BQI")
_KIND = 1
_MAC_BYTES = 16
_LENGTH = (4 * (_BODY.size + _MAC_BYTES) + 2) // 3


class BadToken(ValueError):
    """It was not given out by this service, or its time is over."""


def made(key: bytes, message_id: int, created_at: datetime) -> str:
    """The token of a message that was queued at ``created_at``."""
    body = _BODY.pack(_KIND, message_id, int((created_at + LASTS).timestamp()))
    return base64.urlsafe_b64encode(body + _mac(key, body)).rstrip(b"=").decode()


def message_of(key: bytes, token: str, now: datetime) -> int:
    """The id of the message that a token was made for. Raises BadToken."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadToken("it is no token") from None
    body, mac = raw[: _BODY.size], raw[_BODY.size :]
    if len(token) != _LENGTH or not hmac.compare_digest(mac, _mac(key, body)):
        raise BadToken("it is no token")
    kind, message_id, end = _BODY.unpack(body)
    if kind != _KIND:
        raise BadToken("it is no token")
    if datetime.fromtimestamp(end, UTC) <= now:
        raise BadToken("its time is over")
    return int(message_id)


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"message token" + body, hashlib.sha256).digest()[:_MAC_BYTES]
