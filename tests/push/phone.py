"""A phone and its push service: subscriptions with real keys, and what a push service checks."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import datetime
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.push.conftest import Request


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class Phone:
    """The keys of one subscription, which never leave the phone but for their public half."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = secrets.token_bytes(16)

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": base64url(point(self._key.public_key())), "auth": base64url(self._auth)}

    @property
    def secret(self) -> str:
        """The keys as a channel holds them."""
        return json.dumps(self.keys)

    def opened(self, request: Request) -> dict[str, Any]:
        """The payload, which this phone alone can read (RFC 8291)."""
        assert request.headers["content-encoding"] == "aes128gcm"
        plain = http_ece.decrypt(request.body, private_key=self._key, auth_secret=self._auth, version="aes128gcm")
        document: dict[str, Any] = json.loads(plain)
        return document


def proven(request: Request, key: str, audience: str, now: datetime) -> dict[str, Any]:
    """The claims in the VAPID header of a request, checked as RFC 8292, 4.2 asks: by ``key``, for us, in time."""
    scheme, _, parameters = request.headers["authorization"].partition(" ")
    given = dict(each.strip().split("=", 1) for each in parameters.split(","))
    assert (scheme, given["k"]) == ("vapid", key)
    signed, _, signature = given["t"].rpartition(".")
    raw = unbase64url(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unbase64url(key))
    dss = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(dss, signed.encode(), ec.ECDSA(SHA256()))
    header, claims = (json.loads(unbase64url(part)) for part in signed.split("."))
    assert header["alg"] == "ES256"
    assert claims["aud"] == audience
    assert 0 < claims["exp"] - now.timestamp() <= 24 * 3600
    assert claims["sub"].startswith(("https://", "mailto:"))
    return dict(claims)
