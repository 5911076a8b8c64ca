"""Messages are answered without a log-in: once, in time, by a deliberate step, in the name of whom they were for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from facility_monitor.domain.message.message_token import made
from facility_monitor.flows.people import service_keys
from facility_monitor.store.message import outbox as kept
from facility_monitor.store.tables import channel, outbox, person
from tests.api.world import World


@pytest.fixture
def told(world: World) -> tuple[int, str]:
    """An alarm of which the engineer was told, and the token of that message."""
    alarm = world.raise_alarm("hill-dr")
    return alarm, token(world, alarm)


def token(world: World, alarm: int) -> str:
    """The token of the newest message about an alarm, which has been sent by then."""
    with world.tx() as tx:
        number = tx.execute(
            select(outbox.c.id).where(outbox.c.alarm_id == alarm).order_by(outbox.c.id.desc())
        ).scalars()
        newest = next(iter(number))
        tx.execute(update(outbox).where(outbox.c.id == newest).values(state="sent", sent_at=world.clock.now))
        created = tx.execute(select(outbox.c.created_at).where(outbox.c.id == newest)).scalar_one()
        return made(service_keys.token_key(tx, world.clock.now), newest, created)


def notice(world: World, alarm: int) -> dict[str, Any]:
    found: dict[str, Any] = world.as_("manager").items(f"/alarms/{alarm}/notices")[-1]
    return found


def test_a_phone_says_what_became_of_a_message_and_the_alarm_shows_it(world: World, told: tuple[int, str]) -> None:
    alarm, by = told
    phone = world.anonymous()
    for step, at in (("delivered", "delivered_at"), ("opened", "opened_at"), ("delivered", "opened_at")):
        world.clock.move(seconds=3)
        assert phone.post(f"/api/v1/messages/{by}/{step}").status_code == 204
        assert notice(world, alarm)[at] is not None
    shown = notice(world, alarm)
    assert (shown["state"], shown["person"]["name"], shown["channel"]) == ("opened", "Engineer", "console")
    assert shown["sent_at"] < shown["delivered_at"] < shown["opened_at"]


def test_the_action_button_acknowledges_once_in_the_person_s_name(world: World, told: tuple[int, str]) -> None:
    alarm, by = told
    answer = world.anonymous().post(f"/api/v1/messages/{by}/acknowledge")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["alarm_id"], answer.json()["person"]["name"]) == (alarm, "Engineer")
    shown = world.as_("manager").get(f"/alarms/{alarm}").json()
    assert (shown["acknowledged"], shown["acknowledged_by"]["name"]) == (True, "Engineer")
    entry = next(
        each for each in world.as_("manager").items(f"/alarms/{alarm}/ledger") if each["kind"] == "alarm_acknowledged"
    )
    assert (entry["actor"]["name"], entry["reason"].startswith("console #")) == ("Engineer", True)
    assert notice(world, alarm)["state"] == "acknowledged"
    again = world.anonymous().post(f"/api/v1/messages/{by}/acknowledge")
    assert (again.status_code, "answered before" in again.json()["detail"]) == (409, True)
    kept = {"acted_at": world.clock.now.isoformat()}  # a phone that kept it, and never heard that it had arrived
    assert world.anonymous().post(f"/api/v1/messages/{by}/acknowledge", json=kept).status_code == 200


def test_to_fetch_the_link_changes_nothing_and_the_button_does(world: World, told: tuple[int, str]) -> None:
    alarm, by = told
    browser = world.anonymous()
    assert browser.head(f"/m/{by}").status_code == 200
    page = browser.get(f"/m/{by}")
    assert page.status_code == 200
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "Engineer, do you take this alarm?" in page.text
    assert notice(world, alarm)["state"] == "sent"
    done = browser.post(f"/m/{by}")
    assert "Acknowledged." in done.text
    assert world.as_("manager").get(f"/alarms/{alarm}").json()["acknowledged"] is True
    assert "<form" not in browser.get(f"/m/{by}").text
    assert browser.post(f"/m/{by}").status_code == 409


def test_an_alarm_that_has_come_again_needs_its_own_answer(world: World, told: tuple[int, str]) -> None:
    alarm, by = told
    world.end_alarm("hill-dr", 10)
    world.raise_alarm("hill-dr", 20)
    refused = world.anonymous().post(f"/api/v1/messages/{by}/acknowledge")
    assert (refused.status_code, "come again" in refused.json()["detail"]) == (409, True)
    assert world.anonymous().post(f"/api/v1/messages/{token(world, alarm)}/acknowledge").status_code == 200


def test_a_token_that_is_over_or_made_up_opens_nothing(world: World, told: tuple[int, str]) -> None:
    _, by = told
    for wrong in ("x", by[:-2] + "AA", by.lower()):
        assert world.anonymous().post(f"/api/v1/messages/{wrong}/acknowledge").status_code == 404
        assert "<form" not in world.anonymous().get(f"/m/{wrong}").text
    world.clock.move(hours=72)
    for step in ("delivered", "opened", "acknowledge"):
        assert world.anonymous().post(f"/api/v1/messages/{by}/{step}").status_code == 404


@pytest.mark.parametrize(
    ("changed", "status"), [({"disabled": True}, 404), ({"role": "inspector"}, 403), ({"role": "contractor"}, 403)]
)
def test_a_token_gives_nobody_more_than_they_may(
    world: World, told: tuple[int, str], changed: dict[str, Any], status: int
) -> None:
    alarm, by = told
    with world.tx() as tx:
        tx.execute(update(person).where(person.c.id == world.ids["engineer"]).values(changed))
    assert world.anonymous().post(f"/api/v1/messages/{by}/acknowledge").status_code == status
    assert world.as_("manager").get(f"/alarms/{alarm}").json()["acknowledged"] is False


def test_an_acknowledgement_in_the_app_answers_what_that_person_was_sent(world: World, told: tuple[int, str]) -> None:
    alarm, _ = told
    world.as_("engineer").post(f"/alarms/{alarm}/acknowledge")
    assert notice(world, alarm)["state"] == "acknowledged"


def test_what_was_refused_for_good_is_seen_by_site_and_can_be_sent_again(world: World) -> None:
    world.raise_alarm("hill-dr")
    with world.tx() as tx:
        number = tx.execute(select(outbox.c.id)).scalars().one()
        tx.execute(update(outbox).values(state="failed", error="answered 410 Gone", attempts=1))
    (dead,) = world.as_("manager").items("/dead-letters")
    assert (dead["id"], dead["error"], dead["person"]["name"]) == (number, "answered 410 Gone", "Engineer")
    assert dead["title"]["en"] == "hill-humid alarm"
    assert world.as_("engineer").get("/dead-letters").status_code == 403
    with world.tx() as tx:
        tx.exec_driver_sql(
            "UPDATE site_access SET site_id = %s WHERE person_id = %s", (world.ids["vale"], world.ids["manager"])
        )
    assert world.as_("manager").items("/dead-letters") == []
    assert world.as_("manager").post(f"/dead-letters/{number}/send").status_code == 404
    again = world.as_("chief").post(f"/dead-letters/{number}/send")
    assert (again.status_code, again.json()["state"], again.json()["attempts"]) == (202, "queued", 0)
    assert world.as_("chief").post(f"/dead-letters/{number}/send").status_code == 409


def test_a_channel_to_a_robot_shows_no_secret_and_is_checked_at_entry(world: World) -> None:
    admin = world.as_("admin")
    new = {"kind": "apprise", "person_id": world.ids["manager"], "address": "wecombot://geheim-key"}
    made_one = admin.post("/channels", new)
    assert made_one.status_code == 201, made_one.text
    assert made_one.json()["address"] == "wecombot://***"
    for caller in ("admin", "manager"):
        assert "geheim" not in world.as_(caller).get("/channels").text
    for address in ("geheim://x", "wecombot://", "syslog://"):
        refused = admin.post("/channels", new | {"address": address})
        assert [each["field"] for each in refused.json()["errors"]] == ["address"]
    changed = admin.change("PATCH", f"/channels/{made_one.json()['id']}", 1, {"address": "nothing"})
    assert changed.status_code == 422
    changed = admin.change("PATCH", f"/channels/{made_one.json()['id']}", 1, {"address": "bark://key", "preference": 2})
    assert (changed.json()["address"], changed.json()["preference"]) == ("bark://***", 2)


def test_low_severities_go_to_phones_as_one_digest_on_the_quarter_hour(world: World) -> None:
    with world.tx() as tx:
        tx.exec_driver_sql('UPDATE rule SET definition = definition || \'{"severity": "low"}\', version = version')
        robot = {"person_id": world.ids["engineer"], "kind": "apprise", "address": "ntfy://127.0.0.1:9/x"}
        tx.execute(insert(channel).values(robot))
    world.clock.move(minutes=7)
    alarms = [world.raise_alarm("hill-dr"), world.raise_alarm("hill-el")]
    with world.tx() as tx:
        rows = tx.execute(select(outbox).where(outbox.c.fold_key.is_not(None))).all()
        (digest,) = rows
        assert digest.due_at == world.clock.now + timedelta(minutes=8)
        assert kept.claim(tx, range(1, 5), without=(), run=9, limit=9, lease=timedelta(minutes=1), now=world.clock.now)
        (claimed,) = [
            each
            for each in kept.claim(
                tx, range(1, 5), without=(), run=9, limit=9, lease=timedelta(minutes=1), now=digest.due_at
            )
            if each.kind == "apprise"
        ]
        assert (claimed.folded_count, len(claimed.folded or [])) == (2, 2)
    for alarm in alarms:
        states = {each["channel"]: each["state"] for each in world.as_("manager").items(f"/alarms/{alarm}/notices")}
        assert states == {"console": "queued", "apprise": "folded"}
