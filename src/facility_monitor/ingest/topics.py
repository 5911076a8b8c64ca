"""The topics of the house: ``facility/{site}/{device}/telemetry`` and ``facility/{site}/{device}/status``."""

from __future__ import annotations

from typing import NamedTuple

ALL = "facility/#"
"""What the one slot of a small installation subscribes to."""


class Address(NamedTuple):
    """Who speaks, and what about: ``kind`` is ``telemetry`` or ``status``."""

    site: str
    device: str
    kind: str


def parse(topic: str) -> Address | None:
    """The address in ``topic``; None where it is not one of the house's."""
    levels = topic.split("/")
    if len(levels) != 4 or levels[0] != "facility" or levels[3] not in ("telemetry", "status"):
        return None
    return Address(levels[1], levels[2], levels[3])


def telemetry(site: str, device: str) -> str:
    return f"facility/{site}/{device}/telemetry"


def status(site: str, device: str) -> str:
    return f"facility/{site}/{device}/status"
