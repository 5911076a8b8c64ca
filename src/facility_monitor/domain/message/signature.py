"""Signatures of webhooks after the Standard Webhooks scheme (symmetric, ``v1``), for senders and receivers.

A request carries three headers::

    webhook-id         the message's id: the same each time it is sent, so that a receiver can drop a second copy
    webhook-timestamp  when this attempt was signed, whole seconds since 1970-01-01 UTC
    webhook-signature  "v1," and base64(HMAC-SHA256(key, id "." timestamp "." body)); several stand apart by spaces

The secret is ``whsec_`` and the base64 of the key, of 24 to 64 random bytes; a text without that prefix is the key
itself, in UTF-8. A receiver calls ``verify`` with the bytes of the body as they came, before it parses them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
TEXT_BYTES = 16
"""Shortest key that is given as a text."""
TOLERANCE = timedelta(minutes=5)
"""How far a timestamp may be from the receiver's clock; what is older may be a recording played again."""


class BadSecret(ValueError):
    """The text is no secret of this scheme. Its message never holds the text."""


class BadSignature(ValueError):
    """The request does not come from a holder of the secret, or not now. The message says which check failed."""


def secret(key: bytes) -> str:
    """How a key (24 to 64 random bytes) is handed over to the other side. Raises BadSecret for another length."""
    if len(key) not in KEY_BYTES:
        raise BadSecret(f"a key has {KEY_BYTES[0]} to {KEY_BYTES[-1]} bytes, not {len(key)}")
    return PREFIX + base64.b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """The key in ``secret``. Raises BadSecret."""
    if not secret.startswith(PREFIX):
        if len(secret.encode()) < TEXT_BYTES:
            raise BadSecret(f"a secret has at least {TEXT_BYTES} bytes")
        return secret.encode()
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise BadSecret(f"after {PREFIX} a secret is base64") from None
    if len(key) not in KEY_BYTES:
        raise BadSecret(f"a key has {KEY_BYTES[0]} to {KEY_BYTES[-1]} bytes, not {len(key)}")
    return key


def sign(secret: str, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The three headers for ``body``. Raises BadSecret."""
    timestamp = str(int(now.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + _mac(key_of(secret), message_id, timestamp, body),
    }


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Check a request that was received at ``now``; returns its webhook-id.

    ``headers`` may be in any case. Raises BadSignature; BadSecret where ``secret`` itself is none.
    """
    key = key_of(secret)
    given = {name.lower(): value for name, value in headers.items()}
    missing = [name for name in ("webhook-id", "webhook-timestamp", "webhook-signature") if not given.get(name)]
    if missing:
        raise BadSignature(f"no {missing[0]}")
    message_id, timestamp = given["webhook-id"], given["webhook-timestamp"]
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise BadSignature("webhook-timestamp is not in whole seconds")
    if abs(int(timestamp) - now.timestamp()) > TOLERANCE.total_seconds():
        raise BadSignature("webhook-timestamp is too far from now")
    expected = f"v1,{_mac(key, message_id, timestamp, body)}".encode()
    if not any(hmac.compare_digest(expected, each.encode()) for each in given["webhook-signature"].split()):
        raise BadSignature("no signature fits")
    return message_id


def _mac(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
