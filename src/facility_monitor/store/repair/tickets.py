"""Tickets: one open ticket of each piece of equipment and cause."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, Row, cast, exists, func, insert, literal, select, tuple_, update

from facility_monitor.domain.repair.ticket import Ticket, TicketClass, TicketEvent, TicketState
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import alarm, ledger, site, ticket, ticket_class, ticket_term

_FIELDS = [field.name for field in fields(Ticket)]


def ticket_of(row: Mapping[str, Any]) -> Ticket:
    """The ticket that a row is, whatever else stands in it."""
    columns = {name: row["class" if name == "ticket_class" else name] for name in _FIELDS}
    return Ticket(**{**columns, "state": TicketState(columns["state"])})


def _ticket(row: Row[Any]) -> Ticket:
    return ticket_of(dict(row._mapping))


def _columns(value: Ticket) -> dict[str, Any]:
    columns = {name: getattr(value, name) for name in _FIELDS if name not in ("id", "ticket_class")}
    return {**columns, "class": value.ticket_class, "title": dict(value.title)}


def classes(tx: Tx) -> list[TicketClass]:
    """The kinds of repair with their times, of all days."""
    rows = tx.execute(
        select(ticket_term, ticket_class.c.name).join(ticket_class, ticket_class.c.code == ticket_term.c["class"])
    ).mappings()
    return [TicketClass(code=row["class"], **{name: row[name] for name in row if name != "class"}) for row in rows]


def local_days(tx: Tx, site_ids: Collection[int], now: datetime) -> dict[int, date]:
    """Which day it is at each of these sites."""
    today = cast(func.timezone(site.c.timezone, literal(now, DateTime(timezone=True))), Date)
    return dict(tx.execute(select(site.c.id, today).where(site.c.id.in_(site_ids))).all())


def lock_open(tx: Tx, pairs: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Ticket]:
    """The open tickets of these (equipment_id, cause), locked until the transaction ends."""
    if not pairs:
        return {}
    rows = tx.execute(
        select(ticket)
        .where(tuple_(ticket.c.equipment_id, ticket.c.cause).in_(pairs), ticket.c.closed_at.is_(None))
        .order_by(ticket.c.id)
        .with_for_update()
    )
    return {(each.equipment_id, each.cause): each for each in map(_ticket, rows)}


def lock_closed(tx: Tx, pairs: Collection[tuple[int, str]], since: datetime) -> dict[tuple[int, str], Ticket]:
    """The newest ticket of each (equipment_id, cause) that was closed after ``since``, locked likewise."""
    if not pairs:
        return {}
    rows = tx.execute(
        select(ticket)
        .where(tuple_(ticket.c.equipment_id, ticket.c.cause).in_(pairs), ticket.c.closed_at > since)
        .order_by(ticket.c.closed_at, ticket.c.id)
        .with_for_update()
    )
    return {(each.equipment_id, each.cause): each for each in map(_ticket, rows)}


def lock_many(tx: Tx, numbers: Collection[int]) -> dict[int, Ticket]:
    """Those of these tickets that nobody else holds, locked until the transaction ends."""
    rows = tx.execute(
        select(ticket).where(ticket.c.id.in_(numbers)).order_by(ticket.c.id).with_for_update(skip_locked=True)
    )
    return {each.id: each for each in map(_ticket, rows)}


def lock(tx: Tx, ticket_id: int) -> Ticket | None:
    """One ticket, locked until the transaction ends."""
    row = tx.execute(select(ticket).where(ticket.c.id == ticket_id).with_for_update()).one_or_none()
    return None if row is None else _ticket(row)


def find(tx: Tx, ticket_id: int) -> Ticket | None:
    """One ticket, as it stands."""
    row = tx.execute(select(ticket).where(ticket.c.id == ticket_id)).one_or_none()
    return None if row is None else _ticket(row)


def of_point(tx: Tx, point_id: int) -> list[int]:
    """The open tickets whose alarms go by a point, by id."""
    asked = select(ticket.c.id).where(
        ticket.c.closed_at.is_(None),
        exists().where(alarm.c.ticket_id == ticket.c.id, alarm.c.point_id == point_id),
    )
    return list(tx.execute(asked.order_by(ticket.c.id)).scalars())


def reopened_at(tx: Tx, ticket_id: int) -> datetime | None:
    """When a ticket was opened again, the last time; None where it never was."""
    of_it = (ledger.c.ticket_id == ticket_id, ledger.c.kind == TicketEvent.REOPENED)
    found: datetime | None = tx.execute(select(func.max(ledger.c.at)).where(*of_it)).scalar_one()
    return found


def every(tx: Tx) -> Iterator[Ticket]:
    """All tickets there are, by id, as many at once as memory need not hold."""
    for row in tx.execute(select(ticket).order_by(ticket.c.id), execution_options={"yield_per": 1000}):
        yield _ticket(row)


def add(tx: Tx, tickets: Sequence[Ticket]) -> list[int]:
    """Insert new tickets, whose own ids do not count; returns the ids given to them, in order."""
    if not tickets:
        return []
    rows = tx.execute(
        insert(ticket).returning(ticket.c.id, sort_by_parameter_order=True), [_columns(each) for each in tickets]
    )
    return list(rows.scalars())


def save(tx: Tx, value: Ticket) -> None:
    """Write back a ticket that was locked before."""
    tx.execute(update(ticket).where(ticket.c.id == value.id).values(_columns(value)))
