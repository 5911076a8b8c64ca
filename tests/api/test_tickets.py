"""Tickets through the API: from open to closed with photos, holds and signatures; by whom, and each once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from facility_monitor.store.tables import point
from tests.api.world import Caller, World
from tests.pictures import a_picture


def a_ticket(world: World, equipment: str = "hill-dr") -> str:
    """The path of the ticket that an alarm opens; its point is one that only speaks when something changes."""
    with world.tx() as tx:
        tx.execute(update(point).values(report_period_s=None))
    return f"/tickets/{a_ticket_of(world, equipment)}"


def a_ticket_of(world: World, equipment: str = "hill-dr") -> int:
    number = world.raise_alarm(equipment)
    ticket: int = world.as_("admin").get(f"/alarms/{number}").json()["ticket_id"]
    return ticket


def a_photo(world: World, who: str = "engineer", equipment: str = "hill-dr") -> dict[str, str]:
    fields = {"equipment_id": str(world.ids[equipment])}
    sent = world.as_(who)("POST", "/photos", files={"file": ("a.jpg", a_picture())}, data=fields)
    return {"sha256": sent.json()["sha256"], "purpose": "after"}


def kinds(caller: Caller, path: str) -> list[str]:
    return [row["kind"].removeprefix("ticket_") for row in caller.items(f"{path}/ledger")]


def test_a_ticket_goes_from_open_to_closed(world: World) -> None:
    path = a_ticket(world)
    engineer = world.as_("engineer")
    opened = engineer.get(path).json()
    assert (opened["state"], opened["due_at"], opened["overdue"]) == ("open", "2026-03-04T08:00:00Z", False)
    assert (opened["class"], opened["sensors"], opened["photos_needed"]) == (
        "equipment_fault",
        "abnormal",
        {"after": 1},
    )
    assert [each["mark"] for each in opened["marks"]] == ["50", "75", "90", "breach"]
    assert engineer.post(f"{path}/repaired", {"note": "done"}).status_code == 409
    accepted = engineer.post(f"{path}/accept")
    assert accepted.json()["assignee"] == {"id": world.ids["engineer"], "name": "Engineer"}
    assert accepted.headers["etag"] == '"2"'
    assert engineer.post(f"{path}/accept").json()["version"] == 2
    assert [row["id"] for row in engineer.items("/tickets", assignee="me")] == [opened["id"]]
    assert world.as_("manager").items("/tickets", assignee="me") == []
    world.clock.move(minutes=20)
    assert engineer.post(f"{path}/arrive").json()["arrived_at"] == "2026-03-02T08:20:00Z"
    assert engineer.post(f"{path}/close", {"note": "done"}).status_code == 409
    assert engineer.post(f"{path}/repaired", {}).json()["errors"][0]["field"] == "note"
    work = {"hours": 1.5, "parts": [{"name": "Contactor", "quantity": 1}]}
    assert engineer.post(f"{path}/work", work).json()["work"][0]["parts"] == [
        {"name": "Contactor", "quantity": 1.0, "unit": "pcs"}
    ]
    repaired = engineer.post(f"{path}/repaired", {"note": "New contactor", "photos": [a_photo(world)]}).json()
    assert (repaired["state"], repaired["repaired_by"]["name"]) == ("repaired", "Engineer")
    assert (repaired["photos_needed"], repaired["photos"][0]["purpose"]) == ({}, "after")
    world.end_alarm("hill-dr")
    world.clock.move(minutes=11)
    closed = world.as_("manager").post(f"{path}/close", {"note": "Seen, runs"})
    assert (closed.json()["state"], closed.json()["closing_note"]) == ("closed", "Seen, runs"), closed.text
    assert closed.json()["gross_s"] == 31 * 60
    assert engineer.post(f"{path}/accept").status_code == 409
    told = [kind for kind in kinds(engineer, path) if not kind.startswith("alarm")]
    assert told == ["opened", "accepted", "arrived", "worked", "repaired", "verified", "closed"]


def test_what_people_report_once_more_is_opened_again_or_names_what_was_closed_before(world: World) -> None:
    engineer, manager = world.as_("engineer"), world.as_("manager")
    fault = {"equipment_id": world.ids["hill-dr"], "title": "Door jams", "description": "It jams."}
    first = engineer.post("/tickets", fault).json()
    path = f"/tickets/{first['id']}"
    assert first["closed_before"] is None
    assert engineer.post(f"{path}/reopen", {"note": "jams"}).status_code == 409
    engineer.post(f"{path}/accept")
    engineer.post(f"{path}/repaired", {"note": "hinge", "photos": [a_photo(world)]})
    manager.post(f"{path}/verify", {"note": "opens"})
    assert manager.post(f"{path}/close", {"note": "opens"}).json()["state"] == "closed"
    world.clock.move(hours=71)
    assert engineer.post("/tickets", {**fault, "class": "urgent"}).json()["closed_before"] is None
    assert engineer.post("/tickets", fault).json()["closed_before"] == first["id"]
    assert engineer.post(f"{path}/reopen", {}).json()["errors"][0]["field"] == "note"
    again = engineer.post(f"{path}/reopen", {"note": "jams as before"}).json()
    assert (again["state"], again["due_at"], again["reopened"]) == ("open", first["due_at"], 1)
    assert again["overdue"]
    assert "reopened" in kinds(engineer, path)


def test_a_sensor_is_not_made_to_be_expected_at_no_time_while_a_ticket_goes_by_it(world: World) -> None:
    chief, path = world.as_("manager"), f"/points/{world.ids['hill-dr.humidity']}"
    ticket = a_ticket_of(world)
    refused = chief.change("PATCH", path, 1, {"report_period_s": None})
    assert refused.json()["errors"] == [
        {"field": "report_period_s", "message": f"stays while ticket {ticket} is open: it goes by this point"}
    ]
    assert chief.change("PATCH", path, 1, {"report_period_s": 20}).status_code == 200
    with world.tx() as tx:
        asked = "SELECT actor_id, body::jsonb -> 'changes' ->> 'report_period_s' FROM ledger WHERE kind = %s"
        told = [tuple(row) for row in tx.exec_driver_sql(asked, ("point_changed",))]
    assert told == [(world.ids["manager"], '{"to": 20, "from": 10}')]


def test_a_hold_is_asked_for_by_one_and_approved_by_another(world: World) -> None:
    path = a_ticket(world)
    engineer, manager = world.as_("engineer"), world.as_("manager")
    engineer.post(f"{path}/accept")
    body = {"note": "No contactor", "substitute": "Fan on loan", "until": "2026-03-03T18:00:00+08:00"}
    assert (
        engineer.post(f"{path}/holds", {**body, "until": "2026-03-20T00:00:00Z"}).json()["errors"][0]["field"]
        == "until"
    )
    for missing in ("note", "substitute", "until"):
        answer = engineer.post(f"{path}/holds", {**body, missing: None})
        assert [each["field"] for each in answer.json()["errors"]] == [missing]
    assert engineer.post(f"{path}/holds", {**body, "reason": "no_time"}).status_code == 422
    asked = engineer.post(f"{path}/holds", body)
    assert asked.status_code == 201
    (hold,) = asked.json()["holds"]
    assert (hold["approved"], hold["asked_by"]["name"], hold["reason"]) == (None, "Engineer", "waiting_for_parts")
    assert engineer.post(f"{path}/holds/{hold['id']}/approve", {}).status_code == 403
    assert manager.post(f"{path}/holds/{hold['id'] + 1}/approve", {}).status_code == 404
    held = manager.post(f"{path}/holds/{hold['id']}/approve", {"note": "I have seen the order"}).json()
    assert (held["state"], held["held_until"]) == ("on_hold", "2026-03-03T10:00:00Z")
    assert held["due_at"] == "2026-03-04T08:00:00Z"
    world.clock.move(hours=2)
    resumed = engineer.post(f"{path}/resume", {}).json()
    assert (resumed["state"], resumed["on_hold_s"], resumed["net_s"]) == ("accepted", 7200, 0)


def test_an_exception_is_signed_with_the_own_password_and_no_key(world: World) -> None:
    path = a_ticket(world)
    world.as_("engineer").post(f"{path}/accept")
    world.as_("engineer").post(f"{path}/repaired", {"note": "x"})
    signed = {"note": "The sensor is broken", "password": "correct horse battery"}
    wrong = world.as_("manager").post(f"{path}/exception", {**signed, "password": "guess"})
    assert [each["field"] for each in wrong.json()["errors"]] == ["password"]
    assert world.as_("engineer").post(f"{path}/exception", signed).status_code == 403
    assert world.as_("manager").post(f"{path}/verify", {"note": "x"}).status_code == 409
    verified = world.as_("manager").post(f"{path}/exception", signed)
    assert (verified.json()["state"], verified.json()["exception"]) == ("verified", "The sensor is broken")
    assert "correct horse" not in str(world.as_("manager").items(f"{path}/ledger"))


def test_a_step_from_an_older_version_is_refused_and_one_sent_again_is_done_once(world: World) -> None:
    path = a_ticket(world)
    engineer = world.as_("engineer")
    assert engineer.change("POST", f"{path}/accept", 9, None).status_code == 412
    assert engineer.change("POST", f"{path}/accept", 1, None).status_code == 200
    answers = [
        engineer("POST", f"{path}/comments", json={"text": "hello"}, headers={"Idempotency-Key": "k1"})
        for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert kinds(engineer, path).count("commented") == 1


def test_a_resident_s_report_becomes_a_ticket_with_its_photo(world: World) -> None:
    body = {"equipment_id": world.ids["hill-el"], "title": "Door squeaks", "description": "Since Monday\non floor 3"}
    photo = {**a_photo(world, "contractor", "hill-el"), "purpose": "before"}
    made = world.as_("contractor").post("/tickets", {**body, "photos": [photo], "contact": "Ms Wang, 3-201"})
    assert made.status_code == 201, made.text
    assert made.headers["location"] == f"/api/v1/tickets/{made.json()['id']}"
    assert made.json()["title"] == {"en": "Door squeaks"}
    assert (made.json()["cause"], made.json()["alarm_ids"], made.json()["sensors"]) == ("report", [], "none")
    assert (made.json()["contact"], made.json()["photos"][0]["purpose"]) == ("Ms Wang, 3-201", "before")
    (entry,) = world.as_("manager").items(f"/tickets/{made.json()['id']}/ledger")
    assert (entry["reason"], entry["actor"]["name"]) == ("Since Monday\non floor 3", "Contractor")
    words = {**body, "title": {"zh-CN": "门响", "en": "Door squeaks"}}
    assert world.as_("engineer").post("/tickets", words).json()["title"] == words["title"]
    for title in ({}, {"fr": "x"}, "", 5, None):
        assert world.as_("engineer").post("/tickets", {**body, "title": title}).status_code == 422
    unknown = world.as_("engineer").post("/tickets", {**body, "photos": [{"sha256": "0" * 64, "purpose": "before"}]})
    assert [each["field"] for each in unknown.json()["errors"]] == ["photos.0"]


@pytest.mark.parametrize(
    ("ticket_class", "hours"),
    [("urgent", 48), ("repair", 48), ("complaint_simple", 72), ("complaint_shared", 120), ("complaint_hard", 168)],
)
def test_each_class_has_its_deadline(world: World, ticket_class: str, hours: int) -> None:
    body = {"equipment_id": world.ids["hill-dr"], "title": "x", "description": "x", "class": ticket_class}
    made = world.as_("engineer").post("/tickets", body).json()
    assert made["class"] == ticket_class
    assert made["answer_due_at"] == ("2026-03-02T10:00:00Z" if ticket_class == "urgent" else None)
    world.clock.move(hours=hours)
    assert world.as_("engineer").get(f"/tickets/{made['id']}").json()["overdue"] is False
    world.clock.move(seconds=1)
    assert world.as_("engineer").get(f"/tickets/{made['id']}").json()["overdue"] is True


def test_a_ticket_is_given_to_who_could_take_it(world: World) -> None:
    path = a_ticket(world, "hill-el")
    manager = world.as_("manager")
    found = {each["name"]: each for each in manager.items(f"{path}/candidates")}
    assert set(found) == {"Engineer", "Contractor"}
    assert (found["Engineer"]["on_duty"], found["Contractor"]["contracted"]) == (True, True)
    assert manager.post(f"{path}/assign", {"by": "contract"}).json()["assignee"]["name"] == "Contractor"
    for body in ({}, {"by": "rota", "person_id": 1}, {"by": "dice"}, {"person_id": world.ids["inspector"]}):
        assert manager.post(f"{path}/assign", body).status_code == 422, body
    assert world.as_("engineer").post(f"{path}/assign", {"by": "rota"}).status_code == 403
    contractor = world.as_("contractor")
    assert contractor.post(f"{path}/accept").json()["state"] == "accepted"
    photo = a_photo(world, "contractor", "hill-el")
    contractor.post(f"{path}/repaired", {"note": "done", "photos": [photo]})
    world.end_alarm("hill-el")
    world.clock.move(minutes=11)
    assert contractor.post(f"{path}/close", {"note": "done"}).status_code == 403
    assert manager.post(f"{path}/close", {"note": "done"}).status_code == 200


def test_what_others_may_not_see_they_may_not_touch(world: World) -> None:
    path = a_ticket(world, "vale-dr")
    hold: Any = {"note": "x", "substitute": "x", "until": "2026-03-03T18:00:00Z"}
    for verb, body in (
        ("accept", None),
        ("arrive", None),
        ("verify", {"note": "x"}),
        ("assign", {"by": "rota"}),
        ("comments", {"text": "x"}),
        ("photos", {"photos": []}),
        ("work", {"hours": 1}),
        ("holds", hold),
        ("holds/1/approve", {}),
        ("resume", {}),
        ("follow-up", {"result": "x", "satisfied": True}),
        ("exception", {"note": "x", "password": "correct horse battery"}),
    ):
        assert world.as_("manager").post(f"{path}/{verb}", body).status_code == 404, verb
    assert world.as_("manager").get(f"{path}/candidates").status_code == 404


def test_skills_and_working_days_are_said_all_at_once(world: World) -> None:
    manager = world.as_("manager")
    path = f"/people/{world.ids['engineer']}/skills"
    kinds_of = {"equipment_kinds": ["elevator", "distribution_room", "elevator"]}
    assert manager("PUT", path, json=kinds_of).json() == {"equipment_kinds": ["distribution_room", "elevator"]}
    assert manager("PUT", path, json={"equipment_kinds": ["rocket"]}).status_code == 422
    assert manager.get(path).json() == {"equipment_kinds": ["distribution_room", "elevator"]}
    day = {"day": "2026-03-07", "working": True, "name": {"en": "Worked for a holiday"}}
    calendar = f"/sites/{world.ids['hill']}/calendar"
    assert manager("PUT", calendar, json={"days": [day, day]}).status_code == 422
    assert manager("PUT", calendar, json={"days": [day]}).json()["items"] == [day]
    assert world.as_("engineer").items(calendar) == [day]
    assert world.as_("engineer")("PUT", calendar, json={"days": []}).status_code == 403
    assert manager("PUT", f"/sites/{world.ids['vale']}/calendar", json={"days": []}).status_code == 404


def test_nobody_moves_the_clock_of_a_ticket_whatever_is_sent(world: World) -> None:
    path, admin = a_ticket(world), world.as_("admin")
    opened = admin.get(path).json()
    moved = {"class": "complaint_hard", "due_at": "2030-01-01T00:00:00Z", "opened_at": "2020-01-01T00:00:00Z"}
    for method in ("PUT", "PATCH", "DELETE"):
        assert admin(method, path, json=moved).status_code == 405
    new = {"equipment_id": world.ids["hill-dr"], "title": "x", "description": "y", **moved}
    refused = admin.post("/tickets", new).json()["errors"]
    assert {each["field"] for each in refused} == {"due_at", "opened_at"}
    world.clock.move(hours=1)
    assert admin.post(f"{path}/assign", {"by": "rota"}).status_code == 200
    accepted = world.as_("engineer").post(f"{path}/accept", {"accepted_at": "2020-01-01T00:00:00Z"}).json()
    assert accepted["accepted_at"] == "2026-03-02T09:00:00Z"
    kept = ("opened_at", "due_at", "class", "marks")
    assert {name: accepted[name] for name in kept} == {name: opened[name] for name in kept}
