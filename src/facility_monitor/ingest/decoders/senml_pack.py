"""A SenML pack (RFC 8428, with the versions of RFC 9100): parsed from JSON or CBOR, checked, and resolved.

A pack is refused as a whole where the standard says so, for a version that is not understood and for an unknown label
that ends in ``_`` (section 4.4), and where a base value is none, since that spoils what follows. Anything else that is
wrong with a record is that record's own affair. Secondary units (RFC 8798) are taken in under any version.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import cbor2
import orjson

from facility_monitor.domain.instant import EARLIEST, LATEST, SECOND, Instant
from facility_monitor.domain.telemetry import Reason

ABSOLUTE = 1 << 28
"""Times from here on are seconds since 1970; smaller ones are relative to the arrival (section 4.5.3)."""

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
_OTHER_VALUES = frozenset(_VALUES[1:])
_NAME = re.compile(r"[A-Za-z0-9][-A-Za-z0-9:./_]*(?<![:/])")
_DEEPEST = 8


class WrongPack(Exception):
    """Why a whole pack is refused."""


class Record(NamedTuple):
    """One resolved record (section 4.6), ``at`` in microseconds since 1970.

    Where ``wrong`` says what is wrong with it, it is no reading, and its unit, time and value mean nothing.
    """

    name: str
    unit: str | None
    at: Instant
    value: float
    wrong: tuple[Reason, str] | None = None


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
    _check(document)
    base_name, base_unit, base_time = "", None, 0.0
    base_value: float | None = None
    names: dict[str, str | None] = {}
    for record in document:
        if not _BASES.isdisjoint(record):
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
        name = _name(record.get("n", ""), base_name, names)
        unit = record.get("u", base_unit)
        at = _at(record.get("t", 0), base_time, received_at)
        value = record.get("v")
        if type(value) is not float or base_value is not None or not _OTHER_VALUES.isdisjoint(record):
            value = _value(record, base_value)
        if name is None:
            wrong = Reason.UNREADABLE, "no name of a sensor"
            yield Record(f"{base_name}{record.get('n', '')}"[:128], None, 0, 0.0, wrong)
        elif at is None:
            yield Record(name, None, 0, 0.0, (Reason.BAD_TIME, "t: no time"))
        elif isinstance(value, str):
            yield Record(name, None, at, 0.0, (Reason.BAD_VALUE, value))
        elif not math.isfinite(value):
            yield Record(name, None, at, 0.0, (Reason.BAD_VALUE, "v: not finite"))
        elif unit is not None and type(unit) is not str:
            yield Record(name, None, at, 0.0, (Reason.UNKNOWN_UNIT, "u: must be a string"))
        else:
            yield Record(name, unit, at, value)


def _check(document: Sequence[object]) -> None:
    """Whether every record is one, its version known, and none has a label that must be understood and is not."""
    for record in document:
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


def _name(last: Any, base: str, names: dict[str, str | None]) -> str | None:
    """The whole name where section 4.5.1 allows it and it ends in a part; ``names`` are those worked out already."""
    if type(last) is not str:
        return None
    if last not in names:
        whole = base + last
        names[last] = whole if _NAME.fullmatch(whole) else None
    return names[last]


def _at(sent: object, base: float, received_at: Instant) -> Instant | None:
    """The time of a record (section 4.5.3); None where it is none between 1970 and 2200."""
    number = sent if type(sent) is float or type(sent) is int else _number(sent)
    if number is None:
        return None
    try:
        time = base + number
    except OverflowError:
        return None
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
