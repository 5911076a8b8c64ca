"""Messages of any other shape, read as a mapping says that is written as data (see ``domain.reading.mapping``)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson

from facility_monitor.domain.instant import EARLIEST, LATEST, MILLISECOND, SECOND, Instant, instant
from facility_monitor.domain.reading.mapping import ANY, Channel, Clock, Path, PayloadMapping
from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reason, Reject, Status, Telemetry

_ABSENT = object()
_SEVERAL = object()
"""What a path with ``*`` leads to where more than one name fits."""


def decode(packet: Packet, by: PayloadMapping) -> list[Decoded]:
    """The telemetry or the status in ``packet``, and a reject for each value that is none."""
    try:
        document: object = orjson.loads(packet.payload)
    except orjson.JSONDecodeError as error:
        if not by.text:
            return [Reject(packet, Reason.UNREADABLE, str(error))]
        document = packet.payload.decode("utf-8", "replace").strip()
    if by.each is None:
        return _read(by, packet, document, document)
    items = _at(document, by.each)
    if not isinstance(items, list) or not items:
        return [Reject(packet, Reason.NO_VALUES, f"{_shown(by.each)}: no list of at least one item")]
    return [decoded for item in items for decoded in _read(by, packet, item, document)]


def _read(by: PayloadMapping, packet: Packet, item: object, document: object) -> list[Decoded]:
    """What ``item`` says: the whole ``document``, or one item of a list in it."""
    levels = packet.topic.split("/")
    device = _name(by, levels, item, document)
    if device is None:
        return [Reject(packet, Reason.UNREADABLE, "the mapping finds no device name")]
    if by.online is not None:
        return [_status(by.online, packet, device, item)]
    at: Instant | None = None
    if by.time is not None:
        sent = _either(item, document, by.time.path)
        if sent is not _ABSENT or not by.time.optional:
            at = _time(sent, by.time)
            if at is None:
                return [Reject(packet, Reason.BAD_TIME, f"{_shown(by.time.path)}: no time in {by.time.unit}")]
    number: int | None = None
    if by.sequence_path is not None:
        found = _at(item, by.sequence_path)
        if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 1 << 63:
            return [Reject(packet, Reason.BAD_SEQUENCE, f"{_shown(by.sequence_path)}: no whole number >= 0")]
        number = found

    values: dict[str, float] = {}
    units: dict[str, str] = {}
    rejects: list[Decoded] = []
    for key, channel in _channels(by, levels):
        sent = _at(item, channel.path)
        if sent is _ABSENT:
            continue
        value = _number(channel, sent)
        unit = channel.unit if channel.unit_path is None else _at(item, channel.unit_path)
        if value is None:
            why = "more than one" if sent is _SEVERAL else "not a number, nor one of its words"
            rejects.append(Reject(packet, Reason.BAD_VALUE, f"{key}: {_shown(channel.path)}: {why}"))
        elif unit is None:
            values[key] = value
        elif isinstance(unit, str):
            values[key], units[key] = value, unit
        else:
            rejects.append(Reject(packet, Reason.UNKNOWN_UNIT, f"{key}: {_shown(channel.unit_path)}: no unit"))
    if values:
        return [Telemetry(None, device, at, number, values, packet, units or None), *rejects]
    return rejects or [Reject(packet, Reason.NO_VALUES, "nothing that the mapping names")]


def _channels(by: PayloadMapping, levels: list[str]) -> Iterator[tuple[str, Channel]]:
    """All values of the mapping, or the one that the topic names."""
    if by.key_level is None:
        yield from by.channels.items()
    elif by.key_level < len(levels) and levels[by.key_level] in by.channels:
        yield levels[by.key_level], by.channels[levels[by.key_level]]


def _status(online: Channel, packet: Packet, device: str, item: object) -> Decoded:
    state = _number(online, _at(item, online.path))
    if state not in (0.0, 1.0):
        return Reject(packet, Reason.UNREADABLE, f"{_shown(online.path)}: neither online nor offline")
    return Status(None, device, state == 1.0, packet)


def _name(by: PayloadMapping, levels: list[str], item: object, document: object) -> str | None:
    if by.device_path is not None:
        name = _either(item, document, by.device_path)
        return name if isinstance(name, str) and name else None
    level = by.device_level or 0
    return levels[level] if level < len(levels) and levels[level] else None


def _number(channel: Channel, sent: object) -> float | None:
    """The value that ``sent`` stands for; None where it is none."""
    number = channel.words.get(sent) if channel.words is not None and isinstance(sent, str) else sent
    if not isinstance(number, int | float):
        return None
    value = number * channel.scale + channel.offset
    return value if math.isfinite(value) else None


def _time(sent: object, clock: Clock) -> Instant | None:
    at: float
    if clock.unit == "iso8601":
        if not isinstance(sent, str):
            return None
        try:
            read = datetime.fromisoformat(sent)
            at = instant(read if read.tzinfo else read.replace(tzinfo=clock.zone or UTC))
        except (ValueError, OverflowError):
            return None
    elif isinstance(sent, bool) or not isinstance(sent, int | float):
        return None
    else:
        at = sent * (SECOND if clock.unit == "s" else MILLISECOND)
    return round(at) if EARLIEST <= at <= LATEST else None


def _either(item: object, document: object, path: Path) -> object:
    found = _at(item, path)
    return _at(document, path) if found is _ABSENT and document is not item else found


def _at(document: object, path: Path) -> object:
    """What stands at ``path``, _ABSENT where there is nothing, _SEVERAL where ``*`` fits more than one name."""
    for index, step in enumerate(path):
        if step == ANY:
            inside = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
            found = [each for each in (_at(one, path[index + 1 :]) for one in inside) if each is not _ABSENT]
            return found[0] if len(found) == 1 else _SEVERAL if found else _ABSENT
        if isinstance(document, dict):
            document = document.get(step, _ABSENT)
        elif isinstance(document, list) and step.isdecimal() and len(step) < 8 and int(step) < len(document):
            document = document[int(step)]
        else:
            return _ABSENT
    return document


def _shown(path: Path | None) -> str:
    return ".".join(path) if path else "$"
