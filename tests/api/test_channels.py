"""A phone makes itself a channel of whoever is signed in there; channels show nothing that lets others in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from facility_monitor.api.app import create_app
from facility_monitor.api.models.channels import NewSubscription
from facility_monitor.flows.people import sign_in
from facility_monitor.settings import Settings
from facility_monitor.store.people import sessions
from facility_monitor.store.tables import channel
from tests.api.world import PASSWORD, Caller, World

BROWSER: dict[str, Any] = NewSubscription.model_config["json_schema_extra"]["examples"][0]  # type: ignore[assignment, index]


def subscribe(world: World, username: str, **changed: Any) -> dict[str, Any]:
    answer = world.as_(username).post("/push/subscriptions", BROWSER | changed)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_the_key_to_subscribe_with_stays_the_same_for_all(world: World) -> None:
    keys = {world.as_(who).get("/push/key").json()["key"] for who in ("engineer", "contractor", "engineer")}
    assert [len(key) for key in keys] == [87]


def test_a_subscription_is_a_channel_of_its_own_and_shows_no_secret(world: World) -> None:
    made = subscribe(world, "engineer")
    assert (made["person_id"], made["kind"], made["enabled"]) == (world.ids["engineer"], "web_push", True)
    shown = world.as_("engineer").get(f"/channels/{made['id']}").text
    assert '"address":"https://fcm.googleapis.com/***"' in shown
    assert BROWSER["keys"]["auth"] not in shown
    assert BROWSER["endpoint"].rpartition("/")[2] not in world.as_("admin").get("/channels").text


def test_a_phone_that_changes_hands_tells_its_new_owner_alone(world: World) -> None:
    first = subscribe(world, "engineer")
    again = subscribe(world, "contractor")
    assert (again["id"], again["person_id"]) == (first["id"], world.ids["contractor"])
    assert world.as_("engineer").get(f"/channels/{first['id']}").status_code == 404
    assert world.as_("engineer")("DELETE", f"/push/subscriptions/{first['id']}").status_code == 404


def test_one_that_was_ended_can_begin_again(world: World) -> None:
    made = subscribe(world, "engineer")
    assert world.as_("engineer")("DELETE", f"/push/subscriptions/{made['id']}").status_code == 204
    ended = world.as_("engineer").get(f"/channels/{made['id']}").json()
    assert (ended["enabled"], ended["ended"]) == (False, "ended on the phone")
    again = subscribe(world, "engineer")
    assert (again["id"], again["enabled"], again["ended"]) == (made["id"], True, None)


def test_signing_out_ends_what_that_phone_was_told_and_no_other(world: World) -> None:
    engineer = world.as_("engineer")
    with world.tx() as tx:
        other = sign_in.token_hash("fms_other")
        sessions.add(tx, other, world.ids["engineer"], world.clock.now, world.clock.now + timedelta(hours=12))
    here = subscribe(world, "engineer", endpoint="https://push.example/here")
    there = Caller(engineer.client, "fms_other").post("/push/subscriptions", BROWSER).json()
    assert engineer("DELETE", "/session").status_code == 204
    shown = {each["id"]: each for each in world.as_("admin").items("/channels", person=world.ids["engineer"])}
    assert (shown[here["id"]]["enabled"], shown[here["id"]]["ended"]) == (False, "signed out")
    assert shown[there["id"]]["enabled"] is True


def test_a_new_password_silences_every_phone_but_the_one_on_which_it_was_changed(world: World) -> None:
    engineer = world.as_("engineer")
    with world.tx() as tx:
        lost = sign_in.token_hash("fms_lost")
        sessions.add(tx, lost, world.ids["engineer"], world.clock.now, world.clock.now + timedelta(hours=12))
    here = subscribe(world, "engineer", endpoint="https://push.example/here")
    there = Caller(engineer.client, "fms_lost").post("/push/subscriptions", BROWSER).json()
    changed = {"current_password": PASSWORD, "new_password": "another horse entirely"}
    assert engineer("PUT", "/session/password", json=changed).status_code == 204
    shown = {each["id"]: each for each in world.as_("admin").items("/channels", person=world.ids["engineer"])}
    assert (shown[there["id"]]["enabled"], shown[there["id"]]["ended"]) == (False, "signed out everywhere")
    assert shown[here["id"]]["enabled"] is True
    assert shown[world.ids["channel"]]["enabled"] is True
    assert Caller(engineer.client, "fms_lost").get("/session").status_code == 401


def test_a_test_message_is_traced_by_its_number(world: World) -> None:
    engineer, channel_id = world.as_("engineer"), world.ids["channel"]
    sent = engineer.post(f"/channels/{channel_id}/test").json()
    path = f"/channels/{channel_id}/notices/{sent['id']}"
    assert engineer.get(path).json() == sent
    assert (sent["state"], sent["kind"], sent["attempts"]) == ("queued", "test", 0)
    assert world.as_("contractor").get(path).status_code == 404
    assert engineer.get(f"{path}9").status_code == 404


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"endpoint": "http://push.example/x"}, "endpoint"),
        ({"endpoint": "https://127.0.0.1/x"}, "endpoint"),
        ({"endpoint": "https://10.1.2.3/x"}, "endpoint"),
        ({"endpoint": "https://[::1"}, "endpoint"),
        ({"keys": {**BROWSER["keys"], "auth": "short"}}, "keys.auth"),
        ({"keys": {**BROWSER["keys"], "p256dh": "BA" + "A" * 85}}, "keys.p256dh"),
        ({"keys": {"auth": BROWSER["keys"]["auth"]}}, "keys.p256dh"),
    ],
)
def test_what_is_no_subscription_is_refused_by_field(world: World, changed: dict[str, Any], field: str) -> None:
    answer = world.as_("engineer").post("/push/subscriptions", BROWSER | changed)
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_this_machine_is_a_push_service_only_for_trials(world: World) -> None:
    here = "http://127.0.0.1:8001/push/1"
    assert world.as_("engineer").post("/push/subscriptions", BROWSER | {"endpoint": here}).status_code == 422
    world.app = create_app(Settings(_env_file=None, push_loopback=True), world.database, now=world.clock)
    subscribe(world, "engineer", endpoint=here)


def test_nobody_subscribes_without_end(world: World) -> None:
    for number in range(20):
        subscribe(world, "engineer", endpoint=f"https://push.example/{number}")
    subscribe(world, "engineer", endpoint="https://push.example/0")
    refused = world.as_("engineer").post("/push/subscriptions", BROWSER)
    assert refused.status_code == 409
    with world.tx() as tx:
        assert len(tx.execute(select(channel.c.id).where(channel.c.kind == "web_push")).all()) == 20


def test_the_counters_tell_what_waits_and_what_became_of_it(world: World) -> None:
    world.app = create_app(Settings(_env_file=None), world.database, now=world.clock)
    world.as_("engineer").post(f"/channels/{world.ids['channel']}/test")
    text = world.anonymous().get("/metrics").text
    assert 'facility_monitor_outbox_queued{channel="console"} 1.0' in text
    assert "facility_monitor_outbox_oldest_due_seconds 0.0" in text
    assert "facility_monitor_sites_unattended 1.0" in text


def test_people_add_a_service_that_everybody_uses_for_themselves_and_switch_it_off(world: World) -> None:
    engineer, mine = world.as_("engineer"), {"kind": "apprise", "person_id": world.ids["engineer"]}
    robot = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0a1b"
    made = engineer.post("/channels", mine | {"address": robot, "preference": 2}).json()
    assert (made["address"], made["preference"]) == ("wecombot://***", 2)
    assert engineer.post("/channels", mine | {"address": "ntfys://ntfy.sh/night-watch"}).status_code == 201
    changed = engineer.change("PATCH", f"/channels/{made['id']}", 1, {"enabled": False})
    assert (changed.status_code, changed.json()["enabled"]) == (200, False)
    assert engineer.change("DELETE", f"/channels/{made['id']}", 2, None).status_code == 204
    others = {"person_id": world.ids["manager"], "address": robot}
    assert engineer.post("/channels", mine | others).status_code == 403
    assert engineer.post("/channels", mine | {"person_id": None, "address": robot}).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        *("json://10.1.2.3/x", "ntfys://ntfy.inside/topic", "bark://KEY@10.1.2.3", "mailtos://a:b@inside?to=x@y.cn"),
        *("ntfys://ntfy.sh@10.1.2.3/topic", "ntfys://ntfy.sh/topic?attach=http://10.1.2.3/"),
    ],
)
def test_an_address_that_could_lead_inside_is_an_admin_s_to_enter(world: World, address: str) -> None:
    engineer = world.as_("engineer")
    new = {"kind": "apprise", "person_id": world.ids["engineer"], "address": address}
    answer = engineer.post("/channels", new)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "address")
    assert world.as_("admin").post("/channels", new).status_code == 201
    hook = new | {"kind": "webhook", "address": "https://10.1.2.3/x"}
    assert engineer.post("/channels", hook).status_code == 403
