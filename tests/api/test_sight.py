"""Who sees what: every role at every route that shows or touches a thing, by list and by guessing ids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from facility_monitor.store.tables import contract, equipment
from tests.api.world import World

ALL = ("hill", "vale")
EVERYTHING: Mapping[str, tuple[str, ...]] = {
    "sites": ALL,
    "spaces": tuple(f"{site}:{space}" for site in ALL for space in ("b1", "b1-1", "shaft")),
    "equipment": tuple(f"{site}-{kind}" for site in ALL for kind in ("dr", "el")),
    "devices": tuple(f"{site}-{kind}" for site in ALL for kind in ("env", "gw")),
    "points": tuple(f"{site}-{point}" for site in ALL for point in ("dr.humidity", "el.motor_temperature")),
    "contracts": ("lifts@hill", "rooms@vale"),
    "organisations": ("lifts", "rooms"),
    "duty": ("shift",),
    "rules": tuple(f"{site}-{rule}" for site in ALL for rule in ("humid", "hot")),
    "alarms": tuple(f"alarm {site}-{kind}" for site in ALL for kind in ("dr", "el")),
    "tickets": tuple(f"ticket {site}-{kind}" for site in ALL for kind in ("dr", "el")),
    "people": ("admin", "manager", "engineer", "inspector", "contractor", "chief"),
}
OF_HILL = {
    resource: tuple(name for name in names if "hill" in name or resource == "duty")
    for resource, names in EVERYTHING.items()
} | {"organisations": ("lifts",)}
NOBODY: dict[str, tuple[str, ...] | None] = {"people": None}
SEES: Mapping[str, Mapping[str, tuple[str, ...] | None]] = {
    "admin": EVERYTHING,
    "chief": {**EVERYTHING, "people": ("manager", "engineer", "inspector", "contractor", "chief")},
    "manager": {**OF_HILL, "people": ("manager", "engineer", "inspector", "contractor", "chief")},
    "engineer": {**OF_HILL, **NOBODY},
    "inspector": {**OF_HILL, **NOBODY},
    "contractor": {
        "sites": ("hill",),
        "spaces": ("hill:b1", "hill:shaft"),
        "equipment": ("hill-el",),
        "devices": ("hill-gw",),
        "points": ("hill-el.motor_temperature",),
        "contracts": ("lifts@hill",),
        "organisations": ("lifts",),
        "duty": ("shift",),
        "rules": None,
        "alarms": ("alarm hill-el",),
        "tickets": ("ticket hill-el",),
        "people": None,
    },
}
"""What each role sees of each resource; None where the scope for the whole resource is missing."""

BELOW = {"points": ("readings",), "rules": ("versions",), "alarms": ("ledger", "notices"), "tickets": ("ledger",)}


@pytest.fixture
def busy(world: World) -> World:
    """The world with an alarm and its ticket at each piece of equipment."""
    for name in EVERYTHING["equipment"]:
        number = world.raise_alarm(name)
        world.ids[f"alarm {name}"] = number
        with world.tx() as tx:
            world.ids[f"ticket {name}"] = tx.exec_driver_sql(
                "SELECT ticket_id FROM alarm WHERE id = %s", (number,)
            ).scalar_one()
    return world


@pytest.mark.parametrize("username", SEES)
def test_everybody_sees_exactly_their_own(busy: World, username: str) -> None:
    caller = busy.as_(username)
    for resource, expected in SEES[username].items():
        path = f"/{resource}"
        if expected is None:
            assert caller.get(path).status_code == 403, path
            continue
        listed = {row["id"] for row in caller.items(path)}
        if resource == "rules":
            listed &= {busy.ids[name] for name in EVERYTHING["rules"]}
        assert listed == {busy.ids[name] for name in expected}, (resource, listed)

        for name in EVERYTHING[resource]:
            wanted = 200 if name in expected else 404
            for below in ("", *(f"/{each}" for each in BELOW.get(resource, ()))):
                answer = caller.get(f"{path}/{busy.ids[name]}{below}")
                assert answer.status_code == wanted, (path, name, below, answer.text)


def _touches(world: World) -> dict[str, list[tuple[str, str, Any]]]:
    """Ways to change each thing of vale, which are all in order but for who asks."""
    number = world.ids
    lift, room = "vale-el", "vale-dr"
    rule = {
        "name": {"en": "x"},
        "severity": "low",
        "scope": {"metric": "humidity", "site_id": number["hill"]},
        "limit": {"level": "high", "value": 1, "unit": "%RH"},
        "response": {"en": "x"},
        "basis": {"source": "x", "grade": "P"},
        "reason": "x",
    }
    return {
        "manager": [
            ("PATCH", f"/sites/{number['vale']}", {"timezone": "UTC"}),
            ("PATCH", f"/spaces/{number['vale:b1']}", {"kind": "floor"}),
            ("PATCH", f"/equipment/{number[room]}", {"attributes": {}}),
            ("PATCH", f"/devices/{number['vale-env']}", {"address": None}),
            ("PATCH", f"/points/{number['vale-dr.humidity']}", {"report_period_s": 5}),
            ("PUT", f"/rules/{number['vale-humid']}", rule),
        ],
        "engineer": [
            ("POST", f"/alarms/{number[f'alarm {room}']}/acknowledge", {}),
            # Also where its state would not allow it: a conflict would tell that there is such a ticket.
            ("POST", f"/tickets/{number[f'ticket {room}']}/close", {"note": "x"}),
            ("POST", f"/tickets/{number[f'ticket {room}']}/repaired", {"note": "x"}),
            ("POST", f"/tickets/{number[f'ticket {room}']}/accept", None),
            ("POST", f"/tickets/{number[f'ticket {room}']}/repaired", {"note": "x"}),
            ("POST", f"/tickets/{number[f'ticket {room}']}/close", {"note": "x"}),
            ("POST", f"/tickets/{number[f'ticket {room}']}/accept", None),
        ],
        "contractor": [
            ("POST", f"/tickets/{number[f'ticket {lift}']}/accept", None),
            ("POST", f"/tickets/{number['ticket hill-dr']}/accept", None),
            ("POST", f"/tickets/{number['ticket hill-dr']}/repaired", {"note": "x"}),
            ("POST", f"/tickets/{number['ticket hill-dr']}/close", {"note": "x"}),
        ],
    }


def test_what_is_not_seen_cannot_be_touched(busy: World) -> None:
    for username, ways in _touches(busy).items():
        for method, path, body in ways:
            answer = busy.as_(username).change(method, path, 1, body)
            assert answer.status_code == 404, (username, method, path, answer.text)
            ours = busy.as_("admin").change(method, path, 1, body)
            assert ours.status_code in (200, 409, 412), (method, path, ours.text)


def test_what_is_not_seen_cannot_be_referred_to(busy: World) -> None:
    number = busy.ids
    named = {"code": "x", "name": {"en": "x"}}
    ways: list[tuple[str, str, Any, str]] = [
        ("manager", "/spaces", {**named, "site_id": number["vale"], "kind": "room"}, "site_id"),
        ("manager", "/equipment", {**named, "site_id": number["vale"], "kind": "pump"}, "site_id"),
        ("manager", "/devices", {**named, "site_id": number["vale"]}, "site_id"),
        (
            "manager",
            "/points",
            {"device_id": number["vale-env"], "equipment_id": number["hill-dr"], "key": "t", "metric": "temperature"},
            "device_id",
        ),
        ("manager", "/duty", {"site_id": number["vale"], "person_id": 1, "starts_at": "2026-03-02T08:00Z"}, "site_id"),
        ("engineer", "/tickets", {"equipment_id": number["vale-dr"], "title": "x", "description": "x"}, "equipment_id"),
        (
            "contractor",
            "/tickets",
            {"equipment_id": number["hill-dr"], "title": "x", "description": "x"},
            "equipment_id",
        ),
    ]
    for username, path, body, field in ways:
        answer = busy.as_(username).post(path, body)
        assert answer.status_code == 422, (path, answer.text)
        assert answer.json()["errors"][0]["field"] == field


def test_filters_do_not_widen_what_is_seen(busy: World) -> None:
    caller = busy.as_("contractor")
    assert caller.items("/alarms", equipment=busy.ids["hill-dr"]) == []
    assert caller.items("/alarms", site=busy.ids["vale"]) == []
    assert caller.items("/alarms", state="live", severity="high") == caller.items("/alarms")
    assert caller.items("/tickets", site=busy.ids["vale"]) == []
    assert caller.items("/points", device=busy.ids["hill-env"]) == []
    assert [row["code"] for row in caller.items("/equipment", q="hill")] == ["hill-el"]


def test_rejects_are_shown_by_the_site_in_their_topic(world: World) -> None:
    topics = {who: {row["topic"] for row in world.as_(who).items("/rejects")} for who in ("admin", "manager", "chief")}
    hill, vale = "facility/hill/hill-env/telemetry", "facility/vale/vale-env/telemetry"
    assert topics == {"admin": {hill, vale, "elsewhere/hill"}, "manager": {hill}, "chief": {hill, vale}}


def test_a_contract_counts_from_its_first_to_its_last_day_by_the_calendar_of_the_site(world: World) -> None:
    seen = {}
    with world.tx() as tx:
        last = {"starts_on": date(2026, 3, 2), "ends_on": date(2026, 3, 2)}
        tx.execute(update(contract).where(contract.c.id == world.ids["lifts@hill"]).values(last))
    # 2 March in Shanghai begins at 16:00 UTC of the 1st.
    for hours in (-17, -15, 7, 9):
        world.clock.now = world.clock.now.replace(day=2, hour=8)
        world.clock.move(hours=hours)
        seen[hours] = len(world.as_("contractor").items("/equipment"))
    assert seen == {-17: 0, -15: 1, 7: 1, 9: 0}


def test_a_contract_for_all_kinds_covers_the_whole_site(world: World) -> None:
    with world.tx() as tx:
        tx.execute(update(contract).where(contract.c.id == world.ids["lifts@hill"]).values(equipment_kind=None))
    assert {row["code"] for row in world.as_("contractor").items("/equipment")} == {"hill-dr", "hill-el"}


def test_a_contractor_sees_a_gateway_that_speaks_for_its_equipment(world: World) -> None:
    with world.tx() as tx:
        tx.exec_driver_sql("UPDATE device SET equipment_id = NULL")
    assert [row["code"] for row in world.as_("contractor").items("/devices")] == ["hill-gw"]


def test_equipment_that_changes_hands_changes_sight_at_once(world: World) -> None:
    caller = world.as_("contractor")
    alarm = world.raise_alarm("hill-el")
    assert caller.get(f"/alarms/{alarm}").status_code == 200
    with world.tx() as tx:
        tx.execute(update(equipment).where(equipment.c.id == world.ids["hill-el"]).values(kind="pump"))
    assert caller.get(f"/alarms/{alarm}").status_code == 404


def test_what_holds_everywhere_is_changed_only_by_who_sees_everywhere(world: World) -> None:
    kind = {"code": "boiler", "name": {"en": "Boiler"}}
    metric = {"code": "co2", "name": {"en": "CO2"}, "unit": "ppm", "display_unit": "ppm"}
    mapping = {"topic_filter": "z/+", "definition": {"device": {"level": 1}, "values": {"h": {"path": "h"}}}}
    for path, body in (("/equipment-kinds", kind), ("/metrics", metric), ("/mappings", mapping)):
        assert world.as_("manager").post(path, body).status_code == 403, path
        assert world.as_("chief").post(path, body).status_code == 201, path
        assert world.as_("admin").post(path, body).status_code == 409, path


def test_who_adds_a_site_sees_it(world: World) -> None:
    added = world.as_("manager").post("/sites", {"code": "dale", "name": {"en": "Dale"}})
    assert added.status_code == 201
    assert {row["code"] for row in world.as_("manager").items("/sites")} == {"hill", "dale"}
    assert "dale" not in {row["code"] for row in world.as_("chief").items("/sites")}


def test_windows_and_suppressions_are_those_of_ones_own_sites(world: World) -> None:
    admin, number = world.as_("admin"), world.ids
    window = {
        "purpose": "test",
        "starts_at": "2026-03-03T09:00:00+08:00",
        "ends_at": "2026-03-03T11:00:00+08:00",
        "reason": "monthly test",
    }
    cause = {"cause": "power_off", "compare": "equals", "value": 0, "reach": "space", "reason": "no power, no news"}
    made: dict[str, dict[str, Any]] = {"service-windows": {}, "suppression-rules": {}}
    for site in ALL:
        body = {**window, "site_id": number[site]}
        made["service-windows"][site] = admin.post("/service-windows", body).json()
        body = {**cause, "point_id": number[f"{site}-dr.humidity"], "name": {"en": "power"}}
        made["suppression-rules"][site] = admin.post("/suppression-rules", body).json()
    ways = {
        "service-windows": {"ends_at": "2026-03-03T12:00:00+08:00"},
        "suppression-rules": {"enabled": False, "reason": "out for repair"},
    }
    for who, sees in {"admin": ALL, "chief": ALL, "manager": ("hill",), "engineer": ("hill",)}.items():
        for resource, of_site in made.items():
            assert {row["id"] for row in world.as_(who).items(f"/{resource}")} == {of_site[site]["id"] for site in sees}
            for site, row in of_site.items():
                expected = 200 if site in sees else 404
                assert world.as_(who).get(f"/{resource}/{row['id']}").status_code == expected, (who, resource, site)
    for resource, change in ways.items():
        row, headers = made[resource]["vale"], {"If-Match": '"1"'}
        answer = world.as_("manager")("PATCH", f"/{resource}/{row['id']}", json=change, headers=headers)
        assert answer.status_code == 404, (resource, answer.text)
    assert world.as_("contractor").get("/suppression-rules").status_code == 403
    hill = {**window, "site_id": number["hill"]}
    for reach in (
        {"equipment_id": number["hill-dr"]},
        {"equipment_kind": "distribution_room"},
        {"space_id": number["hill:b1-1"]},
    ):
        assert admin.post("/service-windows", hill | reach).status_code == 201
    lifts = [
        admin.post("/service-windows", hill | reach).json()["id"]
        for reach in (
            {"equipment_id": number["hill-el"]},
            {"equipment_kind": "elevator", "space_id": number["hill:shaft"]},
        )
    ]
    its = {made["service-windows"]["hill"]["id"], *lifts}
    assert {row["id"] for row in world.as_("contractor").items("/service-windows")} == its
    beyond = world.as_("engineer").post("/service-windows", {**window, "site_id": number["vale"]})
    assert beyond.status_code == 422, beyond.text
