"""A robot's limit holds in every minute, whatever is asked for, and something is always left for life safety."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.domain.message.token_bucket import TWENTY_A_MINUTE, full

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@given(st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 30), st.booleans()), max_size=60))
def test_in_no_minute_do_more_than_twenty_go(asked: list[tuple[int, int, bool]]) -> None:
    bucket, now, gone = full(TWENTY_A_MINUTE, NOW), NOW, list[datetime]()
    for wait_ms, wanted, life_safety in asked:
        now += timedelta(milliseconds=wait_ms)
        bucket = bucket.refilled(TWENTY_A_MINUTE, now)
        granted = bucket.granted(wanted, TWENTY_A_MINUTE, life_safety=life_safety)
        bucket = bucket.less(granted)
        gone += [now] * granted
    for first in gone:
        assert sum(first <= each < first + MINUTE for each in gone) <= 20


def test_ordinary_messages_leave_some_for_life_safety() -> None:
    bucket = full(TWENTY_A_MINUTE, NOW)
    ordinary = bucket.granted(99, TWENTY_A_MINUTE, life_safety=False)
    left = bucket.less(ordinary)
    assert left.granted(99, TWENTY_A_MINUTE, life_safety=False) == 0
    assert left.granted(99, TWENTY_A_MINUTE, life_safety=True) == TWENTY_A_MINUTE.reserve


def test_the_time_of_the_next_is_known() -> None:
    empty = full(TWENTY_A_MINUTE, NOW).less(TWENTY_A_MINUTE.size)
    for life_safety in (True, False):
        at = empty.next_at(TWENTY_A_MINUTE, life_safety=life_safety)
        assert empty.refilled(TWENTY_A_MINUTE, at).granted(1, TWENTY_A_MINUTE, life_safety=life_safety) == 1
        before = empty.refilled(TWENTY_A_MINUTE, at - timedelta(milliseconds=1))
        assert before.granted(1, TWENTY_A_MINUTE, life_safety=life_safety) == 0


def test_a_clock_set_back_takes_nothing_away() -> None:
    bucket = full(TWENTY_A_MINUTE, NOW).less(2)
    assert bucket.refilled(TWENTY_A_MINUTE, NOW - MINUTE) == bucket
