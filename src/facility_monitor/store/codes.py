"""Codes of modes and faults: what each means, and the catalogue's way of writing them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, insert, select

from facility_monitor.catalogue import read
from facility_monitor.domain import code as meanings
from facility_monitor.domain.code import Code, Codes
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import value_code

_FIELDS = ("code_set", "metric", "code", "meaning", "name", "standard", "grade", "effective_from")
KEY = ("code_set", "metric", "code", "effective_from")


def known(tx: Tx) -> list[Code]:
    """All codes, also those that mean something else by now."""
    return [Code(*row) for row in tx.execute(select(*(value_code.c[name] for name in _FIELDS)))]


def newest(tx: Tx) -> Codes:
    """What each code means today."""
    return meanings.newest(known(tx))


def shipped() -> list[Code]:
    """Those that come with the product, for where there is no database."""
    return [Code(**{name: row[name] for name in _FIELDS}) for row in rows(read("codes"))]


def shown(tx: Tx, *conditions: ColumnElement[bool]) -> list[dict[str, Any]]:
    """The rows as people read them: by set, metric, code, the newest first."""
    order = (value_code.c.code_set, value_code.c.metric, value_code.c.code, value_code.c.effective_from.desc())
    return [dict(row) for row in tx.execute(select(value_code).where(*conditions).order_by(*order)).mappings()]


def add(tx: Tx, row: Mapping[str, Any]) -> None:
    """Raises Conflict where a row of that set, metric, code and day stands already."""
    tx.execute(insert(value_code).values(**row))


def rows(documents: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of ``codes.yaml``: one for each code of each metric of its entries."""
    return [row for document in documents for row in _rows(document)]


def _rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    same = {name: document[name] for name in ("code_set", "standard", "grade", "effective_from")}
    for metric, codes in document["metrics"].items():
        for code, words in codes.items():
            name = {locale: said for locale, said in words.items() if locale != "meaning"}
            yield {**same, "metric": metric, "code": code, "name": name, "meaning": words.get("meaning")}
