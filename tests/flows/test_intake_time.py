"""Event time against arrival: clocks that are off are measured, and what comes too late is kept apart."""

from __future__ import annotations

import pytest

from facility_monitor.domain.reading.telemetry import Reason
from facility_monitor.store.database import Database
from tests.flows.conftest import NOW
from tests.flows.test_intake import Desk, sent


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_what_comes_later_than_the_policy_allows_is_a_reject(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        desk.intake.review(tx, NOW)
    day = 86_400.0
    receipt = desk.take(sent(0, 1, pressure=1.0, arrived=30 * day), sent(0, 2, pressure=2.0, arrived=30 * day + 1))
    assert (receipt.stored, [each.reason for each in receipt.rejects]) == (1, [Reason.TOO_LATE])


def test_the_clock_of_a_device_is_measured_also_by_what_is_rejected_for_it(desk: Desk) -> None:
    desk.take(sent(1000, 1, pressure=1.0, arrived=0), sent(1000, 2, device="sd-1", smoke_alarm=0.0, arrived=4600))
    assert sorted(desk.intake.clocks.changes().values()) == [-3600.0, 1000.0]
