"""Parts of elevators, their inspections and counters: added, never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, and_, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from facility_monitor.domain.elevator.elevator import KIND
from facility_monitor.domain.elevator.usage import Counter, Reading
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import (
    counter_reading,
    elevator_part,
    equipment,
    part_kind,
    part_warning,
    site,
)

POINTS: Mapping[str, Counter] = {
    "present_counter_value": Counter.TRIPS,
    "door_count": Counter.DOOR_CYCLES,
    "rope_bend_count": Counter.ROPE_BENDS,
}
"""By metric: the counter that it shows (GB/T 24476)."""


class Installed(NamedTuple):
    """A part that stands. ``content`` is all that was entered; ``elevator`` names the one it is built into."""

    id: int
    site_id: int
    timezone: str
    equipment_id: int
    elevator: Mapping[str, Any]
    kind: str
    kind_name: Mapping[str, str]
    installed_on: date
    recorded_at: datetime
    content: Mapping[str, Any]
    replaces: int | None
    correction: bool
    reason: str | None
    warned_at: datetime | None
    told_order_by: date | None


_newer = elevator_part.alias("newer")
STANDING: ColumnElement[bool] = ~select(_newer.c.id).where(_newer.c.replaces == elevator_part.c.id).exists()
"""No other row has taken the part's place."""


def installed(tx: Tx, *conditions: ColumnElement[bool]) -> list[Installed]:
    """Parts in the order of their elevators and kinds."""
    rows = tx.execute(
        select(
            elevator_part,
            site.c.timezone,
            part_kind.c.name.label("kind_name"),
            equipment.c.code,
            equipment.c.name,
            part_warning.c.warned_at,
            part_warning.c.order_by.label("told_order_by"),
        )
        .join(site, site.c.id == elevator_part.c.site_id)
        .join(equipment, equipment.c.id == elevator_part.c.equipment_id)
        .join(part_kind, part_kind.c.code == elevator_part.c.kind)
        .join(part_warning, part_warning.c.part_id == elevator_part.c.id, isouter=True)
        .where(*conditions)
        .order_by(elevator_part.c.equipment_id, elevator_part.c.kind, elevator_part.c.id)
    ).mappings()
    plain = [name for name in Installed._fields if name != "elevator"]
    return [
        Installed(
            elevator={"id": row["equipment_id"], "code": row["code"], "name": row["name"], "kind": KIND},
            **{name: row[name] for name in plain},
        )
        for row in rows
    ]


def seen(sight: Sight) -> ColumnElement[bool]:
    """Which parts are seen: those of the elevators that are."""
    return sight.thing(elevator_part.c.site_id, elevator_part.c.equipment_id)


def lock(tx: Tx, part_id: int) -> None:
    """Nobody else takes the part's place until the transaction ends."""
    # an append-only table cannot be locked by its rows' updates: its elevator is what writers share
    of = select(elevator_part.c.equipment_id).where(elevator_part.c.id == part_id).scalar_subquery()
    tx.execute(select(equipment.c.id).where(equipment.c.id == of).with_for_update(key_share=True))


def replaced_by(tx: Tx, part_id: int) -> int | None:
    """The part that has taken this one's place."""
    asked = select(elevator_part.c.id).where(elevator_part.c.replaces == part_id)
    found: int | None = tx.execute(asked).scalar_one_or_none()
    return found


def add(tx: Tx, table: Table, row: Mapping[str, Any]) -> int:
    """Insert a part, an inspection or a counter reading; returns its id."""
    number: int = tx.execute(insert(table).values(**row).returning(table.c.id)).scalar_one()
    return number


_SAME = text("""
WITH RECURSIVE same (id, part_id) AS (
    SELECT id, id FROM unnest(CAST(:ids AS integer[])) AS asked (id)
    UNION ALL
    SELECT part.replaces, same.part_id FROM same JOIN elevator_part AS part ON part.id = same.id WHERE part.correction
)
SELECT same.part_id AS of, inspection.* FROM same JOIN part_inspection AS inspection ON inspection.part_id = same.id
WHERE NOT EXISTS (SELECT FROM part_inspection WHERE corrects = inspection.id)
ORDER BY inspection.inspected_on, inspection.id
""")


def inspections(tx: Tx, part_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """By part its inspections in the order of their days, without those that were corrected.

    What was measured before what is written of a part was corrected stays its own.
    """
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in tx.execute(_SAME, {"ids": list(part_ids)}).mappings():
        found[row["of"]].append(dict(row))
    return found


_SHOWN = text("""
SELECT DISTINCT ON (equipment_id, metric, day) equipment_id, metric, day, value FROM (
    SELECT point.equipment_id, point.metric, CAST(rollup.last_at AS date) AS day, rollup.last AS value, rollup.last_at
    FROM point JOIN rollup_day AS rollup ON rollup.point_id = point.id
    WHERE point.equipment_id = ANY (CAST(:ids AS integer[])) AND point.metric = ANY (CAST(:metrics AS text[]))
    UNION ALL
    SELECT point.equipment_id, point.metric, CAST(newest.at AS date), newest.value, newest.at
    FROM point, LATERAL (
        SELECT at, value FROM reading WHERE point_id = point.id AND quality < 2 ORDER BY at DESC LIMIT 1
    ) AS newest
    WHERE point.equipment_id = ANY (CAST(:ids AS integer[])) AND point.metric = ANY (CAST(:metrics AS text[]))
) AS shown ORDER BY equipment_id, metric, day, last_at DESC
""")


def counters(tx: Tx, elevator_ids: Collection[int]) -> dict[tuple[int, Counter], list[Reading]]:
    """What the counters of elevators showed, one reading a day: what people entered, else what the elevator sent."""
    found: dict[tuple[int, Counter], dict[date, float]] = defaultdict(dict)
    for row in tx.execute(_SHOWN, {"ids": list(elevator_ids), "metrics": list(POINTS)}):
        found[row.equipment_id, POINTS[row.metric]][row.day] = row.value
    asked = select(counter_reading).where(counter_reading.c.equipment_id == func.any(list(elevator_ids)))
    for row in tx.execute(asked.order_by(counter_reading.c.read_on, counter_reading.c.id)):
        found[row.equipment_id, Counter(row.counter)][row.read_on] = row.value
    return {key: [Reading(*each) for each in sorted(days.items())] for key, days in found.items()}


def warn(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note whose time to order was told, in the place of what was told before."""
    put = upsert(part_warning).values([dict(row) for row in rows])
    changes = {name: put.excluded[name] for name in ("warned_at", "due_on", "order_by")}
    tx.execute(put.on_conflict_do_update(index_elements=["part_id"], set_=changes))


def elevator(tx: Tx, sight: Sight, number: int) -> tuple[int, str] | None:
    """Site and time zone of an elevator that the caller sees, which is locked until the transaction ends."""
    row = tx.execute(
        select(equipment.c.site_id, site.c.timezone)
        .join(site, site.c.id == equipment.c.site_id)
        .where(and_(equipment.c.id == number, equipment.c.kind == KIND))
        .where(sight.thing(equipment.c.site_id, equipment.c.id))
        .with_for_update(key_share=True, of=equipment)
    ).one_or_none()
    return None if row is None else (row.site_id, row.timezone)
