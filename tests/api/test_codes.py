"""Codes as data: a maker's own set is entered, and its entrapment is an entrapment."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from facility_monitor.domain.alarm.condition.combination import Combination, Part
from facility_monitor.domain.alarm.condition.state import State
from facility_monitor.store import plant
from facility_monitor.store.tables import equipment
from tests.api.world import World


def new(**changes: Any) -> dict[str, Any]:
    name = {"zh-CN": "轿厢困人", "en": "Passengers trapped"}
    row = {"code_set": "Demo Lifts", "metric": "fault_code", "code": 71, "meaning": "entrapment", "name": name}
    return {**row, "standard": "manual, table 12", "grade": "L", "effective_from": "2026-03-02", **changes}


def test_a_makers_code_is_entered_and_rules_go_by_what_it_means(world: World) -> None:
    admin = world.as_("admin")
    assert admin.get("/codes?code_set=Demo%20Lifts").json()["items"] == []
    made = admin.post("/codes", new())
    assert (made.status_code, made.json()["added_by"]) == (201, "admin")
    admin.post("/codes", new(effective_from="2025-01-01", meaning="door_closing"))
    rows = admin.get("/codes?code_set=Demo%20Lifts").json()["items"]
    assert [row["meaning"] for row in rows] == ["entrapment", "door_closing"]

    lift = world.ids["hill-el"]
    gateway = admin.get(f"/devices?equipment={lift}").json()["items"][0]["id"]
    point = {"device_id": gateway, "equipment_id": lift, "key": "fault_code", "metric": "fault_code"}
    made = admin.post("/points", point)
    assert made.status_code == 201, made.text
    with world.tx() as tx:
        tx.execute(update(equipment).where(equipment.c.id == lift).values(attributes={"code_set": "Demo Lifts"}))
        (faults,) = plant.watched(tx, [made.json()["id"]])
        trapped = next(rule for rule in faults.rules if rule.code == "elevator-entrapment")
    assert isinstance(trapped.condition, Combination)
    assert isinstance(trapped.condition.root, Part)
    assert isinstance(trapped.condition.root.of, State)
    assert set(trapped.condition.root.of.values) == {-1.0, 71.0}
    assert trapped.condition.sentence(71)["en"] == "Passengers trapped (code 71)"


def test_whoever_shows_a_coded_value_gets_its_names_from_the_one_table(world: World) -> None:
    admin = world.as_("admin")
    admin.post("/codes", new(metric="door_status", code=2))
    lift = world.ids["hill-el"]
    gateway = admin.get(f"/devices?equipment={lift}").json()["items"][0]["id"]
    made = {
        metric: admin.post(
            "/points", {"device_id": gateway, "equipment_id": lift, "key": metric, "metric": metric}
        ).json()
        for metric in ("door_status", "water_leak")
    }
    assert made["door_status"]["codes"]["1"]["en"] == "Closed"
    assert made["water_leak"]["codes"]["1"] == {"zh-CN": "漏水", "en": "Water"}
    with world.tx() as tx:
        tx.execute(update(equipment).where(equipment.c.id == lift).values(attributes={"code_set": "Demo Lifts"}))
    points = {each["metric"]: each["codes"] for each in admin.items(f"/points?equipment={lift}")}
    assert points == {
        "motor_temperature": None,
        "door_status": {"2": {"zh-CN": "轿厢困人", "en": "Passengers trapped"}},
        "water_leak": made["water_leak"]["codes"],
    }
    metrics = {each["code"]: each["codes"] for each in admin.items("/metrics")}
    assert metrics["fault_code"]["11"]["en"] == "People trapped"
    assert metrics["humidity"] is None


def test_a_code_that_cannot_stand_is_refused_by_its_field(same_world: World) -> None:
    admin = same_world.as_("admin")
    for field, value in (("effective_from", "2026-03-04"), ("metric", "no_such_metric"), ("code", "11")):
        refused = admin.post("/codes", new(**{field: value}))
        assert refused.status_code == 422, (field, refused.text)
        assert [each["field"] for each in refused.json()["errors"]] == [field]
    known = new(code_set="GB/T 24476", code=11, effective_from="2018-04-01")
    assert admin.post("/codes", known).status_code == 409
    assert same_world.as_("manager").post("/codes", new()).status_code == 403, "it holds for every site"
