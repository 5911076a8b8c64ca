"""Rules tried on what is stored, and rules as a file."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
import yaml

from facility_monitor.domain.instant import MILLISECOND, SECOND, instant
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.flows.alarm import backtest
from facility_monitor.store.reading import readings
from tests.api.world import START, World

DRAFT: dict[str, Any] = {
    "scope": {"metric": "humidity"},
    "limit": {"level": "high", "value": 75, "unit": "%RH", "deadband": 2},
    "on_delay_s": 20,
}
WHOLE: dict[str, Any] = {
    **DRAFT,
    "name": {"en": "Humid"},
    "severity": "high",
    "opens_ticket": True,
    "response": {"en": "Go and look"},
    "basis": {"source": "own practice", "grade": "P"},
    "reason": "a wet summer",
}
DAY = timedelta(days=1)
THEN = {"from": (START - 2 * DAY).isoformat(), "to": (START - DAY / 2).isoformat()}
"""The world has readings of its own of the last minutes, which are not meant."""


def measure(world: World, point: str, values: Sequence[float], before: timedelta = DAY) -> None:
    """Readings each ten seconds, the first of them so long ``before`` now."""
    first = instant(START - before)
    told = [
        Reading(world.ids[point], at, number, value, Quality.GOOD, at + 50 * MILLISECOND)
        for number, value in enumerate(values)
        for at in [first + number * 10 * SECOND]
    ]
    with world.tx() as tx:
        readings.insert(tx, told)


WET = [60.0, 76.0, 76.0, 76.0, 76.0, 60.0, 85.0, 85.0, 60.0]


def test_a_draft_is_tried_on_what_is_stored_and_raises_nothing(world: World) -> None:
    measure(world, "hill-dr.humidity", WET)
    measure(world, "vale-dr.humidity", WET)
    answer = world.as_("manager").post("/rules/backtest", {"rule": DRAFT, **THEN})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    begun = (START - DAY).strftime("%Y-%m-%dT08:00")
    assert [(each["point_id"], each["raised_at"], each["cleared_at"], each["value"]) for each in found["alarms"]] == [
        (world.ids["hill-dr.humidity"], f"{begun}:30Z", f"{begun}:50Z", 76.0)
    ]
    assert found["alarms"][0]["seen"]["en"] == "76 %RH, above the limit of 75 %RH"
    assert (found["count"], found["readings"], found["points_left_out"]) == (1, 9, 0)
    assert [each["equipment"]["code"] for each in found["points"]] == ["hill-dr"]
    assert world.as_("admin").items("/alarms") == []
    assert len(world.as_("chief").post("/rules/backtest", {"rule": DRAFT, **THEN}).json()["points"]) == 2


def test_a_rule_that_stands_is_tried_by_its_code_over_any_time(world: World) -> None:
    measure(world, "hill-dr.humidity", WET, before=30 * DAY)
    by_code = {"code": "hill-humid", "from": (START - 31 * DAY).isoformat(), "to": (START - 29 * DAY).isoformat()}
    (alarm,) = world.as_("manager").post("/rules/backtest", by_code).json()["alarms"]
    assert alarm["value"] == 85.0
    week = world.as_("manager").post("/rules/backtest", {"code": "hill-humid"}).json()
    assert (week["from"], week["to"], week["alarms"]) == ("2026-02-23T08:00:00Z", "2026-03-02T08:00:00Z", [])
    assert world.as_("manager").post("/rules/backtest", {"code": "nobody"}).status_code == 404


def test_what_a_draft_looks_for_tells_its_kind(world: World) -> None:
    measure(world, "hill-dr.humidity", WET)
    rate = {"scope": {"metric": "humidity"}, "rate": {"way": "up", "change": 20, "span_s": 15, "unit": "%RH"}}
    answer = world.as_("manager").post("/rules/backtest", {"rule": rate, **THEN})
    assert (answer.status_code, answer.json().get("count")) == (200, 1), answer.text


def test_silence_counts_to_the_end_of_the_period(world: World) -> None:
    measure(world, "hill-dr.humidity", [60.0] * 5)
    silent = {"rule": {"scope": {"metric": "humidity"}, "kind": "silence", "silence": {"missed": 3}}, **THEN}
    (alarm,) = world.as_("manager").post("/rules/backtest", silent).json()["alarms"]
    assert (alarm["raised_at"], alarm["cleared_at"]) == ("2026-03-01T08:01:10Z", None)


def test_a_condition_of_several_points_is_shown_all_of_them(world: World) -> None:
    both = {"metric": "humidity", "limit": {"level": "high", "value": 70, "unit": "%RH"}}
    draft = {"scope": {"metric": "humidity"}, "kind": "combination", "combination": {"all": [both], "any": None}}
    measure(world, "hill-dr.humidity", WET)
    found = world.as_("manager").post("/rules/backtest", {"rule": draft, **THEN}).json()
    assert found["count"] == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"rule": DRAFT, "code": "hill-humid"}, "body"),
        ({"rule": {**DRAFT, "scope": {"metric": "joy"}}}, "rule.scope.metric"),
        ({"rule": {**DRAFT, "limit": {**DRAFT["limit"], "unit": "Pa"}}}, "rule.limit.unit"),
        ({"rule": {**DRAFT, "limit": {"level": "high", "unit": "%RH"}}}, "rule.limit.value"),
        ({"code": "hill-humid", "from": "2027-01-01T00:00:00Z"}, "from"),
        ({"rule": {**DRAFT, "scope": {"metric": "humidity", "site_id": 2**31 - 1}}}, "rule.scope.site_id"),
    ],
)
def test_a_wrong_trial_is_refused_by_the_fields_name(same_world: World, body: dict[str, Any], field: str) -> None:
    answer = same_world.as_("manager").post("/rules/backtest", body)
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_what_would_be_too_much_is_left_out_and_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    measure(world, "hill-dr.humidity", WET)
    measure(world, "vale-dr.humidity", WET)
    monkeypatch.setattr(backtest, "MOST_READINGS", 10)
    found = world.as_("chief").post("/rules/backtest", {"rule": DRAFT, **THEN}).json()
    assert (len(found["points"]), found["points_left_out"], found["count"]) == (1, 1, 1)
    monkeypatch.setattr(backtest, "MOST_READINGS", 5)
    refused = world.as_("chief").post("/rules/backtest", {"rule": DRAFT, **THEN})
    assert [each["field"] for each in refused.json()["errors"]] == ["from"]


def test_trials_come_one_after_the_other(world: World) -> None:
    with world.app.state.parts.trying:
        busy = world.as_("manager").post("/rules/backtest", {"rule": DRAFT})
    assert busy.status_code == 429
    assert int(busy.headers["retry-after"]) > 0
    assert world.as_("manager").post("/rules/backtest", {"rule": DRAFT}).status_code == 200


def test_a_change_shows_what_it_would_have_changed(world: World) -> None:
    measure(world, "hill-dr.humidity", WET)
    site = {"scope": {"metric": "humidity", "site_id": world.ids["hill"]}}
    path = f"/rules/{world.ids['hill-humid']}"

    def preview(changed: dict[str, Any]) -> dict[str, Any]:
        answer = world.as_("manager")("POST", f"{path}/preview", json=changed, params=THEN)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    found = preview({**WHOLE, **site})
    before, after = found["before"], found["after"]
    assert (before["count"], after["count"]) == (1, 1)
    assert [each["value"] for each in before["alone"]] == [85.0]
    assert [each["value"] for each in after["alone"]] == [76.0]
    lower = {**WHOLE, **site, "on_delay_s": 0, "limit": {**WHOLE["limit"], "deadband": 0}}
    found = preview(lower)
    assert (found["before"]["count"], found["before"]["alone_count"]) == (1, 0)
    assert (found["after"]["count"], found["after"]["alone_count"]) == (2, 1)
    off = preview({**lower, "enabled": False})
    assert (off["after"]["count"], off["before"]["alone_count"]) == (0, 1)
    assert world.as_("manager").get(path).json()["version"] == 1


def test_rules_go_out_as_yaml_and_come_in_again(world: World) -> None:
    admin = world.as_("admin")
    out = admin.get("/rules/export")
    assert out.headers["content-type"] == "application/yaml"
    written = yaml.safe_load(out.text)["rules"]
    assert {each["code"] for each in written} >= {"hill-humid", "vale-hot"}
    head = {"Content-Type": "application/yaml"}
    again = admin("POST", "/rules/import", content=out.text, headers=head).json()["rules"]
    assert {each["became"] for each in again} == {"unchanged"}, "what was kept without its defaults is no other rule"
    changed = deepcopy([each for each in written if each["code"] in ("hill-humid", "vale-hot")])
    next(each for each in changed if each["code"] == "hill-humid")["limit"]["value"] = 70
    changed.append({"code": "new-one", **WHOLE, "scope": {"metric": "humidity", "site": "hill"}})
    answer = admin(
        "POST",
        "/rules/import",
        content=yaml.safe_dump({"rules": changed}),
        headers=head,
        params={"reason": "from the office"},
    )
    assert answer.status_code == 200, answer.text
    assert {each["code"]: each["became"] for each in answer.json()["rules"]}["new-one"] == "added"
    (humid,) = [each for each in admin.items("/rules", metric="humidity") if each["code"] == "hill-humid"]
    assert (humid["version"], humid["limit"]["value"], humid["reason"]) == (2, 70.0, "from the office")
    only = yaml.safe_load(world.as_("inspector").get("/rules/export", code="new-one").text)["rules"]
    assert [each["scope"] for each in only] == [{"metric": "humidity", "site": "hill"}]


def test_of_a_file_with_an_error_or_beyond_ones_reach_nothing_is_taken(world: World) -> None:
    def put(who: str, *rules: dict[str, Any]) -> Any:
        text = yaml.safe_dump(list(rules))
        return world.as_(who)("POST", "/rules/import", content=text, headers={"Content-Type": "application/yaml"})

    good = {"code": "new-one", **WHOLE, "scope": {"metric": "humidity", "site": "hill"}}
    wrong = {"code": "other", **WHOLE, "scope": {"metric": "humidity", "site": "hill"}, "limit": {"level": "high"}}
    refused = put("manager", good, wrong)
    assert [each["field"] for each in refused.json()["errors"]] == ["rules.1.limit.value"]
    theirs = put("manager", good, {**good, "code": "vale-humid"})
    assert [each["field"] for each in theirs.json()["errors"]] == ["rules.1.code"]
    elsewhere = put("manager", {**good, "scope": {"metric": "humidity", "site": "vale"}})
    assert [each["field"] for each in elsewhere.json()["errors"]] == ["rules.0.scope.site_id"]
    assert put("manager", {**good, "scope": {"metric": "humidity"}}).status_code == 403
    assert put("engineer", good).status_code == 403
    assert "new-one" not in {each["code"] for each in world.as_("admin").items("/rules")}
