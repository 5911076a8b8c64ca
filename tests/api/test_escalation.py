"""An alarm that nobody takes goes on to the supervisor and the manager; rotas make the shifts that this needs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from facility_monitor.flows.escalate import take_due_steps
from facility_monitor.store.tables import escalation, outbox
from tests.api.world import World


def told(world: World) -> list[tuple[str, int]]:
    with world.tx() as tx:
        take_due_steps(tx, world.clock.now)
        rows = tx.execute(select(outbox.c.notice, outbox.c.person_id).order_by(outbox.c.id))
        return [(row.notice["kind"], row.person_id) for row in rows]


def ready(world: World) -> tuple[int, int]:
    """The engineer and the chief, a supervisor on duty, with channels."""
    admin = world.as_("admin")
    engineer, chief = world.ids["engineer"], world.ids["chief"]
    assert admin.post("/channels", {"kind": "console", "person_id": chief}).status_code == 201
    shift = {
        "site_id": world.ids["hill"],
        "person_id": chief,
        "position": "supervisor",
        "starts_at": "2026-03-02T00:00Z",
    }
    assert admin.post("/duty", shift).status_code == 201
    return engineer, chief


def test_each_step_comes_once_and_late_ones_not_all_at_once(world: World) -> None:
    engineer, chief = ready(world)
    world.raise_alarm("hill-dr")  # high: 15, 30 and 60 minutes, then every hour
    assert told(world) == [("alarm_raised", engineer)]
    world.clock.move(minutes=14)
    assert len(told(world)) == 1
    world.clock.move(hours=5)  # nobody was there to take the steps
    assert told(world)[1:] == [("alarm_escalated", engineer)]
    assert len(told(world)) == 2
    world.clock.move(minutes=15)
    assert told(world)[2:] == [("alarm_escalated", chief)]
    world.clock.move(minutes=30)
    assert told(world)[3:] == [("alarm_escalated", chief)]  # of the managers the one with a channel
    world.clock.move(minutes=60)
    assert len(told(world)) == 5


def test_to_take_the_alarm_ends_it_and_a_new_raise_begins_anew(world: World) -> None:
    engineer, _ = ready(world)
    alarm = world.raise_alarm("hill-dr")
    world.as_("engineer").post(f"/alarms/{alarm}/acknowledge")
    world.clock.move(hours=2)
    assert told(world) == [("alarm_raised", engineer)]
    world.end_alarm("hill-dr")
    world.raise_alarm("hill-dr", 10)
    world.clock.move(minutes=16)
    assert told(world)[-1] == ("alarm_escalated", engineer)
    with world.tx() as tx:
        outcomes = tx.execute(select(escalation.c.outcome).order_by(escalation.c.id)).scalars().all()
    assert outcomes == ["stopped", "told", None]
    kinds = [each["kind"] for each in world.as_("manager").items(f"/alarms/{alarm + 1}/ledger")]
    assert "alarm_escalated" in kinds


def test_a_policy_is_data_and_is_changed_by_who_sees_everywhere(world: World) -> None:
    engineer, _ = ready(world)
    policies = {each["code"]: each for each in world.as_("engineer").items("/escalation-policies")}
    assert set(policies) == {"life-safety", "critical", "high", "medium"}
    path, steps = f"/escalation-policies/{policies['high']['id']}", [{"after_s": 60, "to": "engineer"}]
    assert world.as_("manager").change("PATCH", path, 1, {"steps": steps}).status_code == 403
    backwards = [{"after_s": 60, "to": "manager"}, {"after_s": 1, "to": "engineer"}]
    assert world.as_("admin").change("PATCH", path, 1, {"steps": backwards}).status_code == 422
    assert world.as_("admin").change("PATCH", path, 1, {"steps": steps}).status_code == 200
    world.raise_alarm("hill-dr")
    world.clock.move(seconds=61)
    assert told(world)[-1] == ("alarm_escalated", engineer)


def test_a_rota_makes_shifts_that_can_be_swapped_and_taken_back(world: World) -> None:
    manager = world.as_("manager")
    new: dict[str, Any] = {
        "site_id": world.ids["hill"],
        "person_id": world.ids["engineer"],
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "starts": "20:00",
        "ends": "08:00",
        "first_day": "2026-03-02",
    }
    rota = manager.post("/rotas", new).json()
    days = {"from": "2026-03-02T08:00:00Z", "to": "2026-06-01T00:00:00Z"}
    planned = [each for each in manager.items("/duty", **days) if each["rota_id"] == rota["id"]]
    assert len(planned) == 59
    assert planned[0]["starts_at"] == "2026-03-02T12:00:00Z"  # 20:00 in Shanghai
    swapped = manager.post(f"/duty/{planned[3]['id']}/swap", {"person_id": world.ids["manager"]}).json()
    assert (swapped["person"]["id"], swapped["instead_of"]) == (world.ids["manager"], world.ids["engineer"])
    assert manager.post(f"/rotas/{rota['id']}/plan").status_code == 200
    again = [each for each in manager.items("/duty", **days) if each["rota_id"] == rota["id"]]
    assert [each["starts_at"] for each in again] == [each["starts_at"] for each in planned]
    assert again[3]["person"]["id"] == world.ids["manager"]
    world.clock.move(hours=10)
    half = manager.post(f"/duty/{again[0]['id']}/swap", {"person_id": world.ids["manager"]})
    assert half.json()["starts_at"] == "2026-03-02T18:00:00Z"
    assert manager.change("DELETE", f"/rotas/{rota['id']}", 1, None).status_code == 204
    left = manager.items("/duty", **days)
    assert len(left) == 4  # the open one, both halves of the first night, and the swapped one
    assert world.as_("engineer").post("/rotas", new).status_code == 403
