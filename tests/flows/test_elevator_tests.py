"""A posted test is judged by the limits of its day, kept for good, and followed by a ticket where it fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from facility_monitor.domain.elevator.elevator import Door, ElevatorTest, Floor, Worker
from facility_monitor.domain.person import Person, Role
from facility_monitor.errors import Conflict, FacilityMonitorError, Forbidden, InvalidInput, NotFound
from facility_monitor.flows.elevator.elevator_tests import FAILED, RECORDED, Draft, record
from facility_monitor.flows.fire import duties, upkeep
from facility_monitor.flows.plant.commission import commission
from facility_monitor.store import catalogue
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import (
    contract,
    elevator_test,
    equipment,
    ledger,
    limit_row,
    organisation,
    outbox,
    ticket,
)
from facility_monitor.store.views import elevators as views
from tests.people import new_channel, new_duty, new_person

MONDAY = date(2026, 3, 2)
WEEK = timedelta(days=7)
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SITE: dict[str, Any] = {
    "code": "hill",
    "name": {"en": "Hill"},
    "timezone": "Asia/Shanghai",
    "equipment": [
        {
            "code": "el-1",
            "kind": "elevator",
            "name": {"en": "Lift 1"},
            "attributes": {"floors": 6, "rated_speed": 1.75},
        },
        {"code": "el-2", "kind": "elevator", "name": {"en": "Lift 2"}},
        {"code": "dr-1", "kind": "distribution_room", "name": {"en": "Room"}},
    ],
}
ADMIN = Person(1, "admin", "Admin", Role.ADMIN, "en", None)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, pool=4)
    with database.transaction() as tx:
        assert new_person(tx, "admin") == ADMIN.id
        commission(tx, SITE, "test", NOW)
    yield database
    database.close()


@pytest.fixture
def tx(database: Database) -> Iterator[Tx]:
    with database.engine.connect() as tx:
        yield tx
        tx.rollback()


def lift(tx: Tx, code: str = "el-1") -> int:
    number: int = tx.execute(select(equipment.c.id).where(equipment.c.code == code)).scalar_one()
    return number


def a_test(level: float = 3.0, at: datetime = NOW - HOUR, **more: Any) -> ElevatorTest:
    floors = (Floor("1", {"leveling_down_mm": level}), Floor("2", {"leveling_up_mm": 2.0}))
    plain = ElevatorTest(at, (Worker("Zhao", "T-1"), Worker("Sun", "T-2")), floors)
    return replace(plain, **more)


def post(tx: Tx, *drafts: Draft, person: Person = ADMIN, now: datetime = NOW) -> list[int | FacilityMonitorError]:
    return record(tx, drafts, Sight(person, now), None, now)


def post_one(tx: Tx, test: ElevatorTest, person: Person = ADMIN, now: datetime = NOW, **more: Any) -> int:
    (outcome,) = post(tx, Draft(lift(tx), test, **more), person=person, now=now)
    assert isinstance(outcome, int), outcome
    return outcome


def refusal(tx: Tx, test: ElevatorTest, person: Person = ADMIN, **more: Any) -> FacilityMonitorError:
    before = count(tx)
    (outcome,) = post(tx, Draft(more.pop("elevator_id", lift(tx)), test, **more), person=person)
    assert isinstance(outcome, FacilityMonitorError), outcome
    assert count(tx) == before
    return outcome


def count(tx: Tx) -> tuple[int, ...]:
    tables = (elevator_test, ledger, ticket, outbox)
    return tuple(tx.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)


def shown(tx: Tx, number: int) -> dict[str, Any]:
    found = views.one(tx, Sight(ADMIN, NOW), number)
    assert found is not None
    return found


def test_a_good_test_is_kept_with_each_value_and_its_limit(tx: Tx) -> None:
    test = shown(tx, post_one(tx, a_test()))
    assert (test["passed"], test["failures"], test["ticket"], test["late_entry"]) == (True, 0, None, False)
    assert (test["performed_at"], test["received_at"]) == (NOW - HOUR, NOW)
    assert test["items"][0] == {
        "floor": "1",
        "field": "leveling_down_mm",
        "quantity": "leveling",
        "value": 3.0,
        "unit": "mm",
        "passed": True,
        "limit": {
            "direction": "within",
            "value": 10.0,
            "unit": "mm",
            "standard": "GB/T 10058-2023",
            "clause": "leveling accuracy; EN 81-20 and GB/T 7588.1-2020 5.12.1.1.4 ask the same",
            "grade": "O",
            "effective_from": "2024-04-01",
        },
    }
    entry = tx.execute(select(ledger)).one()
    assert (entry.kind, entry.at, entry.occurred_at, entry.ticket_id) == (RECORDED, NOW, NOW - HOUR, None)
    assert entry.body["test_id"] == test["id"]
    assert count(tx)[2:] == (0, 0)


@pytest.mark.parametrize(
    ("moment", "standard"),
    [
        ("2010-02-28T23:59:59+08:00", None),
        ("2010-03-01T00:00:00+08:00", "GB/T 10058-2009"),
        ("2024-03-31T23:59:59+08:00", "GB/T 10058-2009"),
        ("2024-03-31T16:00:00+00:00", "GB/T 10058-2023"),
    ],
)
def test_a_test_is_judged_by_what_was_in_force_on_its_day_at_the_site(
    tx: Tx, moment: str, standard: str | None
) -> None:
    test = shown(tx, post_one(tx, a_test(at=datetime.fromisoformat(moment))))
    limit = test["items"][0]["limit"]
    assert (limit and limit["standard"]) == standard
    assert test["passed"] is (None if standard is None else True)
    assert test["late_entry"]


def test_a_limit_that_changes_later_leaves_old_verdicts_alone(tx: Tx) -> None:
    number = post_one(tx, a_test(level=9.0))
    tx.execute(update(limit_row).where(limit_row.c.quantity == "leveling").values(value=5))
    assert shown(tx, number)["items"][0]["limit"]["value"] == 10
    assert shown(tx, post_one(tx, a_test(level=9.0, remarks="again")))["passed"] is False


def test_the_catalogue_can_be_loaded_again(tx: Tx) -> None:
    before = tx.execute(select(limit_row).order_by(limit_row.c.code)).all()
    tx.execute(update(limit_row).values(value=1))
    catalogue.load(tx, NOW)
    assert tx.execute(select(limit_row).order_by(limit_row.c.code)).all() == before


def test_a_failed_test_opens_a_ticket_and_calls_whoever_is_on_duty(tx: Tx) -> None:
    engineer = new_person(tx)
    site_id = tx.execute(select(equipment.c.site_id)).scalars().all()[0]
    new_duty(tx, site_id, engineer)
    new_channel(tx, engineer)
    test = shown(tx, post_one(tx, a_test(level=-14.0)))
    assert (test["passed"], test["failures"]) == (False, 1)
    assert test["ticket"]["due_at"] == NOW + timedelta(hours=48)
    opened = tx.execute(select(ticket)).one()
    assert (opened.id, opened.cause, opened.equipment_id) == (test["ticket_id"], FAILED, lift(tx))
    kinds = [(row.kind, row.ticket_id) for row in tx.execute(select(ledger).order_by(ledger.c.id))]
    assert kinds == [(RECORDED, opened.id), ("ticket_opened", opened.id)]
    notice = tx.execute(select(outbox.c.notice)).scalar_one()
    assert notice["response"] == {
        "zh-CN": "1 层: 平层准确度 -14 mm (±10)",
        "en": "floor 1: leveling accuracy -14 mm (±10)",
    }
    assert (notice["value"], notice["limit"], notice["unit"]) == (-14.0, 10.0, "mm")


def test_a_second_failure_joins_the_open_ticket_and_calls_nobody_again(tx: Tx) -> None:
    first = shown(tx, post_one(tx, a_test(level=14.0)))
    second = shown(tx, post_one(tx, a_test(level=15.0)))
    assert first["ticket_id"] == second["ticket_id"]
    assert count(tx) == (2, 3, 1, 0)


def test_a_failure_after_the_repair_opens_the_same_ticket_again_and_later_another(tx: Tx) -> None:
    first = shown(tx, post_one(tx, a_test(level=14.0)))["ticket_id"]
    closed = update(ticket).values(state="closed", closed_at=NOW, closing_note="adjusted")
    tx.execute(closed)
    assert shown(tx, post_one(tx, a_test(level=16.0)))["ticket_id"] == first
    tx.execute(closed)
    late = NOW + timedelta(hours=73)
    test = shown(tx, post_one(tx, a_test(level=16.0, at=late - HOUR), now=late))
    assert test["ticket_id"] != first


def test_the_table_of_door_times_is_picked_by_type_and_width(tx: Tx) -> None:
    def judged(door: Door) -> list[float | None]:
        floors = (Floor("1", {"door_open_s": 3.5, "door_close_s": 4.2}),)
        test = shown(tx, post_one(tx, a_test(floors=floors, door=door)))
        return [each["limit"] and each["limit"]["value"] for each in test["items"]]

    assert judged(Door("centre", 800)) == [3.2, 3.2]
    assert judged(Door("centre", 900)) == [4.0, 4.0]
    assert judged(Door("side", 1100)) == [4.9, 4.9]
    assert judged(Door("side", 1300)) == [5.9, 5.9]
    assert judged(Door("side", 1400)) == [None, None]


@pytest.mark.parametrize(
    ("floors", "car", "expected"),
    [
        ({"holding_mm": 20.0}, {}, 20.0),
        ({"door_command_to_motion_ms": 500.0}, {}, 500.0),
        ({"closing_force_n": 150.0}, {}, 150.0),
        ({"holding_mm": 1.0}, {"vibration.vertical_m_s2": 0.30}, 0.30),
        ({"holding_mm": 1.0}, {"vibration.horizontal_m_s2": 0.20}, 0.20),
        ({"holding_mm": 1.0}, {"speed.measured_m_s": 1.61}, 92.0),
    ],
)
def test_every_limit_of_the_catalogue_is_found(
    tx: Tx, floors: dict[str, float], car: dict[str, float], expected: float
) -> None:
    test = shown(tx, post_one(tx, a_test(floors=(Floor("1", floors),), car=car)))
    assert expected in [each["limit"]["value"] for each in test["items"]]
    assert test["passed"] is True


def test_what_is_refused_leaves_nothing_behind(tx: Tx) -> None:
    wrong = refusal(tx, a_test(level=1200, floors=(Floor("9", {"leveling_up_mm": 1200.0}),)))
    assert isinstance(wrong, InvalidInput)
    assert wrong.fields.keys() == {"floors.0.floor", "floors.0.leveling_up_mm"}
    assert isinstance(refusal(tx, a_test(), elevator_id=lift(tx, "dr-1")), NotFound)
    assert isinstance(refusal(tx, a_test(), elevator_id=999), NotFound)


def test_the_same_test_twice_is_a_conflict_that_names_the_first(tx: Tx) -> None:
    number = post_one(tx, a_test())
    again = refusal(tx, a_test())
    assert isinstance(again, Conflict)
    assert again.existing == number
    (other,) = post(tx, Draft(lift(tx, "el-2"), a_test()))
    assert isinstance(other, int)


def test_of_many_each_is_taken_or_refused_by_itself(tx: Tx) -> None:
    first, second = lift(tx), lift(tx, "el-2")
    outcome = post(
        tx,
        Draft(first, a_test(level=14.0)),
        Draft(first, a_test(level=1000.0)),
        Draft(second, a_test(level=15.0)),
        Draft(first, a_test(level=14.0)),
        Draft(999, a_test()),
        Draft(first, a_test(level=16.0)),
    )
    assert [type(each) for each in outcome] == [int, InvalidInput, int, Conflict, NotFound, int]
    assert count(tx)[:3] == (3, 5, 2)
    joined = [shown(tx, each)["ticket_id"] for each in outcome if isinstance(each, int)]
    assert joined[0] == joined[2] != joined[1]


def test_many_tests_cost_no_more_statements_than_one(database: Database) -> None:
    def statements(number: int, at: datetime) -> int:
        seen: list[str] = []
        with database.transaction() as tx:
            elevator_id = lift(tx)
            event.listen(tx, "before_cursor_execute", lambda _c, _cur, statement, *_: seen.append(statement))
            outcome = post(
                tx, *(Draft(elevator_id, a_test(20.0, at + n * timedelta(seconds=1))) for n in range(number))
            )
            assert all(isinstance(each, int) for each in outcome)
        return len(seen)

    statements(1, NOW - 4 * HOUR)  # opens the ticket that the others join
    assert statements(1, NOW - 3 * HOUR) == statements(40, NOW - 2 * HOUR) <= 12


# --- corrections ----------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_version_that_names_the_old(tx: Tx) -> None:
    old = post_one(tx, a_test(level=14.0))
    new = post_one(tx, a_test(level=4.0), corrects=old, reason="read the gauge wrongly")
    assert (shown(tx, old)["corrected_by"], shown(tx, new)["corrects"]) == (new, old)
    assert shown(tx, old)["passed"] is False
    assert shown(tx, new)["reason"] == "read the gauge wrongly"
    entry = tx.execute(select(ledger).order_by(ledger.c.id.desc()).limit(1)).one()
    assert (entry.kind, entry.reason, entry.body["corrects"]) == (RECORDED, "read the gauge wrongly", old)
    last = views.elevators(tx, Sight(ADMIN, NOW), equipment.c.id == lift(tx))[0]["last_test"]
    assert last["id"] == new


def test_a_correction_needs_a_reason_and_a_test_of_the_same_elevator_that_stands(tx: Tx) -> None:
    old = post_one(tx, a_test(level=14.0))
    (elsewhere,) = post(tx, Draft(lift(tx, "el-2"), a_test()))
    assert isinstance(elsewhere, int)
    for corrects, reason, field in ((old, None, "reason"), (elsewhere, "x", "corrects"), (9999, "x", "corrects")):
        wrong = refusal(tx, a_test(level=4.0), corrects=corrects, reason=reason)
        assert isinstance(wrong, InvalidInput)
        assert wrong.fields.keys() == {field}
    new = post_one(tx, a_test(level=4.0), corrects=old, reason="x")
    again = refusal(tx, a_test(level=5.0), corrects=old, reason="x")
    assert isinstance(again, Conflict)
    assert again.existing == new
    unchanged = refusal(tx, a_test(level=4.0), corrects=new, reason="x")
    assert isinstance(unchanged, Conflict)


def test_one_request_corrects_a_test_once(tx: Tx) -> None:
    old = post_one(tx, a_test(level=14.0))
    drafts = [Draft(lift(tx), a_test(level=level), old, "x") for level in (1.0, 2.0)]
    assert [type(each) for each in post(tx, *drafts)] == [int, Conflict]


def test_a_contractor_tests_what_its_contract_covers_and_corrects_its_own(tx: Tx) -> None:
    firms = [
        tx.execute(insert(organisation).values(code=code, name={"en": code}).returning(organisation.c.id)).scalar_one()
        for code in ("swift", "slow")
    ]
    site_id = tx.execute(select(equipment.c.site_id)).scalars().all()[0]
    covered = {"site_id": site_id, "equipment_kind": "elevator", "starts_on": NOW.date()}
    tx.execute(insert(contract).values(organisation_id=firms[0], **covered))
    swift, slow = (
        Person(new_person(tx, "contractor", organisation_id=firm), "c", "C", Role.CONTRACTOR, "en", firm)
        for firm in firms
    )
    assert isinstance(refusal(tx, a_test(), slow), NotFound)
    ours = post_one(tx, a_test(level=4.0))
    theirs = post_one(tx, a_test(level=5.0), swift)
    assert isinstance(refusal(tx, a_test(level=6.0), swift, corrects=ours, reason="x"), Forbidden)
    corrected = post_one(tx, a_test(level=6.0), swift, corrects=theirs, reason="x")
    assert post_one(tx, a_test(level=7.0), corrects=corrected, reason="the manager knows better")


# --- for good -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    ["UPDATE elevator_test SET passed = true", "DELETE FROM elevator_test", "TRUNCATE elevator_test"],
)
def test_a_test_cannot_be_changed_or_removed(tx: Tx, statement: str) -> None:
    post_one(tx, a_test(level=14.0))
    with pytest.raises(ProgrammingError, match="append-only"):
        tx.execute(text(statement))


def test_the_same_test_from_several_at_once_is_kept_once(database: Database) -> None:
    outcomes: list[int | FacilityMonitorError] = []

    def one() -> None:
        with database.transaction() as tx:
            outcomes.extend(post(tx, Draft(lift(tx), a_test(level=14.0))))

    threads = [Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = [each for each in outcomes if isinstance(each, int)]
    assert len(kept) == 1
    assert [each.existing for each in outcomes if isinstance(each, Conflict)] == kept * 3
    with database.transaction() as tx:
        assert count(tx)[:3] == (1, 2, 1)


def weeks(tx: Tx, on: date, count: int = 2) -> list[tuple[str, int | None]]:
    """How the weekly test of lift 1 stands."""
    site_id = tx.execute(select(equipment.c.site_id)).scalars().all()[0]
    last = MONDAY + count * WEEK - timedelta(days=1)
    found = upkeep.calendar(tx, Sight(ADMIN, NOW), site_id, MONDAY, last, on, lift(tx))
    return [
        (each.standing.state.value, each.standing.test_id) for each in found if each.task.plan == "elevator-test-weekly"
    ]


def test_a_weekly_test_is_done_by_what_was_posted_and_a_missed_week_is_told_to_the_manager(tx: Tx) -> None:
    site_id = tx.execute(select(equipment.c.site_id)).scalars().all()[0]
    engineer, manager = new_person(tx), new_person(tx, "manager", sees=site_id)
    new_duty(tx, site_id, engineer)
    for each in (engineer, manager):
        new_channel(tx, each)
    upkeep.keep_going(tx, NOW)
    number = post_one(tx, a_test())
    corrected = post_one(tx, a_test(2.0), corrects=number, reason="misread")
    assert weeks(tx, MONDAY) == [("done", corrected), ("planned", None)]
    for _ in range(2):
        upkeep.keep_going(tx, NOW + 2 * WEEK)
        duties.review(tx, NOW + 2 * WEEK)
    assert weeks(tx, MONDAY + 2 * WEEK) == [("done", corrected), ("missed", None)]
    of_lift = (ledger.c.kind == "upkeep_missed", ledger.c.equipment_id == lift(tx))
    missed = tx.execute(select(ledger.c.body).where(*of_lift)).scalars().all()
    assert [(each["plan"], each["first"]) for each in missed if each["plan"] == "elevator-test-weekly"] == [
        ("elevator-test-weekly", "2026-03-09")
    ]
    told = tx.execute(select(outbox.c.person_id, outbox.c.notice)).all()
    weekly = [(row.person_id, row.notice["kind"]) for row in told if "Elevator test" in str(row.notice)]
    # the manager hears of each elevator, who is on duty of the one alarm that leads to their tickets
    assert set(weekly) == {(manager, "upkeep_missed"), (engineer, "alarm_raised")}
    assert weekly.count((engineer, "alarm_raised")) == 1


def test_a_late_entry_counts_as_late(tx: Tx) -> None:
    number = post_one(tx, a_test(at=NOW - 30 * HOUR), now=NOW)
    assert weeks(tx, MONDAY, 1) == [("due", None)]
    late = post_one(tx, a_test(at=NOW + HOUR), now=NOW + 40 * HOUR)
    assert number != late
    assert weeks(tx, MONDAY + timedelta(days=2), 1) == [("late", late)]
