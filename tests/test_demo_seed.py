"""The demo's elevators have a past: a door that is on its way to its limit, and a week that was missed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from facility_monitor.demo.elevator_history import FLOOR, WEEKS
from facility_monitor.demo.seed import seed
from facility_monitor.domain.fire.upkeep import State
from facility_monitor.domain.person import Person, Role
from facility_monitor.flows.elevator import elevator_duty
from facility_monitor.store.database import Database
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import elevator_test, elevator_warning, site, ticket

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def test_the_elevators_have_weeks_of_tests_a_warning_and_a_missed_week(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    for _ in range(2):  # the second start adds nothing
        seed(database, tmp_path, "en", NOW)
    with database.transaction() as tx:
        counts = [tx.execute(select(func.count()).select_from(each)).scalar_one() for each in (elevator_test, ticket)]
        assert counts == [4 * WEEKS - 1, 0]
        warned = tx.execute(select(elevator_warning.c.quantity, elevator_warning.c.floor)).all()
        assert [tuple(each) for each in warned] == [("door_open_time", str(FLOOR))]
        number = tx.execute(select(site.c.id)).scalar_one()
        admin = Person(1, "admin", "Admin", Role.ADMIN, "en", None)
        last_week = datetime(2026, 11, 16, tzinfo=UTC).date(), datetime(2026, 11, 22, tzinfo=UTC).date()
        made = elevator_duty.report(tx, Sight(admin, NOW), number, *last_week, NOW)
        assert [dict(each.tests) for each in made.lines] == [
            {State.MISSED: 1} if each.code == "el-2" else {State.LATE: 1} for each in made.lines
        ]
    database.close()
