"""An edge node of Sparkplug B, to write what one publishes."""

from __future__ import annotations

import struct
from typing import Any

INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FLOAT, DOUBLE, BOOLEAN, STRING, DATE_TIME = range(1, 14)


def number(tag: int, value: int) -> bytes:
    """A field that is a varint."""
    return written(tag << 3) + written(value)


def data(tag: int, content: bytes) -> bytes:
    """A field that is bytes."""
    return written(tag << 3 | 2) + written(len(content)) + content


def written(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def metric(
    name: str | None = None,
    value: float | str | None = None,
    datatype: int = DOUBLE,
    *,
    alias: int | None = None,
    at: int | None = None,
    historical: bool = False,
    null: bool = False,
    told: bool = True,
    properties: dict[str, str | int] | None = None,
) -> bytes:
    """One metric; ``told`` is whether its data type goes along, ``at`` is in milliseconds since 1970."""
    out = b"" if name is None else data(1, name.encode())
    out += b"" if alias is None else number(2, alias)
    out += b"" if at is None else number(3, at)
    out += number(4, datatype) if told else b""
    out += number(5, 1) if historical else b""
    out += number(7, 1) if null else b""
    if properties:
        keys = b"".join(data(1, key.encode()) for key in properties)
        values = b"".join(
            data(2, number(1, STRING) + data(8, held.encode()) if isinstance(held, str) else number(3, held))
            for held in properties.values()
        )
        out += data(9, keys + values)
    if value is None:
        return out
    if isinstance(value, str):
        return out + data(15, value.encode())
    if datatype == FLOAT:
        return out + written(12 << 3 | 5) + struct.pack("<f", value)
    if datatype == DOUBLE:
        return out + written(13 << 3 | 1) + struct.pack("<d", value)
    if datatype == BOOLEAN:
        return out + number(14, int(bool(value)))
    if datatype in (INT64, UINT64, DATE_TIME):
        return out + number(11, int(value) % (1 << 64))
    return out + number(10, int(value) % (1 << 32))


def payload(*metrics: bytes, at: int | None = 1_772_438_400_000, seq: int | None = 0) -> bytes:
    out = b"" if at is None else number(1, at)
    out += b"".join(data(2, each) for each in metrics)
    return out + (b"" if seq is None else number(3, seq))


def session(bd_seq: int) -> bytes:
    return metric("bdSeq", bd_seq, UINT64)


def read(message: bytes) -> list[tuple[int, Any]]:
    """Fields of a message that has only varints and bytes."""
    out: list[tuple[int, Any]] = []
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            value |= (message[at] & 0x7F) << shift
            shift += 7
            at += 1
            if message[at - 1] < 0x80:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            out.append((key >> 3, varint()))
        else:
            assert key & 7 == 2
            length = varint()
            out.append((key >> 3, message[at : at + length]))
            at += length
    return out
