"""A payload mapping: how to read messages whose shape is not ours, written as data.

::

    {"device":   {"path": "device_id"}            or {"level": 1}, a level of the topic counted from 0
     "time":     {"path": "ts", "unit": "s"}      optional; unit s or ms since 1970, or iso8601
     "sequence": {"path": "seq"}                  optional
     "values":   {"humidity": {"path": "data.humidity", "scale": 1, "offset": 0}, ...}}

A path goes down by dots; a number is a place in a list. A stored value is ``sent * scale + offset``, in the point's
unit; a boolean counts as 1 or 0. What a message does not have is left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from facility_monitor.domain.instant import EARLIEST, LATEST, MILLISECOND, SECOND, Instant, instant
from facility_monitor.domain.telemetry import Decoded, Packet, Reason, Reject, Telemetry
from facility_monitor.errors import InvalidInput

_ABSENT = object()
_TIME_UNITS = ("s", "ms", "iso8601")


@dataclass(frozen=True, slots=True)
class Channel:
    """Where one value stands, and how it becomes the point's unit."""

    path: tuple[str, ...]
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class PayloadMapping:
    """One mapping, checked. Exactly one of ``device_path`` and ``device_level`` is set."""

    topic_filter: str
    device_path: tuple[str, ...] | None
    device_level: int | None
    time_path: tuple[str, ...] | None
    time_unit: str
    sequence_path: tuple[str, ...] | None
    channels: MappingOf[str, Channel]


def matches(topic_filter: str, topic: str) -> bool:
    """Whether an MQTT topic filter (``+`` one level, ``#`` all that follow) takes in ``topic``."""
    wanted, levels = topic_filter.split("/"), topic.split("/")
    if topic.startswith("$") and wanted[0] in ("+", "#"):
        return False
    for index, part in enumerate(wanted):
        if part == "#":
            return True
        if index >= len(levels) or part not in ("+", levels[index]):
            return False
    return len(wanted) == len(levels)


def mapping(topic_filter: str, definition: MappingOf[str, Any]) -> PayloadMapping:
    """Check a mapping as people write it. Raises InvalidInput naming each wrong field."""
    wrong: dict[str, str] = {}
    if not _is_filter(topic_filter):
        wrong["topic_filter"] = "must be an MQTT topic filter; + stands for a whole level, # for the last ones"
    for field in definition.keys() - {"device", "time", "sequence", "values"}:
        wrong[field] = "no such field"

    device = definition.get("device")
    device_path = device_level = None
    if isinstance(device, dict) and set(device) == {"path"}:
        device_path = _path(device, "device", wrong)
    elif isinstance(device, dict) and set(device) == {"level"} and _is_count(device["level"]):
        device_level = device["level"]
    else:
        wrong["device"] = 'must be {"path": "..."} or {"level": n}'

    time = definition.get("time")
    time_path, time_unit = None, "ms"
    if time is not None:
        if isinstance(time, dict) and time.get("unit") in _TIME_UNITS and set(time) == {"path", "unit"}:
            time_path, time_unit = _path(time, "time", wrong), time["unit"]
        else:
            wrong["time"] = 'must be {"path": "...", "unit": "s" | "ms" | "iso8601"}'

    sequence = definition.get("sequence")
    sequence_path = None
    if isinstance(sequence, dict) and set(sequence) == {"path"}:
        sequence_path = _path(sequence, "sequence", wrong)
    elif sequence is not None:
        wrong["sequence"] = 'must be {"path": "..."}'

    values = definition.get("values")
    channels = {}
    if isinstance(values, dict) and values:
        channels = {key: _channel(each, f"values.{key}", wrong) for key, each in values.items()}
    else:
        wrong["values"] = "must name at least one value"
    if wrong:
        raise InvalidInput(wrong)
    return PayloadMapping(topic_filter, device_path, device_level, time_path, time_unit, sequence_path, channels)


def mapped(by: PayloadMapping, packet: Packet, document: object) -> list[Decoded]:
    """Read ``document``, the parsed payload of ``packet``: the telemetry, and a reject for each value that is none."""
    device = _device(by, packet.topic, document)
    if device is None:
        return [Reject(packet, Reason.UNREADABLE, "the mapping finds no device name")]
    at: Instant | None = None
    if by.time_path is not None:
        at = _time(_at(document, by.time_path), by.time_unit)
        if at is None:
            return [Reject(packet, Reason.BAD_TIME, f"{'.'.join(by.time_path)}: no time in {by.time_unit}")]
    number: int | None = None
    if by.sequence_path is not None:
        found = _at(document, by.sequence_path)
        if not _is_count(found):
            return [Reject(packet, Reason.BAD_SEQUENCE, f"{'.'.join(by.sequence_path)}: no whole number >= 0")]
        number = int(found)  # type: ignore[call-overload]

    values: dict[str, float] = {}
    rejects: list[Decoded] = []
    for key, channel in by.channels.items():
        sent = _at(document, channel.path)
        if sent is _ABSENT:
            continue
        value = float(sent) * channel.scale + channel.offset if isinstance(sent, int | float) else math.nan
        if math.isfinite(value):
            values[key] = value
        else:
            rejects.append(Reject(packet, Reason.BAD_VALUE, f"{'.'.join(channel.path)}: not a number"))
    if values:
        return [Telemetry(None, device, at, number, values, packet), *rejects]
    return rejects or [Reject(packet, Reason.NO_VALUES, "nothing that the mapping names")]


def _device(by: PayloadMapping, topic: str, document: object) -> str | None:
    if by.device_path is not None:
        name = _at(document, by.device_path)
        return name if isinstance(name, str) and name else None
    levels = topic.split("/")
    level = by.device_level or 0
    return levels[level] if level < len(levels) and levels[level] else None


def _time(sent: object, unit: str) -> Instant | None:
    if unit == "iso8601":
        try:
            read = datetime.fromisoformat(sent) if isinstance(sent, str) else None
        except ValueError:
            return None
        at: float | None = None if read is None else instant(read if read.tzinfo else read.replace(tzinfo=UTC))
    elif isinstance(sent, bool) or not isinstance(sent, int | float):
        return None
    else:
        at = sent * (SECOND if unit == "s" else MILLISECOND)
    return None if at is None or not EARLIEST <= at <= LATEST else round(at)


def _at(document: object, path: tuple[str, ...]) -> object:
    for step in path:
        if isinstance(document, dict):
            document = document.get(step, _ABSENT)
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return _ABSENT
    return document


def _path(holder: MappingOf[str, Any], field: str, wrong: dict[str, str]) -> tuple[str, ...]:
    path = holder.get("path")
    if isinstance(path, str) and path and all(path.split(".")):
        return tuple(path.split("."))
    wrong[f"{field}.path"] = "must be names joined by dots"
    return ()


def _channel(each: object, field: str, wrong: dict[str, str]) -> Channel:
    if not isinstance(each, dict) or not set(each) <= {"path", "scale", "offset"}:
        wrong[field] = 'must be {"path": "...", "scale": n, "offset": n}'
        return Channel(())
    numbers = {"scale": each.get("scale", 1), "offset": each.get("offset", 0)}
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            wrong[f"{field}.{name}"] = "must be a finite number"
            return Channel(())
    return Channel(_path(each, field, wrong), float(numbers["scale"]), float(numbers["offset"]))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63


def _is_filter(topic_filter: str) -> bool:
    parts = topic_filter.split("/")
    return (
        0 < len(topic_filter.encode()) < 65536
        and "\0" not in topic_filter
        and all(part in ("+", "#") or not set("+#") & set(part) for part in parts)
        and "#" not in parts[:-1]
    )
