"""A phone and its push service: subscriptions with real keys, and what both check of a request (RFC 8291, RFC 8292)."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import http_ece
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LONGEST_PROOF = timedelta(hours=24)
"""RFC 8292, 2."""


class Request(Protocol):
    """What came over HTTP; names of headers in small letters."""

    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Wrong(ValueError):
    """A push service, or the phone, would not take this request."""


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
        """The payload, which this phone alone can read. Raises Wrong."""
        if request.headers.get("content-encoding") != "aes128gcm":
            raise Wrong("it is not sealed as RFC 8291 says")
        try:
            plain = http_ece.decrypt(request.body, private_key=self._key, auth_secret=self._auth, version="aes128gcm")
        except http_ece.ECEException as error:
            raise Wrong(f"this phone cannot open it: {error}") from None
        document: dict[str, Any] = json.loads(plain)
        return document


def proven(request: Request, key: str, audience: str, now: datetime) -> dict[str, Any]:
    """The claims in the VAPID header, checked as RFC 8292, 4.2 asks: by ``key``, for us, in time. Raises Wrong."""
    scheme, _, parameters = request.headers.get("authorization", "").partition(" ")
    given = dict(each.strip().split("=", 1) for each in parameters.split(",") if "=" in each)
    if (scheme, given.get("k")) != ("vapid", key):
        raise Wrong("it is of another service")
    signed, _, signature = given["t"].rpartition(".")
    raw = unbase64url(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unbase64url(key))
    dss = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    try:
        public.verify(dss, signed.encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise Wrong("its signature is wrong") from None
    header, claims = (json.loads(unbase64url(part)) for part in signed.split("."))
    left = claims["exp"] - now.timestamp()
    if header["alg"] != "ES256" or claims["aud"] != audience or not 0 < left <= LONGEST_PROOF.total_seconds():
        raise Wrong(f"its claims do not hold here and now: {header} {claims}")
    if not claims["sub"].startswith(("https://", "mailto:")):
        raise Wrong("it names nobody to ask")
    return dict(claims)
