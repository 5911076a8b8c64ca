"""Waits double up to the cap, and are spread over the upper half."""

from __future__ import annotations

from datetime import timedelta

import pytest

from facility_monitor.push.backoff import Backoff
from facility_monitor.push.channel import SEND_WITHIN
from facility_monitor.push.lane import LIFE_SAFETY, Lane

S = timedelta(seconds=1)


@pytest.mark.parametrize(("failures", "wait"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (100_000, 60)])
def test_waits_double_up_to_the_cap(failures: int, wait: int) -> None:
    backoff = Backoff(S, 60 * S)
    assert backoff.delay(failures, 0.0) == wait * S / 2
    assert backoff.delay(failures, 0.5) == wait * S * 0.75
    assert wait * S * 0.99 < backoff.delay(failures, 0.9999) < wait * S


def test_a_first_wait_beyond_the_cap_is_cut() -> None:
    assert Backoff(100 * S, 60 * S).delay(1, 0.0) == 30 * S


def test_a_lane_whose_leases_leave_no_time_to_begin_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves no time"):
        Lane("x", range(1), 1, 1, SEND_WITHIN, LIFE_SAFETY.retry, LIFE_SAFETY.rest, S)
