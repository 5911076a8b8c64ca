"""The ledger as people read it: of one alarm or ticket, and as it grows."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select

from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import ledger, person


def entries(tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int = 0, limit: int) -> list[dict[str, Any]]:
    """Entries in the order in which they were written."""
    rows = tx.execute(
        select(ledger, person.c.name.label("actor"))
        .join(person, person.c.id == ledger.c.actor_id, isouter=True)
        .where(sight.thing(ledger.c.site_id, ledger.c.equipment_id), ledger.c.id > after, *conditions)
        .order_by(ledger.c.id)
        .limit(limit)
    )
    return [{**row, "actor": _named(row["actor_id"], row["actor"])} for row in rows.mappings()]


def _named(number: int | None, name: str) -> dict[str, Any] | None:
    return None if number is None else {"id": number, "name": name}


class News(NamedTuple):
    """What came after an id. ``last`` is the newest id of all, seen or not; ``entries`` None where it is too much."""

    last: int
    entries: list[dict[str, Any]] | None


def last(tx: Tx) -> int:
    """The newest id, 0 for an empty ledger. Whoever has seen it has seen all below (see ``store.ledger``)."""
    newest: int | None = tx.execute(select(func.max(ledger.c.id))).scalar_one()
    return newest or 0


def news(tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int, at_most: int) -> News:
    """What the caller sees of the entries after ``after``, unless the ledger has grown by more than ``at_most``.

    An ``after`` beyond the newest id comes from another database: also too much.
    """
    newest = last(tx)
    if not 0 <= newest - after <= at_most:
        return News(newest, None)
    if newest == after:
        return News(newest, [])
    rows = tx.execute(
        select(ledger)
        .where(ledger.c.id > after, ledger.c.id <= newest, *conditions)
        .where(sight.thing(ledger.c.site_id, ledger.c.equipment_id))
        .order_by(ledger.c.id)
    )
    return News(newest, [dict(row) for row in rows.mappings()])
