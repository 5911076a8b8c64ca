"""The clock of tickets: what was reached is recorded at its true time, however late somebody looks, and each once."""

from __future__ import annotations

from datetime import datetime

from facility_monitor.domain.repair import deadline
from facility_monitor.domain.repair import ticket as tickets
from facility_monitor.domain.repair.deadline import Mark
from facility_monitor.domain.repair.ticket import Ticket, TicketEvent
from facility_monitor.flows.repair.ticket_log import TicketLog
from facility_monitor.store.database import Tx
from facility_monitor.store.repair import ticket_clock as clock
from facility_monitor.store.repair import tickets as kept
from facility_monitor.store.repair.ticket_clock import Reached

AT_ONCE = 200
"""Marks of one run; what is left comes in the next."""


def tick(tx: Tx, now: datetime) -> int:
    """Record the marks that tickets have reached, the oldest first, and tell them; returns how many tickets had some.

    A ticket that somebody is changing settles its own marks.
    """
    found = kept.lock_many(tx, clock.waiting(tx, now, AT_ONCE))
    log = TicketLog(tx, now)
    settle(log, found)
    log.write()
    return len(found)


def settle(log: TicketLog, found: dict[int, Ticket]) -> None:
    """Record what these locked tickets have reached; in ``found`` stands afterwards what has become of them.

    After an outage each mark is recorded, but of those on the way to a deadline only the last is told.
    """
    if not found:
        return
    taken = clock.take_reached(log.tx, list(found), log.now)
    last = {reached.ticket_id: reached for reached in taken if reached.mark in deadline.ON_THE_WAY}
    for reached in taken:
        told = reached.mark not in deadline.ON_THE_WAY or last[reached.ticket_id] is reached
        found[reached.ticket_id] = _settle(log, found[reached.ticket_id], reached, told=told)


_EVENTS = {
    Mark.ANSWER: TicketEvent.BREACHED,
    Mark.BREACH: TicketEvent.BREACHED,
    Mark.CALL: TicketEvent.CALL_MISSED,
}


def _settle(log: TicketLog, ticket: Ticket, reached: Reached, *, told: bool) -> Ticket:
    _, mark, at = reached
    if not deadline.counts(mark, at, ticket):
        return ticket
    after, event = ticket, _EVENTS.get(mark, TicketEvent.WARNED)
    if mark is Mark.HOLD_END:
        step = tickets.resume(ticket, at)
        assert step is not None  # noqa: S101 - it counts only while the ticket is on hold
        after, event = step
        kept.save(log.tx, after)
        clock.end_hold(log.tx, ticket.id, at)
    log.add(
        event,
        ticket,
        after,
        occurred_at=at,
        mark=mark,
        net_s=ticket.net(at).total_seconds(),
        on_hold=ticket.held_since is not None,
    )
    if told:
        log.tell_mark(after, mark)
    return after
