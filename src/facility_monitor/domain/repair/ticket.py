"""A repair ticket, its way from open to closed, and its clock.

::

    open ──> accepted ──> on site ──> repaired ──> verified ──> closed
               ^  └───────────────────────^            │           │
               └── on hold (approved, until ...)       v           v
               <─────────── taken up again ────────────┴   reopened: it is back

The deadline is fixed when the ticket opens and never moves, by night and at weekends. A hold stops nothing: how long a
ticket was on hold is counted beside, so that both times are known, gross and net.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from facility_monitor.domain.text import Text

REPORT = "report"
"""The cause of tickets opened by hand; of these there may be several at one piece of equipment."""
REOPENS_WITHIN = timedelta(hours=72)
"""What comes back so soon after the closing was not repaired: the same ticket goes on, by its first clock."""


class TicketState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    ON_SITE = "on_site"
    ON_HOLD = "on_hold"
    REPAIRED = "repaired"
    VERIFIED = "verified"
    CLOSED = "closed"


class TicketEvent(StrEnum):
    """What the ledger records, in the past tense."""

    OPENED = "ticket_opened"
    ASSIGNED = "ticket_assigned"
    ACCEPTED = "ticket_accepted"
    ARRIVED = "ticket_arrived"
    HOLD_ASKED = "ticket_hold_asked"
    HOLD_REFUSED = "ticket_hold_refused"
    HELD = "ticket_held"
    RESUMED = "ticket_resumed"
    REPAIRED = "ticket_repaired"
    VERIFIED = "ticket_verified"
    CLOSED = "ticket_closed"
    REOPENED = "ticket_reopened"
    COMMENTED = "ticket_commented"
    WORKED = "ticket_worked"
    PHOTOGRAPHED = "ticket_photographed"
    DOCUMENTED = "ticket_documented"
    WARNED = "ticket_warned"
    BREACHED = "ticket_breached"
    EXPLAINED = "ticket_explained"
    """somebody answerable has said why it was late"""
    FOLLOWED_UP = "ticket_followed_up"
    CALL_MISSED = "ticket_call_missed"
    """nobody has called in time after the closing"""


@dataclass(frozen=True, slots=True)
class TicketClass:
    """A kind of repair with the times that hold for it, a dated row of the catalogue.

    ``repair_within`` is the closed-loop time (GB 29837-2013 3.1.2: 48 h). ``normal_for``: so long must the sensors have
    been back to normal before it may close. ``answer_within`` and ``follow_up_within`` are None where none is asked.
    """

    code: str
    name: Text
    repair_within: timedelta
    answer_within: timedelta | None
    follow_up_within: timedelta | None
    normal_for: timedelta
    effective_from: date
    basis: str


def in_force(classes: Iterable[TicketClass], on: date) -> dict[str, TicketClass]:
    """The newest row of each class that stands on a day."""
    standing: dict[str, TicketClass] = {}
    for each in sorted(classes, key=lambda each: each.effective_from):
        if each.effective_from <= on:
            standing[each.code] = each
    return standing


@dataclass(frozen=True, slots=True)
class Ticket:
    """One repair. ``due_at`` is ``opened_at`` plus the closed-loop time of its class, ``answer_due_at`` likewise.

    ``accepted_at`` and ``arrived_at`` are of the first time. ``held`` is how long it has been on hold before, without
    the hold that is on since ``held_since``. ``exception`` is why it was verified although a sensor did not say so.
    """

    id: int
    site_id: int
    equipment_id: int
    cause: str
    ticket_class: str
    title: Text
    state: TicketState
    opened_at: datetime
    due_at: datetime
    answer_due_at: datetime | None = None
    opened_by: int | None = None
    contact: str | None = None
    assignee_id: int | None = None
    accepted_at: datetime | None = None
    arrived_at: datetime | None = None
    held_since: datetime | None = None
    held_until: datetime | None = None
    held: timedelta = timedelta(0)
    repaired_at: datetime | None = None
    repaired_by: int | None = None
    verified_at: datetime | None = None
    verified_by: int | None = None
    exception: str | None = None
    closed_at: datetime | None = None
    closing_note: str | None = None
    reopened: int = 0
    version: int = 1

    def overdue(self, now: datetime) -> bool:
        """Whether it was, or is by ``now``, open beyond its deadline."""
        return (self.closed_at or now) > self.due_at

    def gross(self, now: datetime) -> timedelta:
        """How long it has been open, or was until it closed."""
        return (self.closed_at or now) - self.opened_at

    def on_hold(self, now: datetime) -> timedelta:
        """How much of that it was on hold."""
        if self.held_since is None:
            return self.held
        return self.held + max(timedelta(0), min(now, self.held_until or now) - self.held_since)

    def net(self, now: datetime) -> timedelta:
        """How long it has been open without the time on hold."""
        return self.gross(now) - self.on_hold(now)


Step = tuple[Ticket, TicketEvent]

NEXT: Mapping[TicketState, frozenset[TicketState]] = {
    TicketState.OPEN: frozenset({TicketState.ACCEPTED}),
    TicketState.ACCEPTED: frozenset(
        {TicketState.ACCEPTED, TicketState.ON_SITE, TicketState.ON_HOLD, TicketState.REPAIRED}
    ),
    TicketState.ON_SITE: frozenset({TicketState.ACCEPTED, TicketState.ON_HOLD, TicketState.REPAIRED}),
    TicketState.ON_HOLD: frozenset({TicketState.ACCEPTED}),
    TicketState.REPAIRED: frozenset({TicketState.ACCEPTED, TicketState.VERIFIED, TicketState.CLOSED}),
    TicketState.VERIFIED: frozenset({TicketState.ACCEPTED, TicketState.CLOSED}),
    TicketState.CLOSED: frozenset({TicketState.OPEN}),
}
"""From each state, where a ticket may go. A closed one opens again where its alarm returns or somebody says so."""


def _step(ticket: Ticket, to: TicketState, event: TicketEvent, **changes: Any) -> Step | None:
    if to not in NEXT[ticket.state]:
        return None
    return replace(ticket, state=to, version=ticket.version + 1, **changes), event


def accept(ticket: Ticket, person_id: int, now: datetime) -> Step | None:
    """Take it on, or over from another; a hold goes on to its end. None where the state does not allow it."""
    if ticket.state is TicketState.ON_HOLD:
        return None
    return _step(
        ticket,
        TicketState.ACCEPTED,
        TicketEvent.ACCEPTED,
        assignee_id=person_id,
        accepted_at=ticket.accepted_at or now,
        repaired_at=None,
        repaired_by=None,
        verified_at=None,
        verified_by=None,
        exception=None,
    )


def assign(ticket: Ticket, person_id: int) -> Step | None:
    """Give it to somebody, who has yet to accept it; None unless it is open or accepted."""
    if ticket.state not in (TicketState.OPEN, TicketState.ACCEPTED):
        return None
    return replace(
        ticket, state=TicketState.OPEN, assignee_id=person_id, version=ticket.version + 1
    ), TicketEvent.ASSIGNED


def arrive(ticket: Ticket, now: datetime) -> Step | None:
    """Whoever has it is there; None where the state does not allow it."""
    return _step(ticket, TicketState.ON_SITE, TicketEvent.ARRIVED, arrived_at=ticket.arrived_at or now)


def hold(ticket: Ticket, until: datetime, now: datetime) -> Step | None:
    """On hold from now ``until`` then; None where the state does not allow it."""
    return _step(ticket, TicketState.ON_HOLD, TicketEvent.HELD, held_since=now, held_until=until)


def resume(ticket: Ticket, now: datetime) -> Step | None:
    """The hold is over, at its own end if that has passed; None where it is not on hold."""
    if ticket.state is not TicketState.ON_HOLD:
        return None
    return _step(
        ticket,
        TicketState.ACCEPTED,
        TicketEvent.RESUMED,
        held=ticket.on_hold(now),
        held_since=None,
        held_until=None,
    )


def repaired(ticket: Ticket, person_id: int, now: datetime) -> Step | None:
    """The work is done; None where the state does not allow it."""
    return _step(ticket, TicketState.REPAIRED, TicketEvent.REPAIRED, repaired_at=now, repaired_by=person_id)


def verify(ticket: Ticket, person_id: int | None, exception: str | None, now: datetime) -> Step | None:
    """Somebody else, or (None) the sensors alone, found it in order; None where the state does not allow it."""
    return _step(
        ticket,
        TicketState.VERIFIED,
        TicketEvent.VERIFIED,
        verified_at=now,
        verified_by=person_id,
        exception=exception,
    )


def close(ticket: Ticket, note: str, now: datetime) -> Step | None:
    """Closed, with a closing note; None where the state does not allow it."""
    return _step(ticket, TicketState.CLOSED, TicketEvent.CLOSED, closed_at=now, closing_note=note)


def reopen(ticket: Ticket) -> Step | None:
    """What it was for is back: open again as if it had never been closed; None where it is not closed."""
    return _step(
        ticket,
        TicketState.OPEN,
        TicketEvent.REOPENED,
        closed_at=None,
        closing_note=None,
        repaired_at=None,
        repaired_by=None,
        verified_at=None,
        verified_by=None,
        exception=None,
        reopened=ticket.reopened + 1,
    )


def facts(before: Ticket | None, after: Ticket) -> dict[str, Any]:
    """What the ledger keeps of a step: every field that it changed; of a new ticket all of them."""
    return {
        field.name: _plain(getattr(after, field.name))
        for field in fields(Ticket)
        if field.name != "id" and (before is None or getattr(before, field.name) != getattr(after, field.name))
    }


def replay(ticket_id: int, steps: Iterable[Mapping[str, Any]]) -> Ticket:
    """The ticket to which the ``facts`` of all its steps lead, the first being its opening."""
    told: dict[str, Any] = {"id": ticket_id}
    for step in steps:
        told |= step
    for field in fields(Ticket):
        value = told[field.name]
        if field.name in _TIMES and value is not None:
            told[field.name] = datetime.fromisoformat(value)
    told["held"] = timedelta(seconds=told["held"])
    return Ticket(**{**told, "state": TicketState(told["state"])})


_TIMES = frozenset(each.name for each in fields(Ticket) if "datetime" in str(each.type))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, StrEnum):
        return value.value
    return dict(value) if isinstance(value, Mapping) else value
