"""The house's own JSON.

Telemetry is ``{"ts": <epoch ms, optional>, "seq": <whole number >= 0, optional>, "values": {"humidity": 61.2}}``, or
a list of such objects, a pack. A value is a number, a boolean that counts as 1 or 0, or either with its unit:
``{"value": 0.45, "unit": "MPa"}``; without one it is in its point's unit.

An object may also be the bare values, ``{"humidity": 61.2, "water_leak": false}``. It is taken so only where every
member is a number or a boolean and none is named ``ts``, ``seq`` or ``values``: a misspelt ``"valeus"`` must not become
a point's name. A pack in SenML, as a JSON list or in CBOR, is told by its content and read as such.

Status is ``{"state": "online" | "offline"}`` or the bare word.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from facility_monitor.domain.instant import EARLIEST, LATEST, MILLISECOND, Instant
from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reason, Reject, Status, Telemetry
from facility_monitor.ingest.decoders import senml, senml_pack
from facility_monitor.ingest.topics import Address

_NUMBERS = frozenset((int, float, bool))
_NOT_BARE = frozenset(("ts", "seq", "values"))
_MOST = 1 << 63


def decode(packet: Packet, address: Address) -> Sequence[Decoded]:
    """The telemetry or status in ``packet``, and a reject for each value that is none."""
    if address.kind != "telemetry":
        return senml.decode(packet, address) if address.kind == "senml" else [_status(packet, address)]
    try:
        document = orjson.loads(packet.payload)
    except orjson.JSONDecodeError as error:
        if senml_pack.is_cbor(packet.payload):
            return senml.decode(packet, address)
        return [Reject(packet, Reason.UNREADABLE, str(error))]
    if type(document) is dict:
        return telemetry(packet, address.site, address.device, document)
    if type(document) is not list or not document:
        return [Reject(packet, Reason.UNREADABLE, "must be a JSON object, or a list of them")]
    if senml.is_pack(document):
        return senml.read(packet, address, document)
    return each(packet, address.site, address.device, document)


def each(packet: Packet, site: str | None, device: str, documents: Sequence[object]) -> list[Decoded]:
    """The telemetry of each of the objects in a list."""
    decoded: list[Decoded] = []
    for document in documents:
        if isinstance(document, dict):
            decoded += telemetry(packet, site, device, document)
        else:
            decoded.append(Reject(packet, Reason.UNREADABLE, "must be a list of JSON objects"))
    return decoded


def telemetry(packet: Packet, site: str | None, device: str, document: Mapping[str, Any]) -> list[Decoded]:
    """The telemetry in one JSON object, and a reject for each value that is none."""
    sent = document.get("values")
    if not isinstance(sent, dict) or not sent:
        if not is_bare(document):
            return [Reject(packet, Reason.NO_VALUES, 'values: must be an object such as {"humidity": 61.2}')]
        sent = document
    ts = document.get("ts")
    at = None if ts is None else _time(ts)
    if at is None and ts is not None:
        return [Reject(packet, Reason.BAD_TIME, "ts: must be milliseconds since 1970 between 1970 and 2200")]
    sequence = document.get("seq")
    if sequence is not None and (type(sequence) is not int or not 0 <= sequence < _MOST):
        return [Reject(packet, Reason.BAD_SEQUENCE, "seq: must be a whole number, 0 to 2^63 - 1")]

    values = {key: float(value) for key, value in sent.items() if type(value) in _NUMBERS and math.isfinite(value)}
    if len(values) == len(sent):
        return [Telemetry(site, device, at, sequence, values, packet)]
    return _with_units(packet, site, device, at, sequence, sent)


def is_bare(document: Mapping[str, object]) -> bool:
    """Whether every member is a value."""
    return (
        bool(document)
        and not _NOT_BARE & document.keys()
        and all(type(value) in _NUMBERS for value in document.values())
    )


def _with_units(
    packet: Packet, site: str | None, device: str, at: Instant | None, sequence: int | None, sent: Mapping[str, Any]
) -> list[Decoded]:
    values: dict[str, float] = {}
    units: dict[str, str] = {}
    rejects: list[Decoded] = []
    for key, given in sent.items():
        number, unit = given, None
        if isinstance(given, dict) and given.keys() <= {"value", "unit"}:
            number, unit = given.get("value"), given.get("unit")
        if not isinstance(number, int | float) or not math.isfinite(number):
            wrong = f'values.{key}: must be a finite number, a boolean or {{"value": ..., "unit": ...}}'
            rejects.append(Reject(packet, Reason.BAD_VALUE, wrong))
        elif unit is not None and not isinstance(unit, str):
            rejects.append(Reject(packet, Reason.UNKNOWN_UNIT, f"values.{key}.unit: must be a string"))
        else:
            values[key] = float(number)
            if unit is not None:
                units[key] = unit
    if values:
        return [Telemetry(site, device, at, sequence, values, packet, units or None), *rejects]
    return rejects


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
