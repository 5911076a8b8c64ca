"""The payload of Sparkplug B (Eclipse Sparkplug 3.0.0, section 6.4.1): metrics with their values.

Section 6.4.17 says which of the typed fields holds a data type's value. Signed whole numbers travel in an unsigned
field, either cut to their own width or extended to the field's; both are understood.
"""

from __future__ import annotations

import math
import struct
from typing import NamedTuple

from facility_monitor.domain.instant import EARLIEST, LATEST, MILLISECOND, Instant
from facility_monitor.ingest.decoders import protobuf
from facility_monitor.ingest.decoders.protobuf import BYTES, FIXED32, FIXED64, VARINT, WrongWire

FLOAT, DOUBLE, BOOLEAN, DATE_TIME = 9, 10, 11, 13
SIGNED = {1: 8, 2: 16, 3: 32, 4: 64}
"""Int8 to Int64, with their bits."""
UNSIGNED = {5: 8, 6: 16, 7: 32, 8: 64, DATE_TIME: 64}
"""UInt8 to UInt64, with their bits, and DateTime: milliseconds since 1970."""

_INT, _LONG, _FLOAT, _DOUBLE, _BOOLEAN = range(10, 15)
_LAST = 19
_METRIC_WIRES = {
    **dict.fromkeys((1, 9), BYTES),
    **dict.fromkeys((2, 3, 4, 5, 7, _INT, _LONG, _BOOLEAN), VARINT),
    _FLOAT: FIXED32,
    _DOUBLE: FIXED64,
}
_GOOD = 192
"""Section 6.4.9.1; 0 is bad and 500 is stale."""


class Metric(NamedTuple):
    """One metric. ``datatype`` is 0 where it is not told, ``unit`` the text of the property ``engUnit``.

    ``null`` is why it has no value although it is there: null, or of a quality that is not good. ``field`` is the
    number of the field that holds the value, 0 where none does, and ``raw`` what it holds.
    """

    name: str
    alias: int | None
    sent_at: int | None
    datatype: int
    historical: bool
    null: str | None
    unit: str | None
    field: int
    raw: int | float


class Payload(NamedTuple):
    """``sent_at`` is in milliseconds since 1970; ``sequence`` is 0 where it is not told, as encoders leave a 0 out."""

    sent_at: int | None
    sequence: int
    metrics: tuple[Metric, ...]


def parsed(data: bytes) -> Payload:
    """The payload in ``data``. Raises WrongWire."""
    sent_at: int | None = None
    sequence = 0
    metrics = []
    for tag, wire, number, content in protobuf.fields(data):
        if tag == 1 and wire == VARINT:
            sent_at = number
        elif tag == 2 and wire == BYTES:
            metrics.append(_metric(content))
        elif tag == 3 and wire == VARINT:
            sequence = number
        elif tag <= 3:
            raise WrongWire(f"payload: field {tag} is of another kind")
    return Payload(sent_at, sequence, tuple(metrics))


def instant(milliseconds: int) -> Instant | None:
    """The instant of a time of Sparkplug; None where it is none of a sensor's."""
    at = milliseconds * MILLISECOND
    return at if EARLIEST <= at <= LATEST else None


def value(metric: Metric, datatype: int) -> float | None:
    """The value of ``metric`` as ``datatype`` says; None where it has none that is a finite number or a boolean."""
    field, raw = metric.field, metric.raw
    if field in (_INT, _LONG):
        if datatype in SIGNED:
            number = _signed(int(raw), SIGNED[datatype], 32 if field == _INT else 64)
            return None if number is None else float(number)
        return float(raw) if datatype in UNSIGNED and raw < 1 << UNSIGNED[datatype] else None
    suits = {_FLOAT: (FLOAT, DOUBLE, 0), _DOUBLE: (FLOAT, DOUBLE, 0), _BOOLEAN: (BOOLEAN, 0)}
    return float(raw) if datatype in suits.get(field, ()) and math.isfinite(raw) else None


def rebirth(sent_at: int) -> bytes:
    """The payload of a command that asks an edge node for its births (section 6.4.23), at ``sent_at`` ms since 1970."""
    metric = protobuf.nested(1, b"Node Control/Rebirth") + protobuf.varint(4, BOOLEAN) + protobuf.varint(_BOOLEAN, 1)
    return protobuf.varint(1, sent_at) + protobuf.nested(2, metric)


def _metric(data: bytes) -> Metric:
    name = ""
    alias: int | None = None
    sent_at: int | None = None
    datatype = held = 0
    raw: int | float = 0
    historical = null = False
    unit, quality = None, _GOOD
    for tag, wire, number, content in protobuf.fields(data):
        if wire != _METRIC_WIRES.get(tag, wire):
            raise WrongWire(f"metric: field {tag} is of another kind")
        if tag == 1:
            name = protobuf.text(content)
        elif tag == 2:
            alias = number
        elif tag == 3:
            sent_at = number
        elif tag == 4:
            datatype = number
        elif tag == 5:
            historical = number != 0
        elif tag == 7:
            null = number != 0
        elif tag == 9:
            unit, quality = _properties(content)
        elif _INT <= tag <= _BOOLEAN:
            held, raw = tag, _raw(tag, number, content)
        elif _BOOLEAN < tag <= _LAST:
            held = tag
    why = "null" if null else None if quality == _GOOD else f"of quality {quality}"
    return Metric(name, alias, sent_at, datatype, historical, why, unit, held, raw)


def _raw(tag: int, number: int, content: bytes) -> int | float:
    if tag == _FLOAT:
        return float(struct.unpack("<f", content)[0])
    if tag == _DOUBLE:
        return float(struct.unpack("<d", content)[0])
    if tag == _BOOLEAN:
        return int(number != 0)
    return number & 0xFFFF_FFFF if tag == _INT else number


def _signed(raw: int, bits: int, width: int) -> int | None:
    """The number of ``bits`` that stands in ``width`` of them as two's complement, cut or extended; else None."""
    half = 1 << (bits - 1)
    if raw < half:
        return raw
    for span in (bits, width):
        if (1 << span) - half <= raw < 1 << span:
            return raw - (1 << span)
    return None


def _properties(data: bytes) -> tuple[str | None, int]:
    """Unit and quality in a property set (sections 6.4.8 and 6.4.9): keys and values stand in the same order."""
    keys, values = [], []
    for tag, wire, _, content in protobuf.fields(data):
        if wire == BYTES and tag == 1:
            keys.append(protobuf.text(content))
        elif wire == BYTES and tag == 2:
            values.append(content)
    unit, quality = None, _GOOD
    for key, value in zip(keys, values, strict=False):
        if key not in ("engUnit", "Quality"):
            continue
        for tag, wire, number, content in protobuf.fields(value):
            if key == "engUnit" and tag == 8 and wire == BYTES:
                unit = protobuf.text(content) or None
            elif key == "Quality" and tag == 3 and wire == VARINT:
                quality = number & 0xFFFF_FFFF
    return unit, quality
