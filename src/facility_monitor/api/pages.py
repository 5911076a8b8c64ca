"""Lists in parts. A cursor holds the sort key of the last row handed out: new rows neither repeat nor hide any."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Query

from facility_monitor.errors import InvalidInput

LARGEST = 500

Key = tuple[Any, ...]


class Window(NamedTuple):
    """Which part of a list is asked for: at most ``limit`` rows after ``cursor``."""

    limit: int
    cursor: str | None


async def _window(
    limit: Annotated[int, Query(ge=1, le=LARGEST, description="rows at most")] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="`next_cursor` of the part before")] = None,
) -> Window:
    return Window(limit, cursor)


Part = Annotated[Window, Depends(_window)]


class Order:
    """The order of one list: its name and the types of its sort key. A cursor of another list does not fit."""

    def __init__(self, name: str, *types: type[int | str | datetime]) -> None:
        self._name = name
        self._types = types

    def after(self, window: Window) -> Key | None:
        """The sort key in the cursor; None for the first part. Raises InvalidInput naming ``cursor``."""
        if window.cursor is None:
            return None
        try:
            padded = window.cursor + "=" * (-len(window.cursor) % 4)
            name, *key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            if name != self._name or len(key) != len(self._types):
                raise ValueError
            return tuple(_read(each, kind) for each, kind in zip(key, self._types, strict=True))
        except (ValueError, TypeError, binascii.Error, RecursionError):
            raise InvalidInput({"cursor": "is none that this list has given out"}) from None

    def page(self, rows: Sequence[dict[str, Any]], limit: int, key: Callable[[dict[str, Any]], Key]) -> dict[str, Any]:
        """A part of at most ``limit`` of ``rows``, of which one more than that was asked for."""
        more = len(rows) > limit
        return {"items": rows[:limit], "next_cursor": self._cursor(key(rows[limit - 1])) if more else None}

    def _cursor(self, key: Key) -> str:
        written = [self._name, *(each.isoformat() if isinstance(each, datetime) else each for each in key)]
        return base64.urlsafe_b64encode(json.dumps(written, separators=(",", ":")).encode()).rstrip(b"=").decode()


def _read(value: object, kind: type[int | str | datetime]) -> int | str | datetime:
    if kind is datetime and isinstance(value, str):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None or not 1970 <= at.year < 9999:
            raise ValueError
        return at
    if kind is int and type(value) is int and -(2**63) <= value < 2**63:
        return value
    if kind is str and isinstance(value, str) and "\0" not in value:
        return value
    raise ValueError


def by_id(name: str) -> Order:
    """A list in the order of its ids."""
    return Order(name, int)


def id_of(row: dict[str, Any]) -> Key:
    """The sort key of such a list."""
    return (row["id"],)


def whole(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A list that is short by nature, in one part."""
    return {"items": rows, "next_cursor": None}
