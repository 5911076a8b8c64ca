"""Sites, spaces, equipment, devices, points, mappings: added, changed, and kept consistent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from facility_monitor.domain.alarm.condition.silence import Silence
from facility_monitor.domain.instant import instant
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.store import plant
from facility_monitor.store.reading import readings
from tests.api.world import World


def _made(world: World, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = world.as_("manager").post(path, body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == '"1"'
    made: dict[str, Any] = answer.json()
    assert world.as_("manager").get(f"{path}/{made['id']}").json() == made
    return made


def test_a_sensor_is_connected_by_four_calls(world: World) -> None:
    """Space, equipment, device, point: from then on the ingest knows the device."""
    hill = world.ids["hill"]
    room = _made(
        world,
        "/spaces",
        {"site_id": hill, "parent_id": world.ids["hill:b1"], "kind": "room", "code": "b1-r", "name": {"en": "Cellar"}},
    )
    tank = _made(
        world,
        "/equipment",
        {"site_id": hill, "space_id": room["id"], "kind": "pump_room", "code": "tank", "name": {"en": "Tank"}},
    )
    assert tank["place"] == {"zh-CN": "hill / 一号楼 / Cellar", "en": "Hill / Building 1 / Cellar"}
    assert (tank["live_alarms"], tank["open_tickets"], tank["worst_severity"]) == (0, 0, None)
    device = _made(
        world, "/devices", {"site_id": hill, "code": "tank-plc", "name": {"en": "PLC"}, "equipment_id": tank["id"]}
    )
    assert device["topics"] == {
        "telemetry": "facility/hill/tank-plc/telemetry",
        "status": "facility/hill/tank-plc/status",
    }
    point = _made(
        world,
        "/points",
        {"device_id": device["id"], "equipment_id": tank["id"], "key": "level", "metric": "water_level"},
    )
    assert (point["unit"], point["latest"]) == ("m", None)
    assert [(each["level"], each["value"]) for each in point["limits"]] == [("low", 0.5), ("high", 2.2)]
    with world.tx() as tx:
        known = plant.load(tx, plant.revision(tx)).devices["tank-plc"]
    assert known.points["level"].id == point["id"]


def test_equipment_shows_what_is_wrong_with_it(world: World) -> None:
    world.raise_alarm("hill-dr")
    shown = world.as_("inspector").get(f"/equipment/{world.ids['hill-dr']}").json()
    assert (shown["live_alarms"], shown["open_tickets"], shown["worst_severity"]) == (1, 1, "high")
    with world.tx() as tx:
        tx.execute(text("UPDATE rule SET definition = jsonb_set(definition, '{severity}', '\"critical\"')"))
    world.raise_alarm("vale-dr")
    shown = world.as_("admin").get(f"/equipment/{world.ids['vale-dr']}").json()
    assert shown["worst_severity"] == "critical"


def test_equipment_is_found_by_site_kind_space_and_words(world: World) -> None:
    def codes(**query: Any) -> set[str]:
        return {row["code"] for row in world.as_("admin").items("/equipment", **query)}

    assert codes(site=world.ids["vale"]) == {"vale-dr", "vale-el"}
    assert codes(kind="elevator") == {"hill-el", "vale-el"}
    assert codes(space=world.ids["hill:b1"]) == {"hill-dr", "hill-el"}
    assert codes(space=world.ids["hill:shaft"]) == {"hill-el"}
    assert codes(q="LIFT") == codes(q="电梯") == {"hill-el", "vale-el"}
    assert codes(q="l-E") == {"hill-el"}
    for wild in ("%", "_", "\\", "l-_l"):
        assert codes(q=wild) == set(), wild


def test_devices_are_found_by_site_and_state_and_tell_when_they_were_heard(world: World) -> None:
    with world.tx() as tx:
        tx.execute(text("UPDATE device SET state = 'offline', state_at = now() WHERE code = 'hill-env'"))
        tx.execute(text("UPDATE point SET report_period_s = NULL"))
    (found,) = world.as_("manager").items("/devices", state="offline")
    assert found["code"] == "hill-env"
    assert found["last_seen_at"] == "2026-03-02T07:55:29Z"
    assert len(world.as_("manager").items("/devices", state="unknown", site=world.ids["hill"])) == 1
    device = world.as_("manager").post("/devices", {"site_id": world.ids["hill"], "code": "new", "name": {"en": "N"}})
    assert device.json()["last_seen_at"] is None


def test_who_misses_three_reports_is_offline_with_its_device_and_who_protects_people_after_two(world: World) -> None:
    points = {name: world.ids[name] for name in ("hill-dr.humidity", "hill-el.motor_temperature")}
    at = instant(world.clock.now)
    with world.tx() as tx:
        tx.execute(text("UPDATE point SET report_period_s = 60"))
        readings.insert(tx, [Reading(number, at, 7, 1.0, Quality.GOOD, at) for number in points.values()])

    def states() -> list[str]:
        seen = {each["id"]: each for each in world.as_("manager").items("/points")}
        devices = {each["id"]: each["state"] for each in world.as_("manager").items("/devices")}
        found = [seen[number]["state"] for number in points.values()]
        assert [devices[seen[number]["device_id"]] for number in points.values()] == found
        return found

    assert states() == ["online", "online"]
    world.clock.move(seconds=125)
    assert states() == ["online", "offline"]
    world.clock.move(seconds=60)
    assert states() == ["offline", "offline"]
    offline = {each["code"]: each["state_at"] for each in world.as_("manager").items("/devices", state="offline")}
    assert offline["hill-env"] == "2026-03-02T08:00:00Z", "when it was last heard"
    now = instant(world.clock.now)
    with world.tx() as tx:
        readings.insert(tx, [Reading(points["hill-dr.humidity"], now, 8, 1.0, Quality.GOOD, now)])
    assert states() == ["online", "offline"]


def test_silence_of_what_protects_people_is_trouble_after_two_periods_whatever_the_rule_is_called(world: World) -> None:
    points = {world.ids["hill-dr.humidity"]: 3, world.ids["hill-el.motor_temperature"]: 2}
    scope = '{"metric": "motor_temperature", "equipment_kind": "elevator"}'
    with world.tx() as tx:
        tx.execute(text("UPDATE rule SET enabled = code IN ('elevator-silent', 'distribution-room-silent')"))
        moved = (
            "UPDATE rule SET definition = jsonb_set(definition, '{scope}', cast(:scope AS jsonb)) WHERE code = :code"
        )
        tx.execute(text(moved), {"scope": scope, "code": "elevator-silent"})
        watched = {each.id: each.rules for each in plant.watched(tx, list(points))}
    for number, missed in points.items():
        (rule,) = watched[number]
        assert isinstance(rule.condition, Silence)
        assert rule.condition.missed == missed


def test_a_point_shows_its_newest_reading_and_the_limits_in_force(world: World) -> None:
    at = instant(world.clock.now)
    late = at - 1_000_000_000
    with world.tx() as tx:
        number = world.ids["hill-dr.humidity"]
        readings.insert(tx, [Reading(number, at, 7, 66.0, Quality.UNCERTAIN, at)])
        readings.insert(tx, [Reading(number, late, 6, 1.0, Quality.GOOD, at)])
    (point,) = world.as_("engineer").items("/points", equipment=world.ids["hill-dr"], metric="humidity")
    assert point["latest"] == {
        "at": "2026-03-02T08:00:00Z",
        "value": 66.0,
        "name": None,
        "quality": "uncertain",
        "received_at": "2026-03-02T08:00:00Z",
    }
    limits = [(each["level"], each["value"], each["severity"], each["basis"]["grade"]) for each in point["limits"]]
    assert limits == [("high", 70.0, "low", "P"), ("high_high", 80.0, "high", "P"), ("high", 80.0, "high", "P")]
    (first,) = world.as_("engineer").get(f"/points/{number}/readings", limit=1, order="desc").json()["items"]
    assert (first["sequence"], first["quality"]) == (7, "uncertain")


def test_a_rule_of_another_site_or_point_is_no_limit_of_this_one(world: World) -> None:
    with world.tx() as tx:
        tx.execute(text("DELETE FROM rule_state"))
        tx.execute(text("UPDATE rule SET enabled = code = 'vale-humid'"))
    (point,) = world.as_("admin").items("/points", equipment=world.ids["hill-dr"])
    assert point["limits"] == []
    (point,) = world.as_("admin").items("/points", equipment=world.ids["vale-dr"])
    assert [each["rule_id"] for each in point["limits"]] == [world.ids["vale-humid"]]


@pytest.mark.parametrize(
    ("path", "name", "changes"),
    [
        ("/sites", "hill", {"name": {"en": "Hilltop"}}),
        ("/spaces", "hill:b1-1", {"parent_id": None, "kind": "building"}),
        ("/equipment", "hill-dr", {"space_id": None, "attributes": {"a": 1}}),
        ("/devices", "hill-env", {"equipment_id": None, "address": "0e:9c"}),
        ("/points", "hill-dr.humidity", {"key": "rh", "report_period_s": None}),
    ],
)
def test_what_is_left_out_stays_and_the_version_goes_up(
    world: World, path: str, name: str, changes: dict[str, Any]
) -> None:
    where = f"{path}/{world.ids[name]}"
    before = world.as_("manager").get(where)
    assert before.headers["etag"] == '"1"'
    after = world.as_("manager").change("PATCH", where, 1, changes)
    assert after.status_code == 200, after.text
    assert after.headers["etag"] == '"2"'
    same = {key: value for key, value in before.json().items() if key not in ("place", "state", *changes)}
    assert {**after.json()} == {**after.json(), **same, **changes, "version": 2}
    assert world.as_("manager").get(where).json() == after.json()


@pytest.mark.parametrize(
    ("path", "name", "changes"),
    [
        ("/sites", "hill", {"name": None}),
        ("/sites", "hill", {"code": "mount"}),
        ("/spaces", "hill:b1", {"kind": None}),
        ("/equipment", "hill-dr", {"kind": "elevator"}),
        ("/equipment", "hill-dr", {"attributes": None}),
        ("/devices", "hill-env", {"state": "online"}),
        ("/points", "hill-dr.humidity", {"metric": "temperature"}),
        ("/points", "hill-dr.humidity", {"report_period_s": 0}),
        ("/points", "hill-dr.humidity", {"key": "a b"}),
    ],
)
def test_what_cannot_change_is_refused(same_world: World, path: str, name: str, changes: dict[str, Any]) -> None:
    answer = same_world.as_("manager").change("PATCH", f"{path}/{same_world.ids[name]}", 1, changes)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == list(changes)


def test_a_space_does_not_come_to_stand_inside_of_itself(world: World) -> None:
    manager, building = world.as_("manager"), world.ids["hill:b1"]
    for parent in (building, world.ids["hill:b1-1"]):
        answer = manager.change("PATCH", f"/spaces/{building}", 1, {"parent_id": parent})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "parent_id"
    answer = manager.change("PATCH", f"/spaces/{world.ids['hill:b1-1']}", 1, {"parent_id": world.ids["hill:shaft"]})
    assert answer.status_code == 200


def test_things_of_two_sites_are_not_joined(world: World) -> None:
    chief, hill, vale = world.as_("chief"), world.ids["hill"], world.ids["vale"]
    named = {"code": "x", "name": {"en": "x"}}
    for method, path, body, field in (
        ("POST", "/spaces", {**named, "site_id": vale, "parent_id": world.ids["hill:b1"], "kind": "room"}, "parent_id"),
        (
            "POST",
            "/equipment",
            {**named, "site_id": vale, "space_id": world.ids["hill:b1"], "kind": "pump"},
            "space_id",
        ),
        ("POST", "/devices", {**named, "site_id": hill, "equipment_id": world.ids["vale-dr"]}, "equipment_id"),
        ("PATCH", f"/spaces/{world.ids['vale:b1-1']}", {"parent_id": world.ids["hill:b1"]}, "parent_id"),
        ("PATCH", f"/equipment/{world.ids['vale-dr']}", {"space_id": world.ids["hill:b1"]}, "space_id"),
        ("PATCH", f"/devices/{world.ids['hill-env']}", {"equipment_id": world.ids["vale-dr"]}, "equipment_id"),
        (
            "POST",
            "/points",
            {
                "device_id": world.ids["hill-env"],
                "equipment_id": world.ids["vale-dr"],
                "key": "t",
                "metric": "humidity",
            },
            "equipment_id",
        ),
    ):
        answer = chief.change(method, path, 1, body)
        assert answer.status_code == 422, (path, answer.text)
        assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_codes_are_taken_once(world: World) -> None:
    manager, hill = world.as_("manager"), world.ids["hill"]
    named = {"name": {"en": "x"}}
    for path, body in (
        ("/sites", {**named, "code": "vale"}),
        ("/spaces", {**named, "site_id": hill, "code": "b1", "kind": "room"}),
        ("/equipment", {**named, "site_id": hill, "code": "hill-dr", "kind": "pump"}),
        ("/devices", {**named, "site_id": hill, "code": "vale-env"}),
    ):
        answer = manager.post(path, body)
        assert answer.status_code == 409, (path, answer.text)
        assert "has this code" in answer.json()["detail"]


def test_kinds_and_metrics_that_are_not_there_are_named(world: World) -> None:
    manager, hill = world.as_("manager"), world.ids["hill"]
    for path, body, field in (
        ("/equipment", {"site_id": hill, "kind": "rocket", "code": "x", "name": {"en": "x"}}, "kind"),
        (
            "/points",
            {"device_id": world.ids["hill-env"], "equipment_id": world.ids["hill-dr"], "key": "x", "metric": "joy"},
            "metric",
        ),
    ):
        answer = manager.post(path, body)
        assert answer.status_code == 422
        assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_of_two_changes_made_from_the_same_version_one_is_refused(world: World) -> None:
    manager, path = world.as_("manager"), f"/equipment/{world.ids['hill-dr']}"
    assert manager.change("PATCH", path, 1, {"attributes": {"by": "one"}}).status_code == 200
    assert manager.change("PATCH", path, 1, {"attributes": {"by": "another"}}).status_code == 412
    assert manager.get(path).json()["attributes"] == {"by": "one"}


def test_a_mapping_is_checked_as_the_decoder_will_read_it(world: World) -> None:
    admin = world.as_("admin")
    wrong = {"topic_filter": "a/#/b", "definition": {"device": {"level": -1}, "values": {"h": {"path": ""}}}}
    answer = admin.post("/mappings", wrong)
    assert {each["field"] for each in answer.json()["errors"]} == {
        "topic_filter",
        "definition.device",
        "definition.values.h.path",
    }
    right = {"topic_filter": "a/+", "definition": {"device": {"level": 1}, "values": {"h": {"path": "h"}}}}
    made = admin.post("/mappings", right).json()
    path = f"/mappings/{made['id']}"
    assert admin.change("PATCH", path, 1, {"definition": {}}).status_code == 422
    assert admin.change("PATCH", path, 1, {"topic_filter": "b/+"}).json()["definition"] == right["definition"]
    with world.tx() as tx:
        assert [each.topic_filter for each in plant.load(tx, plant.revision(tx)).mappings] == ["b/+"]
    assert admin.change("DELETE", path, 1, None).status_code == 412
    assert admin.change("DELETE", path, 2, None).status_code == 204
    assert admin.get(path).status_code == 404


def test_a_list_costs_the_same_few_statements_however_long_it_is(world: World) -> None:
    world.raise_alarm("hill-dr")
    statements: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    def cost(path: str) -> int:
        statements.clear()
        assert world.as_("admin").get(path, limit=500).status_code == 200
        return len(statements)

    lists = ("/sites", "/spaces", "/equipment", "/devices", "/points", "/rules", "/alarms", "/tickets", "/people")
    before = {path: cost(path) for path in lists}
    for equipment in ("hill-el", "vale-dr", "vale-el"):
        world.raise_alarm(equipment)
    for number in range(10):
        body = {"site_id": world.ids["hill"], "code": f"n{number}", "name": {"en": "x"}}
        assert world.as_("admin").post("/devices", body).status_code == 201
        assert world.as_("admin").post("/equipment", {**body, "kind": "pump"}).status_code == 201
    assert {path: cost(path) for path in lists} == before
    assert max(before.values()) <= 9


def test_old_readings_are_read_through_all_partitions(world: World) -> None:
    number = world.ids["hill-dr.humidity"]
    days = [world.clock.now - timedelta(days=n) for n in (400, 40, 4)]
    with world.tx() as tx:
        readings.insert(tx, [Reading(number, instant(at), 1, 1.0, Quality.GOOD, instant(at)) for at in days])
    for order in ("asc", "desc"):
        found = world.as_("engineer").items(f"/points/{number}/readings", order=order, limit=2)
        assert [row["at"] for row in found] == sorted((row["at"] for row in found), reverse=order == "desc")
        assert len(found) == 33


def test_the_register_of_an_elevator_refuses_what_cannot_be_true_and_says_who_changed_what(world: World) -> None:
    manager, lift = world.as_("manager"), f"/equipment/{world.ids['hill-el']}"
    wrong = {
        "rated_load": "1000 kg",
        "rated_speed": 105,
        "install_date": "2031-01-01",
        "emergency_phone": "call Wang",
        "floors": ["B1", 1, 1],
        "stations": 0,
        "maker": "",
        "code_set": 1000,
    }
    refused = manager.change("PATCH", lift, 1, {"attributes": wrong})
    assert refused.status_code == 422, refused.text
    assert {each["field"] for each in refused.json()["errors"]} == {f"attributes.{name}" for name in wrong}
    right = {"floors": ["B1", 1, 2], "stations": 3, "doors": 3, "rated_load": 1000, "code_set": "Demo Lifts"}
    assert manager.change("PATCH", lift, 1, {"attributes": right}).status_code == 200
    shown = manager.get(f"/elevators/{world.ids['hill-el']}").json()
    assert "maker" in shown["missing"]
    assert "doors" not in shown["missing"]
    with world.tx() as tx:
        asked = "SELECT actor_id, body::jsonb -> 'changes' -> 'doors' ->> 'to' FROM ledger WHERE kind = %s"
        (entry,) = tx.exec_driver_sql(asked, ("equipment_attributes_changed",)).all()
    assert tuple(entry) == (world.ids["manager"], "3")
