"""A browser's push subscription (W3C Push API): where its push service takes messages, and the keys to seal them."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
from dataclasses import dataclass, field
from urllib.parse import urlsplit

POINT_BYTES = 65
"""An uncompressed point of P-256."""
AUTH_BYTES = 16


class BadSubscription(ValueError):
    """``fields`` maps each wrong field to what is wrong with it; nothing of their values."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {words}" for name, words in fields.items()))
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Subscription:
    """``p256dh`` and ``auth`` are base64url, as the browser gives them (RFC 8291, 3)."""

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)

    def keys(self) -> str:
        """The keys as they are kept."""
        return json.dumps({"p256dh": self.p256dh, "auth": self.auth})


def subscription(endpoint: str, p256dh: str, auth: str, *, loopback: bool) -> Subscription:
    """A checked subscription. ``loopback`` also allows http to this machine, for trials. Raises BadSubscription."""
    wrong = {}
    if (why := _why_not(endpoint, loopback=loopback)) is not None:
        wrong["endpoint"] = why
    point = _decoded(p256dh)
    if point is None or len(point) != POINT_BYTES or point[0] != 4 or not _on_curve(point[1:33], point[33:]):
        wrong["keys.p256dh"] = f"must be an uncompressed point of P-256, {POINT_BYTES} bytes in base64url"
    if len(_decoded(auth) or b"") != AUTH_BYTES:
        wrong["keys.auth"] = f"must be {AUTH_BYTES} bytes in base64url"
    if wrong:
        raise BadSubscription(wrong)
    return Subscription(endpoint, p256dh.rstrip("="), auth.rstrip("="))


def kept(endpoint: str, keys: str, *, loopback: bool) -> Subscription:
    """A subscription as it was kept. Raises BadSubscription."""
    try:
        read = json.loads(keys)
        p256dh, auth = str(read["p256dh"]), str(read["auth"])
    except (ValueError, KeyError, TypeError):
        raise BadSubscription({"keys": "are none"}) from None
    return subscription(endpoint, p256dh, auth, loopback=loopback)


def origin(endpoint: str) -> str:
    """The push service; what follows names one subscription, and is a secret."""
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}"


def _why_not(endpoint: str, *, loopback: bool) -> str | None:
    try:
        parts = urlsplit(endpoint)
        _ = parts.port  # raises ValueError where it is no port number
    except ValueError:
        return "must be https://host/..."
    host = parts.hostname or ""
    here = _is_loopback(host)
    if here and loopback and parts.scheme in ("http", "https"):
        return None
    if parts.scheme != "https" or not host:
        return "must be https://host/..."
    if parts.username is not None or parts.password is not None:
        return "must hold no user name or password"
    if here or not _may_be_public(host):
        return "must be a public push service"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _may_be_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host


def _on_curve(x: bytes, y: bytes) -> bool:
    """Whether y^2 = x^3 - 3x + b (SP 800-186, 3.2.1.3): nothing can be sealed for a point that is elsewhere."""
    across, up = int.from_bytes(x), int.from_bytes(y)
    return max(across, up) < _PRIME and (up * up - across**3 + 3 * across - _B) % _PRIME == 0


_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


def _decoded(value: str) -> bytes | None:
    try:
        return base64.b64decode(value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
