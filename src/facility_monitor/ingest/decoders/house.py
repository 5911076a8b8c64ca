"""The house's own JSON.

Telemetry is ``{"ts": <epoch ms, optional>, "seq": <whole number >= 0, optional>, "values": {"humidity": 61.2}}``;
a value is a number, or a boolean that counts as 1 or 0. Status is ``{"state": "online" | "offline"}`` or the bare word.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import orjson

from facility_monitor.domain.instant import EARLIEST, LATEST, MILLISECOND, Instant
from facility_monitor.domain.telemetry import Decoded, Packet, Reason, Reject, Status, Telemetry
from facility_monitor.ingest.topics import Address

_NUMBERS = frozenset((int, float, bool))
_MOST = 1 << 63


def decode(packet: Packet, address: Address) -> Sequence[Decoded]:
    """The telemetry or status in ``packet``, and a reject for each value that is none."""
    if address.kind == "status":
        return [_status(packet, address)]
    try:
        document = orjson.loads(packet.payload)
    except orjson.JSONDecodeError as error:
        return [Reject(packet, Reason.UNREADABLE, str(error))]
    if not isinstance(document, dict):
        return [Reject(packet, Reason.UNREADABLE, "must be a JSON object")]
    sent = document.get("values")
    if not isinstance(sent, dict) or not sent:
        return [Reject(packet, Reason.NO_VALUES, 'values: must be an object such as {"humidity": 61.2}')]
    at = _time(document["ts"]) if document.get("ts") is not None else None
    if at is None and document.get("ts") is not None:
        return [Reject(packet, Reason.BAD_TIME, "ts: must be milliseconds since 1970 between 1970 and 2200")]
    sequence = document.get("seq")
    if sequence is not None and (type(sequence) is not int or not 0 <= sequence < _MOST):
        return [Reject(packet, Reason.BAD_SEQUENCE, "seq: must be a whole number, 0 to 2^63 - 1")]

    values = {key: float(value) for key, value in sent.items() if type(value) in _NUMBERS and math.isfinite(value)}
    rejects = [
        Reject(packet, Reason.BAD_VALUE, f"values.{key}: must be a finite number or a boolean")
        for key in sent
        if key not in values
    ]
    if not values:
        return rejects
    return [Telemetry(address.site, address.device, at, sequence, values, packet), *rejects]


def _time(sent: object) -> Instant | None:
    """The instant of ``ts``; None where it is none."""
    if isinstance(sent, bool) or not isinstance(sent, int | float):
        return None
    return round(sent * MILLISECOND) if EARLIEST <= sent * MILLISECOND <= LATEST else None


def _status(packet: Packet, address: Address) -> Decoded:
    state: object = packet.payload.strip().decode("utf-8", "replace")
    if str(state).startswith("{"):
        try:
            state = orjson.loads(packet.payload).get("state")
        except orjson.JSONDecodeError as error:
            return Reject(packet, Reason.UNREADABLE, str(error))
    if state not in ("online", "offline"):
        return Reject(packet, Reason.UNREADABLE, 'must be {"state": "online"} or {"state": "offline"}')
    return Status(address.site, address.device, state == "online", packet)
