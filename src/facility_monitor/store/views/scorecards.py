"""What scorecards of contractors are made of: contracts, the elevators under them, their tests and repairs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Date, cast, func, or_, select

from facility_monitor.domain.calendar_week import monday
from facility_monitor.domain.elevator.elevator import FORM, KIND, register
from facility_monitor.domain.elevator.scorecard import REPEAT, Cover, Repair, Tested
from facility_monitor.domain.text import Text
from facility_monitor.store.database import Tx
from facility_monitor.store.fire import upkeep
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import (
    contract,
    elevator_test,
    equipment,
    organisation,
    person,
    site,
    ticket,
    upkeep_task,
)


class Contractor(NamedTuple):
    """An organisation with what it had to do with elevators in a period; ``elevators`` are named by their ids."""

    id: int
    code: str
    name: Text
    elevators: Mapping[int, Mapping[str, Any]]
    covers: Sequence[Cover]
    tests: Sequence[Tested]
    repairs: Sequence[Repair]


def contractors(tx: Tx, sight: Sight, first: date, last: date, site_id: int | None = None) -> list[Contractor]:
    """Those with a contract that is seen for elevators in use within ``first`` to ``last``, both included.

    A contractor sees its own contracts only. Days are those of each site.
    """
    asked = (
        select(
            *(organisation.c.id, organisation.c.code, organisation.c.name, contract.c.starts_on, contract.c.ends_on),
            equipment.c.id.label("elevator_id"),
            equipment.c.code.label("elevator_code"),
            equipment.c.name.label("elevator_name"),
            equipment.c.attributes,
        )
        .join(organisation, organisation.c.id == contract.c.organisation_id)
        .join(equipment, equipment.c.site_id == contract.c.site_id)
        .where(sight.contract(), equipment.c.kind == KIND, equipment.c.in_use)
        .where(or_(contract.c.equipment_kind.is_(None), contract.c.equipment_kind == KIND))
        .where(contract.c.starts_on <= last, or_(contract.c.ends_on.is_(None), contract.c.ends_on >= first))
        .order_by(organisation.c.code, equipment.c.id)
    )
    if site_id is not None:
        asked = asked.where(contract.c.site_id == site_id)
    found = tx.execute(asked).all()
    since = _asked_since(tx, {row.elevator_id for row in found})
    return [_contractor(tx, list(rows), since, first, last) for _, rows in groupby(found, lambda row: int(row.id))]


def _contractor(tx: Tx, rows: Sequence[Any], since: Mapping[int, date], first: date, last: date) -> Contractor:
    """``rows``: each elevator under each contract of one organisation."""
    number, elevators = rows[0].id, [row.elevator_id for row in rows]
    covers = [Cover(row.elevator_id, _since(row, since.get(row.elevator_id)), row.ends_on) for row in rows]
    names = {
        row.elevator_id: {"id": row.elevator_id, "code": row.elevator_code, "name": row.elevator_name, "kind": KIND}
        for row in rows
    }
    tests, repairs = _tests(tx, number, elevators, first, last), _repairs(tx, number, covers, first, last)
    return Contractor(number, rows[0].code, rows[0].name, names, covers, tests, repairs)


def _since(row: Any, asked: date | None) -> date:
    """The first day of the contract on which there was an elevator to test, and somebody to ask for it."""
    begins: date = row.starts_on
    return max(begins, register(row.attributes).installed_on or begins, asked or begins)


def _asked_since(tx: Tx, elevators: Collection[int]) -> dict[int, date]:
    """The Monday of the first week of which the calendar noted a test, or of which there is one: before it the
    elevator was not entered. Without an entry for what no calendar was kept of."""
    day = func.min(cast(func.timezone(site.c.timezone, elevator_test.c.performed_at), Date))
    tests = tx.execute(
        select(elevator_test.c.equipment_id, day)
        .join(site, site.c.id == elevator_test.c.site_id)
        .where(elevator_test.c.equipment_id == func.any(list(elevators)))
        .group_by(elevator_test.c.equipment_id)
    )
    tested: dict[int, date] = dict(tests.all())
    plans = [each.code for each in upkeep.plans(tx) if each.form == FORM]
    noted = tx.execute(
        select(upkeep_task.c.equipment_id, func.min(upkeep_task.c.first))
        .where(upkeep_task.c.equipment_id == func.any(list(elevators)), upkeep_task.c.plan.in_(plans))
        .group_by(upkeep_task.c.equipment_id)
    )
    return {number: monday(min(first, tested.get(number, first))) for number, first in noted}


def _tests(tx: Tx, organisation_id: int, elevators: Collection[int], first: date, last: date) -> list[Tested]:
    """The standing tests that the organisation has entered, or the house's own people for it."""
    newer = elevator_test.alias("newer")
    day = cast(func.timezone(site.c.timezone, elevator_test.c.performed_at), Date)
    rows = tx.execute(
        select(elevator_test.c.equipment_id, day.label("day"), elevator_test.c.late_entry)
        .join(site, site.c.id == elevator_test.c.site_id)
        .where(elevator_test.c.equipment_id == func.any(list(elevators)), day.between(first, last))
        .where(func.coalesce(elevator_test.c.organisation_id, organisation_id) == organisation_id)
        .where(~select(newer.c.id).where(newer.c.corrects == elevator_test.c.id).exists())
    )
    return [Tested(*row) for row in rows]


def _repairs(tx: Tx, organisation_id: int, covers: Sequence[Cover], first: date, last: date) -> list[Repair]:
    """The faults that nobody else has taken, in the order of their opening, with those that can come again."""
    day = cast(func.timezone(site.c.timezone, ticket.c.opened_at), Date)
    done = func.coalesce(ticket.c.repaired_at, ticket.c.closed_at)
    rows = tx.execute(
        select(
            *(ticket.c.id, ticket.c.equipment_id, func.nullif(ticket.c.cause, "report").label("cause")),
            *(ticket.c.opened_at, ticket.c.due_at, done.label("done_at"), day.label("day")),
        )
        .join(site, site.c.id == ticket.c.site_id)
        .join(person, person.c.id == ticket.c.assignee_id, isouter=True)
        .where(ticket.c.equipment_id == func.any([each.elevator_id for each in covers]), day <= last)
        .where(or_(day >= first, cast(func.timezone(site.c.timezone, done), Date) >= first - REPEAT))
        .where(or_(ticket.c.assignee_id.is_(None), person.c.organisation_id == organisation_id))
        .order_by(ticket.c.opened_at, ticket.c.id)
    )
    return [
        Repair(
            row.id,
            row.equipment_id,
            row.cause,
            row.opened_at,
            row.due_at,
            row.done_at,
            first <= row.day and _covered(covers, row.equipment_id, row.day),
        )
        for row in rows
    ]


def _covered(covers: Sequence[Cover], elevator_id: int, day: date) -> bool:
    return any(
        each.elevator_id == elevator_id and each.since <= day and (each.until is None or day <= each.until)
        for each in covers
    )
