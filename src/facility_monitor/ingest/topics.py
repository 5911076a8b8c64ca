"""Topics: the house's own, ``facility/{site}/{device}/telemetry``, ``.../status`` and ``.../senml``, and foreign ones.

The broker's access rules decide who may publish where. Under the house's topics a device speaks only for itself; the
topics of gateways (``senml/#``, ``v1/gateway/...``, ``spBv1.0/...``) let their publisher speak for others.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

ALL = "facility/#"
"""What the one slot of a small installation subscribes to."""


def of_site(site: str) -> str:
    """What a slot subscribes to for one of its sites, where there is more than one slot."""
    return f"facility/{site}/#"


FOREIGN = (
    # SenML whose names tell the device
    "senml/#",
    # ThingsBoard: a device says who it is by its account alone, so that a bridge has to put tb/{device} before it
    "tb/+/v1/devices/me/telemetry",
    "v1/devices/me/telemetry",
    "v1/gateway/telemetry",
    "v1/gateway/connect",
    "v1/gateway/disconnect",
    # Sparkplug B, what edge nodes publish; not the commands to them, of which some are our own
    "spBv1.0/+/NBIRTH/+",
    "spBv1.0/+/NDATA/+",
    "spBv1.0/+/NDEATH/+",
    "spBv1.0/+/DBIRTH/+/+",
    "spBv1.0/+/DDATA/+/+",
    "spBv1.0/+/DDEATH/+/+",
)
"""What is understood without a mapping although it is not ours."""


class Address(NamedTuple):
    """Who speaks, and what about: ``kind`` is ``telemetry``, ``status`` or ``senml``."""

    site: str
    device: str
    kind: str


def parse(topic: str) -> Address | None:
    """The address in ``topic``; None where it is not one of the house's."""
    return _remembered(topic) if len(topic) <= _USUAL else _parsed(topic)


def _parsed(topic: str) -> Address | None:
    levels = topic.split("/")
    if len(levels) != 4 or levels[0] != "facility" or levels[3] not in ("telemetry", "status", "senml"):
        return None
    return Address(levels[1], levels[2], levels[3])


_USUAL = 200
"""Longer topics are not remembered: there may be any number of them."""
_remembered = lru_cache(maxsize=1 << 15)(_parsed)


def telemetry(site: str, device: str) -> str:
    return f"facility/{site}/{device}/telemetry"


def status(site: str, device: str) -> str:
    return f"facility/{site}/{device}/status"
