"""Duties as rows: where each stands at each piece, which were waived, and the points at which they are alarms."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects import postgresql

from facility_monitor.domain.fire.upkeep import Task
from facility_monitor.domain.plant import Point
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import device, equipment, point, upkeep_task

KIND = "upkeep_calendar"
METRIC = "duties_not_done"

_COLUMNS = [upkeep_task.c[name] for name in Task._fields]


class Turn(NamedTuple):
    """The newest task of a duty at a piece whose last day is over, and the one that goes on."""

    code: str
    previous: Task
    current: Task | None


def turns(tx: Tx, site_id: int, today: date) -> list[Turn]:
    """Where the duties of a site stand, without those that were waived and equipment that is not in use."""
    piece = upkeep_task.join(equipment, equipment.c.id == upkeep_task.c.equipment_id)
    of_site = (equipment.c.site_id == site_id, equipment.c.in_use)
    key = (upkeep_task.c.plan, upkeep_task.c.equipment_id)
    over = (
        select(*_COLUMNS, upkeep_task.c.waived_at, equipment.c.code)
        .select_from(piece)
        .where(*of_site, upkeep_task.c.last < today)
        .ext(postgresql.distinct_on(*key))
        .order_by(*key, upkeep_task.c.last.desc())
    )
    going = (
        select(*_COLUMNS)
        .select_from(piece)
        .where(*of_site, upkeep_task.c.first <= today, upkeep_task.c.last >= today)
        .order_by(upkeep_task.c.first)
    )
    current = {(row.plan, row.equipment_id): Task(*row) for row in tx.execute(going)}
    return [
        Turn(row.code, Task(*row[: len(_COLUMNS)]), current.get((row.plan, row.equipment_id)))
        for row in tx.execute(over)
        if row.waived_at is None
    ]


def waive(tx: Tx, tasks: Iterable[Task], person_id: int, reason: str, now: datetime) -> None:
    """Note that ``tasks`` were waived."""
    keys = [(task.plan, task.equipment_id, task.first) for task in tasks]
    tx.execute(
        update(upkeep_task)
        .where(tuple_(upkeep_task.c.plan, upkeep_task.c.equipment_id, upkeep_task.c.first).in_(keys))
        .values(waived_at=now, waived_by=person_id, waived_for=reason)
    )


def waived(tx: Tx, ids: Collection[int], first: date, last: date) -> dict[tuple[str, int, date], str]:
    """Why tasks with a day in ``first`` to ``last`` were waived, by plan, equipment and first day."""
    rows = tx.execute(
        select(upkeep_task.c.plan, upkeep_task.c.equipment_id, upkeep_task.c.first, upkeep_task.c.waived_for)
        .where(upkeep_task.c.equipment_id.in_(ids), upkeep_task.c.first <= last, upkeep_task.c.last >= first)
        .where(upkeep_task.c.waived_at.is_not(None))
    )
    return {(row.plan, row.equipment_id, row.first): row.waived_for for row in rows}


def points(tx: Tx) -> dict[tuple[int, str], Point]:
    """The points of the calendars, by site and plan."""
    rows = tx.execute(
        select(point.c.id, point.c.equipment_id, equipment.c.site_id, point.c.key)
        .join(equipment, equipment.c.id == point.c.equipment_id)
        .join(device, device.c.id == point.c.device_id)
        .where(equipment.c.kind == KIND, point.c.metric == METRIC)
    )
    return {(row.site_id, row.key): Point(row.id, row.equipment_id, row.site_id, metric=METRIC) for row in rows}
