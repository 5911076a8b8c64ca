"""Alarms through the API: listed, taken, and traced in their ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from facility_monitor.domain.alarm.alarm import AlarmState
from tests.api.world import World

STATES = [state for state in AlarmState if state is not AlarmState.LATCHED]


def _four_states(world: World) -> dict[AlarmState, int]:
    """An alarm in each state that one without a latch can have."""
    engineer = world.as_("admin")
    ids: dict[AlarmState, int] = {}
    for state, equipment in zip(STATES, ("hill-dr", "hill-el", "vale-dr", "vale-el"), strict=True):
        ids[state] = world.raise_alarm(equipment)
        if state in (AlarmState.ACTIVE_ACKNOWLEDGED, AlarmState.CLEARED):
            assert engineer.post(f"/alarms/{ids[state]}/acknowledge").status_code == 200
        if state in (AlarmState.RETURNED_UNACKNOWLEDGED, AlarmState.CLEARED):
            world.end_alarm(equipment, after_s=5)
        world.clock.move(seconds=60)
    return ids


def test_an_alarm_shows_what_where_by_which_limit_and_what_to_do(world: World) -> None:
    number = world.raise_alarm("hill-el", value=81.5)
    shown = world.as_("contractor").get(f"/alarms/{number}").json()
    assert shown == {
        "id": number,
        "state": "active_unacknowledged",
        "active": True,
        "acknowledged": False,
        "latched": False,
        "shelved": False,
        "suppressed": False,
        "out_of_service": False,
        "quiet": None,
        "shelving": None,
        "shelve_longest_s": 86400,
        "suppression": None,
        "window": None,
        "severity": "high",
        "life_safety": False,
        "title": {"zh-CN": "hill-hot 报警", "en": "hill-hot alarm"},
        "response": {"en": "Go and look"},
        "cause": {"en": "Who knows"},
        "respond_within_s": 600,
        "site": {"id": world.ids["hill"], "code": "hill", "name": {"zh-CN": "hill", "en": "Hill"}},
        "place": {"zh-CN": "hill / 一号楼 / 井道", "en": "Hill / Building 1 / Shaft"},
        "equipment": {
            "id": world.ids["hill-el"],
            "code": "hill-el",
            "name": {"zh-CN": "电梯", "en": "Lift"},
            "kind": "elevator",
        },
        "point": {
            "id": world.ids["hill-el.motor_temperature"],
            "key": "motor_temperature",
            "metric": "motor_temperature",
            "unit": "Cel",
            "display_unit": shown["point"]["display_unit"],
            "display_scale": 1.0,
            "decimals": shown["point"]["decimals"],
            "codes": None,
            "name": shown["point"]["name"],
        },
        "rule": {"id": world.ids["hill-hot"], "code": "hill-hot", "version": 1},
        "value": 81.5,
        "seen": {"zh-CN": "81.5 °C，高于限值 70 °C", "en": "81.5 °C, above the limit of 70 °C"},
        "limit": {
            "level": "high",
            "value": 70.0,
            "deadband": 0.0,
            "unit": "Cel",
            "basis": {"source": "house", "grade": "P", "effective_from": None},
        },
        "raised_at": "2026-03-02T08:00:00Z",
        "raise_count": 1,
        "last_raised_at": "2026-03-02T08:00:00Z",
        "first_out_id": number,
        "acknowledged_at": None,
        "acknowledged_by": None,
        "reset_at": None,
        "reset_by": None,
        "returned_at": None,
        "cleared_at": None,
        "ticket_id": shown["ticket_id"],
        "version": shown["version"],
    }
    assert world.as_("contractor").items("/alarms") == [shown]
    assert world.as_("contractor").get(f"/tickets/{shown['ticket_id']}").json()["alarm_ids"] == [number]


def test_alarms_are_found_by_state(world: World) -> None:
    ids = _four_states(world)

    def found(*states: str) -> set[int]:
        return {row["id"] for row in world.as_("admin").items("/alarms", state=list(states))}

    for state, number in ids.items():
        assert found(state) == {number}
        shown = world.as_("admin").get(f"/alarms/{number}").json()
        assert shown["state"] == state
        assert (shown["cleared_at"] is not None) == (state is AlarmState.CLEARED)
    live = set(ids.values()) - {ids[AlarmState.CLEARED]}
    assert found("live") == live
    assert found("live", "cleared") == found() == set(ids.values())
    assert found("cleared", "active_acknowledged") == {ids[AlarmState.CLEARED], ids[AlarmState.ACTIVE_ACKNOWLEDGED]}


@pytest.mark.parametrize("username", ["admin", "chief", "manager", "contractor"])
def test_every_way_to_read_the_list_finds_the_same(world: World, username: str) -> None:
    """The query takes different roads through the indexes, by who asks and for what."""
    _four_states(world)
    caller = world.as_(username)
    everything = caller.items("/alarms")
    assert [row["raised_at"] for row in everything] == sorted((row["raised_at"] for row in everything), reverse=True)
    sites = {row["site"]["id"] for row in everything}
    asked: list[dict[str, Any]] = [
        {"state": ["live", "cleared"]},
        {"severity": ["critical", "high", "medium", "low"]},
        {"severity": "high"},
        {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"},
        {"limit": 1},
    ]
    for query in asked:
        assert caller.items("/alarms", **query) == everything, query
    by_site = [row for site in sorted(sites, reverse=True) for row in caller.items("/alarms", site=site)]
    assert by_site == everything
    assert caller.items("/alarms", severity="low") == []


def test_alarms_are_found_by_time_place_and_severity(world: World) -> None:
    _four_states(world)
    admin = world.as_("admin")
    times = [row["raised_at"] for row in admin.items("/alarms")]
    assert [row["raised_at"] for row in admin.items("/alarms", **{"from": times[2], "to": times[0]})] == times[1:3]
    assert len(admin.items("/alarms", equipment=world.ids["vale-el"])) == 1
    assert len(admin.items("/alarms", site=world.ids["vale"], state="live")) == 1
    with world.tx() as tx:
        tx.exec_driver_sql("UPDATE alarm SET severity = 'critical' WHERE site_id = %s", (world.ids["vale"],))
    assert len(admin.items("/alarms", severity="critical")) == 2
    assert len(admin.items("/alarms", severity=["critical", "high"], site=world.ids["vale"])) == 2


def test_taking_an_alarm_is_told_with_name_time_and_comment(world: World) -> None:
    number = world.raise_alarm("hill-dr")
    world.clock.move(minutes=3)
    answer = world.as_("engineer").post(f"/alarms/{number}/acknowledge", {"comment": "On my way"})
    assert answer.status_code == 200
    taken = answer.json()
    assert taken["state"] == "active_acknowledged"
    assert taken["acknowledged_by"] == {"id": world.ids["engineer"], "name": "Engineer"}
    assert taken["acknowledged_at"] == "2026-03-02T08:03:00Z"
    assert answer.headers["etag"] == f'"{taken["version"]}"'
    entries = world.as_("engineer").items(f"/alarms/{number}/ledger")
    assert [(row["kind"], row["actor"], row["reason"]) for row in entries] == [
        ("alarm_raised", None, None),
        ("alarm_acknowledged", {"id": world.ids["engineer"], "name": "Engineer"}, "On my way"),
    ]


def test_what_a_phone_kept_without_a_network_bears_the_time_of_the_act(world: World) -> None:
    number = world.raise_alarm("hill-dr")
    acted_at = (world.clock.now + timedelta(minutes=2)).isoformat()
    world.clock.move(minutes=40)
    engineer = world.as_("engineer")
    taken = engineer.post(f"/alarms/{number}/acknowledge", {"acted_at": acted_at}).json()
    assert taken["acknowledged_at"] == "2026-03-02T08:40:00Z"
    again = engineer.post(f"/alarms/{number}/acknowledge", {"acted_at": acted_at})  # its answer was lost on the way
    assert again.json() == taken
    (entry,) = [row for row in engineer.items(f"/alarms/{number}/ledger") if row["kind"] == "alarm_acknowledged"]
    assert (entry["occurred_at"], entry["at"]) == ("2026-03-02T08:02:00Z", "2026-03-02T08:40:00Z")


def test_a_kept_act_takes_no_alarm_that_has_come_again_since(world: World) -> None:
    number = world.raise_alarm("hill-dr")
    acted_at = world.clock.now.isoformat()
    world.clock.move(minutes=5)
    world.end_alarm("hill-dr")
    world.clock.move(minutes=5)
    assert world.raise_alarm("hill-dr") == number
    engineer = world.as_("engineer")
    refused = engineer.post(f"/alarms/{number}/acknowledge", {"acted_at": acted_at})
    assert (refused.status_code, "come again since" in refused.json()["detail"]) == (409, True)
    assert engineer.post(f"/alarms/{number}/acknowledge").json()["acknowledged"] is True


def test_taking_an_alarm_twice_changes_nothing(world: World) -> None:
    number = world.raise_alarm("hill-dr")
    first = world.as_("engineer").post(f"/alarms/{number}/acknowledge").json()
    world.clock.move(minutes=1)
    assert world.as_("manager").post(f"/alarms/{number}/acknowledge", {"comment": "me too"}).json() == first
    assert len(world.as_("engineer").items(f"/alarms/{number}/ledger")) == 2


def test_who_may_only_read_does_not_take_alarms(world: World) -> None:
    number = world.raise_alarm("hill-el")
    for username in ("inspector", "contractor"):
        answer = world.as_(username).post(f"/alarms/{number}/acknowledge")
        assert answer.status_code == 403
        assert "write:alarms" in answer.json()["detail"]


def test_who_was_told_stands_with_the_alarm(world: World) -> None:
    number = world.raise_alarm("hill-dr")
    (notice,) = world.as_("engineer").items(f"/alarms/{number}/notices")
    assert notice == {
        "id": notice["id"],
        "person": {"id": world.ids["engineer"], "name": "Engineer"},
        "channel": "console",
        "channel_id": notice["channel_id"],
        "kind": "alarm_raised",
        "state": "queued",
        "created_at": "2026-03-02T08:00:00Z",
        **dict.fromkeys(("sent_at", "delivered_at", "opened_at", "acknowledged_at", "error", "folded_into")),
        "attempts": 0,
        "handed_on": False,
    }


def test_tickets_are_found_by_state_deadline_and_place(world: World) -> None:
    numbers = {}
    for hours, equipment in ((0, "hill-dr"), (1, "hill-el"), (1, "vale-dr")):
        world.clock.move(hours=hours)
        body = {"equipment_id": world.ids[equipment], "title": "x", "description": "x"}
        numbers[equipment] = world.as_("admin").post("/tickets", body).json()["id"]
    admin = world.as_("admin")
    admin.post(f"/tickets/{numbers['hill-el']}/accept")

    def found(**query: Any) -> list[str]:
        by_id = {number: name for name, number in numbers.items()}
        return [by_id[row["id"]] for row in admin.items("/tickets", **query)]

    assert found() == ["hill-dr", "hill-el", "vale-dr"]
    assert found(order="desc") == ["vale-dr", "hill-el", "hill-dr"]
    assert found(state="accepted") == ["hill-el"]
    assert found(state=["open", "closed"]) == ["hill-dr", "vale-dr"]
    assert found(assignee=world.ids["admin"]) == ["hill-el"]
    assert found(site=world.ids["vale"]) == ["vale-dr"]
    assert found(equipment=world.ids["hill-dr"]) == ["hill-dr"]
    world.clock.now += timedelta(hours=47)
    assert found(overdue="true") == ["hill-dr"]
    assert found(overdue="false") == ["hill-el", "vale-dr"]
    assert [row["overdue"] for row in admin.items("/tickets")] == [True, False, False]
