"""What keeps alarms quiet, from the request to the phone: shelving, windows, suppression, floods, latches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from facility_monitor.domain.alarm.judge import Change
from facility_monitor.domain.instant import SECOND, instant
from facility_monitor.domain.reading.reading import Quality, Reading, unnumbered
from facility_monitor.flows.alarm import quiet
from facility_monitor.store.alarm import rules
from facility_monitor.store.reading import readings
from facility_monitor.store.tables import device, equipment
from tests.api.world import START, World


def rule(world: World, code: str, **changes: Any) -> None:
    """One more rule for humidity."""
    with world.tx() as tx:
        (document,) = tx.execute(text("SELECT definition FROM rule WHERE code = 'hill-humid'")).one()
        document = {**document, "name": {"zh-CN": code, "en": code}, "opens_ticket": False, **changes}
        rules.add(tx, code, document, enabled=True, changed_by="test", reason="test", now=START)


def calls(world: World, number: int | None = None) -> list[str]:
    """What the engineer on duty was called for, in order: of one alarm, or all."""
    asked = "SELECT notice->>'kind' FROM outbox WHERE person_id = :person AND (CAST(:alarm AS bigint) IS NULL"
    with world.tx() as tx:
        rows = tx.execute(
            text(asked + " OR alarm_id = :alarm) ORDER BY id"), {"person": world.ids["engineer"], "alarm": number}
        )
        return list(rows.scalars())


def review(world: World, **later: float) -> int:
    """The job looks, after some time."""
    world.clock.move(**later)
    with world.tx() as tx:
        return quiet.review(tx, world.clock.now)


def ledger(world: World, number: int) -> list[tuple[str, str | None, str | None]]:
    entries = world.as_("engineer").items(f"/alarms/{number}/ledger")
    return [(each["kind"], each["actor"] and each["actor"]["name"], each["reason"]) for each in entries]


def shelve(world: World, number: int, username: str = "engineer", **body: Any) -> Any:
    body = {"reason": "Door stands open", "until": (world.clock.now + timedelta(hours=2)).isoformat(), **body}
    return world.as_(username).post(f"/alarms/{number}/shelve", body)


def test_a_shelved_alarm_is_quiet_until_its_time_is_over_and_then_announced_once(world: World) -> None:
    number = world.raise_alarm("hill-dr")
    shown = shelve(world, number).json()
    assert (shown["shelved"], shown["quiet"], shown["state"]) == (True, "shelved", "active_unacknowledged")
    assert shown["shelving"] == {
        "id": shown["shelving"]["id"],
        "kind": "timed",
        "reason": "Door stands open",
        "requested_by": {"id": world.ids["engineer"], "name": "Engineer"},
        "requested_at": "2026-03-02T08:00:00Z",
        "expires_at": "2026-03-02T10:00:00Z",
        "confirmed_by": None,
        "confirmed_at": None,
        "in_force": True,
    }
    assert world.as_("engineer").items("/alarms", state="live") == [shown]
    assert review(world, hours=1) == 0
    # an outage: nobody looks for three hours, and then twice
    assert review(world, hours=3) == 2
    assert review(world) == 0
    assert calls(world, number) == ["alarm_raised", "alarm_announced"]
    assert ledger(world, number)[1:] == [
        ("alarm_shelved", "Engineer", "Door stands open"),
        ("alarm_unshelved", None, "expired"),
        ("alarm_announced", None, "expired"),
    ]
    shown = world.as_("engineer").get(f"/alarms/{number}").json()
    assert (shown["shelved"], shown["shelving"], shown["quiet"]) == (False, None, None)


def test_what_comes_back_while_shelved_is_logged_and_not_called_for(world: World) -> None:
    number = world.raise_alarm("hill-dr")
    shelve(world, number)
    world.as_("engineer").post(f"/alarms/{number}/acknowledge")
    world.end_alarm("hill-dr", 5)
    again = world.raise_alarm("hill-dr", 10)
    assert again != number
    world.end_alarm("hill-dr", 20)
    world.raise_alarm("hill-dr", 30, value=91.0)
    assert calls(world, again) == []
    raises = world.as_("engineer").items(f"/alarms/{again}/occurrences")
    assert [(each["number"], each["value"], each["quiet"], each["announced_at"]) for each in raises] == [
        (1, 99.0, "shelved", None),
        (2, 91.0, "shelved", None),
    ]
    assert (raises[0]["returned_at"], raises[0]["returned_value"]) == ("2026-03-02T08:00:20Z", 1.0)
    world.as_("engineer").post(f"/alarms/{again}/unshelve", {"reason": "Door is shut"})
    assert calls(world, again) == ["alarm_announced"]
    (_, last) = world.as_("engineer").items(f"/alarms/{again}/occurrences")
    assert last["announced_at"] == "2026-03-02T08:00:00Z"


def test_a_ticket_waits_until_the_alarm_is_announced(world: World) -> None:
    number = world.raise_alarm("hill-dr")
    shelve(world, number)
    world.as_("engineer").post(f"/alarms/{number}/acknowledge")
    world.end_alarm("hill-dr", 5)
    again = world.raise_alarm("hill-dr", 10)
    assert world.as_("engineer").get(f"/alarms/{again}").json()["ticket_id"] is None
    review(world, hours=3)
    assert world.as_("engineer").get(f"/alarms/{again}").json()["ticket_id"] is not None


def test_one_shot_ends_with_the_condition(world: World) -> None:
    number = world.raise_alarm("hill-dr")
    assert shelve(world, number, kind="one_shot", until=None).json()["shelving"]["expires_at"] == "2026-03-03T08:00:00Z"
    world.end_alarm("hill-dr", 5)
    world.raise_alarm("hill-dr", 10)
    assert calls(world, number) == ["alarm_raised", "alarm_reraised"]
    assert [kind for kind, *_ in ledger(world, number)] == [
        *("alarm_raised", "alarm_shelved", "alarm_returned", "alarm_unshelved", "alarm_reraised")
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"until": "2026-03-02T08:00:00Z"}, "until"),
        ({"until": "2026-03-03T08:00:01Z"}, "until"),
        ({"until": None}, "until"),
        ({"until": "2026-03-02T09:00:00"}, "until"),
        ({"reason": ""}, "reason"),
        ({"kind": "for_ever"}, "kind"),
    ],
)
def test_shelving_has_an_end_within_a_day_and_a_reason(world: World, body: dict[str, Any], field: str) -> None:
    answer = shelve(world, world.raise_alarm("hill-dr"), **body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_shelving_asked_for_twice_is_one_and_another_is_a_conflict(world: World) -> None:
    number = world.raise_alarm("hill-dr")
    first = shelve(world, number).json()
    assert shelve(world, number).json() == first
    assert shelve(world, number, "manager").status_code == 409
    assert shelve(world, number, reason="Other").status_code == 409
    engineer = world.as_("engineer")
    taken_back = engineer.post(f"/alarms/{number}/unshelve").json()
    assert engineer.post(f"/alarms/{number}/unshelve").json() == taken_back
    world.end_alarm("hill-dr", 5)
    engineer.post(f"/alarms/{number}/acknowledge")
    assert shelve(world, number).status_code == 409


def test_life_safety_is_shelved_by_two_persons_only(world: World) -> None:
    rule(world, "smoke", life_safety=True)
    number = world.raise_alarm("hill-dr", rule="smoke")
    until = (world.clock.now + timedelta(hours=4)).isoformat()
    assert shelve(world, number, until=(START + timedelta(hours=5)).isoformat()).status_code == 422
    asked = shelve(world, number, until=until).json()
    assert (asked["shelved"], asked["quiet"], asked["shelving"]["in_force"]) == (False, None, False)
    assert calls(world, number) == ["alarm_raised", "alarm_shelving_requested"]
    assert world.as_("engineer").post(f"/alarms/{number}/shelve/confirm").status_code == 409
    confirmed = world.as_("manager").post(f"/alarms/{number}/shelve/confirm").json()
    assert (confirmed["shelved"], confirmed["quiet"]) == (True, "shelved")
    assert confirmed["shelving"]["confirmed_by"]["name"] == "Manager"
    assert world.as_("manager").post(f"/alarms/{number}/shelve/confirm").json() == confirmed
    assert world.as_("chief").post(f"/alarms/{number}/shelve/confirm").status_code == 409
    review(world, hours=4)
    assert calls(world, number)[2:] == ["alarm_announced"]


def test_a_request_that_nobody_confirms_lapses(world: World) -> None:
    rule(world, "smoke", life_safety=True)
    number = world.raise_alarm("hill-dr", rule="smoke")
    shelve(world, number)
    review(world, hours=5)
    assert ledger(world, number)[-1] == ("alarm_unshelved", None, "lapsed: nobody has confirmed it")
    newest = world.as_("engineer").get("/alarms/transitions", limit=1).json()["items"][0]
    assert (newest["kind"], newest["state"]) == ("alarm_unshelved", "active_unacknowledged")
    assert world.as_("manager").post(f"/alarms/{number}/shelve/confirm").status_code == 409
    assert calls(world, number) == ["alarm_raised", "alarm_shelving_requested"]


def test_life_safety_latches_until_somebody_has_looked(world: World) -> None:
    rule(world, "smoke", life_safety=True)
    number = world.raise_alarm("hill-dr", rule="smoke")
    engineer = world.as_("engineer")
    body = {"reason": "Burnt toast"}
    assert engineer.post(f"/alarms/{number}/reset", body).status_code == 409
    world.end_alarm("hill-dr", 5, rule="smoke")
    assert engineer.post(f"/alarms/{number}/reset", body).status_code == 409
    taken = engineer.post(f"/alarms/{number}/acknowledge").json()
    assert (taken["state"], taken["cleared_at"]) == ("latched", None)
    assert engineer.items("/alarms", state="latched") == engineer.items("/alarms", state="live") == [taken]
    free = engineer.post(f"/alarms/{number}/reset", body).json()
    assert (free["state"], free["reset_by"]["name"]) == ("cleared", "Engineer")
    assert engineer.post(f"/alarms/{number}/reset", body).json() == free
    assert engineer.post(f"/alarms/{number}/reset", {}).status_code == 422
    assert ledger(world, number)[-2:] == [
        ("alarm_reset", "Engineer", "Burnt toast"),
        ("alarm_cleared", "Engineer", "Burnt toast"),
    ]


def test_acknowledged_and_still_there_calls_again(world: World) -> None:
    number = world.raise_alarm("hill-dr")
    world.judge("hill-dr", Change.REALARMED, 10, 99.0)
    assert calls(world, number) == ["alarm_raised"]  # whoever calls repeats by themselves until somebody answers
    world.as_("engineer").post(f"/alarms/{number}/acknowledge")
    world.judge("hill-dr", Change.REALARMED, 20, 99.0)
    assert calls(world, number) == ["alarm_raised", "alarm_realarmed"]
    assert world.as_("engineer").get(f"/alarms/{number}").json()["state"] == "active_unacknowledged"


def window(world: World, username: str = "engineer", **changes: Any) -> Any:
    body = {
        "site_id": world.ids["hill"],
        "purpose": "maintenance",
        "starts_at": world.clock.now.isoformat(),
        "ends_at": (world.clock.now + timedelta(hours=2)).isoformat(),
        "reason": "Yearly service",
        **changes,
    }
    return world.as_(username).post("/service-windows", body)


def test_a_window_keeps_quiet_what_is_inside_from_its_start_to_its_end(world: World) -> None:
    before = world.raise_alarm("hill-dr")
    later = (world.clock.now + timedelta(hours=1)).isoformat()
    made = window(world, space_id=world.ids["hill:b1-1"], starts_at=later)
    assert (made.status_code, made.json()["state"]) == (201, "scheduled")
    path = made.headers["location"].removeprefix("/api/v1")
    assert review(world, hours=1) == 1
    inside = world.as_("engineer").get(f"/alarms/{before}").json()
    assert (inside["out_of_service"], inside["quiet"]) == (True, "out_of_service")
    assert inside["window"] == {
        "id": made.json()["id"],
        "purpose": "maintenance",
        "reason": "Yearly service",
        "starts_at": "2026-03-02T09:00:00Z",
        "ends_at": "2026-03-02T10:00:00Z",
        "author": {"id": world.ids["engineer"], "name": "Engineer"},
    }
    assert calls(world, world.raise_alarm("hill-el"))  # the shaft is not on floor 1
    assert (world.as_("engineer").get(path).json()["state"], made.json()["version"]) == ("open", 1)
    review(world, hours=1)
    review(world)
    assert calls(world, before) == ["alarm_raised", "alarm_announced"]
    assert world.as_("engineer").get(path).json()["state"] == "ended"
    with world.tx() as tx:
        kinds = tx.execute(text("SELECT kind FROM ledger WHERE kind LIKE 'window%' ORDER BY id")).scalars().all()
    assert kinds == ["window_scheduled", "window_begun", "window_ended"]


def test_a_window_reaches_what_it_names(world: World) -> None:
    reach: dict[str, dict[str, Any]] = {
        "hill-dr": {"equipment_kind": "distribution_room"},
        "hill-el": {"equipment_id": world.ids["hill-el"]},
        "hill-dr, hill-el": {"space_id": world.ids["hill:b1"]},
        "": {"space_id": world.ids["hill:b1-1"], "equipment_kind": "elevator"},
    }
    numbers = {code: world.raise_alarm(code) for code in ("hill-dr", "hill-el")}
    for expected, narrowed in reach.items():
        made = window(world, **narrowed).json()
        quiet_now = [
            code for code, number in numbers.items() if world.as_("admin").get(f"/alarms/{number}").json()["quiet"]
        ]
        assert ", ".join(quiet_now) == expected
        world.clock.move(minutes=1)
        ended = world.as_("engineer").change(
            "PATCH", f"/service-windows/{made['id']}", made["version"], {"ends_at": world.clock.now.isoformat()}
        )
        assert ended.json()["state"] == "ended", ended.text


def test_life_safety_stays_live_in_a_window_that_two_persons_have_not_agreed_on(world: World) -> None:
    rule(world, "smoke", life_safety=True)
    number = world.raise_alarm("hill-dr", rule="smoke")
    window(world)
    assert world.as_("engineer").get(f"/alarms/{number}").json()["quiet"] is None
    meant: dict[str, Any] = {
        "life_safety": True,
        "equipment_kind": "distribution_room",
        "substitute": "Two wardens patrol",
    }
    assert window(world, **{**meant, "substitute": None}).json()["errors"][0]["field"] == "substitute"
    assert window(world, **{**meant, "equipment_kind": None}).json()["errors"][0]["field"] == "life_safety"
    made = window(world, **meant).json()
    assert world.as_("engineer").get(f"/alarms/{number}").json()["quiet"] is None
    path = f"/service-windows/{made['id']}/confirm"
    assert world.as_("engineer").change("POST", path, 1, None).status_code == 409
    assert world.as_("manager").change("POST", path, 1, None).json()["confirmed_by"]["name"] == "Manager"
    assert world.as_("engineer").get(f"/alarms/{number}").json()["quiet"] == "out_of_service"
    later = (START + timedelta(hours=5)).isoformat()
    world.as_("engineer").change("PATCH", f"/service-windows/{made['id']}", 2, {"ends_at": later})
    assert world.as_("engineer").get(f"/alarms/{number}").json()["quiet"] is None


def test_a_window_is_changed_by_its_version_and_taken_back_only_before_it_begins(world: World) -> None:
    engineer = world.as_("engineer")
    body = {
        "site_id": world.ids["hill"],
        "purpose": "test",
        "starts_at": (START + timedelta(hours=1)).isoformat(),
        "ends_at": (START + timedelta(hours=2)).isoformat(),
        "reason": "x",
    }
    made = engineer("POST", "/service-windows", json=body, headers={"Idempotency-Key": "w1"})
    assert engineer("POST", "/service-windows", json=body, headers={"Idempotency-Key": "w1"}).json() == made.json()
    assert len(engineer.items("/service-windows", state="scheduled")) == 1
    path = f"/service-windows/{made.json()['id']}"
    assert engineer.change("PATCH", path, 2, {"reason": "y"}).status_code == 412
    assert engineer("PATCH", path, json={"reason": "y"}).status_code == 428
    assert engineer.change("PATCH", path, 1, {"reason": "y"}).json()["version"] == 2
    assert engineer.change("PATCH", path, 2, {"ends_at": body["starts_at"]}).status_code == 422
    world.clock.move(hours=1)
    assert engineer.change("DELETE", path, 2, None).status_code == 409
    world.clock.move(hours=-1)
    assert engineer.change("DELETE", path, 2, None).status_code == 204
    assert engineer.get(path).status_code == 404
    elsewhere = window(world, "admin", equipment_id=world.ids["vale-dr"])
    assert elsewhere.json()["errors"] == [{"field": "equipment_id", "message": "is at another site"}]
    assert window(world, site_id=world.ids["vale"]).json()["errors"][0]["field"] == "site_id"


def _gateway(world: World, state: str) -> None:
    with world.tx() as tx:
        came = {"address": "hill/edge", "state": state, "state_at": world.clock.now}
        tx.execute(update(device).where(device.c.code == "hill-gw").values(came))
        tx.execute(update(device).where(device.c.code == "hill-env").values(address="hill/edge/env"))


def _watch_the_gateway(world: World, **changes: Any) -> None:
    scope = {"metric": "motor_temperature", "equipment_kind": "elevator"}
    rule(world, "gateway-silent", **{"kind": "silence", "silence": {}, "scope": scope, **changes})


def test_a_gateway_that_is_offline_suppresses_what_is_behind_it(world: World) -> None:
    _watch_the_gateway(world)
    _gateway(world, "online")
    before = world.raise_alarm("hill-dr")
    _gateway(world, "offline")
    assert review(world) == 1
    shown = world.as_("engineer").get(f"/alarms/{before}").json()
    assert (shown["suppressed"], shown["quiet"]) == (True, "parent_down")
    source = {"id": world.ids["hill-gw"], "name": {"en": "Gateway"}}
    assert shown["suppression"] == {"cause": "parent_down", "source": source}
    own = world.raise_alarm("hill-el")  # read through the gateway itself, which is nobody's child
    assert calls(world, own) == ["alarm_raised"]
    _gateway(world, "online")
    review(world)
    assert calls(world, before) == ["alarm_raised", "alarm_announced"]


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": {"metric": "motor_temperature", "equipment_kind": "pump_room"}},
        {"scope": {"metric": "motor_temperature", "site_id": 999}},
        {"shadow": True},
    ],
)
def test_a_gateway_of_whose_silence_no_rule_tells_keeps_nothing_quiet(world: World, changes: dict[str, Any]) -> None:
    """Else nobody would hear that it is down."""
    _watch_the_gateway(world, **changes)
    _gateway(world, "offline")
    assert calls(world, world.raise_alarm("hill-dr")) == ["alarm_raised"]


def test_the_starter_rules_tell_of_a_gateway_that_says_how_long_it_runs(world: World) -> None:
    admin = world.as_("admin")
    new = {"site_id": world.ids["hill"], "kind": "gateway", "code": "gw", "name": {"en": "Gateway"}}
    box = admin.post("/equipment", new).json()["id"]
    uptime = {"device_id": world.ids["hill-gw"], "equipment_id": box, "key": "uptime", "metric": "uptime"}
    assert admin.post("/points", uptime).status_code == 201
    _gateway(world, "offline")
    assert admin.get(f"/alarms/{world.raise_alarm('hill-dr')}").json()["quiet"] == "parent_down"


def test_a_gateway_without_a_will_is_down_while_its_own_silence_is_an_alarm(world: World) -> None:
    _watch_the_gateway(world)
    _gateway(world, "unknown")
    world.raise_alarm("hill-el", rule="gateway-silent")
    behind = world.raise_alarm("hill-dr")
    assert calls(world, behind) == []
    world.end_alarm("hill-el", rule="gateway-silent")
    review(world)
    assert calls(world, behind) == ["alarm_announced"]


def test_what_is_behind_a_gateway_that_is_back_has_two_report_periods_to_be_heard(world: World) -> None:
    _watch_the_gateway(world)
    rule(world, "env-silent", kind="silence", silence={"period_s": 60})
    _gateway(world, "offline")
    late = world.raise_alarm("hill-dr", rule="env-silent")
    humid = world.raise_alarm("hill-dr")
    _gateway(world, "online")
    review(world, seconds=100)
    assert (calls(world, late), calls(world, humid)) == ([], ["alarm_announced"])
    review(world, seconds=30)
    assert calls(world, late) == ["alarm_announced"], "nothing has come in two minutes"


def test_what_is_heard_soon_after_its_gateway_was_never_a_call(world: World) -> None:
    _watch_the_gateway(world)
    rule(world, "env-silent", kind="silence", silence={"period_s": 60})
    _gateway(world, "offline")
    soon = world.raise_alarm("hill-dr", rule="env-silent")
    _gateway(world, "online")
    review(world, seconds=5)
    world.end_alarm("hill-dr", rule="env-silent")
    review(world, seconds=300)
    assert calls(world, soon) == []


def test_life_safety_behind_a_gateway_that_is_offline_comes_through(world: World) -> None:
    _watch_the_gateway(world)
    rule(world, "smoke", life_safety=True)
    _gateway(world, "offline")
    assert calls(world, world.raise_alarm("hill-dr", rule="smoke")) == ["alarm_raised"]
    assert calls(world, world.raise_alarm("hill-dr")) == []


def _value(world: World, point: str, value: float, after_s: int) -> None:
    at = instant(START) + after_s * SECOND
    with world.tx() as tx:
        readings.insert(tx, [Reading(world.ids[point], at, unnumbered(value), value, Quality.GOOD, at)])


def test_a_suppression_rule_follows_the_newest_value_of_its_point(world: World) -> None:
    manager = world.as_("manager")
    body = {
        "point_id": world.ids["hill-dr.humidity"],
        "name": {"en": "Power off"},
        "cause": "power_off",
        "compare": "equals",
        "value": 0,
        "reach": "space",
        "reason": "No power, no news",
    }
    with world.tx() as tx:
        tx.execute(
            update(equipment).where(equipment.c.id == world.ids["hill-dr"]).values(space_id=world.ids["hill:b1"])
        )
    made = manager.post("/suppression-rules", body)
    assert (made.status_code, made.json()["changed_by"]["name"]) == (201, "Manager")
    number = world.raise_alarm("hill-el")
    _value(world, "hill-dr.humidity", 0.0, 60)
    review(world)
    shown = world.as_("engineer").get(f"/alarms/{number}").json()
    assert shown["suppression"] == {
        "cause": "power_off",
        "source": {"id": made.json()["id"], "name": {"en": "Power off"}},
    }
    path = f"/suppression-rules/{made.json()['id']}"
    assert manager.get(path).json()["quiet_alarms"] == 1
    _value(world, "hill-dr.humidity", 1.0, 120)
    review(world)
    assert world.as_("engineer").get(f"/alarms/{number}").json()["quiet"] is None
    off = manager.change("PATCH", path, 1, {"enabled": False, "reason": "Meter is out"})
    assert (off.json()["enabled"], off.json()["version"]) == (False, 2)
    _value(world, "hill-dr.humidity", 0.0, 180)
    assert review(world) == 0
    assert world.as_("engineer").post("/suppression-rules", body).status_code == 403


def test_equipment_that_is_not_in_use_calls_nobody(world: World) -> None:
    path = f"/equipment/{world.ids['hill-dr']}"
    version = world.as_("manager").get(path).json()["version"]
    changed = world.as_("manager").change("PATCH", path, version, {"in_use": False})
    assert (changed.status_code, changed.json()["in_use"]) == (200, False), changed.text
    number = world.raise_alarm("hill-dr")
    assert calls(world, number) == []
    shown = world.as_("engineer").get(f"/alarms/{number}").json()
    assert (shown["quiet"], shown["suppression"]) == ("not_in_use", {"cause": "not_in_use", "source": None})


def test_one_excursion_past_two_limits_calls_by_the_worse_one(world: World) -> None:
    with world.tx() as tx:
        limit = tx.execute(text("SELECT definition->'limit' FROM rule WHERE code = 'hill-humid'")).scalar_one()
    assert limit["level"] == "high"
    rule(world, "worse", limit={**limit, "level": "high_high", "value": limit["value"] + 10})
    first = world.raise_alarm("hill-dr", rule="hill-humid")
    worse = world.raise_alarm("hill-dr", 30, rule="worse")
    review(world, seconds=40)
    shown = {number: world.as_("engineer").get(f"/alarms/{number}").json() for number in (first, worse)}
    assert (shown[first]["quiet"], shown[worse]["quiet"]) == ("outranked", None)
    assert shown[first]["suppression"] == {"cause": "outranked", "source": None}
    world.end_alarm("hill-dr", rule="hill-humid")
    world.raise_alarm("hill-dr", 5, rule="hill-humid")
    assert calls(world, first) == ["alarm_raised"]
    # that it is only half as bad by now calls nobody
    world.end_alarm("hill-dr", 10, rule="worse")
    review(world, seconds=20)
    assert world.as_("engineer").get(f"/alarms/{first}").json()["quiet"] is None
    world.raise_alarm("hill-dr", 5, rule="worse")
    shelve(world, worse)
    assert review(world, seconds=10) == 0
    assert world.as_("engineer").get(f"/alarms/{first}").json()["quiet"] is None
    assert calls(world, first) == ["alarm_raised"]
    world.end_alarm("hill-dr", 15, rule="hill-humid")
    world.raise_alarm("hill-dr", 20, rule="hill-humid")
    assert calls(world, first) == ["alarm_raised", "alarm_reraised"], "beside one that is put away it calls for itself"


def test_a_rule_in_shadow_is_logged_and_calls_nobody(world: World) -> None:
    rule(world, "trial", shadow=True, opens_ticket=True)
    number = world.raise_alarm("hill-dr", rule="trial")
    world.end_alarm("hill-dr", 5, rule="trial")
    assert calls(world, number) == []
    shown = world.as_("engineer").get(f"/alarms/{number}").json()
    assert (shown["quiet"], shown["state"], shown["ticket_id"]) == ("shadow", "cleared", None)
    (raised,) = world.as_("engineer").items(f"/alarms/{number}/occurrences")
    assert (raised["quiet"], raised["announced_at"]) == ("shadow", None)


def test_a_flood_becomes_one_summary_and_what_is_critical_comes_on_its_own(world: World) -> None:
    for n in range(14):
        rule(world, f"f{n:02}", severity="medium")
    rule(world, "worst", severity="critical")
    rule(world, "smoke", severity="low", life_safety=True)
    numbers = [world.raise_alarm("hill-dr", n, rule=f"f{n:02}") for n in range(14)]
    world.clock.move(seconds=1)
    alone = [world.raise_alarm("hill-dr", 20, rule=code) for code in ("worst", "smoke")]
    assert calls(world) == ["alarm_raised"] * 10 + ["flood_started"] + ["alarm_raised"] * 2
    engineer = world.as_("engineer")
    assert [engineer.get(f"/alarms/{number}").json()["quiet"] for number in numbers[9:]] == [None, *["flood"] * 4]
    assert [engineer.get(f"/alarms/{number}").json()["quiet"] for number in alone] == [None, None]
    assert review(world, seconds=30) == 0
    assert calls(world)[13:] == []
    review(world, seconds=31)
    review(world, seconds=5)
    assert calls(world)[13:] == ["flood_grew"]
    with world.tx() as tx:
        (notice,) = tx.execute(text("SELECT notice FROM outbox WHERE notice->>'kind' = 'flood_grew'")).scalars()
    assert notice["title"]["en"] == "Alarm flood: 16 alarms, 16 still active"
    assert notice["response"]["en"] == "First: f00, Hill / Building 1 / Floor 1 / Room. By system: Distribution room 16"
    assert notice["severity"] == "critical"
    review(world, minutes=10)
    review(world)
    with world.tx() as tx:
        kinds = tx.execute(text("SELECT kind FROM ledger WHERE kind LIKE 'flood%' ORDER BY id")).scalars().all()
        body = tx.execute(text("SELECT body FROM ledger WHERE kind = 'flood_ended'")).scalar_one()
    assert kinds == ["flood_started", "flood_grew", "flood_ended"]
    assert (body["alarms"], body["first_out_alarm_id"]) == (16, numbers[0])
    assert body["by_severity"] == {"critical": 1, "medium": 14, "low": 1}
    assert "flood_ended" not in calls(world)


def test_alarms_that_come_together_at_one_equipment_share_their_first_out(world: World) -> None:
    rule(world, "second")
    first = world.raise_alarm("hill-dr")
    then = world.raise_alarm("hill-dr", 60, rule="second")
    elsewhere = world.raise_alarm("hill-el", 61)
    rule(world, "late")
    late = world.raise_alarm("hill-dr", 661, rule="late")
    engineer = world.as_("engineer")
    assert [row["id"] for row in engineer.items(f"/alarms/{then}/related")] == [first, then]
    firsts = {number: engineer.get(f"/alarms/{number}").json()["first_out_id"] for number in (first, then, late)}
    assert firsts == {first: first, then: first, late: late}
    assert [row["id"] for row in engineer.items(f"/alarms/{elsewhere}/related")] == [elsewhere]
