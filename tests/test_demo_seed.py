"""The demo's elevators have a past: a door that is on its way to its limit, a week that was missed,
and repairs of which two did not last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from facility_monitor.demo.elevator_history import FLOOR, WEEKS
from facility_monitor.demo.repair_history import FAULTS
from facility_monitor.demo.seed import seed
from facility_monitor.domain.fire.upkeep import State, UpkeepEvent
from facility_monitor.domain.person import Person, Role
from facility_monitor.flows.elevator import elevator_duty, scorecards
from facility_monitor.flows.fire import upkeep
from facility_monitor.store.database import Database
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import elevator_test, elevator_warning, equipment, outbox, person, site, ticket
from facility_monitor.store.views import register

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def test_the_elevators_have_weeks_of_tests_a_warning_and_a_missed_week(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    for _ in range(2):  # the second start adds nothing
        seed(database, tmp_path, "en", NOW)
    with database.transaction() as tx:
        counts = [tx.execute(select(func.count()).select_from(each)).scalar_one() for each in (elevator_test, ticket)]
        assert counts == [4 * WEEKS - 1, len(FAULTS)]
        warned = tx.execute(select(elevator_warning.c.quantity, elevator_warning.c.floor)).all()
        assert [tuple(each) for each in warned] == [("door_open_time", str(FLOOR))]
        number = tx.execute(select(site.c.id)).scalar_one()
        admin = Person(1, "admin", "Admin", Role.ADMIN, "en", None)
        last_week = datetime(2026, 11, 16, tzinfo=UTC).date(), datetime(2026, 11, 22, tzinfo=UTC).date()
        made = elevator_duty.report(tx, Sight(admin, NOW), number, *last_week, NOW)
        assert [dict(each.tests) for each in made.lines] == [
            {State.MISSED: 1} if each.code == "el-2" else {State.DONE: 1} for each in made.lines
        ]
        twelve = datetime(2026, 8, 31, tzinfo=UTC).date(), last_week[1]
        (card,) = scorecards.made(tx, Sight(admin, NOW), *twelve, NOW).cards
        score = card.score
        assert (score.weeks, score.tests_in_time, len(score.late_weeks), len(score.missed)) == (48, 44, 3, 1)
        again = [(each.fault.opened_at - (each.before.done_at or NOW)).days for each in score.repeats]
        # of those 45, 24, 80, 17, 15 and 6 days ago, each repaired after 5 hours, two came again within 30 days
        assert (score.faults, score.repairs_in_time, again) == (len(FAULTS), len(FAULTS), [20, 8])
        upkeep.keep_going(tx, NOW)
        weekly = outbox.c.notice["title"]["en"].astext.contains("Elevator test, weekly")
        missed = outbox.c.notice["kind"].astext == UpkeepEvent.MISSED
        told = tx.execute(
            select(person.c.username).join(outbox, outbox.c.person_id == person.c.id).where(weekly, missed)
        )
        assert told.scalars().all() == ["manager"]
    database.close()


def test_what_the_calendar_checks_is_in_use_since_the_first_start_and_its_dates_are_known(
    database_url: str, tmp_path: Path
) -> None:
    database = Database(database_url)
    for start in (NOW, NOW + timedelta(days=1)):
        seed(database, tmp_path, "en", start)
    with database.transaction() as tx:
        number = tx.execute(select(site.c.id)).scalar_one()
        sight = Sight(Person(1, "admin", "Admin", Role.ADMIN, "en", None), NOW)
        on = NOW.date()
        checked = [
            each
            for each in upkeep.calendar(tx, sight, number, on - timedelta(days=40), on + timedelta(days=40), on)
            if not each.task.plan.startswith("elevator")
        ]
        assert {each.standing.state for each in checked} == {State.DUE, State.PLANNED}
        plans = {each.task.plan for each in checked}
        assert {"lake-water-weekly", "pest-control-monthly", "cleaning-patrol-daily", "fire-panel-patrol"} <= plans
        shown = register.entries(tx, sight, on, equipment.c.code == "fe-001")
        assert [(due["step"], str(due["on"])) for each in shown for due in each["due"]] == [
            ("first_service", "2027-05-10"),
            ("scrap", "2032-05-10"),
        ]
    database.close()
