"""Dated limits: which there are and were, and the catalogue's way of writing them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import insert, or_, select

from facility_monitor.catalogue import read
from facility_monitor.domain.limit import DatedLimit, Direction
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import limit_row

_ORDER = (
    *(limit_row.c.quantity, limit_row.c.effective_from, limit_row.c.direction),
    *(limit_row.c.door_type, limit_row.c.clear_width_up_to_mm),
)


def known(tx: Tx) -> list[DatedLimit]:
    """All limits, also those that stand no longer."""
    rows = tx.execute(select(*(limit_row.c[field.name] for field in fields(DatedLimit)))).mappings()
    return [DatedLimit(**{**row, "direction": Direction(row["direction"])}) for row in rows]


def shipped() -> list[DatedLimit]:
    """Those that come with the product, for where there is no database."""
    return [DatedLimit(**{**row, "direction": Direction(row["direction"])}) for row in rows(read("limits"))]


def shown(tx: Tx, quantity: str | None, on: date | None) -> list[dict[str, Any]]:
    """The limits as people read them, of one quantity and in force on one day where these are given."""
    asked = select(limit_row)
    if quantity is not None:
        asked = asked.where(limit_row.c.quantity == quantity)
    if on is not None:
        still = or_(limit_row.c.effective_to.is_(None), limit_row.c.effective_to >= on)
        asked = asked.where(limit_row.c.effective_from <= on, still)
    return [dict(row) for row in tx.execute(asked.order_by(*_ORDER)).mappings()]


def add(tx: Tx, row: Mapping[str, Any]) -> None:
    """Raises Conflict where its code is taken."""
    tx.execute(insert(limit_row).values(**row))


def rows(documents: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of ``limits.yaml``: one for each quantity, standard, and class of doors of each of its entries."""
    return [row for document in documents for row in _rows(document)]


def _rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    several = len(document["quantities"]) > 1
    for quantity, name in document["quantities"].items():
        code = quantity.replace("_", "-") if several else document["code"]
        for edition in document["standards"]:
            for door, width, value in _values(document):
                parts = [code, door, None if width is None else str(width), edition["code"]]
                yield {
                    "code": "-".join(part for part in parts if part is not None),
                    "quantity": quantity,
                    "name": name,
                    "door_type": door,
                    "clear_width_up_to_mm": width,
                    "value": value,
                    **{same: document[same] for same in ("direction", "unit", "grade")},
                    "standard": edition["standard"],
                    "clause": edition.get("clause", document.get("clause")),
                    "effective_from": edition["effective_from"],
                    "effective_to": edition.get("effective_to"),
                }


def _values(document: Mapping[str, Any]) -> Iterator[tuple[str | None, int | None, float]]:
    if "value" in document:
        yield None, None, document["value"]
    for door, by_width in document.get("values", {}).items():
        for width, value in by_width.items():
            yield door, width, value
