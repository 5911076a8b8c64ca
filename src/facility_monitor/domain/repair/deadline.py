"""The marks on a ticket's clock: when each one is reached is fixed when the ticket opens."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from facility_monitor.domain.repair.ticket import Ticket


class Mark(StrEnum):
    """``answer``: nobody has accepted it in time. ``hold_end``: an approved hold runs out by itself.
    ``call``: nobody has called in time after the closing."""

    ANSWER = "answer"
    HALF = "50"
    THREE_QUARTERS = "75"
    NINE_TENTHS = "90"
    BREACH = "breach"
    HOLD_END = "hold_end"
    CALL = "call"


WARNINGS = {Mark.HALF: 0.5, Mark.THREE_QUARTERS: 0.75, Mark.NINE_TENTHS: 0.9}
"""The part of the time that is used up at each."""
ON_THE_WAY = WARNINGS.keys() | {Mark.BREACH}
"""Of these a later one says all that an earlier one did."""


class Rank(StrEnum):
    """Whom a mark is told, one above the other: each is told besides those before."""

    ENGINEER = "engineer"
    """who has the ticket, else who is on duty"""
    SUPERVISOR = "supervisor"
    """whoever is on duty at the site, besides"""
    MANAGER = "manager"
    """of the site"""


TOLD = {
    Mark.HALF: Rank.ENGINEER,
    Mark.ANSWER: Rank.SUPERVISOR,
    Mark.THREE_QUARTERS: Rank.SUPERVISOR,
    Mark.NINE_TENTHS: Rank.MANAGER,
    Mark.BREACH: Rank.MANAGER,
    Mark.HOLD_END: Rank.ENGINEER,
    Mark.CALL: Rank.MANAGER,
}


class Due(NamedTuple):
    mark: Mark
    at: datetime


def marks(ticket: Ticket) -> list[Due]:
    """When each mark of a new ticket is reached. A deadline is still kept at its very instant: the breach is after."""
    span = ticket.due_at - ticket.opened_at
    found = [Due(mark, ticket.opened_at + part * span) for mark, part in WARNINGS.items()]
    if ticket.answer_due_at is not None:
        found.append(Due(Mark.ANSWER, ticket.answer_due_at))
    return sorted([*found, Due(Mark.BREACH, ticket.due_at)], key=lambda due: due.at)


def counts(mark: Mark, at: datetime, ticket: Ticket) -> bool:
    """Whether a mark that is reached says something of a ticket, or what it warns of had been done by then."""
    if mark is Mark.ANSWER:
        return ticket.accepted_at is None or ticket.accepted_at > at
    if mark is Mark.HOLD_END:
        return ticket.held_until == at
    if mark is Mark.CALL:
        return True
    return ticket.closed_at is None or ticket.closed_at > at


def left(ticket: Ticket, at: datetime) -> timedelta:
    """Until the deadline; below zero once it has passed."""
    return ticket.due_at - at


def used(ticket: Ticket, at: datetime) -> float:
    """The part of the time that is used up."""
    return (at - ticket.opened_at) / (ticket.due_at - ticket.opened_at)
