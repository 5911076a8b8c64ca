"""The ways of a repair ticket, and its deadline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from facility_monitor.domain.ticket import Ticket, TicketState, accept, close, repaired

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OPEN = Ticket(1, 1, 1, "pressure-low", "equipment_fault", {}, TicketState.OPEN, NOW, NOW + timedelta(hours=48))
HOUR = timedelta(hours=1)


def test_the_whole_way() -> None:
    accepted = accept(OPEN, 5)
    assert accepted is not None
    done = repaired(accepted[0], NOW + HOUR)
    assert done is not None
    closed = close(done[0], "seal replaced", NOW + 2 * HOUR)
    assert closed is not None
    ticket = closed[0]
    assert (ticket.state, ticket.assignee_id, ticket.repaired_at) == (TicketState.CLOSED, 5, NOW + HOUR)
    assert (ticket.closed_at, ticket.closing_note, ticket.version) == (NOW + 2 * HOUR, "seal replaced", 4)
    assert ticket.due_at == OPEN.due_at


@pytest.mark.parametrize("state", [TicketState.OPEN, TicketState.ACCEPTED])
def test_only_what_is_repaired_can_be_closed(state: TicketState) -> None:
    assert close(replace(OPEN, state=state), "done", NOW) is None


@pytest.mark.parametrize("state", [TicketState.OPEN, TicketState.REPAIRED, TicketState.CLOSED])
def test_only_who_has_accepted_can_repair(state: TicketState) -> None:
    assert repaired(replace(OPEN, state=state), NOW) is None


def test_what_is_closed_stays_closed() -> None:
    assert accept(replace(OPEN, state=TicketState.CLOSED, closed_at=NOW), 5) is None


def test_a_repair_that_did_not_hold_is_taken_up_again() -> None:
    again = accept(replace(OPEN, state=TicketState.REPAIRED, repaired_at=NOW), 6)
    assert again is not None
    assert (again[0].state, again[0].assignee_id, again[0].repaired_at) == (TicketState.ACCEPTED, 6, None)


@pytest.mark.parametrize(
    ("closed_at", "now", "overdue"),
    [
        (None, NOW + 48 * HOUR, False),
        (None, NOW + 48 * HOUR + timedelta(microseconds=1), True),
        (NOW + 47 * HOUR, NOW + 1000 * HOUR, False),
        (NOW + 49 * HOUR, NOW + 1000 * HOUR, True),
    ],
)
def test_overdue_is_told_from_the_closing_not_from_the_look(
    closed_at: datetime | None, now: datetime, overdue: bool
) -> None:
    assert replace(OPEN, closed_at=closed_at).overdue(now) is overdue
