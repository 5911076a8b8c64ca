"""Which repeated number is a repetition, which a late message and which a counter that began anew."""

from __future__ import annotations

import pytest

from facility_monitor.domain.reading.sequence import Counter, Turn, advanced, turn

COUNTER = Counter(high=100, at=1000)


@pytest.mark.parametrize(
    ("sequence", "at", "same", "expected"),
    [
        (101, 1001, None, Turn.NEXT),
        (101, None, None, Turn.NEXT),
        (500, 900, None, Turn.NEXT),
        (100, 1000, True, Turn.DUPLICATE),
        (100, 2000, True, Turn.DUPLICATE),
        (50, 500, True, Turn.DUPLICATE),
        (50, 500, False, Turn.DUPLICATE),
        (50, 500, None, Turn.LATE),
        (1, 1001, None, Turn.RESTARTED),
        (1, 1001, True, Turn.RESTARTED),
        (1, 1001, False, Turn.RESTARTED),
        (100, None, True, Turn.DUPLICATE),
        (1, None, True, Turn.DUPLICATE),
        (1, None, False, Turn.RESTARTED),
        (1, None, None, Turn.LATE),
    ],
)
def test_turn(sequence: int, at: int | None, same: bool | None, expected: Turn) -> None:
    assert turn(COUNTER, sequence, at, same) is expected


def test_the_first_number_ever_is_the_next() -> None:
    assert turn(None, 7, 1, None) is Turn.NEXT
    assert advanced(None, Turn.NEXT, 7, 1) == Counter(7, 1)


def test_a_late_message_leaves_the_counter_where_it_is() -> None:
    assert advanced(COUNTER, Turn.LATE, 50, 500) == COUNTER


def test_a_restart_takes_the_counter_back() -> None:
    assert advanced(COUNTER, Turn.RESTARTED, 1, 2000) == Counter(1, 2000)
