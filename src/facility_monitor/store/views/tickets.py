"""Tickets as people read them: with their place, their alarms and their clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select, tuple_

from facility_monitor.domain.repair.ticket import REOPENS_WITHIN, REPORT, TicketEvent
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.repair.tickets import ticket_of
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import (
    alarm,
    equipment,
    follow_up,
    ledger,
    person,
    resident_report,
    site,
    ticket,
    ticket_class,
    ticket_hold,
    ticket_mark,
    ticket_work,
)
from facility_monitor.store.views import evidence
from facility_monitor.store.views.shapes import LOCATED, located

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
    joined = select(func.array_agg(alarm.c.id.op("ORDER BY")(alarm.c.id))).where(alarm.c.ticket_id == picked.c.id)
    rows = tx.execute(
        select(
            picked,
            func.coalesce(joined.scalar_subquery(), []).label("alarm_ids"),
            ticket_class.c.name.label("class_name"),
            *LOCATED,
            exists().where(resident_report.c.ticket_id == picked.c.id).label("by_resident"),
            select(func.min(follow_up.c.due_at))
            .where(follow_up.c.ticket_id == picked.c.id, follow_up.c.done_at.is_(None))
            .scalar_subquery()
            .label("call_due_at"),
        )
        .join(ticket_class, ticket_class.c.code == picked.c["class"])
        .join(site, site.c.id == picked.c.site_id)
        .join(equipment, equipment.c.id == picked.c.equipment_id)
        .order_by(*again)
    ).mappings()
    found = [dict(row) for row in rows]
    if not found:
        return []
    places = plant.places(tx, {row["equipment_id"] for row in found})
    names = _names(tx, {row[each] for row in found for each in _PEOPLE})
    return [_ticket(row, places, names, sight.now) for row in found]


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Whether the row of ``ticket`` was, or is by now, open beyond its deadline."""
    return func.coalesce(ticket.c.closed_at, now) > ticket.c.due_at


def waits_for_call() -> ColumnElement[bool]:
    """Whether somebody has to be called after the closing of the row of ``ticket``, and was not."""
    return exists().where(follow_up.c.ticket_id == ticket.c.id, follow_up.c.done_at.is_(None))


def detail(tx: Tx, sight: Sight, number: int) -> dict[str, Any] | None:
    """One ticket with all that belongs to it; None where the caller does not see it."""
    rows = tickets(tx, sight, ticket.c.id == number)
    if not rows:
        return None
    return {
        **rows[0],
        "closed_before": _closed_before(tx, number),
        "marks": _marks(tx, number),
        "holds": _holds(tx, number),
        "work": _work(tx, number),
        "follow_ups": _follow_ups(tx, number),
        **evidence.of_ticket(tx, sight, number),
    }


def _closed_before(tx: Tx, number: int) -> int | None:
    """The ticket that may have been for the same: no cause tells what people report."""
    this, before = ticket.alias("this"), ticket.alias("before")
    same = and_(*(before.c[name] == this.c[name] for name in ("equipment_id", "class", "cause")))
    asked = (
        select(func.max(before.c.id))
        .join(this, same)
        .where(
            this.c.id == number,
            this.c.cause == REPORT,
            before.c.id < this.c.id,
            before.c.closed_at.between(this.c.opened_at - REOPENS_WITHIN, this.c.opened_at),
        )
    )
    found: int | None = tx.execute(asked).scalar_one()
    return found


def repair_notes(tx: Tx, numbers: Collection[int]) -> dict[int, str]:
    """What was said when each of these tickets was last reported repaired, as the ledger has it."""
    asked = (
        select(ledger.c.ticket_id, ledger.c.reason)
        .where(ledger.c.ticket_id.in_(numbers), ledger.c.kind == TicketEvent.REPAIRED, ledger.c.reason.is_not(None))
        .order_by(ledger.c.id)
    )
    return {row.ticket_id: row.reason for row in tx.execute(asked)}


_PEOPLE = {
    "assignee_id": "assignee",
    "opened_by": "opened_by",
    "repaired_by": "repaired_by",
    "verified_by": "verified_by",
}
"""Columns that hold people, and what they are called."""
_SAME = (
    *("id", "state", "title", "cause", "class", "class_name", "contact", "opened_at", "due_at", "answer_due_at"),
    *("accepted_at", "arrived_at", "held_since", "held_until", "repaired_at", "verified_at", "exception", "closed_at"),
    *("closing_note", "reopened", "alarm_ids", "by_resident", "call_due_at", "version"),
)


def _ticket(
    row: dict[str, Any], places: dict[int, plant.Place], names: dict[int, str], now: datetime
) -> dict[str, Any]:
    value = ticket_of(row)
    return {
        **{name: row[name] for name in _SAME},
        **{shown: _named(row[column], names) for column, shown in _PEOPLE.items()},
        **located(row),
        "place": places[row["equipment_id"]].path,
        "overdue": value.overdue(now),
        "gross_s": value.gross(now).total_seconds(),
        "on_hold_s": value.on_hold(now).total_seconds(),
        "net_s": value.net(now).total_seconds(),
    }


def _named(number: int | None, names: dict[int, str]) -> dict[str, Any] | None:
    return None if number is None else {"id": number, "name": names[number]}


def _names(tx: Tx, numbers: set[int | None]) -> dict[int, str]:
    rows = tx.execute(select(person.c.id, person.c.name).where(person.c.id.in_(numbers - {None})))
    return dict(rows.all())


def _marks(tx: Tx, number: int) -> Sequence[Any]:
    asked = select(ticket_mark.c.mark, ticket_mark.c.due_at, ticket_mark.c.recorded_at)
    return tx.execute(asked.where(ticket_mark.c.ticket_id == number).order_by(ticket_mark.c.due_at)).mappings().all()


def _holds(tx: Tx, number: int) -> list[dict[str, Any]]:
    asked = select(ticket_hold).where(ticket_hold.c.ticket_id == number).order_by(ticket_hold.c.id)
    rows = tx.execute(asked).mappings().all()
    names = _names(tx, {row[each] for row in rows for each in ("asked_by", "decided_by")})
    people = ("asked_by", "decided_by")
    return [{**row, **{each: _named(row[each], names) for each in people}} for row in rows]


def _work(tx: Tx, number: int) -> list[dict[str, Any]]:
    asked = select(ticket_work, person.c.name).join(person).where(ticket_work.c.ticket_id == number)
    rows = tx.execute(asked.order_by(ticket_work.c.id)).mappings()
    return [{**row, "person": {"id": row["person_id"], "name": row["name"]}} for row in rows]


def _follow_ups(tx: Tx, number: int) -> list[dict[str, Any]]:
    asked = select(follow_up, person.c.name).join(person, isouter=True).where(follow_up.c.ticket_id == number)
    rows = tx.execute(asked.order_by(follow_up.c.id)).mappings()
    return [
        {**row, "done_by": None if row["done_by"] is None else {"id": row["done_by"], "name": row["name"]}}
        for row in rows
    ]
