"""Tickets on a real database: a clock that cannot be gamed, holds, closing by the sensors, facts in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from facility_monitor.domain.alarm.judge import Change, Verdict
from facility_monitor.domain.instant import instant
from facility_monitor.domain.person import Person, Role
from facility_monitor.domain.reading.reading import Quality, Reading, unnumbered
from facility_monitor.domain.repair.closing import Word
from facility_monitor.domain.repair.ticket import Ticket, TicketEvent, TicketState, replay
from facility_monitor.errors import Conflict, FacilityMonitorError, Forbidden, InvalidInput
from facility_monitor.flows.alarm import alarms
from facility_monitor.flows.alarm.alarms import Judgement
from facility_monitor.flows.evidence import evidence
from facility_monitor.flows.evidence.evidence import About, Exhibits, Use
from facility_monitor.flows.repair import ticket_clock, ticket_holds, ticket_work, tickets
from facility_monitor.flows.repair.ticket_work import By
from facility_monitor.media import picture
from facility_monitor.store import plant
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.evidence.files import Files, digest_of
from facility_monitor.store.reading import readings
from facility_monitor.store.repair import tickets as kept
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import (
    calendar_day,
    duty,
    equipment,
    follow_up,
    ledger,
    outbox,
    person_skill,
    point,
    rule,
    site,
    ticket,
)
from tests.people import new_channel, new_person
from tests.pictures import a_picture

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
PHOTO = a_picture()


@dataclass
class House:
    """The small site with an engineer, a second one, a manager and a contractor; time passes only by saying so."""

    database: Database
    files: Files
    site_id: int
    pump: int
    people: dict[str, Person]
    now: datetime = NOW

    def tx(self) -> Any:
        return self.database.transaction()

    def sight(self, who: str) -> Sight:
        return Sight(self.people[who], self.now)

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def alarm(self, change: Change = Change.RAISED, at: datetime | None = None) -> int:
        """Let the pump's pressure rule raise or end its alarm now, or hear now that it did ``at`` then; returns its
        ticket's id."""
        with self.tx() as tx:
            known = plant.load(tx, plant.revision(tx))
            spot = next(each for each in known.points().values() if each.rules and each.equipment_id == self.pump)
            limit = next(each for each in spot.rules if each.code == "pressure-low")
            verdict = Verdict(change, instant(at or self.now), 1.0)
            alarms.record(
                tx,
                [Judgement(limit, spot, verdict, limit.condition.sentence(1.0))],
                self.now,
            )
            return int(tx.execute(select(func.max(ticket.c.id))).scalar_one())

    def speak(self) -> None:
        """Let the pump's pressure sensor report something now."""
        with self.tx() as tx:
            number = tx.execute(select(point.c.id).where(point.c.key == "pressure")).scalar_one()
            at = instant(self.now)
            readings.insert(tx, [Reading(number, at, unnumbered(5e5), 5e5, Quality.GOOD, at)])

    def photo(self, purpose: str = "after", who: str = "engineer", of: bytes = PHOTO) -> Use:
        with self.tx() as tx:
            told = About(self.site_id, self.pump)
            evidence.keep(tx, self.files, of, picture.read(of), told, self.people[who], self.now)
        return Use(digest_of(of), purpose)

    def do(self, verb: Any, *words: Any, who: str = "engineer", **more: Any) -> Any:
        with self.tx() as tx:
            return verb(tx, *words, self.people[who], self.now, **more)

    def repaired(self, number: int, *photos: Use) -> Ticket:
        self.do(tickets.accept, number)
        with self.tx() as tx:
            return tickets.repaired(tx, number, "new seal", Exhibits(photos), self.sight("engineer"), self.now)

    def tick(self) -> int:
        with self.tx() as tx:
            return ticket_clock.tick(tx, self.now)

    def find(self, number: int) -> Ticket:
        with self.tx() as tx:
            found = kept.find(tx, number)
        assert found is not None
        return found

    def entries(self, number: int) -> list[Any]:
        with self.tx() as tx:
            return list(tx.execute(select(ledger).where(ledger.c.ticket_id == number).order_by(ledger.c.id)))

    def marks(self, number: int) -> list[tuple[str, float]]:
        """The marks in the ledger, with the hours from NOW at which they were reached."""
        return [
            (row.body["mark"], (row.occurred_at - NOW) / HOUR) for row in self.entries(number) if "mark" in row.body
        ]

    def by_hand(self, ticket_class: str = "equipment_fault") -> int:
        with self.tx() as tx:
            report = tickets.Report(self.pump, {"en": "Wet floor"}, "since today", ticket_class)
            return tickets.open_by_hand(tx, report, self.sight("manager"), self.now).id


@pytest.fixture
def house(database: Database, tmp_path: Any) -> House:
    roles = {"engineer": "engineer", "mate": "engineer", "manager": "manager", "other": "manager", "admin": "admin"}
    with database.transaction() as tx:
        site_id = tx.execute(select(site.c.id)).scalar_one()
        pump = tx.execute(select(equipment.c.id).where(equipment.c.code == "pr-1")).scalar_one()
        people = {}
        for name, role in roles.items():
            number = new_person(tx, role, sees=site_id)
            people[name] = Person(number, name, name.title(), Role(role), "en", None)
        new_channel(tx, people["engineer"].id)
        shift = {"site_id": site_id, "person_id": people["engineer"].id, "starts_at": NOW - HOUR}
        tx.execute(insert(duty).values(shift))
    return House(database, Files(tmp_path / "evidence"), site_id, pump, people)


def refused(expected: type[FacilityMonitorError], act: Any, *words: Any, **more: Any) -> FacilityMonitorError:
    with pytest.raises(expected) as caught:
        act(*words, **more)
    return caught.value


def called_for(house: House) -> int:
    """A ticket whose class asks for a call, closed."""
    number = house.by_hand("complaint_simple")
    house.repaired(number)
    house.do(tickets.verify, number, "ok", who="manager")
    house.do(tickets.close, number, "ok", who="manager")
    return number


# --- the clock ----------------------------------------------------------------------------------------------------


ALL = [("50", 24.0), ("75", 36.0), ("90", 43.2), ("breach", 48.0)]


def test_what_was_reached_while_nobody_looked_is_recorded_once_at_its_true_time(house: House) -> None:
    number = house.alarm()
    house.later(hours=24)
    assert house.tick() == 0
    house.later(seconds=1)
    assert house.tick() == 1
    assert house.marks(number) == ALL[:1]
    house.later(days=30)
    assert house.tick() == 1
    assert house.tick() == 0
    assert house.marks(number) == ALL
    entries = [row for row in house.entries(number) if "mark" in row.body]
    assert {row.at for row in entries[1:]} == {house.now}
    assert [row.kind for row in entries] == [TicketEvent.WARNED] * 3 + [TicketEvent.BREACHED]


def test_of_what_was_reached_meanwhile_the_last_mark_is_told_once_with_what_is_left_by_then(house: House) -> None:
    house.alarm()
    house.later(hours=42)
    house.tick()
    house.later(hours=8)
    house.tick()
    house.tick()
    words = outbox.c.notice["response"]["en"].astext
    with house.tx() as tx:
        told = [tuple(row) for row in tx.execute(select(outbox.c.notice["kind"].astext, words).order_by(outbox.c.id))]
    assert told[1:] == [
        ("ticket_warned", "87 % of the time is used, 6.0 h are left"),
        ("ticket_breached", "The deadline has passed"),
    ]


def test_each_mark_goes_one_rank_higher(house: House) -> None:
    number = house.alarm()
    house.do(tickets.accept, number, who="mate")
    with house.tx() as tx:
        for name in ("mate", "manager"):
            new_channel(tx, house.people[name].id)
    for hours in (25, 12, 7, 5):
        house.later(hours=hours)
        house.tick()
    names = {person.id: name for name, person in house.people.items()}
    with house.tx() as tx:
        asked = select(outbox.c.ledger_id, outbox.c.person_id).where(outbox.c.notice["kind"].astext != "alarm_raised")
        told: dict[int, set[str]] = {}
        for entry, person_id in tx.execute(asked.order_by(outbox.c.ledger_id)):
            told.setdefault(entry, set()).add(names[person_id])
    assert list(told.values()) == [
        {"mate"},
        {"mate", "engineer"},
        {"mate", "engineer", "manager"},
        {"mate", "engineer", "manager"},
    ]


def test_two_processes_record_a_mark_once(house: House) -> None:
    number = house.alarm()
    house.later(hours=50)
    threads = [Thread(target=house.tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    house.tick()
    assert house.marks(number) == ALL


def test_a_step_finds_the_clock_settled_even_if_no_job_ever_ran(house: House) -> None:
    number = house.alarm()
    house.later(hours=49)
    house.do(tickets.accept, number)
    kinds = [row.kind for row in house.entries(number) if row.kind.startswith("ticket")]
    assert kinds == ["ticket_opened", *["ticket_warned"] * 3, "ticket_breached", "ticket_accepted"]


def test_an_urgent_report_is_answered_within_two_hours_or_told(house: House) -> None:
    late, prompt = house.by_hand("urgent"), house.by_hand("urgent")
    house.later(hours=1)
    house.do(tickets.accept, prompt)
    house.later(hours=2)
    house.tick()
    assert house.marks(late) == [("answer", 2.0)]
    assert house.marks(prompt) == []
    assert house.find(late).answer_due_at == NOW + 2 * HOUR


def test_a_call_that_nobody_made_is_told_once_and_stands_at_its_true_time(house: House) -> None:
    number = called_for(house)
    house.later(hours=30)
    assert (house.tick(), house.tick()) == (1, 0)
    assert house.marks(number) == [("call", 24.0)]
    assert house.entries(number)[-1].kind == TicketEvent.CALL_MISSED
    house.do(ticket_work.follow_up, number, "content", True)


def test_a_call_that_was_made_is_not_missed(house: House) -> None:
    number = called_for(house)
    house.later(hours=3)
    house.do(ticket_work.follow_up, number, "content", True)
    house.later(hours=30)
    assert house.tick() == 0


def test_an_unknown_class_is_refused(house: House) -> None:
    error = refused(InvalidInput, house.by_hand, "whatever")
    assert isinstance(error, InvalidInput)
    assert list(error.fields) == ["class"]


# --- joining and coming back --------------------------------------------------------------------------------------


def closed(house: House) -> int:
    """A ticket of the pump that was repaired and closed after an hour and a half."""
    number = house.alarm()
    house.repaired(number, house.photo())
    house.alarm(Change.RETURNED)
    house.later(hours=1.5)
    house.speak()
    house.do(tickets.close, number, "new seal, holds", who="manager")
    return number


def test_an_alarm_that_comes_back_opens_the_same_ticket_and_its_first_clock_goes_on(house: House) -> None:
    number = closed(house)
    house.later(hours=60)
    assert house.tick() == 0
    assert house.alarm() == number
    again = house.find(number)
    assert (again.state, again.due_at, again.reopened) == (TicketState.OPEN, NOW + 48 * HOUR, 1)
    assert house.tick() == 1
    assert house.marks(number) == ALL
    assert house.alarm() == number


def test_the_second_repair_of_what_came_back_is_proved_by_a_photo_of_its_own(house: House) -> None:
    number = closed(house)
    house.later(hours=60)
    house.alarm()
    house.repaired(number, house.photo())  # the picture of the first one, once more
    house.alarm(Change.RETURNED)
    house.later(hours=1.5)
    house.speak()
    error = refused(InvalidInput, house.do, tickets.close, number, "new seal again", who="manager")
    assert isinstance(error, InvalidInput)
    assert error.fields == {"photos": "1 more needed: after"}
    with house.tx() as tx:
        another = Exhibits([house.photo(of=a_picture(colour=(9, 9, 9)))])
        ticket_work.exhibit(tx, number, another, house.sight("engineer"), house.now)
    assert house.do(tickets.close, number, "new seal again", who="manager").state is TicketState.CLOSED


def test_after_72_hours_it_is_another_ticket(house: House) -> None:
    number = closed(house)
    house.later(hours=72, seconds=1)
    assert house.alarm() == number + 1
    assert house.find(number).state is TicketState.CLOSED


def test_what_came_back_in_time_and_is_heard_of_later_opens_the_same_ticket(house: House) -> None:
    number = closed(house)
    house.later(hours=71)
    back = house.now
    house.later(hours=5)
    assert house.alarm(at=back) == number
    assert house.find(number).reopened == 1


def test_whoever_finds_that_it_was_not_repaired_opens_it_again_and_its_first_clock_goes_on(house: House) -> None:
    number = closed(house)
    house.later(hours=60)
    again = house.do(tickets.reopen, number, "it drips again", who="engineer")
    assert (again.state, again.due_at, again.reopened) == (TicketState.OPEN, NOW + 48 * HOUR, 1)
    assert house.tick() == 1
    assert house.marks(number) == ALL
    error = refused(Conflict, house.do, tickets.reopen, number, "and again", who="engineer")
    assert str(error) == f"cannot reopen ticket {number}: it is open"
    assert house.alarm() == number


def test_what_was_closed_72_hours_ago_is_reported_anew(house: House) -> None:
    number = closed(house)
    house.later(hours=72)
    assert "more than 72 hours" in str(refused(Conflict, house.do, tickets.reopen, number, "again", who="engineer"))


def test_one_cause_has_one_open_ticket_whoever_opens_it_again(house: House) -> None:
    number = closed(house)
    house.later(hours=1)
    other = house.alarm(at=house.now + 72 * HOUR)
    assert other == number + 1
    assert f"ticket {other} is open" in str(
        refused(Conflict, house.do, tickets.reopen, number, "again", who="engineer")
    )


# --- closing ------------------------------------------------------------------------------------------------------


def test_the_sensor_closes_what_it_has_opened_after_the_set_time(house: House) -> None:
    number = house.alarm()
    house.repaired(number, house.photo())
    for expected in (Word.ABNORMAL, Word.SETTLING):
        with house.tx() as tx:
            assert tickets.needs(tx, number, house.now).sensors is expected
        assert "sensor" in str(refused(Conflict, house.do, tickets.close, number, "ok", who="manager"))
        assert "sensors" in str(refused(Conflict, house.do, tickets.verify, number, "ok", who="manager"))
        if expected is Word.ABNORMAL:
            house.alarm(Change.RETURNED)
    house.later(minutes=10)
    house.speak()
    house.do(tickets.close, number, "ok", who="engineer")
    after = house.find(number)
    assert (after.state, after.verified_by, after.verified_at) == (TicketState.CLOSED, None, house.now)


def test_a_sensor_that_has_fallen_silent_proves_nothing(house: House) -> None:
    number = house.alarm()
    house.repaired(number, house.photo())
    house.alarm(Change.RETURNED)
    house.later(hours=3)
    assert "silent" in str(refused(Conflict, house.do, tickets.close, number, "ok", who="manager"))
    refused(Forbidden, house.do, tickets.verify, number, "ok", who="engineer")
    refused(Conflict, house.do, tickets.verify, number, "seen it run", who="mate")
    refused(Conflict, house.do, tickets.verify, number, "seen it run", who="manager")
    house.do(tickets.verify, number, "seen it run, the sensor is unplugged", who="manager", signed=True)
    house.do(tickets.close, number, "ok", who="engineer")
    assert house.find(number).exception == "seen it run, the sensor is unplugged"


def test_against_the_sensor_only_another_manager_s_signature_helps(house: House) -> None:
    number = house.alarm()
    house.repaired(number, house.photo())
    refused(Forbidden, house.do, tickets.verify, number, "broken sensor", who="mate", signed=True)
    refused(Forbidden, house.do, tickets.verify, number, "broken sensor", who="engineer", signed=True)
    refused(Conflict, house.do, tickets.verify, number, "broken sensor", who="manager")
    house.do(tickets.verify, number, "broken sensor, new one ordered", who="manager", signed=True)
    house.do(tickets.close, number, "ok", who="engineer")
    after = house.find(number)
    assert (after.exception, after.verified_by) == ("broken sensor, new one ordered", house.people["manager"].id)


def test_a_switched_off_rule_says_nothing_of_the_repair(house: House) -> None:
    number = house.alarm()
    house.repaired(number, house.photo())
    house.alarm(Change.RETURNED)
    house.later(minutes=10)
    house.speak()
    with house.tx() as tx:
        tx.execute(update(rule).values(enabled=False))
        assert tickets.needs(tx, number, house.now).sensors is Word.SILENT


def test_who_has_noted_work_verifies_nothing_of_it(house: House) -> None:
    number = house.by_hand()
    house.do(tickets.accept, number, who="mate")
    house.do(ticket_work.work, number, 2.0, [], who="mate")
    house.repaired(number)
    refused(Forbidden, house.do, tickets.verify, number, "ok", who="mate")
    house.do(tickets.verify, number, "ok", who="manager")


def test_a_manager_who_did_the_work_signs_nothing_for_it(house: House) -> None:
    number = house.alarm()
    house.do(tickets.accept, number, who="manager")
    with house.tx() as tx:
        tickets.repaired(tx, number, "x", Exhibits(), house.sight("manager"), house.now)
    refused(Forbidden, house.do, tickets.verify, number, "x", who="manager", signed=True)
    house.do(tickets.verify, number, "x", who="other", signed=True)


def test_what_opened_by_hand_needs_another_person_and_its_photos(house: House) -> None:
    number = house.by_hand("urgent")
    house.repaired(number)
    refused(Conflict, house.do, tickets.close, number, "ok", who="manager")
    house.do(tickets.verify, number, "dry", who="manager")
    error = refused(InvalidInput, house.do, tickets.close, number, "ok", who="manager")
    assert isinstance(error, InvalidInput)
    assert error.fields == {"photos": "1 more needed: after; 1 more needed: before"}
    uses = [house.photo("before"), house.photo("after")]
    with house.tx() as tx:
        ticket_work.exhibit(tx, number, Exhibits(uses), house.sight("engineer"), house.now)
    house.do(tickets.close, number, "ok", who="manager")
    with house.tx() as tx:
        assert tx.execute(select(follow_up.c.due_at)).scalar_one() == house.now + 24 * HOUR
    house.do(ticket_work.follow_up, number, "content", True)
    refused(Conflict, house.do, ticket_work.follow_up, number, "content", True)


def test_only_who_has_the_ticket_works_on_it(house: House) -> None:
    number = house.alarm()
    house.do(tickets.accept, number)
    refused(Conflict, house.do, tickets.arrive, number, who="mate")
    refused(Conflict, house.do, ticket_work.work, number, 1.0, [], who="mate")
    with house.tx() as tx, pytest.raises(Conflict, match="not yours"):
        tickets.repaired(tx, number, "x", Exhibits(), house.sight("mate"), house.now)
    house.do(tickets.accept, number, who="mate")
    house.do(tickets.arrive, number, who="mate")
    house.do(tickets.arrive, number, who="mate")
    assert house.find(number).arrived_at == house.now


# --- holds --------------------------------------------------------------------------------------------------------


def ask(house: House, number: int, hours: float, who: str = "engineer") -> int:
    until = house.now + timedelta(hours=hours)
    held: int = house.do(ticket_holds.ask, number, "inverter", "lift 2 serves", until, who=who)
    return held


def approve(house: House, number: int, hold_id: int, who: str = "manager") -> None:
    house.do(ticket_holds.approve, number, hold_id, None, who=who)


def test_a_hold_begins_when_another_person_approves_it_and_moves_no_deadline(house: House) -> None:
    number = house.alarm()
    refused(Conflict, ask, house, number, 30)
    house.do(tickets.accept, number)
    hold = ask(house, number, 30)
    refused(Conflict, ask, house, number, 30)
    house.later(hours=2)
    refused(Forbidden, approve, house, number, hold, who="engineer")
    refused(Forbidden, approve, house, number, hold, who="mate")
    approve(house, number, hold)
    refused(Conflict, approve, house, number, hold, who="admin")
    held = house.find(number)
    assert (held.state, held.held_since, held.held_until) == (
        TicketState.ON_HOLD,
        NOW + 2 * HOUR,
        NOW + 30 * HOUR,
    )
    assert held.due_at == NOW + 48 * HOUR


def test_a_manager_cannot_approve_the_own_hold(house: House) -> None:
    number = house.alarm()
    house.do(tickets.accept, number, who="manager")
    hold = ask(house, number, 30, who="manager")
    refused(Forbidden, approve, house, number, hold)
    approve(house, number, hold, who="other")


def test_a_hold_ends_by_itself_at_its_end_and_a_breach_in_it_is_one(house: House) -> None:
    number = house.alarm()
    house.do(tickets.accept, number)
    approve(house, number, ask(house, number, 60))
    house.later(hours=100)
    house.tick()
    assert house.marks(number) == [*ALL, ("hold_end", 60.0)]
    breach = next(row for row in house.entries(number) if row.kind == TicketEvent.BREACHED)
    assert (breach.body["on_hold"], breach.body["net_s"]) == (True, 0.0)
    after = house.find(number)
    assert (after.state, after.held, after.net(house.now)) == (TicketState.ACCEPTED, 60 * HOUR, 40 * HOUR)


def test_a_hold_that_was_ended_before_does_not_end_again(house: House) -> None:
    number = house.alarm()
    house.do(tickets.accept, number)
    approve(house, number, ask(house, number, 20))
    house.later(hours=5)
    refused(Conflict, house.do, ticket_holds.resume, number, None, who="mate")
    house.do(ticket_holds.resume, number, "it came early")
    approve(house, number, ask(house, number, 15))
    house.later(hours=1)
    house.do(ticket_holds.resume, number, "really")
    house.later(hours=15)
    assert house.tick() == 0
    assert house.find(number).held == 6 * HOUR


def test_all_holds_together_last_five_working_days(house: House) -> None:
    number = house.alarm()
    house.do(tickets.accept, number)
    error = refused(InvalidInput, ask, house, number, 7 * 24 + 0.01)
    assert isinstance(error, InvalidInput)
    assert list(error.fields) == ["until"]
    approve(house, number, ask(house, number, 48))
    house.later(hours=48, seconds=1)
    house.tick()
    # Wednesday 8:00 to Monday 8:00: three working days are left
    refused(InvalidInput, ask, house, number, 5 * 24 + 0.01)
    approve(house, number, ask(house, number, 5 * 24 - 0.01))


def test_a_holiday_is_no_working_day(house: House) -> None:
    day = {"site_id": house.site_id, "day": date(2026, 3, 4), "working": False, "name": {"en": "Holiday"}}
    with house.tx() as tx:
        tx.execute(insert(calendar_day).values(day))
    number = house.alarm()
    house.do(tickets.accept, number)
    refused(InvalidInput, ask, house, number, 8 * 24 + 0.01)
    ask(house, number, 8 * 24)


def test_days_off_that_somebody_enters_make_no_hold_longer_than_sixteen_days(house: House) -> None:
    number = house.alarm()
    house.do(tickets.accept, number)
    with house.tx() as tx:
        free = [NOW.date() + timedelta(days=each) for each in range(-1, 400)]
        days = [{"site_id": house.site_id, "day": day, "working": False, "name": {"en": "x"}} for day in free]
        tx.execute(insert(calendar_day), days)
    assert "2026-03-18T08:00" in str(refused(InvalidInput, ask, house, number, 16 * 24 + 1))
    approve(house, number, ask(house, number, 16 * 24))
    house.later(days=17)
    house.tick()
    refused(InvalidInput, ask, house, number, 1)


def test_a_refused_hold_is_none(house: House) -> None:
    number = house.alarm()
    house.do(tickets.accept, number)
    house.do(ticket_holds.refuse, number, ask(house, number, 20), "there is one in stock", who="manager")
    assert house.find(number).state is TicketState.ACCEPTED
    ask(house, number, 20)


# --- the rest -----------------------------------------------------------------------------------------------------


def test_a_ticket_is_given_by_rota_skill_or_name(house: House) -> None:
    number = house.alarm()
    with house.tx() as tx:
        skill = {"person_id": house.people["mate"].id, "equipment_kind": "pump_room"}
        tx.execute(insert(person_skill).values(skill))
    for to, expected in ((By.ROTA, "engineer"), (By.SKILL, "mate"), (house.people["engineer"].id, "engineer")):
        given = house.do(ticket_work.assign, number, to, who="manager")
        assert (given.assignee_id, given.state) == (house.people[expected].id, TicketState.OPEN)
    refused(InvalidInput, house.do, ticket_work.assign, number, By.CONTRACT, who="manager")
    refused(InvalidInput, house.do, ticket_work.assign, number, house.people["admin"].id, who="manager")
    refused(Forbidden, house.do, ticket_work.assign, number, By.ROTA, who="mate")


def test_the_ledger_s_facts_make_the_row_again(house: House) -> None:
    number = house.alarm()
    house.do(tickets.accept, number)
    house.do(tickets.arrive, number)
    approve(house, number, ask(house, number, 20))
    house.later(hours=30)
    house.tick()
    house.do(ticket_work.work, number, 1.5, [{"name": "seal", "quantity": 2, "unit": "pcs"}])
    house.repaired(number, house.photo())
    house.alarm(Change.RETURNED)
    house.later(hours=30)
    house.speak()
    house.do(tickets.close, number, "holds", who="manager")
    house.later(hours=1)
    assert house.alarm() == number
    house.do(tickets.accept, number, who="mate")

    def told(entries: Sequence[Any]) -> list[Any]:
        return [row.body["changes"] for row in entries if "changes" in row.body]

    assert replay(number, told(house.entries(number))) == house.find(number)
    with house.tx() as tx:
        tx.execute(update(ticket).where(ticket.c.id == number).values(due_at=ticket.c.due_at + HOUR))
    assert replay(number, told(house.entries(number))) != house.find(number)


def test_photos_of_a_ticket_stand_in_its_ledger_with_what_speaks_against_them(house: House) -> None:
    number = house.alarm()
    house.repaired(number, house.photo())
    (photo,) = house.entries(number)[-1].body["photos"]
    assert (photo["sha256"], photo["purpose"]) == (digest_of(PHOTO).hex(), "after")
    assert [each["doubt"] for each in photo["doubts"]] == ["gallery"]


def test_a_step_that_is_refused_leaves_nothing_behind(house: House) -> None:
    def stand(tx: Tx) -> tuple[Any, ...]:
        return tuple(tx.execute(select(func.count()).select_from(each)).scalar_one() for each in (ledger, outbox))

    number = house.alarm()
    with house.tx() as tx:
        before = stand(tx)
    refused(Conflict, house.do, tickets.close, number, "x", who="manager")
    with house.tx() as tx:
        assert stand(tx) == before
