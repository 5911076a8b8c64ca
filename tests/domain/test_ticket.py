"""The ways of a repair ticket, its clock, and what the ledger must keep of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.domain.repair import ticket as tickets
from facility_monitor.domain.repair.closing import Sensed, Word, word
from facility_monitor.domain.repair.deadline import Mark, counts, marks
from facility_monitor.domain.repair.ticket import NEXT, Step, Ticket, TicketClass, TicketState, facts, in_force, replay

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OPEN = Ticket(1, 1, 1, "pressure-low", "equipment_fault", {"en": "x"}, TicketState.OPEN, NOW, NOW + 48 * HOUR)


def done(step: Step | None) -> Ticket:
    assert step is not None
    return step[0]


def at(state: TicketState, **changes: Any) -> Ticket:
    return replace(OPEN, state=state, **changes)


def test_the_whole_way() -> None:
    ticket = done(tickets.accept(OPEN, 5, NOW + HOUR))
    ticket = done(tickets.arrive(ticket, NOW + 2 * HOUR))
    ticket = done(tickets.hold(ticket, NOW + 10 * HOUR, NOW + 3 * HOUR))
    ticket = done(tickets.resume(ticket, NOW + 6 * HOUR))
    ticket = done(tickets.repaired(ticket, 5, NOW + 7 * HOUR))
    ticket = done(tickets.verify(ticket, 6, None, NOW + 8 * HOUR))
    ticket = done(tickets.close(ticket, "seal replaced", NOW + 9 * HOUR))
    assert (ticket.state, ticket.assignee_id, ticket.closing_note) == (TicketState.CLOSED, 5, "seal replaced")
    assert (ticket.accepted_at, ticket.arrived_at) == (NOW + HOUR, NOW + 2 * HOUR)
    assert (ticket.repaired_by, ticket.verified_by, ticket.version) == (5, 6, 8)
    assert (ticket.gross(NOW + 99 * HOUR), ticket.net(NOW + 99 * HOUR)) == (9 * HOUR, 6 * HOUR)
    assert ticket.due_at == OPEN.due_at


@pytest.mark.parametrize("state", TicketState)
def test_each_step_is_taken_from_its_states_only(state: TicketState) -> None:
    before = at(state, held_since=NOW, held_until=NOW + HOUR)
    steps = {
        TicketState.ACCEPTED: tickets.accept(before, 5, NOW),
        TicketState.ON_SITE: tickets.arrive(before, NOW),
        TicketState.ON_HOLD: tickets.hold(before, NOW + HOUR, NOW),
        TicketState.REPAIRED: tickets.repaired(before, 5, NOW),
        TicketState.VERIFIED: tickets.verify(before, 6, None, NOW),
        TicketState.CLOSED: tickets.close(before, "x", NOW),
        TicketState.OPEN: tickets.reopen(before),
    }
    assert {to for to, step in steps.items() if step} == NEXT[state] - (
        {TicketState.ACCEPTED} if state is TicketState.ON_HOLD else set()  # by resuming only
    )
    assert (tickets.resume(before, NOW) is not None) is (state is TicketState.ON_HOLD)
    assert (tickets.assign(before, 7) is not None) is (state in (TicketState.OPEN, TicketState.ACCEPTED))


def test_a_repair_that_did_not_hold_is_taken_up_again_and_proves_nothing_any_more() -> None:
    verified = at(TicketState.VERIFIED, repaired_at=NOW, repaired_by=5, verified_at=NOW, verified_by=6, exception="x")
    again = done(tickets.accept(verified, 6, NOW))
    assert (again.state, again.assignee_id) == (TicketState.ACCEPTED, 6)
    assert (again.repaired_at, again.repaired_by, again.verified_at, again.exception) == (None, None, None, None)


def test_what_is_reopened_goes_on_by_its_first_clock() -> None:
    closed = at(TicketState.CLOSED, closed_at=NOW + 40 * HOUR, closing_note="x", assignee_id=5)
    again = done(tickets.reopen(closed))
    assert (again.state, again.closed_at, again.reopened, again.assignee_id) == (TicketState.OPEN, None, 1, 5)
    assert (again.opened_at, again.due_at) == (OPEN.opened_at, OPEN.due_at)
    assert again.gross(NOW + 50 * HOUR) == 50 * HOUR


def test_a_hold_counts_no_longer_than_it_was_given() -> None:
    held = at(TicketState.ON_HOLD, held=HOUR, held_since=NOW, held_until=NOW + 2 * HOUR)
    assert held.on_hold(NOW + HOUR) == 2 * HOUR
    assert held.on_hold(NOW + 30 * HOUR) == 3 * HOUR
    assert held.net(NOW + 30 * HOUR) == 27 * HOUR
    assert done(tickets.resume(held, NOW + 30 * HOUR)).held == 3 * HOUR


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


def test_the_marks_are_fixed_at_the_opening() -> None:
    urgent = replace(OPEN, answer_due_at=NOW + 2 * HOUR)
    assert [(mark, (when - NOW) / HOUR) for mark, when in marks(urgent)] == [
        (Mark.ANSWER, 2),
        (Mark.HALF, 24),
        (Mark.THREE_QUARTERS, 36),
        (Mark.NINE_TENTHS, 43.2),
        (Mark.BREACH, 48),
    ]
    assert len(marks(OPEN)) == 4


@pytest.mark.parametrize(
    ("mark", "changes", "expected"),
    [
        (Mark.ANSWER, {}, True),
        (Mark.ANSWER, {"accepted_at": NOW + HOUR}, False),
        (Mark.ANSWER, {"accepted_at": NOW + 3 * HOUR}, True),
        (Mark.BREACH, {}, True),
        (Mark.BREACH, {"closed_at": NOW + HOUR}, False),
        (Mark.BREACH, {"closed_at": NOW + 3 * HOUR}, True),
        (Mark.HOLD_END, {}, False),
        (Mark.HOLD_END, {"held_until": NOW + 2 * HOUR}, True),
        (Mark.HOLD_END, {"held_until": NOW + 3 * HOUR}, False),
    ],
)
def test_a_mark_counts_unless_the_thing_was_done_by_then(mark: Mark, changes: dict[str, Any], expected: bool) -> None:
    assert counts(mark, NOW + 2 * HOUR, replace(OPEN, **changes)) is expected


@pytest.mark.parametrize(
    ("sensed", "expected"),
    [
        (Sensed(0, 0, None, 0), Word.NONE),
        (Sensed(2, 1, NOW - HOUR, 0), Word.ABNORMAL),
        (Sensed(1, 0, None, 0), Word.ABNORMAL),
        (Sensed(1, 0, NOW - timedelta(minutes=9), 0), Word.SETTLING),
        (Sensed(1, 0, NOW - timedelta(minutes=10), 0), Word.NORMAL),
        (Sensed(2, 0, NOW - HOUR, 1), Word.SILENT),
    ],
)
def test_the_sensors_word(sensed: Sensed, expected: Word) -> None:
    assert word(sensed, timedelta(minutes=10), NOW) is expected


def test_the_times_of_a_class_are_those_of_the_day() -> None:
    def row(first: date, hours: int) -> TicketClass:
        return TicketClass("x", {}, hours * HOUR, None, None, timedelta(0), first, "basis")

    rows = [row(date(2026, 3, 2), 24), row(date(2020, 1, 1), 48), row(date(2027, 1, 1), 12)]
    assert in_force(rows, date(2026, 3, 1))["x"].repair_within == 48 * HOUR
    assert in_force(rows, date(2026, 3, 2))["x"].repair_within == 24 * HOUR
    assert in_force(rows, date(2019, 12, 31)) == {}


_VERBS: Mapping[str, Callable[[Ticket, datetime], Step | None]] = {
    "accept": lambda ticket, now: tickets.accept(ticket, 5, now),
    "assign": lambda ticket, _: tickets.assign(ticket, 6),
    "arrive": tickets.arrive,
    "hold": lambda ticket, now: tickets.hold(ticket, now + HOUR / 2, now),
    "resume": tickets.resume,
    "repaired": lambda ticket, now: tickets.repaired(ticket, 5, now),
    "verify": lambda ticket, now: tickets.verify(ticket, 6, "broken sensor", now),
    "close": lambda ticket, now: tickets.close(ticket, "done", now),
    "reopen": lambda ticket, _: tickets.reopen(ticket),
}


@given(st.lists(st.sampled_from(list(_VERBS)), max_size=30))
def test_whatever_happens_the_ledger_s_facts_lead_to_the_ticket(verbs: Sequence[str]) -> None:
    ticket, kept = OPEN, [facts(None, OPEN)]
    for hour, verb in enumerate(verbs, 1):
        step = _VERBS[verb](ticket, NOW + hour * HOUR)
        if step is not None:
            kept.append(json.loads(json.dumps(facts(ticket, step[0]))))
            ticket = step[0]
            assert (ticket.opened_at, ticket.due_at) == (OPEN.opened_at, OPEN.due_at)
    assert replay(1, kept) == ticket
