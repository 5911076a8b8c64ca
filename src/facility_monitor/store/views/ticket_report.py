"""Tickets of a period with what a report groups them by."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, String, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from facility_monitor.domain.repair.ticket import Ticket, TicketEvent
from facility_monitor.domain.text import Text
from facility_monitor.store.database import Tx
from facility_monitor.store.repair.tickets import ticket_of
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import (
    equipment,
    equipment_kind,
    ledger,
    organisation,
    person,
    site,
    ticket,
    ticket_class,
    ticket_hold,
)


class Reported(NamedTuple):
    """A ticket with its names; ``month`` is that of its opening, by the site's calendar. ``reasons`` says why it was
    late, ``holds`` why it was on hold."""

    ticket: Ticket
    month: str
    site: Text
    kind: Text
    equipment: Text
    class_name: Text
    person: str | None
    contractor: Text | None
    reasons: str
    holds: str


def tickets(tx: Tx, sight: Sight, first: date, last: date, *conditions: ColumnElement[bool]) -> list[Reported]:
    """What the caller sees of the tickets that were opened from ``first`` to ``last``, both by the site's calendar."""
    opened = func.timezone(site.c.timezone, ticket.c.opened_at)
    holds = (
        select(func.string_agg(ticket_hold.c.note, cast("; ", String)))
        .where(ticket_hold.c.ticket_id == ticket.c.id, ticket_hold.c.approved)
        .scalar_subquery()
    )
    teller = person.alias()
    said = ledger.c.reason.concat(" (").concat(teller.c.name).concat(")")
    reasons = (
        select(func.string_agg(said, aggregate_order_by(cast("; ", String), ledger.c.id)))
        .join(teller, teller.c.id == ledger.c.actor_id)
        .where(ledger.c.ticket_id == ticket.c.id, ledger.c.kind == TicketEvent.EXPLAINED)
        .scalar_subquery()
    )
    rows = tx.execute(
        select(
            ticket,
            func.to_char(opened, "YYYY-MM").label("month"),
            site.c.name.label("site_name"),
            equipment_kind.c.name.label("kind_name"),
            equipment.c.name.label("equipment_name"),
            ticket_class.c.name.label("class_name"),
            person.c.name.label("person_name"),
            organisation.c.name.label("organisation_name"),
            func.coalesce(reasons, "").label("reasons"),
            func.coalesce(holds, "").label("holds"),
        )
        .join(site, site.c.id == ticket.c.site_id)
        .join(equipment, equipment.c.id == ticket.c.equipment_id)
        .join(equipment_kind, equipment_kind.c.code == equipment.c.kind)
        .join(ticket_class, ticket_class.c.code == ticket.c["class"])
        .join(person, person.c.id == ticket.c.assignee_id, isouter=True)
        .join(organisation, organisation.c.id == person.c.organisation_id, isouter=True)
        .where(sight.thing(ticket.c.site_id, ticket.c.equipment_id), *conditions)
        .where(cast(opened, Date).between(first, last))
        .order_by(ticket.c.opened_at, ticket.c.id)
    ).mappings()
    return [_reported(dict(row)) for row in rows]


def _reported(row: dict[str, Any]) -> Reported:
    return Reported(
        ticket=ticket_of(row),
        month=row["month"],
        site=row["site_name"],
        kind=row["kind_name"],
        equipment=row["equipment_name"],
        class_name=row["class_name"],
        person=row["person_name"],
        contractor=row["organisation_name"],
        reasons=row["reasons"],
        holds=row["holds"],
    )
