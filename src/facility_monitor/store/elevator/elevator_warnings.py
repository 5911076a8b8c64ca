"""Early warnings of elevators, and the tests that they are made of."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, insert, select, text, update

from facility_monitor.domain.elevator.early_warning import Series, Test, WarningState
from facility_monitor.domain.instant import instant
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import elevator_warning, equipment

TESTS = 60
"""How many of an elevator's latest tests are looked at: more than a year of weeks."""

_TESTS = text("""
SELECT asked.id, test.performed_at, test.content FROM unnest(CAST(:ids AS integer[])) AS asked (id), LATERAL (
    SELECT performed_at, content FROM elevator_test AS each
    WHERE equipment_id = asked.id AND NOT EXISTS (SELECT FROM elevator_test WHERE corrects = each.id)
    ORDER BY performed_at DESC, id DESC LIMIT :most
) AS test
ORDER BY asked.id, test.performed_at
""")


class Warned(NamedTuple):
    """How the warnings of one thing measured stand: the live one, and when the last ended that is none any more."""

    live_id: int | None
    ended_at: datetime | None


class History(NamedTuple):
    """An elevator's latest tests in order of time, and the door that the newest of them tells."""

    tests: list[Test]
    door: Mapping[str, Any]


def histories(tx: Tx, elevator_ids: Collection[int]) -> dict[int, History]:
    """Of each elevator that has been tested; without what a correction has replaced."""
    found: dict[int, History] = {}
    for elevator_id, performed_at, content in tx.execute(_TESTS, {"ids": list(elevator_ids), "most": TESTS}):
        values: dict[str | None, Mapping[str, float]] = {
            floor["floor"]: {name: value for name, value in floor.items() if name != "floor"}
            for floor in content["floors"]
        }
        values[None] = content["car"]
        before = found.get(elevator_id, History([], {}))
        before.tests.append(Test(instant(performed_at), values))
        found[elevator_id] = before._replace(door=content["door"] or before.door)
    return found


def standing(tx: Tx, elevator_ids: Collection[int]) -> dict[tuple[int, Series], Warned]:
    """How the warnings of these elevators stand, the live ones locked until the transaction ends."""
    columns = (elevator_warning.c[name] for name in ("id", "equipment_id", "quantity", "floor", "ended_at"))
    rows = tx.execute(
        select(*columns)
        .where(elevator_warning.c.equipment_id == func.any(list(elevator_ids)))
        .order_by(elevator_warning.c.id)
        .with_for_update()
    )
    found: dict[tuple[int, Series], Warned] = {}
    for number, equipment_id, quantity, floor, ended_at in rows:
        live = number if ended_at is None else None
        found[equipment_id, Series(quantity, floor)] = Warned(live, ended_at)
    return found


def add(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert warnings; returns their ids, in order."""
    if not rows:
        return []
    made = tx.execute(
        insert(elevator_warning).returning(elevator_warning.c.id, sort_by_parameter_order=True),
        [dict(row) for row in rows],
    )
    return list(made.scalars())


_RENEW = text("""
UPDATE elevator_warning AS kept SET forecast = fresh.forecast, expected_at = fresh.expected_at, looked_at = :now
FROM jsonb_to_recordset(CAST(:fresh AS jsonb)) AS fresh (id bigint, forecast jsonb, expected_at timestamptz)
WHERE kept.id = fresh.id
""")


def renew(tx: Tx, fresh: Sequence[tuple[int, Mapping[str, Any], datetime]], now: datetime) -> None:
    """Put newer forecasts (id, forecast, when expected) into live warnings; their version, which is people's, stays."""
    if fresh:
        rows = [{"id": number, "forecast": told, "expected_at": at.isoformat()} for number, told, at in fresh]
        tx.execute(_RENEW, {"fresh": json.dumps(rows), "now": now})


def put(tx: Tx, number: int, version: int, state: WarningState, ended_at: datetime | None) -> None:
    """Bring a warning, locked at ``version``, into ``state``."""
    tx.execute(
        update(elevator_warning)
        .where(elevator_warning.c.id == number)
        .values(state=state, ended_at=ended_at, version=version + 1)
    )


def shown(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int | None = None, limit: int = 1
) -> list[dict[str, Any]]:
    """Warnings as people read them, the newest first."""
    asked = (
        select(elevator_warning, equipment.c.code, equipment.c.name, equipment.c.kind)
        .join(equipment, equipment.c.id == elevator_warning.c.equipment_id)
        .where(sight.thing(elevator_warning.c.site_id, elevator_warning.c.equipment_id), *conditions)
    )
    if after is not None:
        asked = asked.where(elevator_warning.c.id < after)
    rows = tx.execute(asked.order_by(elevator_warning.c.id.desc()).limit(limit)).mappings()
    return [
        {
            **row,
            **row["forecast"],
            "elevator": {"id": row["equipment_id"], **{name: row[name] for name in ("code", "name", "kind")}},
        }
        for row in rows
    ]
