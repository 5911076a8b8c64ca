"""The lives of parts: which rules there are and were, and the catalogue's way of writing them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import insert, select

from facility_monitor.domain.elevator.part_life import Aspect, LifeRule, Line
from facility_monitor.domain.text import Text
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import part_kind, part_life


def known(tx: Tx) -> list[LifeRule]:
    """All rules, also those that stand no longer."""
    rows = tx.execute(select(part_life).order_by(part_life.c.part_kind, part_life.c.code)).mappings()
    return [LifeRule(**{**row, "aspect": Aspect(row["aspect"]), "line": Line(row["line"])}) for row in rows]


def kinds(tx: Tx) -> dict[str, Text]:
    """The names of the kinds of parts, by code."""
    return {row.code: row.name for row in tx.execute(select(part_kind))}


def add(tx: Tx, row: Mapping[str, Any]) -> None:
    tx.execute(insert(part_life).values(**row))


def rows(documents: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of ``part_lives.yaml``, where a condition has a single ``limit``."""
    return [_row(each) for each in documents]


_OPEN: Mapping[str, Any] = dict.fromkeys(("quantity", "maker", "model", "construction", "effective_to"))


def _row(document: Mapping[str, Any]) -> dict[str, Any]:
    same = {name: value for name, value in document.items() if name != "limit"}
    limit = dict.fromkeys(("lowest", "expected", "highest"), document["limit"]) if "limit" in document else {}
    return {**_OPEN, **same, **limit}
