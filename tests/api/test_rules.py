"""Rules through the API: checked against the plant, versioned, with an author and a reason."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from facility_monitor.store.alarm import rules
from tests.api.world import World

RULE: dict[str, Any] = {
    "name": {"zh-CN": "湿度高", "en": "Humid"},
    "severity": "medium",
    "scope": {"metric": "humidity"},
    "limit": {"level": "high", "value": 75, "unit": "%RH", "deadband": 2},
    "on_delay_s": 60,
    "off_delay_s": 1.5,
    "opens_ticket": True,
    "response": {"en": "Look\nat it"},
    "respond_within_s": 600,
    "basis": {"source": "own practice", "grade": "P", "effective_from": "2026-01-01"},
    "reason": "a wet summer",
}


def _with(**changes: Any) -> dict[str, Any]:
    """RULE with values put in at dotted paths; ``...`` takes a field out."""
    body = deepcopy(RULE)
    for path, value in changes.items():
        *way, last = path.split("__")
        inner = body
        for step in way:
            inner = inner[step]
        if value is ...:
            del inner[last]
        else:
            inner[last] = value
    return body


def test_a_rule_is_kept_as_it_was_written_and_watches_at_once(world: World) -> None:
    body = _with(code="humid", scope__site_id=world.ids["hill"])
    answer = world.as_("manager").post("/rules", body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert {
        **made,
        **body,
        "scope": made["scope"],
        "limit": {**body["limit"], "relative_to": None, "quantity": None},
    } == made
    assert made["scope"] == {
        "metric": "humidity",
        "site_id": world.ids["hill"],
        "equipment_kind": None,
        "point_id": None,
    }
    assert (made["version"], made["enabled"], made["changed_by"], made["cause"]) == (1, True, "manager", {})
    assert made["changed_at"] == "2026-03-02T08:00:00Z"
    with world.tx() as tx:
        rule = next(each for each in rules.enabled(tx) if each.id == made["id"])
    assert ((limit := rule.limit_at(0)) and limit.value, rule.off_delay, rule.basis and rule.basis.grade) == (
        75.0,
        1_500_000,
        "P",
    )
    assert world.as_("inspector").get(f"/rules/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (_with(name=...), "name"),
        (_with(name={}), "name"),
        (_with(response=...), "response"),
        (_with(severity="urgent"), "severity"),
        (_with(kind="feeling"), "kind"),
        (_with(scope__metric="joy"), "scope.metric"),
        (_with(scope__colour=1), "scope.colour"),
        (_with(scope__equipment_kind="rocket"), "scope.equipment_kind"),
        (_with(scope__site_id=99), "scope.site_id"),
        (_with(scope__point_id=99), "scope.point_id"),
        (_with(limit__unit="Cel"), "limit.unit"),
        (_with(limit__level="higher"), "limit.level"),
        (_with(limit__deadband=-1), "limit.deadband"),
        (_with(limit__value="75"), "limit.value"),
        (_with(on_delay_s=-1), "on_delay_s"),
        (_with(on_delay_s=1e9), "on_delay_s"),
        (_with(life_safety=True), "on_delay_s"),
        (_with(latched=False, life_safety=True, on_delay_s=0), "latched"),
        (_with(misread_filter=True, life_safety=True, on_delay_s=0), "misread_filter"),
        (_with(realarm_s=1), "realarm_s"),
        (_with(limit=...), "limit"),
        (_with(kind="state", limit=...), "state"),
        (_with(kind="state", limit=..., state={}), "state"),
        (_with(kind="state", limit=..., state={"values": ["on"]}), "state.values.0"),
        (_with(kind="rate", limit=..., rate={"way": "down", "change": 0, "span_s": 5, "unit": "%RH"}), "rate.change"),
        (_with(kind="rate", limit=..., rate={"way": "down", "change": 1, "span_s": 5, "unit": "Pa"}), "rate.unit"),
        (_with(kind="stuck", limit=..., stuck={"for_s": -1}), "stuck.for_s"),
        (_with(kind="silence", limit=..., silence={"missed": 0}), "silence.missed"),
        (_with(kind="silence", limit=..., silence={}, misread_filter=True), "misread_filter"),
        (_with(kind="quality", limit=..., quality={"worst": "good"}), "quality.worst"),
        (_with(kind="times", limit=..., times={"count": 2, "within_s": 9, "of": {}}), "times.of"),
        (_with(kind="dew_point", limit=..., dew_point={"margin": 3, "surface": "joy"}), "dew_point.surface"),
        (_with(kind="combination", limit=..., combination={"all": [{"metric": "x"}]}), "combination.all.0"),
        (
            _with(
                kind="combination",
                limit=...,
                combination={"not": {"metric": "joy", "state": {"values": [1]}}},
            ),
            "combination.not.metric",
        ),
        (_with(respond_within_s=0), "respond_within_s"),
        (_with(basis=...), "basis"),
        (_with(basis__grade="A"), "basis.grade"),
        (_with(basis__effective_from="soon"), "basis.effective_from"),
        (_with(reason=...), "reason"),
        (_with(reason=" "), "reason"),
        (_with(enabled="yes"), "enabled"),
    ],
)
def test_a_wrong_rule_is_refused_by_the_fields_name(same_world: World, body: dict[str, Any], field: str) -> None:
    answer = same_world.as_("admin").post("/rules", {**body, "code": "humid"})
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert same_world.as_("admin").change("PUT", "/rules/1", 1, body).status_code == 422


def test_a_point_must_measure_what_the_rule_watches(world: World) -> None:
    point = world.ids["hill-el.motor_temperature"]
    answer = world.as_("admin").post("/rules", {**_with(scope__point_id=point), "code": "humid"})
    assert answer.json()["errors"] == [
        {"field": "scope.point_id", "message": "measures motor_temperature, not humidity"}
    ]


def test_a_life_safety_rule_without_delay_is_taken(world: World) -> None:
    body = _with(code="humid", life_safety=True, on_delay_s=0)
    assert world.as_("admin").post("/rules", body).json()["life_safety"] is True


def test_every_version_stays_with_its_author_and_reason(world: World) -> None:
    made = world.as_("admin").post("/rules", {**RULE, "code": "humid"}).json()
    path = f"/rules/{made['id']}"
    changed = world.as_("chief").change("PUT", path, 1, _with(limit__value=70, enabled=False, reason="still wet"))
    assert changed.status_code == 200, changed.text
    assert changed.headers["etag"] == '"2"'
    versions = world.as_("inspector").items(f"{path}/versions", limit=1)
    told = [(each["version"], each["limit"]["value"], each["enabled"]) for each in versions]
    assert told == [(2, 70.0, False), (1, 75.0, True)]
    assert [(each["changed_by"], each["reason"]) for each in versions] == [
        ("chief", "still wet"),
        ("admin", "a wet summer"),
    ]
    assert versions[0] == changed.json()
    assert world.as_("chief").change("PUT", path, 1, RULE).status_code == 412
    assert world.as_("chief")("PUT", path, json=RULE).status_code == 428
    assert world.as_("chief").change("PUT", "/rules/999", 1, RULE).status_code == 404


def test_an_alarm_keeps_the_words_and_the_limit_of_the_version_that_raised_it(world: World) -> None:
    alarm = world.raise_alarm("hill-dr")
    path = f"/rules/{world.ids['hill-humid']}"
    body = _with(scope__site_id=world.ids["hill"], limit__value=60, name={"en": "Other words"})
    assert world.as_("manager").change("PUT", path, 1, body).status_code == 200
    shown = world.as_("engineer").get(f"/alarms/{alarm}").json()
    assert shown["title"]["en"] == "hill-humid alarm"
    assert shown["limit"] == {
        "level": "high",
        "value": 80.0,
        "deadband": 0.0,
        "unit": "%RH",
        "basis": {"source": "house", "grade": "P", "effective_from": None},
    }
    assert shown["rule"] == {"id": world.ids["hill-humid"], "code": "hill-humid", "version": 1}
    assert shown["active"] is True


@pytest.mark.parametrize("change", [{"enabled": False}, {"scope__equipment_kind": "elevator"}])
def test_alarms_that_a_rule_no_longer_watches_end(world: World, change: dict[str, Any]) -> None:
    alarm = world.raise_alarm("hill-dr")
    body = _with(scope__site_id=world.ids["hill"], **change)
    assert world.as_("manager").change("PUT", f"/rules/{world.ids['hill-humid']}", 1, body).status_code == 200
    assert world.as_("engineer").get(f"/alarms/{alarm}").json()["state"] == "returned_unacknowledged"
    last = world.as_("engineer").items(f"/alarms/{alarm}/ledger")[-1]
    assert (last["kind"], last["actor"]["name"], last["reason"]) == ("alarm_returned", "Manager", "a wet summer")


def test_a_rule_for_all_sites_is_for_those_who_see_all(world: World) -> None:
    body = {**RULE, "code": "humid"}
    assert world.as_("manager").post("/rules", body).status_code == 403
    made = world.as_("chief").post("/rules", body).json()
    narrowed = _with(scope__site_id=world.ids["hill"])
    path = f"/rules/{made['id']}"
    assert world.as_("manager").get(path).status_code == 200
    assert world.as_("manager").change("PUT", path, 1, narrowed).status_code == 403
    assert world.as_("chief").change("PUT", path, 1, narrowed).status_code == 200
    assert world.as_("manager").change("PUT", path, 2, RULE).status_code == 403
    assert world.as_("manager").change("PUT", path, 2, narrowed).status_code == 200


def test_rules_are_found_by_metric_and_by_being_enabled(world: World) -> None:
    world.as_("admin").post("/rules", {**RULE, "code": "humid", "enabled": False})
    assert [row["code"] for row in world.as_("admin").items("/rules", enabled="false")] == ["humid"]
    humid = world.as_("admin").items("/rules", metric="humidity")
    assert {row["scope"]["metric"] for row in humid} == {"humidity"}
    assert world.as_("admin").post("/rules", {**RULE, "code": "humid"}).status_code == 409


def test_a_limit_by_its_quantity_is_that_of_the_row_in_force(world: World) -> None:
    manager = world.as_("manager")
    by_row = {"level": "high", "quantity": "distribution_room_humidity_alarm", "unit": "%RH"}
    body = _with(code="humid-by-row", scope__site_id=world.ids["hill"], limit=by_row)
    wrong = manager.post("/rules", _with(code="x", scope__site_id=world.ids["hill"], limit={**by_row, "level": "low"}))
    assert wrong.json()["errors"][0]["field"] == "limit.quantity"
    made = manager.post("/rules", body).json()
    assert made["limit"]["value"] is None

    (point,) = manager.get(f"/points?equipment={world.ids['hill-dr']}&metric=humidity").json()["items"]
    (shown,) = [each for each in point["limits"] if each["rule_id"] == made["id"]]
    own = {"source": "own proposal, dehumidify from 80 %", "grade": "P", "effective_from": "2026-01-01"}
    assert (shown["value"], shown["basis"]) == (80.0, own)
    raised = manager.get(f"/alarms/{world.raise_alarm('hill-dr', rule='humid-by-row')}").json()
    assert (raised["limit"]["value"], raised["limit"]["basis"]) == (80.0, own)
    assert raised["seen"]["en"].endswith("above the limit of 80 %RH")
