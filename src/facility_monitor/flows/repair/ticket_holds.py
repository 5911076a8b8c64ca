"""Holds: asked for with a reason and a substitute measure, approved by another person, and never for long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.person import Person, Role
from facility_monitor.domain.repair import ticket as tickets
from facility_monitor.domain.repair.deadline import Due, Mark, Rank
from facility_monitor.domain.repair.ticket import Ticket, TicketEvent, TicketState
from facility_monitor.domain.repair.working_time import HOLD_DAYS, HOLD_LONGEST, after_working_days, working_time
from facility_monitor.errors import Conflict, Forbidden, InvalidInput, NotFound
from facility_monitor.flows.repair.ticket_log import TicketLog
from facility_monitor.flows.repair.tickets import locked, must_have
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import evidence
from facility_monitor.store.repair import ticket_clock
from facility_monitor.store.repair import tickets as kept

APPROVERS = frozenset({Role.MANAGER, Role.ADMIN})


class Reason(StrEnum):
    """The only one that GB 29837-2013 3.1.3 knows."""

    WAITING_FOR_PARTS = "waiting_for_parts"


def ask(tx: Tx, ticket_id: int, note: str, substitute: str, until: datetime, person: Person, now: datetime) -> int:
    """Whoever has the ticket asks for a hold ``until`` then; returns its id. ``substitute``: what is done meanwhile.

    Raises NotFound, Conflict, InvalidInput where it would last for more than 5 working days, those before included.
    """
    log, ticket = locked(tx, ticket_id, now)
    if TicketState.ON_HOLD not in tickets.NEXT[ticket.state]:
        raise Conflict(f"cannot hold ticket {ticket_id}: it is {ticket.state}")
    must_have(ticket, person)
    if (waiting := ticket_clock.undecided(tx, ticket_id)) is not None:
        raise Conflict(f"hold {waiting} of this ticket is not decided yet", existing=waiting)
    latest = _latest(tx, ticket, now)
    if not now < until <= latest:
        raise InvalidInput({"until": f"must be after now and at most {latest.isoformat()}: {HOLD_DAYS} working days"})
    number = ticket_clock.add_hold(
        tx,
        {
            "ticket_id": ticket_id,
            "reason": Reason.WAITING_FOR_PARTS,
            "note": note,
            "substitute": substitute,
            "until": until,
            "asked_by": person.id,
            "asked_at": now,
        },
    )
    log.add(
        TicketEvent.HOLD_ASKED,
        ticket,
        ticket,
        person,
        note,
        hold_id=number,
        hold_reason=Reason.WAITING_FOR_PARTS,
        substitute=substitute,
        until=until.isoformat(),
    )
    response = {"zh-CN": f"申请挂起：{note}", "en": f"A hold is asked for: {note}"}
    log.tell(ticket, ticket.title, response, Severity.MEDIUM, Rank.MANAGER)
    log.write()
    return number


def approve(tx: Tx, ticket_id: int, hold_id: int, note: str | None, person: Person, now: datetime) -> None:
    """Another person lets the ticket wait: from now on, not from when it was asked. Raises NotFound, Conflict,
    Forbidden."""
    log, ticket, asked = _asked(tx, ticket_id, hold_id, person, now)
    until = min(asked["until"], _latest(tx, ticket, now))
    step = tickets.hold(ticket, until, now) if until > now else None
    if step is None:
        raise Conflict(f"cannot hold ticket {ticket_id}: it is {ticket.state}, asked for until {asked['until']}")
    after, event = step
    kept.save(tx, after)
    decided = {"decided_by": person.id, "decided_at": now, "approved": True, "held_until": until}
    ticket_clock.change_hold(tx, hold_id, decided)
    ticket_clock.add_marks(tx, [(ticket_id, Due(Mark.HOLD_END, until))])
    told = {"hold_id": hold_id, "hold_reason": asked["reason"], "substitute": asked["substitute"]}
    log.add(event, ticket, after, person, note or asked["note"], asked_by=asked["asked_by"], **told)
    log.write()


def refuse(tx: Tx, ticket_id: int, hold_id: int, note: str, person: Person, now: datetime) -> None:
    """Another person refuses a hold. Raises NotFound, Conflict, Forbidden."""
    log, ticket, _ = _asked(tx, ticket_id, hold_id, person, now)
    ticket_clock.change_hold(tx, hold_id, {"decided_by": person.id, "decided_at": now, "approved": False})
    log.add(TicketEvent.HOLD_REFUSED, ticket, ticket, person, note, hold_id=hold_id)
    log.write()


def resume(tx: Tx, ticket_id: int, note: str | None, person: Person, now: datetime) -> Ticket:
    """Whoever has the ticket, or who may approve holds, ends one before its time. Raises NotFound, Conflict."""
    log, ticket = locked(tx, ticket_id, now)
    step = tickets.resume(ticket, now)
    if step is None:
        raise Conflict(f"ticket {ticket_id} is not on hold: it is {ticket.state}")
    if person.role not in APPROVERS:
        must_have(ticket, person)
    after, event = step
    kept.save(tx, after)
    ticket_clock.end_hold(tx, ticket_id, now)
    ticket_clock.drop(tx, ticket_id, Mark.HOLD_END, now)
    log.add(event, ticket, after, person, note)
    log.write()
    return after


def _asked(
    tx: Tx, ticket_id: int, hold_id: int, person: Person, now: datetime
) -> tuple[TicketLog, Ticket, Mapping[str, Any]]:
    """An undecided hold that ``person`` may decide."""
    log, ticket = locked(tx, ticket_id, now)
    asked = ticket_clock.hold(tx, ticket_id, hold_id)
    if asked is None:
        raise NotFound(f"hold {hold_id} of ticket {ticket_id}")
    if person.role not in APPROVERS:
        raise Forbidden("a hold is decided by a manager or an admin")
    if person.id in (asked["asked_by"], ticket.assignee_id):
        raise Forbidden("a hold is decided by another person than who asked for it or has the ticket")
    if asked["decided_at"] is not None:
        raise Conflict(f"hold {hold_id} is decided already")
    return log, ticket, asked


def _latest(tx: Tx, ticket: Ticket, now: datetime) -> datetime:
    """Until when a hold that begins now may last: 5 working days, 16 of any kind, less what earlier ones took."""
    zone = evidence.ground(tx, ticket.site_id).zone
    exceptions = ticket_clock.calendar(tx, ticket.site_id)
    past = ticket_clock.past_holds(tx, ticket.id)
    worked = sum((working_time(since, until, zone, exceptions) for since, until in past), timedelta(0))
    left = timedelta(days=HOLD_DAYS) - worked
    if left <= timedelta(0):
        return now
    passed = sum((until - since for since, until in past), timedelta(0))
    return after_working_days(now, left, HOLD_LONGEST - passed, zone, exceptions)
