"""Messages as people read them: who was told, by which channel, and what became of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from facility_monitor.store.database import Tx
from facility_monitor.store.tables import channel, outbox, person

_SHOWN = (
    *("id", "state", "channel_id", "created_at", "sent_at", "delivered_at", "opened_at", "acknowledged_at"),
    *("attempts", "error", "handed_on", "folded_into"),
)


def notices(tx: Tx, *conditions: ColumnElement[bool], after: int = 0, limit: int) -> list[dict[str, Any]]:
    """Messages in the order in which they were queued. Whether the caller sees their cause has been asked before."""
    rows = tx.execute(
        select(
            *(outbox.c[name] for name in _SHOWN),
            outbox.c.notice["kind"].as_string().label("kind"),
            channel.c.kind.label("channel"),
            person.c.id.label("person_id"),
            person.c.name.label("person_name"),
        )
        .join(channel, channel.c.id == outbox.c.channel_id)
        .join(person, person.c.id == outbox.c.person_id, isouter=True)
        .where(outbox.c.id > after, *conditions)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return [_notice(row) for row in rows.mappings()]


def _notice(row: Any) -> dict[str, Any]:
    told = {"id": row["person_id"], "name": row["person_name"]}
    return {
        **{name: row[name] for name in (*_SHOWN, "kind", "channel")},
        "person": told if row["person_id"] is not None else None,
    }
