"""What the register must hold of an elevator (GB/T 24476), and whether it can be true."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from facility_monitor.domain.elevator.elevator import STATIC, label

OLDEST = date(1900, 1, 1)
COMPLETE = (*STATIC, "floors")
"""What a register has that lacks nothing."""
_PHONE = re.compile(r"\+?[0-9][0-9 ()/-]{2,30}")


def _words(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return None
    if isinstance(value, str) and 0 < len(value.strip()) <= 120 and value.isprintable():
        return None
    return "must be 1 to 120 printable characters"


def _name(value: object) -> str | None:
    """As the rows of a code set bear it, which a number does not."""
    return _words(value if isinstance(value, str) else "")


def _phone(value: object) -> str | None:
    found = isinstance(value, str) and _PHONE.fullmatch(value) is not None
    return None if found else "must be a telephone number: digits, with + ( ) / - and blanks between"


def _count(value: object) -> str | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 300
    return None if whole else "must be a whole number from 1 to 300"


def _between(least: float, most: float, unit: str) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if number and least <= value <= most:  # type: ignore[operator]
            return None
        return f"must be a number from {least:g} to {most:g} {unit}"

    return check


def _day(today: date) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        try:
            day = date.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            day = None
        if day is None:
            return "must be a day, YYYY-MM-DD"
        return None if OLDEST <= day <= today else f"must lie between {OLDEST} and today, {today}"

    return check


def _floors(value: object) -> str | None:
    if _count(value) is None:
        return None
    if not isinstance(value, list) or not 1 <= len(value) <= 300:
        return "must be a count from 1 to 300, or a list of labels from the lowest floor up"
    written = [label(each) for each in value]
    if None in written:
        return f"{value[written.index(None)]!r} is no label: a number, or 1 to 8 characters such as B1"
    twice = next((each for each in written if written.count(each) > 1), None)
    return None if twice is None else f"{twice} stands twice"


def check(attributes: Mapping[str, Any], today: date) -> dict[str, str]:
    """What of the ``attributes`` of an elevator cannot be true, by name; others than the register's are free.

    Speeds and loads are in m/s and kg; their bounds are our own (P).
    """
    checks: dict[str, Callable[[object], str | None]] = dict.fromkeys(STATIC, _words)
    checks |= {"stations": _count, "doors": _count, "floors": _floors, "emergency_phone": _phone, "code_set": _name}
    checks |= {"install_date": _day(today), "rated_speed": _between(0.1, 20, "m/s")}
    checks["rated_load"] = _between(50, 10_000, "kg")
    wrong = {
        name: why
        for name, refuse in checks.items()
        if attributes.get(name) is not None and (why := refuse(attributes[name])) is not None
    }
    floors = attributes.get("floors")
    served = len(floors) if isinstance(floors, list) else floors
    stations = attributes.get("stations")
    if not wrong.keys() & {"floors", "stations"} and served is not None and stations is not None and stations > served:
        wrong["stations"] = f"an elevator of {served} floors has no more stations"
    return wrong


def missing(attributes: Mapping[str, Any]) -> list[str]:
    """What the register still lacks."""
    return [name for name in COMPLETE if attributes.get(name) in (None, "", [])]
