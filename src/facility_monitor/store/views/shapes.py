"""Shapes that several views have in common."""

from __future__ import annotations

from typing import Any


def named(number: int | None, name: str | None) -> dict[str, Any] | None:
    """Somebody by id and name; None for nobody."""
    return None if number is None else {"id": number, "name": name}
