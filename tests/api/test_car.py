"""The car of an elevator: where it is, its mode, its counters and last faults; and as it moves."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from facility_monitor.domain.instant import SECOND, instant
from facility_monitor.domain.reading.reading import Quality, Reading, unnumbered
from facility_monitor.store.reading import readings, rollups
from tests.api.elevator import register
from tests.api.served import Served
from tests.api.world import START, World

POINTS = ("car_position", "car_status", "car_direction", "door_zone", "door_status", "service_mode", "fault_code")


@pytest.fixture
def lift(world: World) -> World:
    """The lift with the points of a gateway; their ids stand under their names."""
    admin, number = world.as_("admin"), world.ids["hill-el"]
    register(world, attributes={"floors": ["B1", 1, 2, 3]})
    gateway = admin.get(f"/devices?equipment={number}").json()["items"][0]["id"]
    for key in (*POINTS, "present_counter_value"):
        new = {"device_id": gateway, "equipment_id": number, "key": key, "metric": key, "report_period_s": 5}
        world.ids[key] = admin.post("/points", new).json()["id"]
    return world


def say(world: World, at: float, **values: float) -> None:
    """What the gateway tells, ``at`` seconds before the world's start."""
    moment = instant(START) - round(at * SECOND)
    rows = [
        Reading(world.ids[key], moment, unnumbered(value), value, Quality.GOOD, moment) for key, value in values.items()
    ]
    with world.tx() as tx:
        readings.insert(tx, rows)
        rollups.fold_late(tx)


def state(world: World) -> dict[str, Any]:
    answer = world.as_("engineer").get(f"/elevators/{world.ids['hill-el']}/state")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_car_with_people_trapped_is_told_as_such_with_its_counters_and_last_faults(lift: World) -> None:
    say(lift, 2 * 86400, fault_code=2, present_counter_value=1000)
    say(lift, 2 * 86400 - 90, fault_code=0)
    say(lift, 86400, present_counter_value=1100)
    say(lift, 65, fault_code=4)
    say(lift, 3, fault_code=11, car_position=-1, car_status=0, car_direction=0, door_zone=2, door_status=1)
    say(lift, 2, service_mode=1, present_counter_value=1160)
    body = state(lift)
    assert body["entrapment"] is True
    assert body["fault"]["name"] == {"zh-CN": "困人", "en": "People trapped"}
    assert (body["position"]["value"], body["position"]["floor"]) == (-1, "B1")
    assert body["floors"] == ["B1", "1", "2", "3"]
    meanings = {name: body[name]["meaning"] for name in ("car_status", "door_zone", "door_status", "service_mode")}
    assert meanings == {
        "car_status": "standing",
        "door_zone": "outside",
        "door_status": "closed",
        "service_mode": "normal",
    }
    assert body["passenger_status"] is None, "this gateway does not send it"
    assert [each["metric"] for each in body["counters"]] == ["present_counter_value"]
    assert body["last_day"] == {"present_counter_value": 60}
    faults = [(each["meaning"], each["began_at"], each["ended_at"]) for each in body["faults"]]
    assert faults == [
        ("entrapment", "2026-03-02T07:59:57Z", None),
        ("stopped_outside_door_zone", "2026-03-02T07:58:55Z", "2026-03-02T07:59:57Z"),
        ("door_closing", "2026-02-28T08:00:00Z", "2026-02-28T08:01:30Z"),
    ]
    assert body["silent"] is False
    lift.clock.now += timedelta(minutes=1)
    assert state(lift)["silent"] is True


def test_an_elevator_that_sends_nothing_has_a_state_that_says_so(world: World) -> None:
    number = world.ids["vale-el"]
    body = world.as_("admin").get(f"/elevators/{number}/state").json()
    assert (body["position"], body["fault"], body["entrapment"], body["faults"]) == (None, None, False, [])
    assert world.as_("engineer").get(f"/elevators/{number}/state").status_code == 404, "another site's"


def test_the_stream_tells_each_change_as_it_happens(lift: World, served: Served) -> None:
    say(lift, 10, car_position=1, car_status=0)
    url = f"{served.url}/api/v1/elevators/{lift.ids['hill-el']}/state/stream"
    headers = {"Authorization": f"Bearer {lift.tokens['engineer']}"}
    with httpx.stream("GET", url, headers=headers, timeout=10) as stream:
        lines = (line for line in stream.iter_lines() if line.startswith("data: "))
        assert json.loads(next(lines)[6:])["position"]["floor"] == "1"
        say(lift, 5, car_position=2, car_status=1)
        moved = json.loads(next(lines)[6:])
    assert (moved["position"]["floor"], moved["car_status"]["meaning"]) == ("2", "moving")
