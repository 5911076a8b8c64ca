"""Checks: kept once, judged, in the ledger, followed by a ticket with its photos; and the calendar that they settle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from facility_monitor.domain.fire.check import Check, Signature
from facility_monitor.domain.fire.upkeep import State
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.person import Person, Role
from facility_monitor.errors import Conflict, Forbidden, InvalidInput, NotFound
from facility_monitor.flows.alarm import alarms
from facility_monitor.flows.evidence.evidence import About, Exhibits, Use, keep
from facility_monitor.flows.evidence.proof import prove
from facility_monitor.flows.fire import checks, duties, upkeep
from facility_monitor.flows.fire.checks import Draft
from facility_monitor.flows.plant.commission import commission
from facility_monitor.media import picture
from facility_monitor.push import wording
from facility_monitor.store import catalogue
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.evidence.checkpoints import Checkpoints
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.people import staffing
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import (
    alarm,
    equipment,
    equipment_check,
    evidence_use,
    holiday,
    ledger,
    outbox,
    person,
    site,
    ticket,
    upkeep_task,
)
from tests.people import new_channel, new_duty, new_person
from tests.pictures import a_picture

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)
SUNDAY = date(2026, 3, 15)
HOUR = timedelta(hours=1)
SITE: dict[str, Any] = {
    "code": "lake-court",
    "name": {"zh-CN": "湖苑", "en": "Lake Court"},
    "timezone": "Asia/Shanghai",
    "equipment": [
        {"code": "lake", "kind": "lake", "name": {"en": "Lake"}},
        {
            "code": "ext-1",
            "kind": "extinguisher",
            "name": {"en": "Extinguisher"},
            "attributes": {"subtype": "co2", "place_class": "basement"},
        },
        {"code": "sd-1", "kind": "smoke_detector", "name": {"en": "Detector"}},
        {"code": "pump", "kind": "fire_pump", "name": {"en": "Pump"}},
    ],
}
WANG = Signature("王芳", "A-1182")
GOOD = {"ph": 7.1, "clear": True}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, pool=2)
    with database.transaction() as tx:
        commission(tx, SITE, "test", NOW)
    yield database
    database.close()


@pytest.fixture
def tx(database: Database) -> Iterator[Tx]:
    with database.transaction() as tx:
        yield tx


def number(tx: Tx, code: str) -> int:
    return int(tx.execute(select(equipment.c.id).where(equipment.c.code == code)).scalar_one())


def the_site(tx: Tx) -> int:
    return int(tx.execute(select(site.c.id)).scalar_one())


def sight(tx: Tx, role: Role = Role.ENGINEER) -> Sight:
    """Somebody of the site, the same each time."""
    known = tx.execute(select(person.c.id).where(person.c.role == role).limit(1)).scalar_one_or_none()
    known = known or new_person(tx, role, sees=the_site(tx))
    return Sight(Person(known, "p", "p", role, "en", None), NOW)


def draft(tx: Tx, code: str = "lake", at: datetime = NOW, client_id: UUID | None = None, **more: Any) -> Draft:
    form, values = more.pop("form", "lake-water"), more.pop("values", GOOD)
    check = Check(form, at, values, more.pop("signatures", (WANG,)), alarm_ids=more.pop("alarm_ids", ()))
    return Draft(client_id or uuid4(), number(tx, code), check, **more)


def enter(tx: Tx, *args: Any, now: datetime = NOW, **more: Any) -> int:
    return checks.record(tx, draft(tx, *args, **more), sight(tx), now).id


def test_a_check_is_kept_and_stands_in_the_ledger_under_its_hash(database: Database, tmp_path: Path) -> None:
    with database.transaction() as tx:
        made = enter(tx)
        entry = tx.execute(select(ledger)).one()
        assert (entry.kind, entry.body["check_id"], entry.body["passed"]) == ("check_recorded", made, True)
        assert tx.execute(select(func.count()).select_from(ticket)).scalar_one() == 0
    with database.transaction() as tx:
        proof = prove(tx, Checkpoints(tmp_path))
        assert (proof.broken, proof.records) == (None, 1)
    with database.transaction() as tx:
        tx.execute(text("SET session_replication_role = replica"))
        tx.execute(text("UPDATE equipment_check SET content = jsonb_set(content, '{values,ph}', '7.2')"))
    with database.transaction() as tx:
        broken = prove(tx, Checkpoints(tmp_path)).broken
        assert broken is not None
        assert f"equipment_check {made}" in broken.what


def test_what_is_sent_twice_is_kept_once(tx: Tx) -> None:
    one = draft(tx, client_id=UUID(int=7))
    first, again = (checks.record(tx, one, sight(tx), NOW + n * HOUR) for n in range(2))
    assert (again.id, first.new, again.new) == (first.id, True, False)
    with pytest.raises(Conflict) as refused:
        checks.record(tx, one._replace(check=Check("lake-water", NOW, {**GOOD, "ph": 7.2}, (WANG,))), sight(tx), NOW)
    assert refused.value.existing == first.id
    assert tx.execute(select(func.count()).select_from(equipment_check)).scalar_one() == 1


def test_a_check_that_fails_opens_one_ticket_with_its_photos(tx: Tx, tmp_path: Path) -> None:
    engineer, content = sight(tx), a_picture()
    about = About(the_site(tx), number(tx, "lake"))
    photo = keep(tx, Files(tmp_path), content, picture.read(content), about, engineer.person, NOW).sha256
    failed = enter(tx, values={"ph": 8.2, "clear": True}, exhibits=Exhibits([Use(photo, "check")]))
    enter(tx, at=NOW + HOUR, values={"ph": 8.3, "clear": True}, now=NOW + HOUR)
    ((opened, title),) = tx.execute(select(ticket.c.id, ticket.c.title)).all()
    assert title["zh-CN"] == "湖水检测不合格"
    uses = tx.execute(select(evidence_use.c.record_kind, evidence_use.c.record_id).order_by(evidence_use.c.id)).all()
    assert [tuple(each) for each in uses] == [("check", failed), ("ticket", opened)]
    kinds = tx.execute(select(ledger.c.kind).order_by(ledger.c.id)).scalars().all()
    assert kinds == ["check_recorded", "ticket_opened", "check_recorded"]
    body = tx.execute(select(ledger.c.body).order_by(ledger.c.id).limit(1)).scalar_one()
    assert body["photos"][0]["sha256"] == photo.hex()


def test_a_form_that_asks_for_photos_gets_them_or_refuses(tx: Tx) -> None:
    values = {"method": "smoke_can", "alarm_at_panel": True, "lamp": True, "clean": True}
    with pytest.raises(InvalidInput, match="1 more needed: check"):
        enter(tx, "sd-1", form="detector-sensitivity", values=values)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"form": "no-such"}, "form"),
        ({"form": "fire-pump-daily"}, "form"),
        ({"values": {}}, "values.ph"),
        ({"at": NOW - 25 * HOUR}, "reason"),
        ({"corrects": 99, "reason": "x"}, "corrects"),
        ({"alarm_ids": (5,)}, "alarm_ids.0"),
        ({"exhibits": Exhibits([Use(bytes(32), "check")])}, "photos.0"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(tx: Tx, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        enter(tx, **changes)
    assert field in refused.value.fields
    assert tx.execute(select(func.count()).select_from(equipment_check)).scalar_one() == 0


def test_a_late_entry_says_so_with_both_times_and_a_reason(tx: Tx) -> None:
    made = enter(tx, at=NOW - 25 * HOUR, reason="no network in the basement")
    row = tx.execute(select(equipment_check).where(equipment_check.c.id == made)).one()
    assert (row.late_entry, row.performed_at, row.received_at) == (True, NOW - 25 * HOUR, NOW)
    entry = tx.execute(select(ledger)).one()
    assert (entry.body["late_entry"], entry.reason, entry.occurred_at, entry.at) == (
        *(True, "no network in the basement"),
        *(NOW - 25 * HOUR, NOW),
    )


def test_a_correction_is_a_new_entry_that_names_the_old_one(tx: Tx) -> None:
    old = enter(tx)
    with pytest.raises(InvalidInput) as refused:
        enter(tx, corrects=old)
    assert set(refused.value.fields) == {"reason"}
    new = enter(tx, corrects=old, reason="misread")
    with pytest.raises(Conflict) as twice:
        enter(tx, corrects=old, reason="again")
    assert twice.value.existing == new


def test_whose_equipment_is_not_seen_is_not_checked(tx: Tx) -> None:
    stranger = Sight(Person(new_person(tx), "x", "x", Role.ENGINEER, "en", None), NOW)
    with pytest.raises(NotFound):
        checks.record(tx, draft(tx), stranger, NOW)


def test_a_correction_is_as_late_as_what_it_corrects(tx: Tx) -> None:
    old = enter(tx)
    enter(tx, corrects=old, reason="misread", now=NOW + 48 * HOUR)
    assert states(tx, "lake", TODAY, TODAY, TODAY + timedelta(days=5))["lake-water-weekly", SUNDAY] is State.DONE
    # but an act that is moved into another week was not entered then
    enter(tx, at=NOW - 168 * HOUR, reason="forgot")
    before = states(tx, "lake", TODAY - timedelta(days=7), TODAY - timedelta(days=7), TODAY)
    assert before["lake-water-weekly", SUNDAY - timedelta(days=7)] is State.LATE


# --- the calendar ---------------------------------------------------------------------------------------------


def states(tx: Tx, code: str, first: date, last: date, on: date) -> dict[tuple[str, date], State]:
    shown = upkeep.calendar(tx, sight(tx), the_site(tx), first, last, on, number(tx, code))
    return {(each.task.plan, each.task.last): each.standing.state for each in shown}


def test_the_calendar_tells_of_any_day_past_and_future(tx: Tx) -> None:
    enter(tx)
    week = (date(2026, 3, 9), SUNDAY)
    key = ("lake-water-weekly", SUNDAY)
    assert states(tx, "lake", *week, date(2026, 3, 8))[key] is State.PLANNED
    assert states(tx, "lake", *week, date(2026, 3, 9))[key] is State.DUE
    assert states(tx, "lake", *week, TODAY)[key] is State.DONE
    assert states(tx, "lake", *week, date(2036, 1, 1))["lake-cleaning-weekly", SUNDAY] is State.MISSED


def test_the_job_makes_reminds_and_opens_tickets_once_however_often_it_runs(tx: Tx) -> None:
    # where nobody wants the alarm of a duty, its ticket calls
    tx.execute(text("UPDATE rule SET enabled = false WHERE code = 'duty-not-done'"))
    place = the_site(tx)
    someone = new_person(tx, sees=place)
    new_duty(tx, place, someone)
    new_channel(tx, someone)
    for _ in range(3):
        upkeep.keep_going(tx, NOW)
    made = tx.execute(select(func.count()).select_from(upkeep_task)).scalar_one()
    assert made > 60
    reminded = tx.execute(select(ledger.c.body).where(ledger.c.kind == "upkeep_reminded")).scalars().all()
    assert [each["plan"] for each in reminded] == []
    upkeep.keep_going(tx, NOW + timedelta(days=3))
    upkeep.keep_going(tx, NOW + timedelta(days=3))
    reminded = tx.execute(select(ledger.c.body).where(ledger.c.kind == "upkeep_reminded")).scalars().all()
    assert [each["plan"] for each in reminded] == ["extinguisher-half-monthly"]
    missed = tx.execute(select(ledger.c.body).where(ledger.c.kind == "upkeep_missed")).scalars().all()
    assert {each["plan"] for each in missed} == {"fire-pump-daily"}
    assert len(missed) == 3
    assert tx.execute(select(func.count()).select_from(ticket)).scalar_one() == 1
    assert tx.execute(select(func.count()).select_from(outbox)).scalar_one() == 2


def test_what_was_done_or_out_of_service_is_not_missed(tx: Tx) -> None:
    upkeep.keep_going(tx, NOW)
    daily = {
        "start_pressure_mpa": 0.6,
        "stop_pressure_mpa": 0.7,
        "starts": 3,
        "automatic": True,
        "valves": True,
        "power": True,
    }
    enter(tx, "pump", form="fire-pump-daily", values=daily)
    out = {"equipment_id": number(tx, "pump"), "starts_on": date(2026, 3, 11), "ends_on": None}
    upkeep.impair(tx, {**out, "reason": "overhaul", "measure": "patrol each hour"}, sight(tx).person, NOW)
    upkeep.keep_going(tx, NOW + timedelta(days=4))
    assert tx.execute(select(func.count()).where(ledger.c.kind == "upkeep_missed")).scalar_one() == 0
    shown = states(tx, "pump", TODAY, date(2026, 3, 12), date(2026, 3, 20))
    assert shown["fire-pump-daily", TODAY] is State.DONE
    assert shown["fire-pump-daily", date(2026, 3, 11)] is State.IMPAIRED


def test_what_the_calendar_held_stays_when_its_plan_ends(tx: Tx) -> None:
    upkeep.keep_going(tx, NOW)
    before = states(tx, "lake", TODAY, date(2026, 4, 1), TODAY)
    tx.execute(text("UPDATE upkeep_plan SET effective_from = '2027-01-01' WHERE kind = 'lake'"))
    assert states(tx, "lake", TODAY, date(2026, 4, 1), TODAY) == before
    assert states(tx, "lake", date(2026, 6, 1), date(2026, 6, 30), TODAY) == {}


def test_a_holiday_that_is_entered_later_moves_what_is_noted_already(tx: Tx) -> None:
    def due() -> list[date]:
        upkeep.keep_going(tx, NOW)
        shown = states(tx, "ext-1", date(2026, 3, 1), date(2026, 3, 31), TODAY)
        return [last for plan, last in shown if plan == "extinguisher-half-monthly"]

    assert due() == [date(2026, 3, 15), date(2026, 3, 31)]
    tx.execute(insert(holiday), [{"day": date(2026, 3, day), "name": {"en": "x"}} for day in (15, 16, 31)])
    assert due() == [date(2026, 3, 17), date(2026, 4, 1)]
    tx.execute(delete(holiday))
    assert due() == [date(2026, 3, 15), date(2026, 3, 31)]


def test_a_holiday_moves_what_may_move(tx: Tx) -> None:
    tx.execute(insert(holiday).values(day=date(2026, 3, 15), name={"en": "x"}))
    tx.execute(update(equipment).where(equipment.c.code == "ext-1").values(attributes={"place_class": "fuel"}))
    shown = states(tx, "ext-1", date(2026, 3, 1), date(2026, 3, 15), TODAY)
    assert list(shown) == [("extinguisher-half-monthly", date(2026, 3, 16))]
    # a site that works on that day, and is closed on the next
    days = {date(2026, 3, 15): True, date(2026, 3, 31): False}
    staffing.set_calendar(
        tx, the_site(tx), [{"day": day, "working": on, "name": {"en": "x"}} for day, on in days.items()]
    )
    assert list(states(tx, "ext-1", date(2026, 3, 1), date(2026, 3, 31), TODAY)) == [
        ("extinguisher-half-monthly", date(2026, 3, 15)),
        ("extinguisher-half-monthly", date(2026, 4, 1)),
    ]


def test_equipment_is_back_in_service_when_somebody_says_so(tx: Tx) -> None:
    someone, out = sight(tx).person, {"equipment_id": number(tx, "pump"), "reason": "overhaul", "measure": "patrol"}
    with pytest.raises(InvalidInput, match="stays missed"):
        upkeep.impair(tx, {**out, "starts_on": TODAY - timedelta(days=1), "ends_on": None}, someone, NOW)
    made = upkeep.impair(tx, {**out, "starts_on": TODAY, "ends_on": None}, someone, NOW)
    back = NOW + timedelta(days=3)
    with pytest.raises(InvalidInput, match="before yesterday"):
        upkeep.change_impairment(tx, made, 1, {"ends_on": TODAY}, someone, back)
    upkeep.change_impairment(tx, made, 1, {"ends_on": date(2026, 3, 12)}, someone, back)
    shown = states(tx, "pump", TODAY, date(2026, 3, 13), date(2026, 3, 20))
    daily = [shown["fire-pump-daily", TODAY + timedelta(days=each)] for each in range(4)]
    assert daily == [State.IMPAIRED, State.IMPAIRED, State.IMPAIRED, State.MISSED]
    with pytest.raises(Conflict):
        upkeep.change_impairment(tx, made, 2, {"ends_on": None}, someone, back)


def duty_alarms(tx: Tx) -> list[tuple[str, bool, bool, int, str]]:
    rows = tx.execute(select(alarm).order_by(alarm.c.id)).all()
    return [(r.seen["en"], r.active, r.cleared_at is not None, int(r.value), r.severity) for r in rows]


def test_a_duty_that_was_not_done_is_one_alarm_until_it_is_made_up_for_or_waived(tx: Tx) -> None:
    catalogue.load(tx, NOW)
    place = the_site(tx)
    someone, manager = new_person(tx, sees=place), sight(tx, Role.MANAGER).person
    new_duty(tx, place, someone)
    new_channel(tx, someone)
    upkeep.keep_going(tx, NOW)
    assert duties.review(tx, NOW) == 0
    # 40 days on: every duty was missed, some of them again and again
    later = NOW + timedelta(days=40)
    upkeep.keep_going(tx, later)
    duties.review(tx, later)
    raised = duty_alarms(tx)
    plans = set(tx.execute(select(upkeep_task.c.plan).where(upkeep_task.c.last < later.date()).distinct()).scalars())
    assert len(raised) == len(plans)
    assert duties.review(tx, later + HOUR) == 0
    (lake,) = (each for each in raised if each[0].startswith("Lake water pH"))
    assert lake[1:] == (True, False, 1, "medium")
    assert "lake" in lake[0]

    the_alarm = tx.execute(select(alarm.c.id).where(alarm.c.seen["en"].astext == lake[0])).scalar_one()
    alarms.acknowledge(tx, the_alarm, manager, None, later)
    enter(tx, at=later, now=later)
    duties.review(tx, later)
    kinds = (
        tx.execute(select(ledger.c.kind).where(ledger.c.alarm_id == the_alarm).order_by(ledger.c.id)).scalars().all()
    )
    assert kinds == ["alarm_raised", "alarm_acknowledged", "alarm_returned", "alarm_cleared"]

    with pytest.raises(Forbidden):
        duties.waive(tx, place, "fire-pump-weekly", None, "x", sight(tx).person, later)
    with pytest.raises(InvalidInput, match="nothing of this duty is open"):
        duties.waive(tx, place, "lake-water-weekly", None, "x", manager, later)
    assert duties.waive(tx, place, "fire-pump-weekly", None, "pump room sealed by the police", manager, later) == 1
    (pump,) = (each for each in duty_alarms(tx) if each[0].startswith("Fire pump, automatic start"))
    assert pump[1:3] == (False, False)  # it waits for whoever acknowledges it
    waived = tx.execute(select(ledger).where(ledger.c.kind == "upkeep_waived")).one()
    assert (waived.actor_id, waived.reason) == (manager.id, "pump room sealed by the police")
    shown = upkeep.calendar(tx, sight(tx), place, NOW.date(), later.date(), later.date(), number(tx, "pump"))
    last = [each for each in shown if each.waiver]
    assert [each.standing.state for each in last] == [State.MISSED]


def test_a_duty_that_was_not_done_calls_whoever_is_on_duty_once(tx: Tx) -> None:
    catalogue.load(tx, NOW)
    someone = new_person(tx, sees=the_site(tx))
    new_duty(tx, the_site(tx), someone)
    new_channel(tx, someone)
    upkeep.keep_going(tx, NOW)
    for _ in range(2):
        upkeep.keep_going(tx, NOW + timedelta(days=2))
        duties.review(tx, NOW + timedelta(days=2))
    notices = [row.notice for row in tx.execute(select(outbox.c.notice))]
    (called,) = (each for each in notices if each["kind"] != "upkeep_reminded")
    assert called["kind"] == "alarm_raised"
    # on a locked screen it stands which duty and where, not a number over a limit
    said = wording.measured(Notice.from_json(called), "en")
    assert said == "Fire pump, daily: not done at 1 (pump), the first was due by 2026-03-11"
    # the alarm leads to the ticket and to the piece
    (open_now,) = duties.open_at(tx, the_site(tx), "fire-pump-daily", NOW + timedelta(days=2))
    pump = number(tx, "pump")
    opened = tx.execute(select(ticket.c.id).where(ticket.c.equipment_id == pump)).scalar_one()
    assert open_now == (pump, "pump", {"en": "Pump"}, date(2026, 3, 11), opened)
    assert duties.open_at(tx, the_site(tx), "lake-water-weekly", NOW + timedelta(days=2)) == []


def test_many_pieces_that_miss_a_duty_are_one_ticket_and_one_word_to_the_manager(tx: Tx) -> None:
    place = the_site(tx)
    new_channel(tx, sight(tx, Role.MANAGER).person.id)
    rows = [{"site_id": place, "kind": "hydrant", "code": f"h-{n}", "name": {"en": "Hydrant"}} for n in range(50)]
    tx.execute(insert(equipment), rows)
    upkeep.keep_going(tx, NOW)
    upkeep.keep_going(tx, NOW + timedelta(days=30))
    missed = select(ledger.c.ticket_id).where(ledger.c.body["plan"].astext == "hydrant-monthly")
    found = tx.execute(missed.where(ledger.c.kind == "upkeep_missed")).scalars().all()
    assert (len(found), len(set(found))) == (50, 1)
    told = tx.execute(select(outbox.c.notice).where(outbox.c.notice["title"]["en"].astext.contains("Hydrant"))).all()
    assert [row.notice["kind"] for row in told].count("upkeep_missed") == 1
