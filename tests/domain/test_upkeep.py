"""The calendar: every piece has its turn, what is late and what is missed, in the past and in the future."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.domain.fire.upkeep import (
    Cycle,
    Done,
    Item,
    Plan,
    State,
    Task,
    period_of,
    periods,
    standing,
    tasks,
)

BEGIN = date(2020, 1, 1)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def plan(cycle: Cycle, **more: object) -> Plan:
    values = {"code": "p", "name": {}, "kind": "k", "form": "f", "standard": "s", "clause": "c", "grade": "P"}
    return Plan(**{**values, "cycle": cycle, "effective_from": BEGIN, **more})  # type: ignore[arg-type]


@given(st.sampled_from(Cycle), DAYS)
def test_every_day_lies_in_one_period_and_they_follow_without_gaps(cycle: Cycle, day: date) -> None:
    first, last = period_of(cycle, day)
    assert first <= day <= last
    assert period_of(cycle, last + timedelta(days=1))[0] == last + timedelta(days=1)
    assert list(periods(cycle, first, last)) == [(first, last)]


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=50, unique=True), st.integers(2020, 2090))
def test_a_rolling_plan_reaches_every_piece_once_in_any_year(ids: list[int], year: int) -> None:
    items = [Item(number, "k", BEGIN) for number in ids]
    made = tasks([plan(Cycle.MONTHLY, parts=12)], items, date(year, 1, 1), date(year, 12, 31))
    assert Counter(task.equipment_id for task in made) == Counter(ids)
    # nor does one that was added take another's turn away
    more = tasks(
        [plan(Cycle.MONTHLY, parts=12)], [*items, Item(10_001, "k", BEGIN)], date(year, 1, 1), date(year, 12, 31)
    )
    assert set(made) < set(more)


def test_a_rolling_plan_spreads_over_the_year() -> None:
    items = [Item(number, "k", BEGIN) for number in range(1, 121)]
    made = tasks([plan(Cycle.MONTHLY, parts=12)], items, date(2026, 1, 1), date(2026, 12, 31))
    assert set(Counter(task.first.month for task in made).values()) == {10}


def test_basements_are_checked_twice_as_often_as_other_places() -> None:
    often = plan(Cycle.HALF_MONTHLY, code="often", places=("basement",))
    seldom = plan(Cycle.MONTHLY, code="seldom", places=("basement",), elsewhere=True)
    items = [Item(1, "k", BEGIN, "basement"), Item(2, "k", BEGIN), Item(3, "other", BEGIN, "basement")]
    made = tasks([often, seldom], items, date(2026, 2, 1), date(2026, 2, 28))
    assert [(task.plan, task.equipment_id, task.last.day) for task in made] == [
        ("often", 1, 15),
        ("often", 1, 28),
        ("seldom", 2, 28),
    ]


def test_a_holiday_moves_the_day_only_where_the_plan_lets_it() -> None:
    off = {date(2026, 2, 28), date(2026, 3, 1)}
    for shifts, day in ((True, date(2026, 3, 2)), (False, date(2026, 2, 28))):
        (task,) = tasks(
            [plan(Cycle.MONTHLY, shifts=shifts)], [Item(1, "k", BEGIN)], date(2026, 2, 1), date(2026, 2, 28), off
        )
        assert task.last == day
        assert task.until > day


def test_a_plan_and_a_piece_have_their_days() -> None:
    old = plan(Cycle.MONTHLY, code="old", effective_to=date(2026, 1, 31))
    new = plan(Cycle.MONTHLY, code="new", effective_from=date(2026, 2, 1))
    items = [Item(1, "k", BEGIN), Item(2, "k", date(2026, 2, 10))]
    made = tasks([old, new], items, date(2026, 1, 1), date(2026, 2, 28))
    assert [(task.plan, task.equipment_id) for task in made] == [("old", 1), ("new", 1), ("new", 2)]


MARCH = Task("p", 1, date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1))
ROLLING = MARCH._replace(until=date(2027, 3, 1))


@pytest.mark.parametrize(
    ("task", "done", "away", "on", "state"),
    [
        (MARCH, [], [], date(2026, 2, 1), State.PLANNED),
        (MARCH, [], [], date(2026, 3, 31), State.DUE),
        (MARCH, [], [], date(2026, 4, 1), State.MISSED),
        (ROLLING, [], [], date(2026, 4, 1), State.OVERDUE),
        (MARCH, [Done(date(2026, 3, 9), 7, False)], [], date(2030, 1, 1), State.DONE),
        (MARCH, [Done(date(2026, 3, 9), 7, False)], [], date(2026, 3, 8), State.DUE),
        (MARCH, [Done(date(2026, 3, 9), 7, True)], [], date(2030, 1, 1), State.LATE),
        (ROLLING, [Done(date(2026, 5, 9), 7, False)], [], date(2030, 1, 1), State.LATE),
        (
            MARCH,
            [Done(date(2026, 2, 28), 6, False), Done(date(2026, 4, 1), 8, False)],
            [],
            date(2030, 1, 1),
            State.MISSED,
        ),
        (MARCH, [], [(date(2026, 3, 20), None)], date(2030, 1, 1), State.IMPAIRED),
        (MARCH, [], [(date(2026, 3, 2), date(2026, 3, 9))], date(2030, 1, 1), State.MISSED),
    ],
)
def test_how_a_task_stands_on_any_day(
    task: Task, done: list[Done], away: list[tuple[date, date | None]], on: date, state: State
) -> None:
    assert standing(task, done, away, on).state is state


def test_a_fault_found_after_a_good_check_shows_until_a_newer_check_of_the_period_finds_none() -> None:
    def on(day: int, number: int, passed: bool | None, month: int = 3) -> Done:
        return Done(date(2026, month, day), number, False, passed)

    def shown(*done: Done, task: Task = MARCH, by: date = date(2030, 1, 1)) -> tuple[State, bool | None, int | None]:
        found = standing(task, done, [], by)
        assert found.settled_by == done[0].check_id
        return found.state, found.passed, found.check_id

    good, bad, silent = on(9, 1, True), on(9, 2, False), on(20, 3, None)
    assert shown(good, bad) == (State.DONE, False, 2)
    assert shown(good, bad, silent) == (State.DONE, False, 2)
    assert shown(good, on(21, 4, False), by=date(2026, 3, 20)) == (State.DONE, True, 1)
    assert shown(bad, on(21, 5, True)) == (State.DONE, True, 5)
    assert shown(good, on(2, 6, False, month=5), task=ROLLING) == (State.DONE, True, 1)
    assert shown(on(2, 6, False, month=5), on(3, 7, True, month=5), task=ROLLING) == (State.LATE, True, 7)
