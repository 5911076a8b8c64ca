"""Duties as rows: where each stands at each piece, which were waived, and the points at which they are alarms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Subquery,
    Table,
    TableValuedAlias,
    and_,
    bindparam,
    cast,
    column,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy import Text as Words
from sqlalchemy.dialects.postgresql import ARRAY

from facility_monitor.domain.elevator import elevator
from facility_monitor.domain.fire.upkeep import Task
from facility_monitor.domain.plant import Point
from facility_monitor.domain.text import Text
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import (
    device,
    elevator_test,
    equipment,
    equipment_check,
    person,
    point,
    site,
    ticket,
    upkeep_task,
)

KIND = "upkeep_calendar"
METRIC = "duties_not_done"

_COLUMNS = [upkeep_task.c[name] for name in Task._fields]


class Turn(NamedTuple):
    """The newest task of a duty at a piece whose last day is over, and the one that goes on."""

    code: str
    name: Text
    previous: Task
    current: Task | None


def turns(tx: Tx, today: Mapping[int, date], form: Mapping[str, str]) -> dict[int, list[Turn]]:
    """By site what was not done there by its last day, or after it while it still counted; ``today`` by site.

    ``form`` is that of each plan which is looked at. Left out is what was waived, and equipment that is not in use.
    The number of statements depends neither on sites nor on pieces.
    """
    days = _pairs(today, Integer, Date, "site_id", "day")
    forms = _pairs(form, Words, Words, "plan", "form")
    here = (
        upkeep_task.join(equipment, equipment.c.id == upkeep_task.c.equipment_id)
        .join(days, days.c.site_id == equipment.c.site_id)
        .join(forms, forms.c.plan == upkeep_task.c.plan)
        .join(site, site.c.id == equipment.c.site_id)
    )
    key = (upkeep_task.c.plan, upkeep_task.c.equipment_id)
    # the newest by an aggregate: DISTINCT ON would sort a year of tasks
    newest = (
        select(*key, func.max(upkeep_task.c.first).label("first"))
        .join_from(upkeep_task, equipment, equipment.c.id == upkeep_task.c.equipment_id)
        .join(days, days.c.site_id == equipment.c.site_id)
        .where(equipment.c.in_use, upkeep_task.c.last < days.c.day)
        .group_by(*key)
        .subquery()
    )
    over = (
        select(
            *_COLUMNS,
            equipment.c.code,
            equipment.c.name,
            days.c.site_id,
            forms.c.form,
            site.c.timezone,
        )
        .select_from(here)
        .join(newest, and_(*(newest.c[name] == upkeep_task.c[name] for name in ("plan", "equipment_id", "first"))))
        .where(upkeep_task.c.waived_at.is_(None))
        .subquery()
    )
    missed = select(over).where(~_done(over, equipment_check), ~_done(over, elevator_test))
    rows = tx.execute(missed).all()
    going = (
        select(*_COLUMNS)
        .select_from(here)
        .where(tuple_(*key).in_([(row.plan, row.equipment_id) for row in rows]))
        .where(upkeep_task.c.first <= days.c.day, upkeep_task.c.last >= days.c.day)
        .order_by(upkeep_task.c.first)
    )
    current = {(row.plan, row.equipment_id): Task(*row) for row in tx.execute(going)} if rows else {}
    found: dict[int, list[Turn]] = defaultdict(list)
    for row in rows:
        task = Task(*row[: len(_COLUMNS)])
        found[row.site_id].append(Turn(row.code, row.name, task, current.get((row.plan, row.equipment_id))))
    return found


def _done(over: Subquery, table: Table) -> ColumnElement[bool]:
    """Whether a check or test that stands was made while the task counted."""
    newer = table.alias("newer")
    begin, end = (func.timezone(over.c.timezone, cast(over.c[name], DateTime())) for name in ("first", "until"))
    asked = select(table.c.id).where(
        table.c.equipment_id == over.c.equipment_id,
        table.c.form == over.c.form if "form" in table.c else over.c.form == elevator.FORM,
        table.c.performed_at >= begin,
        table.c.performed_at < end,
        ~select(newer.c.id).where(newer.c.corrects == table.c.id).exists(),
    )
    return asked.exists()


def _pairs(values: Mapping[Any, Any], left: type[Any], right: type[Any], *names: str) -> TableValuedAlias:
    columns = (bindparam(None, list(values), ARRAY(left)), bindparam(None, list(values.values()), ARRAY(right)))
    return (
        func.unnest(*columns)
        .table_valued(column(names[0], left), column(names[1], right), name=names[1] + "s")
        .render_derived()
    )


def waive(tx: Tx, tasks: Iterable[Task], person_id: int, reason: str, now: datetime) -> None:
    """Note that ``tasks`` were waived."""
    keys = [(task.plan, task.equipment_id, task.first) for task in tasks]
    tx.execute(
        update(upkeep_task)
        .where(tuple_(upkeep_task.c.plan, upkeep_task.c.equipment_id, upkeep_task.c.first).in_(keys))
        .values(waived_at=now, waived_by=person_id, waived_for=reason)
    )


class Waiver(NamedTuple):
    """That nobody need make up any more for what was missed."""

    reason: str
    at: datetime
    by: str


def waived(tx: Tx, ids: Collection[int], first: date, last: date) -> dict[tuple[str, int, date], Waiver]:
    """The waivers of tasks with a day in ``first`` to ``last``, by plan, equipment and first day."""
    what = (upkeep_task.c.plan, upkeep_task.c.equipment_id, upkeep_task.c.first)
    rows = tx.execute(
        select(*what, upkeep_task.c.waived_for, upkeep_task.c.waived_at, person.c.name)
        .join(person, person.c.id == upkeep_task.c.waived_by)
        .where(upkeep_task.c.equipment_id.in_(ids), upkeep_task.c.first <= last, upkeep_task.c.last >= first)
        .where(upkeep_task.c.waived_at.is_not(None))
    )
    return {tuple(row[:3]): Waiver(*row[3:]) for row in rows}


def open_tickets(tx: Tx, site_id: int, cause: str) -> dict[int, int]:
    """The open tickets of a cause at a site, by the equipment at which they stand."""
    asked = select(ticket.c.equipment_id, ticket.c.id)
    of_cause = asked.where(ticket.c.site_id == site_id, ticket.c.cause == cause, ticket.c.closed_at.is_(None))
    return {row.equipment_id: row.id for row in tx.execute(of_cause)}


def points(tx: Tx) -> dict[tuple[int, str], Point]:
    """The points of the calendars, by site and plan."""
    rows = tx.execute(
        select(point.c.id, point.c.equipment_id, equipment.c.site_id, point.c.key)
        .join(equipment, equipment.c.id == point.c.equipment_id)
        .join(device, device.c.id == point.c.device_id)
        .where(equipment.c.kind == KIND, point.c.metric == METRIC)
    )
    return {(row.site_id, row.key): Point(row.id, row.equipment_id, row.site_id, metric=METRIC) for row in rows}
