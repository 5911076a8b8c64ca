"""The service's own keys: one by which push services know it (VAPID, RFC 8292), one that signs tokens of messages."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from facility_monitor.store import service_keys
from facility_monitor.store.database import Tx


def vapid_key(tx: Tx, now: datetime) -> ec.EllipticCurvePrivateKey:
    """The private key; made once, since every subscription is bound to its public half."""
    found = load_der_private_key(service_keys.get(tx, "vapid", _new_vapid_key, now), password=None)
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise TypeError("the service's VAPID key is of another kind")
    return found


def application_server_key(tx: Tx, now: datetime) -> str:
    """Its public half as browsers want it: an uncompressed point of P-256, base64url without padding."""
    public = vapid_key(tx, now).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(public).rstrip(b"=").decode()


def token_key(tx: Tx, now: datetime) -> bytes:
    """The key of ``domain.message_token``."""
    return service_keys.get(tx, "message tokens", lambda: secrets.token_bytes(32), now)


def _new_vapid_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
