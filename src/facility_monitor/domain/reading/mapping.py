"""A payload mapping: how to read messages whose shape is not ours, written as data.

::

    {"payload":  "json" or "text"                 text: a bare word or number, such as on or 23.4; json if not given
     "each":     "readings"                       optional: a list, each item of which is read as a message
     "device":   {"path": "device_id"}            or {"level": 1}, a level of the topic counted from 0
     "time":     {"path": "ts", "unit": "s"}      optional; unit s or ms since 1970, or iso8601
     "sequence": {"path": "seq"}                  optional
     "key":      {"level": 3}                     optional: the topic names the one of the values that this message has
     "values":   {"humidity": {"path": "data.humidity"}, ...},
     "online":   {"path": "state", "words": {"online": 1, "offline": 0}}}

A path goes down by dots. In it a number is a place in a list, and ``*`` is any one name, taken only where a single one
leads on; ``$`` alone is the whole message. What a message does not have is left out.

A time may have ``"zone": "Asia/Shanghai"``, the zone of times that tell none (else UTC), and ``"optional": true``,
where the time of arrival serves a message without one. Under ``each``, device and time are looked for in the item and
then in the whole message, the rest in the item alone.

A value may have ``scale`` and ``offset`` (``sent * scale + offset``), a ``unit`` in which it then is (a name that
``domain.unit`` knows, or ``{"path": "..."}`` to where the message tells it; else the point's own), and ``words`` that
stand for numbers. A boolean counts as 1 or 0.

``online`` takes the place of ``values`` for messages that are births and wills: 1 is online, 0 is offline.
"""

from __future__ import annotations

import math
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from facility_monitor.errors import InvalidInput

WHOLE = "$"
ANY = "*"
_TIME_UNITS = ("s", "ms", "iso8601")
_FIELDS = frozenset(("payload", "each", "device", "time", "sequence", "key", "values", "online"))

Path = tuple[str, ...]
"""Names and places from the outside in; empty for the whole message."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Where one value stands, and how it becomes a number. ``unit_path`` tells the unit where ``unit`` does not."""

    path: Path
    scale: float = 1.0
    offset: float = 0.0
    unit: str | None = None
    unit_path: Path | None = None
    words: MappingOf[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the time stands: ``unit`` is s, ms or iso8601."""

    path: Path
    unit: str
    zone: ZoneInfo | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class PayloadMapping:
    """One mapping, checked. Exactly one of ``device_path`` and ``device_level`` is set.

    Either ``channels`` has something or ``online`` is set.
    """

    topic_filter: str
    device_path: Path | None
    device_level: int | None
    time: Clock | None
    sequence_path: Path | None
    channels: MappingOf[str, Channel]
    online: Channel | None = None
    key_level: int | None = None
    each: Path | None = None
    text: bool = False


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
    for field in definition.keys() - _FIELDS:
        wrong[str(field)] = "no such field"
    payload = definition.get("payload", "json")
    if payload not in ("json", "text"):
        wrong["payload"] = 'must be "json" or "text"'

    device, device_path = definition.get("device"), None
    device_level = _level(device)
    if isinstance(device, dict) and set(device) == {"path"}:
        device_path = _path(device, "device.path", wrong)
    elif device_level is None:
        wrong["device"] = 'must be {"path": "..."} or {"level": n}'
    key_level = _level(definition.get("key"))
    if key_level is None and "key" in definition:
        wrong["key"] = 'must be {"level": n}'
    sequence, sequence_path = definition.get("sequence"), None
    if isinstance(sequence, dict) and set(sequence) == {"path"}:
        sequence_path = _path(sequence, "sequence.path", wrong)
    elif sequence is not None:
        wrong["sequence"] = 'must be {"path": "..."}'

    values, online, channels = definition.get("values"), definition.get("online"), {}
    if isinstance(values, dict) and values and all(isinstance(key, str) and key for key in values):
        channels = {key: _channel(each, f"values.{key}", wrong) for key, each in values.items()}
    elif "values" in definition or online is None:
        wrong["values"] = "must name at least one value"
    if online is not None and "values" in definition:
        wrong["online"] = "a message has values or is a birth or will, not both"
    found = PayloadMapping(
        topic_filter,
        device_path,
        device_level,
        _clock(definition.get("time"), wrong),
        sequence_path,
        channels,
        None if online is None else _channel(online, "online", wrong),
        key_level,
        _path(definition, "each", wrong) if "each" in definition else None,
        payload == "text",
    )
    if wrong:
        raise InvalidInput(wrong)
    return found


def _level(holder: object) -> int | None:
    if isinstance(holder, dict) and set(holder) == {"level"}:
        level = holder["level"]
        if isinstance(level, int) and not isinstance(level, bool) and 0 <= level < 1 << 16:
            return level
    return None


def _clock(time: object, wrong: dict[str, str]) -> Clock | None:
    if time is None:
        return None
    must = 'must be {"path": "...", "unit": "s" | "ms" | "iso8601", "zone": "...", "optional": true | false}'
    if not isinstance(time, dict) or not {"path", "unit"} <= set(time) <= {"path", "unit", "zone", "optional"}:
        wrong["time"] = must
        return None
    unit, optional, zone = time["unit"], time.get("optional", False), None
    if unit not in _TIME_UNITS or not isinstance(optional, bool) or ("zone" in time and unit != "iso8601"):
        wrong["time"] = must
        return None
    if "zone" in time:
        try:
            zone = ZoneInfo(time["zone"])
        except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
            wrong["time.zone"] = "must be an IANA time zone, for example Asia/Shanghai"
    return Clock(_path(time, "time.path", wrong), unit, zone, optional)


def _path(holder: MappingOf[str, Any], field: str, wrong: dict[str, str]) -> Path:
    path = holder.get(field.rpartition(".")[2])
    if path == WHOLE:
        return ()
    if isinstance(path, str) and path and all(path.split(".")):
        return tuple(path.split("."))
    wrong[field] = "must be names joined by dots, or $ for the whole message"
    return ()


def _channel(each: object, field: str, wrong: dict[str, str]) -> Channel:
    if not isinstance(each, dict) or not {"path"} <= set(each) <= {"path", "scale", "offset", "unit", "words"}:
        wrong[field] = 'must be {"path": "...", "scale": n, "offset": n, "unit": "...", "words": {"ON": 1, ...}}'
        return Channel(())
    numbers = {"scale": each.get("scale", 1), "offset": each.get("offset", 0)}
    for name, number in numbers.items():
        if not _is_number(number):
            wrong[f"{field}.{name}"] = "must be a finite number"
            return Channel(())
    words = each.get("words")
    if words is not None and not (
        isinstance(words, dict) and words and all(isinstance(w, str) and _is_number(n) for w, n in words.items())
    ):
        wrong[f"{field}.words"] = 'must give each word a number, as {"ON": 1, "OFF": 0}'
        words = None
    given, unit, unit_path = each.get("unit"), None, None
    if isinstance(given, dict) and set(given) == {"path"}:
        unit_path = _path(given, f"{field}.unit.path", wrong)
    elif isinstance(given, str) and given:
        unit = given
    elif given is not None:
        wrong[f"{field}.unit"] = 'must be the name of a unit, or {"path": "..."}'
    return Channel(
        _path(each, f"{field}.path", wrong),
        float(numbers["scale"]),
        float(numbers["offset"]),
        unit,
        unit_path,
        None if words is None else {word: float(number) for word, number in words.items()},
    )


def _is_number(number: object) -> bool:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return False
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _is_filter(topic_filter: str) -> bool:
    parts = topic_filter.split("/")
    return (
        0 < len(topic_filter.encode()) < 65536
        and "\0" not in topic_filter
        and all(part in ("+", "#") or not set("+#") & set(part) for part in parts)
        and "#" not in parts[:-1]
    )
