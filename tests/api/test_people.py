"""People, their firms and contracts, duty, channels."""

from __future__ import annotations

from typing import Any

import pytest

from facility_monitor.domain.message.signature import key_of
from facility_monitor.flows.people import people
from facility_monitor.store.message import outbox
from tests.api.world import World

NEW = {"username": "li.wei", "name": "李伟", "role": "engineer", "password": "correct horse battery"}


def test_a_person_is_added_changed_and_ended(world: World) -> None:
    admin = world.as_("admin")
    made = admin.post("/people", {**NEW, "site_ids": [world.ids["hill"]]})
    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        "username": "li.wei",
        "name": "李伟",
        "role": "engineer",
        "locale": "zh-CN",
        "organisation_id": None,
        "on_duty": False,
        "disabled": False,
        "site_ids": [world.ids["hill"]],
        "version": 1,
    }
    assert "password" not in made.text
    path = f"/people/{made.json()['id']}"
    changed = admin.change("PATCH", path, 1, {"name": "Wei", "site_ids": [world.ids["vale"], world.ids["hill"]]})
    assert changed.json()["site_ids"] == [world.ids["hill"], world.ids["vale"]]
    assert admin.change("PATCH", path, 1, {"name": "Li"}).status_code == 412
    assert admin.change("PATCH", path, 2, {"disabled": True}).json()["disabled"] is True
    assert "li.wei" not in {row["username"] for row in admin.items("/people", disabled="false")}
    assert [row["username"] for row in admin.items("/people", role="contractor")] == ["contractor"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "Li Wei"}, "username"),
        ({"username": ""}, "username"),
        ({"role": "king"}, "role"),
        ({"locale": "fr"}, "locale"),
        ({"role": "contractor"}, "organisation_id"),
        ({"organisation_id": 99}, "organisation_id"),
        ({"site_ids": [99]}, "site_ids"),
        ({"site_ids": 1}, "site_ids"),
        ({"disabled": True}, "disabled"),
        ({"name": None}, "name"),
    ],
)
def test_a_wrong_person_is_refused_by_the_fields_name(same_world: World, change: dict[str, Any], field: str) -> None:
    answer = same_world.as_("admin").post("/people", {**NEW, **change})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_a_user_name_is_taken_once(world: World) -> None:
    assert world.as_("admin").post("/people", {**NEW, "username": "engineer"}).status_code == 409


def test_somebody_who_can_manage_people_is_always_left(world: World) -> None:
    admin, path = world.as_("admin"), f"/people/{world.ids['admin']}"
    for change in ({"disabled": True}, {"role": "manager"}):
        assert admin.change("PATCH", path, 1, change).status_code == 409
    second = f"/people/{world.ids['chief']}"
    assert admin.change("PATCH", second, 1, {"role": "admin"}).status_code == 200
    assert admin.change("PATCH", path, 1, {"role": "manager"}).status_code == 200
    assert world.as_("chief").change("PATCH", second, 2, {"disabled": True}).status_code == 409


def test_the_command_line_ends_access_by_user_name(world: World) -> None:
    with world.tx() as tx:
        people.disable(tx, "engineer", world.clock.now)
    assert world.as_("engineer").get("/session").status_code == 401


def test_people_change_their_own_name_and_language(world: World) -> None:
    engineer = world.as_("engineer")
    after = engineer("PATCH", "/session", json={"locale": "zh-CN", "name": "Eng"}).json()
    assert (after["person"]["locale"], after["person"]["name"]) == ("zh-CN", "Eng")
    assert engineer.get("/session").json() == after
    assert engineer("PATCH", "/session", json={"role": "admin"}).status_code == 422
    assert engineer("PATCH", "/session", json={"name": None}).status_code == 422


def test_a_contract_opens_sight_and_its_end_closes_it(world: World) -> None:
    admin, contractor = world.as_("admin"), world.as_("contractor")
    body = {
        "organisation_id": world.ids["lifts"],
        "site_id": world.ids["vale"],
        "equipment_kind": "elevator",
        "starts_on": "2026-03-02",
    }
    made = admin.post("/contracts", body)
    assert made.status_code == 201
    assert {row["code"] for row in contractor.items("/equipment")} == {"hill-el", "vale-el"}
    path = f"/contracts/{made.json()['id']}"
    assert admin.change("PATCH", path, 1, {"ends_on": "2026-03-01"}).status_code == 422
    assert admin.change("PATCH", path, 1, {"ends_on": "2026-03-02"}).status_code == 200
    world.clock.move(days=1)
    assert {row["code"] for row in contractor.items("/equipment")} == {"hill-el"}
    assert len(contractor.items("/contracts")) == 2
    for change, field in (
        ({"organisation_id": 99}, "organisation_id"),
        ({"site_id": 99}, "site_id"),
        ({"equipment_kind": "rocket"}, "equipment_kind"),
        ({"ends_on": "2026-03-01"}, "ends_on"),
        ({"starts_on": "soon"}, "starts_on"),
    ):
        answer = admin.post("/contracts", {**body, **change})
        assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_an_organisation_is_added_and_its_telephone_changed(world: World) -> None:
    admin = world.as_("admin")
    body = {"code": "pumps", "name": {"en": "Pumps"}, "phone": "+86 (21) 5555-0100"}
    made = admin.post("/organisations", body).json()
    path = f"/organisations/{made['id']}"
    assert admin.change("PATCH", path, 1, {"phone": None}).json()["phone"] is None
    for phone in ("call me", "1", "1" * 40):
        assert admin.change("PATCH", path, 2, {"phone": phone}).status_code == 422
    assert admin.post("/organisations", body).status_code == 409


def test_duty_is_who_is_on_duty_now_or_in_a_span(world: World) -> None:
    manager = world.as_("manager")
    (now,) = manager.items("/duty")
    assert now == {
        "id": world.ids["shift"],
        "site_id": world.ids["hill"],
        "person": {"id": world.ids["engineer"], "name": "Engineer", "username": "engineer"},
        "starts_at": "2026-03-02T08:00:00Z",
        "ends_at": None,
        "position": "engineer",
        "rota_id": None,
        "instead_of": None,
        "version": 1,
    }
    body = {"site_id": world.ids["hill"], "person_id": world.ids["manager"], "starts_at": "2026-03-03T08:00:00+08:00"}
    later = manager.post("/duty", {**body, "ends_at": "2026-03-03T20:00:00+08:00"}).json()
    assert later["starts_at"] == "2026-03-03T00:00:00Z"
    assert [row["id"] for row in manager.items("/duty")] == [now["id"]]
    span = {"from": "2026-03-03T00:00:00Z", "to": "2026-03-04T00:00:00Z"}
    assert [row["id"] for row in manager.items("/duty", **span)] == [now["id"], later["id"]]
    assert [row["id"] for row in manager.items("/duty", **{"from": "2026-03-03T12:00:00Z"})] == [now["id"]]
    assert [row["id"] for row in manager.items("/duty", **{"from": "2026-03-03T11:59:59Z"})] == [now["id"], later["id"]]
    assert manager.items("/duty", site=world.ids["vale"]) == []


def test_a_shift_that_has_begun_is_ended_and_not_taken_back(world: World) -> None:
    manager, path = world.as_("manager"), f"/duty/{world.ids['shift']}"
    assert manager.change("DELETE", path, 1, None).status_code == 409
    assert manager.change("PATCH", path, 1, {"ends_at": "2026-03-02T08:00:00Z"}).status_code == 422
    assert manager.change("PATCH", path, 1, {"ends_at": "2026-03-02T09:00:00Z"}).status_code == 200
    world.clock.move(hours=1)
    assert manager.items("/duty") == []
    assert world.as_("engineer").get("/session").json()["person"]["on_duty"] is False
    body = {"site_id": world.ids["hill"], "person_id": world.ids["engineer"], "starts_at": "2026-03-03T08:00:00Z"}
    planned = manager.post("/duty", body).json()
    assert manager.change("DELETE", f"/duty/{planned['id']}", 1, None).status_code == 204
    for wrong in ({"ends_at": body["starts_at"]}, {"starts_at": "2026-03-03T08:00:00"}, {"person_id": 999}):
        answer = manager.post("/duty", {**body, **wrong})
        assert [each["field"] for each in answer.json()["errors"]] == list(wrong)


def test_a_webhook_gets_a_secret_that_is_shown_once(world: World) -> None:
    admin = world.as_("admin")
    body = {"kind": "webhook", "address": "https://hooks.example/x?token=1", "site_id": world.ids["hill"]}
    made = admin.post("/channels", body)
    assert made.status_code == 201
    assert len(key_of(made.json()["secret"])) == 32
    path = f"/channels/{made.json()['id']}"
    shown = admin.get(path)
    assert shown.json() == {name: value for name, value in made.json().items() if name != "secret"}
    assert shown.json()["has_secret"] is True
    own = "a secret of our own making"
    assert admin.post("/channels", {**body, "secret": own.replace(" ", "-")}).json()["secret"] == own.replace(" ", "-")
    assert admin.change("PATCH", path, 1, {"enabled": False}).json()["enabled"] is False
    assert admin.change("PATCH", path, 1, {"enabled": True}).status_code == 412


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "pigeon"}, "kind"),
        ({"address": ...}, "address"),
        ({"address": "ftp://x"}, "address"),
        ({"address": "https://"}, "address"),
        ({"address": "https://me:secret@host/"}, "address"),
        ({"address": "https://host:port/"}, "address"),
        ({"address": "https://host/a b"}, "address"),
        ({"address": "https://host/\r\nX: y"}, "address"),
        ({"secret": "short"}, "secret"),
        ({"secret": "whsec_!!!"}, "secret"),
        ({"person_id": 999}, "person_id"),
        ({"person_id": 1, "site_id": 1}, "site_id"),
        ({"site_id": 999}, "site_id"),
    ],
)
def test_a_wrong_channel_is_refused_by_the_fields_name(same_world: World, change: dict[str, Any], field: str) -> None:
    body = {"kind": "webhook", "address": "https://hooks.example/x", **change}
    answer = same_world.as_("admin").post(
        "/channels", {name: value for name, value in body.items() if value is not ...}
    )
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_channels_are_seen_by_their_owner_and_the_admin(world: World) -> None:
    path = f"/channels/{world.ids['channel']}"
    for username, status in (("engineer", 200), ("admin", 200), ("manager", 404), ("contractor", 404)):
        assert world.as_(username).get(path).status_code == status
        assert world.as_(username).post(f"{path}/test").status_code == (202 if status == 200 else 404)
        assert world.as_(username).get(f"{path}/notices").status_code == status
    assert world.as_("manager").items("/channels") == []
    assert world.as_("manager").change("PATCH", path, 1, {"enabled": False}).status_code == 404
    assert world.as_("admin").change("PATCH", path, 1, {"address": "https://x.example/"}).status_code == 422


def test_a_test_message_is_queued_and_its_fate_told(world: World) -> None:
    path = f"/channels/{world.ids['channel']}"
    queued = world.as_("engineer").post(f"{path}/test")
    assert queued.status_code == 202
    assert (queued.json()["state"], queued.json()["person"]["name"]) == ("queued", "Engineer")
    world.raise_alarm("hill-dr")
    assert world.as_("engineer").items(f"{path}/notices") == [queued.json()]
    with world.tx() as tx:
        assert outbox.counts(tx)[outbox.State.QUEUED] == 2
    assert world.as_("admin").change("PATCH", path, 1, {"enabled": False}).status_code == 200
    assert world.as_("engineer").post(f"{path}/test").status_code == 409
    assert world.as_("admin").change("DELETE", path, 2, None).status_code == 409


def test_a_channel_that_was_never_used_can_be_removed(world: World) -> None:
    path = f"/channels/{world.ids['channel']}"
    assert world.as_("admin").change("DELETE", path, 1, None).status_code == 204
    assert world.as_("admin").get(path).status_code == 404
