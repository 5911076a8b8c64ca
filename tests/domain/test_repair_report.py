"""Shares and times of repairs: what is still running says nothing, and a hold is told beside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from facility_monitor.domain.repair.repair_report import Times, figures
from facility_monitor.domain.repair.ticket import Ticket, TicketState

NOW = datetime(2026, 3, 31, tzinfo=UTC)
HOUR = timedelta(hours=1)
OPENED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TICKET = Ticket(1, 1, 1, "x", "equipment_fault", {}, TicketState.OPEN, OPENED, OPENED + 48 * HOUR)


def closed(hours: float, held: float = 0) -> Ticket:
    return replace(TICKET, closed_at=OPENED + hours * HOUR, held=held * HOUR)


def test_shares_are_of_what_is_decided() -> None:
    running = replace(TICKET, opened_at=NOW - HOUR, due_at=NOW + 47 * HOUR)
    found = figures([closed(10), closed(48), closed(60, held=20), closed(70), TICKET, running], NOW)
    assert (found.opened, found.closed, found.decided) == (6, 4, 5)
    assert (found.in_time, found.in_time_net) == (2, 3)
    assert found.share == pytest.approx(0.4)
    assert found.share_net == pytest.approx(0.6)


def test_of_nothing_there_is_no_share() -> None:
    found = figures([], NOW)
    assert (found.share, found.share_net, found.close) == (None, None, Times(0, None, None))


@pytest.mark.parametrize(
    ("hours", "median", "p90"), [([1], 1, 1), ([3, 1], 1, 3), (range(1, 11), 5, 9), (range(1, 101), 50, 90)]
)
def test_percentiles_are_by_nearest_rank(hours: list[int], median: int, p90: int) -> None:
    found = figures([replace(TICKET, accepted_at=OPENED + hour * HOUR) for hour in hours], NOW)
    assert found.acknowledge == Times(len(hours), median * HOUR, p90 * HOUR)
    assert found.arrive.count == 0
