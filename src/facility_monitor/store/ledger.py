"""The ledger of what happened to alarms and tickets: append-only, in the order of the commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, text

from facility_monitor.store.database import LEDGER_LOCK, Tx
from facility_monitor.store.tables import ledger


class Entry(NamedTuple):
    """One transition. ``occurred_at`` is when it happened, by the event's own clock; ``at`` when it was recorded."""

    kind: str
    at: datetime
    occurred_at: datetime
    site_id: int
    equipment_id: int | None
    alarm_id: int | None
    ticket_id: int | None
    actor_id: int | None
    reason: str | None
    body: Mapping[str, Any]


def append(tx: Tx, entries: Sequence[Entry]) -> list[int]:
    """Append ``entries``; returns their ids, in the same order.

    Ids stand in the order of commits, because whoever appends holds a lock until it commits: a reader that has seen
    an id has seen all below it. Take other row locks before, never after.
    """
    if not entries:
        return []
    tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LEDGER_LOCK})
    rows = tx.execute(
        insert(ledger).returning(ledger.c.id, sort_by_parameter_order=True), [entry._asdict() for entry in entries]
    )
    return list(rows.scalars())
