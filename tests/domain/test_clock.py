"""A device's clock is told by the quickest of its messages."""

from __future__ import annotations

from facility_monitor.domain.instant import SECOND
from facility_monitor.domain.reading.clock import Clocks


def test_the_quickest_message_tells_the_clock_whatever_the_others_went_through() -> None:
    clocks = Clocks({})
    for lag in (5.0, 0.2, 300.0, 7.0):
        clocks.observe(1, round(lag * SECOND))
        clocks.observe(2, round((lag + 3600) * SECOND))
        clocks.observe(3, round((lag - 120) * SECOND))
    assert clocks.changes() == {2: -3600.2, 3: 119.8}
    assert clocks.off() == 2


def test_only_what_has_changed_is_told_again_and_a_mended_clock_is_well() -> None:
    clocks = Clocks({1: -3600.0})
    clocks.observe(1, 3600 * SECOND)
    assert clocks.changes() == {}
    clocks.observe(1, 0)
    assert clocks.changes() == {1: 0.0}
    assert clocks.off() == 0


def test_a_backlog_tells_nothing() -> None:
    clocks = Clocks({})
    clocks.observe(1, 3600 * SECOND)
    clocks.forget()
    assert clocks.changes() == {}
