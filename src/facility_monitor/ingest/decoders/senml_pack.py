"""A SenML pack (RFC 8428, with the versions of RFC 9100): parsed from JSON or CBOR, checked, and resolved.

A pack is refused as a whole where the standard says so, for a version that is not understood and for an unknown label
that ends in ``_`` (section 4.4), and where a base value is none, since that spoils what follows. Anything else that is
wrong with a record is that record's own affair. Secondary units (RFC 8798) are taken in under any version.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import permutations
from typing import Any

import cbor2
import orjson

from facility_monitor.domain.instant import EARLIEST, LATEST, SECOND, Instant
from facility_monitor.domain.reading.telemetry import Reason

ABSOLUTE = 1 << 28
"""Times from here on are seconds since 1970; smaller ones are relative to the arrival (section 4.5.3)."""
_LATEST_S = LATEST / SECOND

_VERSION = 10
_VERSION_WITH_SECONDARY_UNITS = 26
_CBOR_LABELS = dict(
    zip(
        range(-6, 9),
        ("bs", "bv", "bu", "bt", "bn", "bver", "n", "u", "v", "vs", "vb", "s", "t", "ut", "vd"),
        strict=True,
    )
)
"""Section 6, table 4."""
_KNOWN = frozenset(_CBOR_LABELS.values())
_BASES = frozenset(("bver", "bn", "bt", "bu", "bv", "bs"))
_VALUES = ("v", "vb", "vs", "vd")
_USUAL = frozenset(shape for size in range(1, 5) for shape in permutations("nutv", size) if "v" in shape)
"""The labels, in any order, of a record of a value with nothing but its name, unit and time."""
_NAME = re.compile(r"[A-Za-z0-9][-A-Za-z0-9:./_]*(?<![:/])")
_DEEPEST = 8


class WrongPack(Exception):
    """Why a whole pack is refused."""


Record = tuple[str, str | None, Instant, float, tuple[Reason, str] | None]
"""One resolved record (section 4.6): its name, unit, time, value, and what is wrong with it.

Where something is wrong, it is no reading, and its unit, time and value mean nothing.
"""


def is_cbor(payload: bytes) -> bool:
    """Whether ``payload`` can be a pack in CBOR: an array (major type 4), with which no JSON text begins."""
    return 0x80 <= payload[0] <= 0x9F if payload else False


def parsed(payload: bytes) -> object:
    """The document in JSON or CBOR, its records under the labels of JSON. Raises WrongPack."""
    if is_cbor(payload):
        return _cbor(payload)
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise WrongPack(str(error)) from None


def resolved(document: object, received_at: Instant) -> Iterator[Record]:
    """The records of ``document`` with all base values applied, in the order of the pack (section 4.6).

    A record of base fields alone is none. Raises WrongPack, while it goes, where the whole pack has to be refused.
    """
    if not isinstance(document, list) or not document:
        raise WrongPack("must be a list of at least one record")
    base_name, base_unit, base_time = "", None, 0.0
    base_value: float | None = None
    names: dict[str, str] = {}
    for record in document:
        usual = type(record) is dict and tuple(record) in _USUAL
        if not usual:
            _check(record)
            if "bn" in record:
                base_name, names = _base_text(record, "bn"), {}
            if "bt" in record:
                base_time = _base_number(record, "bt")
            if "bu" in record:
                base_unit = _base_text(record, "bu")
            if "bv" in record:
                base_value = _base_number(record, "bv")
            if record.keys() <= _BASES:
                continue
        last = record.get("n", "")
        name = names.get(last) if type(last) is str else None
        if name is None:
            name = _name(last, base_name)
            if name is not None:
                names[last] = name
        unit = record.get("u", base_unit)
        sent = record.get("t", 0.0)
        if type(sent) is float and ABSOLUTE <= (time := base_time + sent) <= _LATEST_S:
            at: Instant | None = round(time * SECOND)
        else:
            at = _at(sent, base_time, received_at)
        value = record.get("v")
        if not usual or type(value) is not float or base_value is not None:
            value = _value(record, base_value)
        if name is None:
            wrong = Reason.UNREADABLE, "no name of a sensor"
            yield f"{base_name}{record.get('n', '')}"[:128], None, 0, 0.0, wrong
        elif at is None:
            yield name, None, 0, 0.0, (Reason.BAD_TIME, "t: no time")
        elif isinstance(value, str):
            yield name, None, at, 0.0, (Reason.BAD_VALUE, value)
        elif not math.isfinite(value):
            yield name, None, at, 0.0, (Reason.BAD_VALUE, "v: not finite")
        elif unit is not None and type(unit) is not str:
            yield name, None, at, 0.0, (Reason.UNKNOWN_UNIT, "u: must be a string")
        else:
            yield name, unit, at, value, None


def _check(record: object) -> None:
    """Whether it is a record, its version known, and no label is there that must be understood and is not."""
    if not isinstance(record, dict):
        raise WrongPack("must be a list of records")
    if not record.keys() <= _KNOWN:
        for label in record.keys() - _KNOWN:
            if isinstance(label, str) and label.endswith("_"):
                raise WrongPack(f"{label[:64]}: must be understood, and is not")
    if "bver" in record:
        version = record["bver"]
        if type(version) is not int or version < 1:
            raise WrongPack("bver: must be a whole number > 0")
        if version > _VERSION and version != _VERSION_WITH_SECONDARY_UNITS:
            raise WrongPack("bver: a version that is not understood")


def _name(last: Any, base: str) -> str | None:
    """The whole name where section 4.5.1 allows it and it ends in a part."""
    return base + last if type(last) is str and _NAME.fullmatch(base + last) else None


def _at(sent: object, base: float, received_at: Instant) -> Instant | None:
    """The time of a record (section 4.5.3); None where it is none between 1970 and 2200."""
    number = _number(sent)
    if number is None:
        return None
    time = base + number
    if time == 0:
        return received_at
    at = time * SECOND + (received_at if time < ABSOLUTE else 0)
    return round(at) if EARLIEST <= at <= LATEST else None


def _value(record: Mapping[str, object], base_value: float | None) -> float | str:
    """The value of a record (sections 4.2 and 4.5.4), or what is wrong with it."""
    found = [label for label in _VALUES if label in record]
    if len(found) > 1:
        return f"{' and '.join(found)}: one value only"
    if not found:
        if "s" in record:
            return "a sum without a value"
        # a missing value counts as zero where there is a base value
        return "no value" if base_value is None else base_value
    sent = record[found[0]]
    if found == ["vb"] and isinstance(sent, bool):
        return float(sent)
    value = _number(sent) if found == ["v"] else None
    return f"{found[0]}: no number and no boolean" if value is None else value + (base_value or 0.0)


def _number(sent: object) -> float | None:
    """A number, decimal fractions (CBOR tag 4) included; None where it is none."""
    if isinstance(sent, bool) or not isinstance(sent, int | float | Decimal):
        return None
    try:
        return float(sent)
    except (OverflowError, ValueError):
        return None


def _base_number(record: Mapping[str, object], label: str) -> float:
    number = _number(record[label])
    if number is None or not math.isfinite(number):
        raise WrongPack(f"{label}: must be a number")
    return number


def _base_text(record: Mapping[str, object], label: str) -> str:
    sent = record[label]
    if not isinstance(sent, str):
        raise WrongPack(f"{label}: must be a string")
    return sent


def _refused(_value: object, _immutable: bool) -> object:
    raise ValueError("no tag of SenML")


_TAGS = dict.fromkeys((0, 1, 30, 35, 36, 37, 100, 258, 260, 261, 1004, 43000), _refused)
"""Tags of which the library would make dates, patterns, messages, sets and the like."""


def _cbor(payload: bytes) -> object:
    """The one item of CBOR that ``payload`` is, its records under the labels of JSON. Raises WrongPack."""
    decoder = cbor2.CBORDecoder(io.BytesIO(payload), max_depth=_DEEPEST, semantic_decoders=_TAGS)
    try:
        document = decoder.decode()
    except cbor2.CBORDecodeError as error:
        raise WrongPack(f"CBOR: {error}") from None
    try:
        decoder.read(1)
    except cbor2.CBORDecodeEOF:
        return [_labelled(record) for record in document] if isinstance(document, list) else document
    raise WrongPack("CBOR: more than one item")


def _labelled(record: object) -> object:
    """``record`` under the labels of JSON; what is neither a number nor text is no label (False would be 0)."""
    if not isinstance(record, dict):
        return record
    return {_CBOR_LABELS.get(label, label): value for label, value in record.items() if type(label) in (int, str)}
