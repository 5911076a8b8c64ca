"""The ingest as people see it: its balance, dead letters to be replayed, unknown devices to be adopted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from facility_monitor.api.app import create_app
from facility_monitor.domain.reading.balance import Sheet
from facility_monitor.settings import Settings
from facility_monitor.store.reading import batches, slots
from facility_monitor.store.reading.slots import Report
from facility_monitor.store.tables import reject
from tests.api.world import START, World


def enter(world: World, received: dict[int, int], stored: dict[int, int], rejected: dict[int, int]) -> None:
    with world.tx() as tx:
        batches.put(tx, 0, Sheet(received, stored, {}, rejected), ())


def test_the_balance_is_shown_in_all_by_site_and_by_device_to_who_sees_them(world: World) -> None:
    hill, vale, env = world.ids["hill"], world.ids["vale"], world.ids["hill-env"]
    enter(world, {env: 10, -hill: 2, -vale: 3, 0: 1}, {env: 9}, {env: 1, -hill: 2, -vale: 3, 0: 1})
    enter(world, {env: 5}, {env: 5}, {})
    with world.tx() as tx:
        report = Report(0, "here:1", START, True, arrived=7, committed=4, in_flight=3, broker={"dropped": 2})
        slots.put(tx, report, START)

    seen: Any = world.as_("admin").get("/ingest/balance").json()
    totals = {"received": 24, "stored": 14, "duplicate": 0, "rejected": 7, "in_flight": 3, "difference": 0}
    assert seen["totals"] == totals
    assert [(each["code"], each["received"], each["unknown"]) for each in seen["sites"]] == [
        ("hill", 17, 2),
        ("vale", 3, 3),
        (None, 1, 1),
    ]
    counted = [(each["code"], each["received"], each["rejected"]) for each in seen["devices"]["items"]]
    assert counted == [("hill-env", 15, 1), ("hill-gw", 0, 0), ("vale-env", 0, 0), ("vale-gw", 0, 0)]
    assert (seen["slots"][0]["alive"], seen["slots"][0]["holder"], seen["broker"]["dropped"]) == (True, "here:1", 2)

    of_manager = world.as_("manager").get("/ingest/balance?limit=1").json()
    assert [each["code"] for each in of_manager["sites"]] == ["hill"]
    assert [each["code"] for each in of_manager["devices"]["items"]] == ["hill-env"]
    assert of_manager["devices"]["next_cursor"]
    assert world.as_("contractor").get("/ingest/balance").status_code == 403

    world.clock.move(minutes=1)
    later = world.as_("admin").get("/ingest/balance").json()
    assert (later["slots"][0]["alive"], later["totals"]["in_flight"]) == (False, 0)


def test_a_difference_is_shown_where_it_is(world: World) -> None:
    world.app = create_app(Settings(_env_file=None), world.database, now=world.clock)
    enter(world, {world.ids["hill-env"]: 10}, {world.ids["hill-env"]: 9}, {})
    seen = world.as_("admin").get("/ingest/balance").json()
    assert seen["totals"]["difference"] == 1
    assert [each["difference"] for each in seen["devices"]["items"]] == [1, 0, 0, 0]
    told = world.anonymous().get("/metrics").text.splitlines()
    assert "facility_monitor_ingest_difference 1.0" in told
    assert 'facility_monitor_ingest_balance{what="stored"} 9.0' in told


def test_letters_are_found_by_what_they_are_and_only_those_that_are_seen_are_replayed(world: World) -> None:
    admin, manager = world.as_("admin"), world.as_("manager")
    for query, topics in (
        ("site=hill", ["facility/hill/hill-env/telemetry"]),
        ("topic=facility/%23", ["facility/vale/vale-env/telemetry", "facility/hill/hill-env/telemetry"]),
        ("topic=facility", []),
        ("reason=unknown_device", []),
    ):
        assert [each["topic"] for each in admin.get(f"/rejects?{query}").json()["items"]] == topics, query
    number = admin.get("/rejects?site=vale").json()["items"][0]["id"]
    assert manager.get(f"/rejects/{number}").status_code == 404

    assert manager.post("/rejects/replay", {"ids": [number]}).json() == {"requested": 0}
    answer = manager.post("/rejects/replay", {"filter": {"reason": "unreadable"}})
    assert (answer.status_code, answer.json()) == (202, {"requested": 1})
    assert manager.post("/rejects/replay", {"filter": {}}).json() == {"requested": 0}  # waits already
    shown = manager.get("/rejects").json()["items"][0]
    assert (shown["requested_by"], shown["replayed_at"], shown["outcome"]) == ("manager", None, None)
    wrong: list[dict[str, Any]] = [{}, {"ids": [1], "filter": {}}, {"ids": []}, {"filter": {"reason": "none"}}]
    for body in wrong:
        assert admin.post("/rejects/replay", body).status_code == 422, body
    assert world.as_("engineer").post("/rejects/replay", {"ids": [1]}).status_code == 403


def test_an_unknown_device_comes_with_proposals_and_is_adopted_with_its_points(world: World) -> None:
    manager = world.as_("manager")
    (heard,) = manager.get("/unknown-devices").json()["items"]
    assert (heard["device"], heard["site"], heard["format"], heard["messages"]) == ("new-1", "hill", "house", 1)
    assert heard["keys"] == [
        {"key": "hum", "value": 61.0, "unit": None, "metric": "humidity"},
        {"key": "temp", "value": 20.5, "unit": "Cel", "metric": "temperature"},
    ]
    path = f"/unknown-devices/{heard['id']}/adopt"
    new = {
        "site_id": world.ids["hill"],
        "equipment_id": world.ids["hill-dr"],
        "name": {"en": "New"},
        "points": [{"key": each["key"], "metric": each["metric"]} for each in heard["keys"]],
    }
    wrong = world.as_("chief").post(path, {**new, "site_id": world.ids["vale"], "equipment_id": world.ids["vale-dr"]})
    assert wrong.status_code == 422
    assert "site_id" in wrong.text
    assert manager.post(path, {**new, "points": [{"key": "x", "metric": "nonsense"}]}).status_code == 422
    assert manager.post(path, {**new, "code": "hill-env"}).status_code == 409
    answer = manager.post(path, new)
    assert answer.status_code == 201, answer.text
    device = manager.get(f"/devices/{answer.json()['device_id']}").json()
    assert (device["code"], device["address"]) == ("new-1", None)
    points = manager.get(f"/points?device={device['id']}").json()["items"]
    assert [each["metric"] for each in points] == ["humidity", "temperature"]
    assert manager.get("/unknown-devices").json()["items"] == []
    assert manager.post(path, new).status_code == 404


def test_what_an_adopted_device_has_sent_is_asked_for(world: World) -> None:
    with world.tx() as tx:
        number = tx.execute(select(reject.c.id).where(reject.c.site == "hill")).scalar_one()
        tx.execute(reject.update().where(reject.c.id == number).values(device="new-1", reason="unknown_device"))
    (heard,) = world.as_("admin").get("/unknown-devices").json()["items"]
    new = {
        "site_id": world.ids["hill"],
        "equipment_id": world.ids["hill-dr"],
        "name": {"en": "New"},
        "points": [{"key": "hum", "metric": "humidity"}],
    }
    assert world.as_("admin").post(f"/unknown-devices/{heard['id']}/adopt", new).json()["replayed"] == 1
    shown = world.as_("admin").get(f"/rejects/{number}").json()
    assert shown["requested_at"] == (START + timedelta()).isoformat().replace("+00:00", "Z")
