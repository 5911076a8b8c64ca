"""Tickets: one open ticket of each piece of equipment and cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, insert, select, tuple_, update

from facility_monitor.domain.ticket import Ticket, TicketClass, TicketState
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import ticket, ticket_class

_FIELDS = [field.name for field in fields(Ticket)]


def _ticket(row: Row[Any]) -> Ticket:
    columns = dict(row._mapping)
    columns["ticket_class"] = columns.pop("class")
    return Ticket(**{**columns, "state": TicketState(columns["state"])})


def _columns(value: Ticket) -> dict[str, Any]:
    columns = {name: getattr(value, name) for name in _FIELDS if name not in ("id", "ticket_class")}
    return {**columns, "class": value.ticket_class, "title": dict(value.title)}


def classes(tx: Tx) -> dict[str, TicketClass]:
    """The kinds of repair, by code."""
    return {
        row.code: TicketClass(row.code, row.name, timedelta(seconds=row.repair_within_s), row.basis)
        for row in tx.execute(select(ticket_class))
    }


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


def lock(tx: Tx, ticket_id: int) -> Ticket | None:
    """One ticket, locked until the transaction ends."""
    row = tx.execute(select(ticket).where(ticket.c.id == ticket_id).with_for_update()).one_or_none()
    return None if row is None else _ticket(row)


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
