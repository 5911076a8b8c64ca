"""The wire format of Protocol Buffers, as far as Sparkplug needs it: fields of a message, read and written.

Written by hand rather than generated: the whole need is one message of a known shape, the generated code would bring a
runtime library several times this product's size and tied to its own release, and here every bound is in sight. What
is read costs time and memory in proportion to its bytes, and nothing but WrongWire is raised.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types. Groups (3 and 4) have been out of use since before Sparkplug began."""

_MASK64 = (1 << 64) - 1
_LONGEST_VARINT = 10


class WrongWire(ValueError):
    """The bytes are no message."""


class Field(NamedTuple):
    """One field as it stands: ``number`` holds varints, ``data`` everything else, unchanged."""

    tag: int
    wire: int
    number: int
    data: bytes


def fields(message: bytes) -> Iterator[Field]:
    """The fields of ``message`` in their order. Raises WrongWire, while it goes, where the bytes are none."""
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        tag, wire = key >> 3, key & 7
        if not 0 < tag < 1 << 29:
            raise WrongWire(f"no field {tag}")
        if wire == VARINT:
            number, at = _varint(message, at)
            yield Field(tag, wire, number, b"")
            continue
        if wire == BYTES:
            length, at = _varint(message, at)
        elif wire == FIXED64:
            length = 8
        elif wire == FIXED32:
            length = 4
        else:
            raise WrongWire(f"field {tag}: no wire type {wire}")
        if length > end - at:
            raise WrongWire(f"field {tag} goes on after the end")
        yield Field(tag, wire, 0, message[at : at + length])
        at += length


def text(data: bytes) -> str:
    """A string. Raises WrongWire where it is not UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise WrongWire("a string is not UTF-8") from None


def varint(tag: int, number: int) -> bytes:
    """A field with a whole number >= 0."""
    return _written(tag << 3 | VARINT) + _written(number)


def nested(tag: int, data: bytes) -> bytes:
    """A field with bytes, a string or a message."""
    return _written(tag << 3 | BYTES) + _written(len(data)) + data


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number of 64 bits, and where the next thing begins."""
    number = 0
    for place, byte in enumerate(message[at : at + _LONGEST_VARINT]):
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return number & _MASK64, at + place + 1
    raise WrongWire("a number without an end")


def _written(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
