"""Repair tickets: opened by alarms, failed tests and people, taken on, repaired, closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from facility_monitor.domain import ticket as tickets
from facility_monitor.domain.notice import Notice
from facility_monitor.domain.person import Person
from facility_monitor.domain.rule import Severity
from facility_monitor.domain.text import Text
from facility_monitor.domain.ticket import Ticket, TicketClass, TicketEvent, TicketState
from facility_monitor.errors import Conflict, NotFound
from facility_monitor.flows.announce import Matter, announce
from facility_monitor.store import ledger, plant
from facility_monitor.store import tickets as kept
from facility_monitor.store.database import Tx
from facility_monitor.store.ledger import Entry

EQUIPMENT_FAULT = "equipment_fault"
"""The class of tickets that open by themselves: 48 h around the clock."""
REPORT = "report"
"""The cause of tickets opened by hand; of these there may be several at one piece of equipment."""


class Opened(NamedTuple):
    """The ticket of each (equipment_id, cause), and the ledger's entries of those that are new."""

    by_cause: Mapping[tuple[int, str], int]
    entries: Sequence[Entry]


def open_or_join(tx: Tx, titles: Mapping[tuple[int, str], Text], now: datetime) -> Opened:
    """Open a ticket for each (equipment_id, cause) that has none open; what is open already is joined."""
    if not titles:
        return Opened({}, ())
    by_cause = {key: ticket.id for key, ticket in kept.lock_open(tx, list(titles)).items()}
    missing = [key for key in titles if key not in by_cause]
    fault = kept.classes(tx)[EQUIPMENT_FAULT]
    places = plant.places(tx, {equipment_id for equipment_id, _ in missing})
    new = [
        _new(places[equipment_id].site_id, equipment_id, cause, titles[equipment_id, cause], fault, now)
        for equipment_id, cause in missing
    ]
    ids = kept.add(tx, new)
    by_cause |= dict(zip(missing, ids, strict=True))
    opened = [replace(ticket, id=number) for ticket, number in zip(new, ids, strict=True)]
    return Opened(by_cause, [_entry(TicketEvent.OPENED, ticket, None, None, now) for ticket in opened])


def open_by_hand(tx: Tx, equipment_id: int, title: Text, description: str, person: Person, now: datetime) -> Ticket:
    """``person`` reports a fault of a piece of equipment. Raises NotFound."""
    place = plant.places(tx, [equipment_id]).get(equipment_id)
    if place is None:
        raise NotFound(f"equipment {equipment_id}")
    ticket = _new(place.site_id, equipment_id, REPORT, title, kept.classes(tx)[EQUIPMENT_FAULT], now)
    (number,) = kept.add(tx, [ticket])
    ticket = replace(ticket, id=number)
    (entry,) = ledger.append(tx, [_entry(TicketEvent.OPENED, ticket, person, description, now)])
    notice = Notice(
        kind=TicketEvent.OPENED,
        tag=f"ticket-{number}",
        severity=Severity.MEDIUM,
        life_safety=False,
        title=title,
        place=place.full,
        response=dict.fromkeys(title, description),
        path=f"/tickets/{number}",
    )
    announce(tx, [Matter(entry, place.site_id, None, notice)], now)
    return ticket


def accept(tx: Tx, ticket_id: int, person: Person, now: datetime) -> Ticket:
    """``person`` takes a ticket on, or over from another; one's own stays as it is. Raises NotFound, Conflict."""
    ticket = _locked(tx, ticket_id)
    if ticket.state is TicketState.ACCEPTED and ticket.assignee_id == person.id:
        return ticket
    return _step(tx, ticket, tickets.accept(ticket, person.id), "accept", person, None, now)


def repaired(tx: Tx, ticket_id: int, note: str, person: Person, now: datetime) -> Ticket:
    """The work is done, as ``note`` says. Raises NotFound, Conflict."""
    ticket = _locked(tx, ticket_id)
    return _step(tx, ticket, tickets.repaired(ticket, now), "report repaired", person, note, now)


def close(tx: Tx, ticket_id: int, note: str, person: Person, now: datetime) -> Ticket:
    """Close a repaired ticket for good. Raises NotFound, Conflict."""
    ticket = _locked(tx, ticket_id)
    return _step(tx, ticket, tickets.close(ticket, note, now), "close", person, note, now)


def _locked(tx: Tx, ticket_id: int) -> Ticket:
    ticket = kept.lock(tx, ticket_id)
    if ticket is None:
        raise NotFound(f"ticket {ticket_id}")
    return ticket


def _step(
    tx: Tx,
    before: Ticket,
    step: tuple[Ticket, TicketEvent] | None,
    verb: str,
    person: Person,
    note: str | None,
    now: datetime,
) -> Ticket:
    if step is None:
        raise Conflict(f"cannot {verb} ticket {before.id}: it is {before.state}")
    after, event = step
    kept.save(tx, after)
    ledger.append(tx, [_entry(event, after, person, note, now)])
    return after


def _new(site_id: int, equipment_id: int, cause: str, title: Text, kind: TicketClass, now: datetime) -> Ticket:
    return Ticket(
        id=0,
        site_id=site_id,
        equipment_id=equipment_id,
        cause=cause,
        ticket_class=kind.code,
        title=title,
        state=TicketState.OPEN,
        opened_at=now,
        due_at=now + kind.repair_within,
    )


def _entry(event: TicketEvent, ticket: Ticket, actor: Person | None, reason: str | None, now: datetime) -> Entry:
    return Entry(
        kind=event,
        at=now,
        occurred_at=now,
        site_id=ticket.site_id,
        equipment_id=ticket.equipment_id,
        alarm_id=None,
        ticket_id=ticket.id,
        actor_id=actor.id if actor else None,
        reason=reason,
        body={
            "state": ticket.state,
            "cause": ticket.cause,
            "class": ticket.ticket_class,
            "opened_at": ticket.opened_at.isoformat(),
            "due_at": ticket.due_at.isoformat(),
            "assignee_id": ticket.assignee_id,
        },
    )
