"""Elevators and their tests as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, text, tuple_

from facility_monitor.domain.elevator.elevator import KIND, STATIC, register
from facility_monitor.domain.elevator.register import missing
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import elevator_test, elevator_warning, equipment, person, ticket
from facility_monitor.store.views import evidence

Key = tuple[datetime, int]
"""(performed_at, id): newest first."""

_NAMED = ("code", "name", "kind")
_SUMMARY = (
    *("id", "performed_at", "received_at", "late_entry", "passed", "failures", "ticket_id", "corrects", "reason"),
)


def elevators(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1
) -> list[dict[str, Any]]:
    """Elevators in the order of their ids: what the register holds, their place, ``last_test``."""
    asked = select(equipment).where(
        equipment.c.kind == KIND, sight.thing(equipment.c.site_id, equipment.c.id), equipment.c.id > after, *conditions
    )
    rows = tx.execute(asked.order_by(equipment.c.id).limit(limit)).mappings().all()
    ids = [row["id"] for row in rows]
    places, last = plant.places(tx, ids), _last_tests(tx, sight, ids)
    return [
        {
            **{name: row[name] for name in ("id", "site_id", "code", "name")},
            **{name: _plain(row["attributes"].get(name)) for name in STATIC},
            "place": places[row["id"]].path,
            "floors": register(row["attributes"]).floors,
            "missing": missing(row["attributes"]),
            "last_test": last.get(row["id"]),
        }
        for row in rows
    ]


def _plain(value: object) -> str | int | float | None:
    """An attribute that can be shown as one value; attributes are free, and may hold anything."""
    return value if isinstance(value, str | int | float) else None


_LAST = text("""
SELECT newest.id FROM unnest(CAST(:ids AS integer[])) AS asked (id), LATERAL (
    SELECT test.id FROM elevator_test AS test
    WHERE test.equipment_id = asked.id AND NOT EXISTS (SELECT FROM elevator_test WHERE corrects = test.id)
    ORDER BY test.performed_at DESC, test.id DESC LIMIT 1
) AS newest
""")


def _last_tests(tx: Tx, sight: Sight, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The newest test of each elevator that no other has replaced."""
    newest = list(tx.execute(_LAST, {"ids": list(ids)}).scalars())
    rows = summaries(tx, sight, elevator_test.c.id.in_(newest), limit=len(newest)) if newest else []
    return {row["elevator"]["id"]: row for row in rows}


def summaries(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: Key | None = None, limit: int = 1
) -> list[dict[str, Any]]:
    """Tests without what was measured, the newest first."""
    newer = elevator_test.alias("newer")
    asked = (
        select(
            *(elevator_test.c[name] for name in _SUMMARY),
            newer.c.id.label("corrected_by"),
            person.c.id.label("person_id"),
            person.c.name.label("person_name"),
            equipment.c.id.label("elevator_id"),
            *(equipment.c[name].label(f"elevator_{name}") for name in _NAMED),
        )
        .join(equipment, equipment.c.id == elevator_test.c.equipment_id)
        .join(person, person.c.id == elevator_test.c.submitted_by)
        .join(newer, newer.c.corrects == elevator_test.c.id, isouter=True)
        .where(sight.thing(elevator_test.c.site_id, elevator_test.c.equipment_id), *conditions)
    )
    key = tuple_(elevator_test.c.performed_at, elevator_test.c.id)
    if after is not None:
        asked = asked.where(key < after)
    newest_first = (elevator_test.c.performed_at.desc(), elevator_test.c.id.desc())
    return [_summary(row) for row in tx.execute(asked.order_by(*newest_first).limit(limit)).mappings()]


def _summary(row: Any) -> dict[str, Any]:
    return {
        **{name: row[name] for name in (*_SUMMARY, "corrected_by")},
        "submitted_by": {"id": row["person_id"], "name": row["person_name"]},
        "elevator": {"id": row["elevator_id"], **{name: row[f"elevator_{name}"] for name in _NAMED}},
    }


def one(tx: Tx, sight: Sight, test_id: int) -> dict[str, Any] | None:
    """One test with all that was measured, each value with its limit, and the ticket that follows from it."""
    found = summaries(tx, sight, elevator_test.c.id == test_id)
    if not found:
        return None
    opened = ("id", "state", "opened_at", "due_at")
    row = tx.execute(
        select(
            elevator_test.c.content,
            elevator_test.c.verdicts,
            *(ticket.c[name].label(f"ticket_{name}") for name in opened),
        )
        .join(ticket, ticket.c.id == elevator_test.c.ticket_id, isouter=True)
        .where(elevator_test.c.id == test_id)
    ).one()
    follows = {name: row._mapping[f"ticket_{name}"] for name in opened}
    return {
        **found[0],
        **{name: row.content[name] for name in ("workers", "door", "car", "remarks")},
        **evidence.of_records(tx, "elevator_test", [test_id])[test_id],
        "items": row.verdicts,
        "ticket": None if follows["id"] is None else follows,
        "warnings": _warnings(tx, found[0]["elevator"]["id"]),
    }


def _warnings(tx: Tx, elevator_id: int) -> list[dict[str, Any]]:
    """The early warnings of an elevator that stand, the soonest first."""
    names = ("id", "quantity", "floor", "state", "opened_at", "expected_at")
    asked = select(*(elevator_warning.c[name] for name in names)).where(
        elevator_warning.c.equipment_id == elevator_id, elevator_warning.c.ended_at.is_(None)
    )
    return [dict(row) for row in tx.execute(asked.order_by(elevator_warning.c.expected_at)).mappings()]
