"""A repair ticket and its clock: the deadline is fixed when it opens and never moves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from facility_monitor.domain.text import Text


class TicketState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REPAIRED = "repaired"
    CLOSED = "closed"


class TicketEvent(StrEnum):
    """What the ledger records, in the past tense."""

    OPENED = "ticket_opened"
    ACCEPTED = "ticket_accepted"
    REPAIRED = "ticket_repaired"
    CLOSED = "ticket_closed"


@dataclass(frozen=True, slots=True)
class TicketClass:
    """A kind of repair and its closed-loop time, a dated row of the catalogue (GB 29837-2013 3.1.2: 48 h)."""

    code: str
    name: Text
    repair_within: timedelta
    basis: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """One repair. ``due_at`` is ``opened_at`` plus the closed-loop time of its class."""

    id: int
    site_id: int
    equipment_id: int
    cause: str
    ticket_class: str
    title: Text
    state: TicketState
    opened_at: datetime
    due_at: datetime
    assignee_id: int | None = None
    repaired_at: datetime | None = None
    closed_at: datetime | None = None
    closing_note: str | None = None
    version: int = 1

    def overdue(self, now: datetime) -> bool:
        """Whether it was, or is by ``now``, open beyond its deadline."""
        return (self.closed_at or now) > self.due_at


NEXT: dict[TicketState, frozenset[TicketState]] = {
    TicketState.OPEN: frozenset({TicketState.ACCEPTED}),
    TicketState.ACCEPTED: frozenset({TicketState.ACCEPTED, TicketState.REPAIRED}),
    TicketState.REPAIRED: frozenset({TicketState.ACCEPTED, TicketState.CLOSED}),
    TicketState.CLOSED: frozenset(),
}
"""From each state, where a ticket may go: taken over, repaired, taken up again, closed."""


def accept(ticket: Ticket, person_id: int) -> tuple[Ticket, TicketEvent] | None:
    """Take it on, or over from another; None where the state does not allow it."""
    if TicketState.ACCEPTED not in NEXT[ticket.state]:
        return None
    taken = replace(
        ticket, state=TicketState.ACCEPTED, assignee_id=person_id, repaired_at=None, version=ticket.version + 1
    )
    return taken, TicketEvent.ACCEPTED


def repaired(ticket: Ticket, now: datetime) -> tuple[Ticket, TicketEvent] | None:
    """The work is done; None where the state does not allow it."""
    if TicketState.REPAIRED not in NEXT[ticket.state]:
        return None
    return replace(
        ticket, state=TicketState.REPAIRED, repaired_at=now, version=ticket.version + 1
    ), TicketEvent.REPAIRED


def close(ticket: Ticket, note: str, now: datetime) -> tuple[Ticket, TicketEvent] | None:
    """Closed for good, with a closing note; None where the state does not allow it."""
    if TicketState.CLOSED not in NEXT[ticket.state]:
        return None
    return replace(
        ticket, state=TicketState.CLOSED, closed_at=now, closing_note=note, version=ticket.version + 1
    ), TicketEvent.CLOSED
