"""What of a channel's address may be shown: the rest lets whoever reads it send, or read along."""

from __future__ import annotations

from facility_monitor.domain.message.robot import robot
from facility_monitor.domain.message.subscription import origin

HIDDEN = "***"


def shown(kind: str, address: str) -> str:
    """``address`` with what is secret in it hidden. That of a webhook is its owner's own, and is shown as it is."""
    if kind == "web_push":
        return f"{origin(address)}/{HIDDEN}"
    if kind == "apprise":
        return f"{_scheme(address)}://{HIDDEN}"
    return address


def _scheme(address: str) -> str:
    try:
        known = robot(address)
    except ValueError:
        known = None
    return address.partition("://")[0] if known is None else known.scheme
