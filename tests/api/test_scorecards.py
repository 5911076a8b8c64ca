"""Scorecards: what a contractor missed, was late with and had to do again, and that it sees its own only."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import openpyxl
from sqlalchemy import insert, update

from facility_monitor.store.tables import elevator_test, equipment, ticket, upkeep_task
from tests.api.world import World

PERIOD = {"from": "2026-02-02", "to": "2026-03-02"}


def at(day: str, hour: int = 2) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02}:00").replace(tzinfo=UTC)


def enter(world: World, day: str, *, late: bool = False, corrects: int | None = None) -> int:
    row = {
        "site_id": world.ids["hill"],
        "equipment_id": world.ids["hill-el"],
        "performed_at": at(day),
        "received_at": at(day),
        "late_entry": late,
        "submitted_by": world.ids["contractor"],
        "organisation_id": world.ids["lifts"],
        "content": {},
        "fingerprint": f"{day}{corrects}".encode(),
        "verdicts": [],
        "failures": 0,
        "passed": True,
        "corrects": corrects,
        "reason": corrects and "wrong day",
    }
    with world.tx() as tx:
        return int(tx.execute(insert(elevator_test).values(row).returning(elevator_test.c.id)).scalar_one())


def fault(world: World, opened: datetime, done: datetime | None, assignee: str | None, cause: str = "rule:1") -> int:
    row = {
        "site_id": world.ids["hill"],
        "equipment_id": world.ids["hill-el"],
        "cause": cause,
        "class": "equipment_fault",
        "title": {"en": "door"},
        "state": "closed" if done else "open",
        "opened_at": opened,
        "due_at": opened + timedelta(hours=48),
        "repaired_at": done,
        "closed_at": done,
        "assignee_id": assignee and world.ids[assignee],
    }
    with world.tx() as tx:
        return int(tx.execute(insert(ticket).values(row).returning(ticket.c.id)).scalar_one())


def test_weeks_repairs_and_repetitions_are_counted(world: World) -> None:
    enter(world, "2026-02-03")
    moved = enter(world, "2026-02-10")  # was entered for the wrong week: that one is missed
    enter(world, "2026-02-17", corrects=moved)
    enter(world, "2026-02-25", late=True)
    hours = timedelta(hours=1)
    before = fault(world, at("2026-01-20"), at("2026-01-20") + 5 * hours, "contractor")
    again = fault(world, at("2026-02-18"), at("2026-02-18") + 47 * hours, "contractor")
    late = fault(world, at("2026-02-20"), at("2026-02-20") + 49 * hours, "contractor", "rule:2")
    waits = fault(world, at("2026-02-22"), None, None, "rule:3")
    fault(world, at("2026-02-23"), None, "engineer", "rule:4")  # its own people have it
    fault(world, at("2026-03-02"), None, None, "rule:5")  # still has its time
    for _ in range(2):  # two reports in people's words are not the same fault
        fault(world, at("2026-02-12"), at("2026-02-12") + hours, "contractor", "report")

    (card,) = world.as_("manager").get("/contractor-scorecards", **PERIOD).json()["items"]
    assert (card["contractor"]["code"], card["elevators"], card["weeks"]) == ("lifts", 1, 4)
    assert [each["monday"] for each in card["missed"]] == ["2026-02-09"]
    assert [each["monday"] for each in card["late_weeks"]] == ["2026-02-23"]
    assert (card["tests_in_time"], card["test_share"]) == (2, 0.5)
    assert (card["faults"], card["decided"], card["repairs_in_time"]) == (6, 5, 3)
    assert [(each["ticket_id"], each["done_at"] is None) for each in card["late_repairs"]] == [
        (late, False),
        (waits, True),
    ]
    assert [(each["before_ticket_id"], each["ticket_id"]) for each in card["repeats"]] == [(before, again)]

    answer = world.as_("manager").get("/contractor-scorecards.xlsx", locale="zh-CN", **PERIOD)
    cards, missed, _, repeats = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    rows = [row for row in cards.iter_rows(values_only=True) if row[0] == "Lifts"]
    assert rows == [("Lifts", 1, 4, 50.0, 1, 1, 6, 60.0, 2, 1)]
    assert datetime.fromisoformat("2026-02-09") in [cell for row in missed.iter_rows(values_only=True) for cell in row]
    assert again in [cell for row in repeats.iter_rows(values_only=True) for cell in row]

    with world.tx() as tx:
        tx.execute(update(equipment).where(equipment.c.id == world.ids["hill-el"]).values(in_use=False))
    assert world.as_("manager").get("/contractor-scorecards", **PERIOD).json()["items"] == []


def test_a_contractor_sees_its_own_card_only(world: World) -> None:
    def codes(who: str) -> list[str]:
        items = world.as_(who).get("/contractor-scorecards", **PERIOD).json()["items"]
        return [each["contractor"]["code"] for each in items]

    assert [codes(who) for who in ("contractor", "manager", "chief", "admin")] == [
        *(["lifts"], ["lifts"], ["lifts", "rooms"], ["lifts", "rooms"])
    ]
    assert world.as_("manager").get("/contractor-scorecards", site=world.ids["vale"]).status_code == 404


def test_a_period_must_make_sense(world: World) -> None:
    for change, field in (
        ({"to": "2026-03-03"}, "to"),
        ({"from": "2026-03-03"}, "from"),
        ({"from": "2024-01-01"}, "from"),
    ):
        answer = world.as_("manager").get("/contractor-scorecards", **{**PERIOD, **change})
        assert [each["field"] for each in answer.json()["errors"]] == [field], change


def test_weeks_before_an_elevator_was_there_are_not_missed(world: World) -> None:
    with world.tx() as tx:
        there = {"install_date": "2026-02-12"}
        tx.execute(update(equipment).where(equipment.c.id == world.ids["hill-el"]).values(attributes=there))
    (card,) = world.as_("manager").get("/contractor-scorecards", **PERIOD).json()["items"]
    assert (card["weeks"], [each["monday"] for each in card["missed"]]) == (2, ["2026-02-16", "2026-02-23"])


def test_weeks_before_an_elevator_was_entered_are_not_missed(world: World) -> None:
    """The calendar notes the tests of an elevator from the day on which it is there."""
    week = {"plan": "elevator-test-weekly", "equipment_id": world.ids["hill-el"]}
    with world.tx() as tx:
        for monday in (date(2026, 2, 16), date(2026, 2, 23)):
            last = monday + timedelta(days=6)
            tx.execute(insert(upkeep_task).values(**week, first=monday, last=last, until=last + timedelta(days=1)))
    (card,) = world.as_("manager").get("/contractor-scorecards", **PERIOD).json()["items"]
    assert (card["weeks"], [each["monday"] for each in card["missed"]]) == (2, ["2026-02-16", "2026-02-23"])
    enter(world, "2026-02-10", late=True)  # what was done before the calendar was kept counts too
    (card,) = world.as_("manager").get("/contractor-scorecards", **PERIOD).json()["items"]
    assert (card["weeks"], len(card["late_weeks"])) == (3, 1)
