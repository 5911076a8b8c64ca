"""Tickets as people read them: with their place, their alarms and their clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_

from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import alarm, equipment, person, site, ticket

Key = tuple[datetime, int]
"""(due_at, id)"""


def tickets(
    tx: Tx,
    sight: Sight,
    *conditions: ColumnElement[bool],
    after: Key | None = None,
    limit: int = 1,
    descending: bool = False,
) -> list[dict[str, Any]]:
    """Tickets by deadline, the earliest first or the latest first."""
    key = tuple_(ticket.c.due_at, ticket.c.id)
    asked = select(ticket).where(sight.thing(ticket.c.site_id, ticket.c.equipment_id), *conditions)
    if after is not None:
        asked = asked.where(key < after if descending else key > after)
    order = (ticket.c.due_at.desc(), ticket.c.id.desc()) if descending else (ticket.c.due_at, ticket.c.id)
    picked = asked.order_by(*order).limit(limit).subquery("ticket")
    again = (picked.c.due_at.desc(), picked.c.id.desc()) if descending else (picked.c.due_at, picked.c.id)
    assignee = person.alias("assignee")
    joined = select(func.array_agg(alarm.c.id.op("ORDER BY")(alarm.c.id))).where(alarm.c.ticket_id == picked.c.id)
    rows = tx.execute(
        select(
            picked,
            func.coalesce(joined.scalar_subquery(), []).label("alarm_ids"),
            site.c.code.label("site_code"),
            site.c.name.label("site_name"),
            equipment.c.code.label("equipment_code"),
            equipment.c.name.label("equipment_name"),
            equipment.c.kind.label("equipment_kind"),
            assignee.c.name.label("assignee_name"),
        )
        .join(site, site.c.id == picked.c.site_id)
        .join(equipment, equipment.c.id == picked.c.equipment_id)
        .join(assignee, assignee.c.id == picked.c.assignee_id, isouter=True)
        .order_by(*again)
    ).all()
    places = plant.places(tx, {row.equipment_id for row in rows}) if rows else {}
    return [_ticket(row._mapping, places, sight.now) for row in rows]


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Whether the row of ``ticket`` was, or is by now, open beyond its deadline."""
    return func.coalesce(ticket.c.closed_at, now) > ticket.c.due_at


def _ticket(row: Any, places: dict[int, plant.Place], now: datetime) -> dict[str, Any]:
    same = ("id", "state", "title", "cause", "class", "opened_at", "due_at", "repaired_at", "closed_at")
    assignee = {"id": row["assignee_id"], "name": row["assignee_name"]}
    return {
        **{name: row[name] for name in (*same, "closing_note", "alarm_ids", "version")},
        "site": {"id": row["site_id"], "code": row["site_code"], "name": row["site_name"]},
        "place": places[row["equipment_id"]].path,
        "equipment": {
            "id": row["equipment_id"],
            "code": row["equipment_code"],
            "name": row["equipment_name"],
            "kind": row["equipment_kind"],
        },
        "overdue": (row["closed_at"] or now) > row["due_at"],
        "assignee": assignee if row["assignee_id"] is not None else None,
    }
