"""Technical files as people read them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import equipment, person, technical_file
from facility_monitor.store.views import evidence

RECORD = "technical_file"
"""The kind of record that its files are evidence of."""
_SAME = ("id", "site_id", "replaces", "reason", "submitted_at")


def seen(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], replaced: bool = False, limit: int = 1
) -> list[dict[str, Any]]:
    """The newest first; those that another has ``replaced`` only where that is asked."""
    newer = technical_file.alias("newer")
    asked = (
        select(
            *(technical_file.c[name] for name in (*_SAME, "content")),
            newer.c.id.label("replaced_by"),
            person.c.id.label("person_id"),
            person.c.name.label("person_name"),
            *(equipment.c[name].label(f"equipment_{name}") for name in ("id", "code", "name", "kind")),
        )
        .join(person, person.c.id == technical_file.c.submitted_by)
        .join(equipment, equipment.c.id == technical_file.c.equipment_id, isouter=True)
        .join(newer, newer.c.replaces == technical_file.c.id, isouter=True)
        .where(sight.thing(technical_file.c.site_id, technical_file.c.equipment_id), *conditions)
    )
    if not replaced:
        asked = asked.where(newer.c.id.is_(None))
    rows = tx.execute(asked.order_by(technical_file.c.id.desc()).limit(limit)).mappings().all()
    exhibits = evidence.of_records(tx, RECORD, [row["id"] for row in rows])
    return [{**_shown(row), **exhibits[row["id"]]} for row in rows]


def _shown(row: Any) -> dict[str, Any]:
    of = {name: row[f"equipment_{name}"] for name in ("id", "code", "name", "kind")}
    return {
        **{name: row[name] for name in (*_SAME, "replaced_by")},
        **row["content"],
        "submitted_by": {"id": row["person_id"], "name": row["person_name"]},
        "equipment": None if of["id"] is None else of,
    }
