"""Checks as people read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import check_form, equipment, equipment_check, person
from facility_monitor.store.views import evidence

Key = tuple[datetime, int]
"""(performed_at, id): newest first."""
_SUMMARY = (
    *("id", "client_id", "form", "sheet", "performed_at", "received_at", "late_entry", "passed", "failures"),
    *("ticket_id", "corrects", "reason"),
)


def seen(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: Key | None = None, limit: int = 1
) -> list[dict[str, Any]]:
    """Checks with all that was entered and how it was judged, the newest first."""
    newer = equipment_check.alias("newer")
    asked = (
        select(
            *(equipment_check.c[name] for name in _SUMMARY),
            *(equipment_check.c[name] for name in ("content", "verdicts", "site_id")),
            *(check_form.c.definition[name].label(f"form_{name}") for name in ("name", "fields")),
            newer.c.id.label("corrected_by"),
            person.c.id.label("person_id"),
            person.c.name.label("person_name"),
            *(equipment.c[name].label(f"equipment_{name}") for name in ("id", "code", "name", "kind")),
        )
        .join(equipment, equipment.c.id == equipment_check.c.equipment_id)
        .join(person, person.c.id == equipment_check.c.submitted_by)
        .join(
            check_form,
            and_(
                check_form.c.code == equipment_check.c.form, check_form.c.effective_from == equipment_check.c.form_from
            ),
        )
        .join(newer, newer.c.corrects == equipment_check.c.id, isouter=True)
        .where(sight.thing(equipment_check.c.site_id, equipment_check.c.equipment_id), *conditions)
    )
    if after is not None:
        asked = asked.where(tuple_(equipment_check.c.performed_at, equipment_check.c.id) < after)
    order = (equipment_check.c.performed_at.desc(), equipment_check.c.id.desc())
    rows = tx.execute(asked.order_by(*order).limit(limit)).mappings().all()
    exhibits = evidence.of_records(tx, "check", [row["id"] for row in rows])
    return [{**_shown(row), **exhibits[row["id"]]} for row in rows]


def newest(tx: Tx, equipment_ids: list[int]) -> dict[int, dict[str, Any]]:
    """The newest check of each piece of equipment that has one."""
    columns = [equipment_check.c[name] for name in ("equipment_id", "id", "form", "performed_at", "passed")]
    asked = select(*columns).where(equipment_check.c.equipment_id.in_(equipment_ids))
    order = (equipment_check.c.equipment_id, equipment_check.c.performed_at.desc(), equipment_check.c.id.desc())
    rows = tx.execute(asked.ext(distinct_on(equipment_check.c.equipment_id)).order_by(*order)).mappings()
    return {row["equipment_id"]: dict(row) for row in rows}


def _shown(row: Any) -> dict[str, Any]:
    content = row["content"]
    return {
        **{name: row[name] for name in (*_SUMMARY, "form_name", "corrected_by", "site_id")},
        **{name: content[name] for name in ("values", "signatures", "instrument", "remarks", "alarm_ids")},
        "verdicts": row["verdicts"],
        "fields": [
            {name: field.get(name) for name in ("name", "label", "unit", "options")} for field in row["form_fields"]
        ],
        "submitted_by": {"id": row["person_id"], "name": row["person_name"]},
        "equipment": {name: row[f"equipment_{name}"] for name in ("id", "code", "name", "kind")},
    }
