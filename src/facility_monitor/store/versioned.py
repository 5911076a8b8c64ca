"""Rows that people edit: each change names the version it was made from, so that none overwrites another unseen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Table, delete, func, insert, select, update

from facility_monitor.errors import NotFound, Stale
from facility_monitor.store.database import Tx


def add(tx: Tx, table: Table, values: Mapping[str, Any]) -> int:
    """Insert a row as version 1; returns its id."""
    number: int = tx.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()
    return number


def lock(tx: Tx, table: Table, number: int, version: int) -> dict[str, Any]:
    """The row, locked until the transaction ends. Raises NotFound, and Stale where it is not at ``version``."""
    row = tx.execute(select(table).where(table.c.id == number).with_for_update()).mappings().one_or_none()
    if row is None:
        raise NotFound(f"{table.name} {number}")
    if row["version"] != version:
        raise Stale(f"{table.name} {number} stands at version {row['version']}, not {version}")
    return dict(row)


def change(tx: Tx, table: Table, number: int, version: int, changes: Mapping[str, Any]) -> None:
    """Change a row that stands at ``version``, which makes the next one. Raises NotFound, Stale."""
    lock(tx, table, number, version)
    tx.execute(update(table).where(table.c.id == number).values(**changes, version=version + 1))


def remove(tx: Tx, table: Table, number: int, version: int) -> None:
    """Delete a row that stands at ``version``. Raises NotFound, Stale."""
    lock(tx, table, number, version)
    tx.execute(delete(table).where(table.c.id == number))


def missing(tx: Tx, table: Table, numbers: Collection[int]) -> set[int]:
    """Which of ``numbers`` are no ids of ``table``."""
    found = tx.execute(select(table.c.id).where(table.c.id == func.any(list(numbers)))).scalars()
    return set(numbers) - set(found)
