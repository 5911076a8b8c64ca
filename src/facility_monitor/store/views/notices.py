"""Messages as people read them: who was told, by which channel, and what became of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_, select

from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import channel, ledger, outbox, person

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
            outbox.c.notice["title"].label("title"),
            outbox.c.alarm_id,
            outbox.c.ticket_id,
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


def of_sight(sight: Sight) -> ColumnElement[bool]:
    """Whether a message is of a site that is seen; one that nothing at a site caused is its person's own."""
    of_site = select(ledger.c.id).where(sight.at_site(ledger.c.site_id))
    return or_(outbox.c.ledger_id.in_(of_site), outbox.c.person_id == sight.person.id)


def _notice(row: Any) -> dict[str, Any]:
    told = {"id": row["person_id"], "name": row["person_name"]}
    return {
        **{name: row[name] for name in (*_SHOWN, "kind", "channel", "title", "alarm_id", "ticket_id")},
        "person": told if row["person_id"] is not None else None,
    }
