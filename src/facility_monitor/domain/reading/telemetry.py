"""What a decoder makes of a packet, before anybody knows whether the device exists."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from facility_monitor.domain.instant import Instant


class Reason(StrEnum):
    """Why something that arrived is no reading. Counted in the metrics under these words."""

    UNKNOWN_TOPIC = "unknown_topic"
    UNREADABLE = "unreadable"
    BAD_TIME = "bad_time"
    FUTURE_TIME = "future_time"
    TOO_LATE = "too_late"
    """from a time whose readings are closed: compressed, or about to go"""
    BAD_SEQUENCE = "bad_sequence"
    BAD_VALUE = "bad_value"
    UNKNOWN_UNIT = "unknown_unit"
    """no unit that is known, or none of the point's quantity"""
    NO_VALUES = "no_values"
    UNKNOWN_DEVICE = "unknown_device"
    WRONG_SITE = "wrong_site"
    OTHER_SLOT = "other_slot"
    """evaluated by another slot's worker, to which it is passed on"""
    UNKNOWN_POINT = "unknown_point"
    NOT_BORN = "not_born"
    """a value under a short name whose announcement (a Sparkplug birth) was not heard"""
    REFUSED_BY_DATABASE = "refused_by_database"
    NOT_PROCESSED = "not_processed"
    """a fault of our own, logged with its trace"""


class Packet(NamedTuple):
    """One MQTT message as it arrived. ``received_at`` is the service's clock."""

    topic: str
    payload: bytes
    received_at: Instant


class Telemetry(NamedTuple):
    """Values that one device reported at one instant.

    ``site`` is None where the topic does not tell it; ``device`` is the device's code or its foreign address.
    ``at`` and ``sequence`` are None where the device sends none. ``units`` has the unit, as ``domain.unit`` names it,
    of each value that was sent with one; the others are in their point's unit. ``historical`` values are told
    belatedly by the device's own word: they are stored, and no rule sees them. ``remembered`` says that the packet
    alone does not tell this: it was read by what earlier ones had told.
    """

    site: str | None
    device: str
    at: Instant | None
    sequence: int | None
    values: Mapping[str, float]
    packet: Packet
    units: Mapping[str, str] | None = None
    historical: bool = False
    remembered: bool = False


class Status(NamedTuple):
    """A device's birth or last will.

    With ``behind`` it is about a gateway, and holds too for every device whose address begins with the gateway's
    and a slash.
    """

    site: str | None
    device: str
    online: bool
    packet: Packet
    behind: bool = False


class Reject(NamedTuple):
    """Something that arrived and is not stored as a reading: kept with its bytes and the reason.

    ``stands_for`` is how many values it stands for; a message that cannot be read counts as one. ``of`` is what could
    be read and had no place: the values in question alone, under the device's code where it is known. ``site`` and
    ``device`` are whose it is by its topic, where nothing could be read.
    """

    packet: Packet
    reason: Reason
    detail: str
    stands_for: int = 1
    of: tuple[Telemetry | Status, ...] = ()
    site: str | None = None
    device: str | None = None

    @property
    def speaker(self) -> tuple[str | None, str | None]:
        """Site and device that it comes from, as far as they are told."""
        return (self.of[0].site, self.of[0].device) if self.of else (self.site, self.device)


Decoded = Telemetry | Status | Reject
