"""An alarm that nobody takes goes on to the supervisor and the manager; rotas make the shifts that this needs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from facility_monitor.flows.message.escalate import take_due_steps
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


def test_a_policy_for_a_kind_of_equipment_is_added_checked_and_holds(world: World) -> None:
    engineer, chief = ready(world)
    new: dict[str, Any] = {
        "code": "hill-rooms",
        "name": {"en": "Rooms of the hill"},
        "site_id": world.ids["hill"],
        "equipment_kind": "distribution_room",
        "severity": "high",
        "steps": [{"after_s": 30, "to": "supervisor"}],
    }
    manager, path = world.as_("manager"), "/escalation-policies"
    for changed, field in (
        ({"equipment_kind": "teapot"}, "equipment_kind"),
        ({"severity": "dreadful"}, "severity"),
        ({"site_id": world.ids["vale"]}, "site_id"),
        ({"steps": []}, "steps"),
        ({"steps": [{"after_s": 60, "to": "porter"}]}, "steps.0.to"),
        ({"steps": [{"after_s": 60, "to": "manager"}, {"after_s": 1, "to": "manager"}]}, "steps"),
        ({"repeat_every_s": 1}, "repeat_every_s"),
    ):
        answer = manager.post(path, new | changed)
        assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, [field]), changed
    assert manager.post(path, new | {"site_id": None}).status_code == 403
    made = manager.post(path, new)
    assert made.status_code == 201, made.text
    one = f"{path}/{made.json()['id']}"
    twin = manager.post(path, new | {"code": "twin"})
    assert (twin.status_code, twin.json()["detail"]) == (
        409,
        "another escalation policy that is switched on holds for the same alarms",
    )
    alarm = world.raise_alarm("hill-dr")
    world.clock.move(seconds=31)
    assert told(world) == [("alarm_raised", engineer), ("alarm_escalated", chief)]
    assert manager.change("DELETE", one, 1, None).status_code == 409  # somebody was told by it
    assert manager.change("PATCH", one, 1, {"enabled": False, "severity": None}).json()["severity"] is None
    assert manager.post(path, new | {"code": "twin"}).status_code == 201
    assert alarm


def test_when_nobody_would_come_is_known_ahead(world: World) -> None:
    manager, hill = world.as_("manager"), world.ids["hill"]

    def gaps() -> list[tuple[str, str, str]]:
        asked = manager.items("/duty/gaps", site=hill, days=1, position="supervisor")
        return [(each["starts_at"][11:16], each["ends_at"][11:16], each["why"]) for each in asked]

    assert gaps() == [("08:00", "08:00", "nobody")]
    for person, begins, ends in (("chief", "10", "14"), ("engineer", "12", "20")):
        shift = {"site_id": hill, "person_id": world.ids[person], "position": "supervisor"}
        day = "2026-03-02T"
        manager.post("/duty", shift | {"starts_at": f"{day}{begins}:00Z", "ends_at": f"{day}{ends}:00Z"})
    assert gaps() == [
        *(("08:00", "10:00", "nobody"), ("10:00", "12:00", "unreachable"), ("12:00", "20:00", "one_channel")),
        ("20:00", "08:00", "nobody"),
    ]
    world.as_("admin").post("/channels", {"kind": "console", "person_id": world.ids["engineer"]})
    assert gaps()[2] == ("20:00", "08:00", "nobody")
    assert manager.get("/duty/gaps", site=world.ids["vale"]).status_code == 404
    assert manager.get("/duty/gaps", days=61).status_code == 422


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


def test_a_colleague_who_is_asked_takes_a_shift_or_leaves_it_where_it_is(world: World) -> None:
    engineer, manager, hill = world.as_("engineer"), world.as_("manager"), world.ids["hill"]
    world.as_("admin").post("/channels", {"kind": "console", "person_id": world.ids["manager"]})
    shift = {"site_id": hill, "person_id": world.ids["engineer"], "starts_at": "2026-03-03T00:00:00Z"}
    own = manager.post("/duty", shift | {"ends_at": "2026-03-03T12:00:00Z"}).json()
    stand_ins = {each["username"]: each["busy"] for each in engineer.items(f"/duty/{own['id']}/stand-ins")}
    assert stand_ins == {"admin": False, "chief": False, "manager": False}  # nobody who could not take an alarm
    path = f"/duty/{own['id']}/swaps"
    assert engineer.post(path, {"person_id": world.ids["inspector"]}).status_code == 422
    assert manager.post(path, {"person_id": world.ids["chief"]}).status_code == 403  # not the manager's shift
    first = engineer.post(path, {"person_id": world.ids["manager"]}).json()
    assert engineer.post(path, {"person_id": world.ids["chief"]}).status_code == 409
    assert engineer.post(f"/duty-swaps/{first['id']}/accept").status_code == 403
    assert manager.post(f"/duty-swaps/{first['id']}/decline").status_code == 204
    assert engineer.get(f"/duty/{own['id']}").json()["person"]["id"] == world.ids["engineer"]
    second = engineer.post(path, {"person_id": world.ids["manager"]}).json()
    assert [each["id"] for each in manager.items("/duty-swaps")] == [second["id"]]
    taken = manager.post(f"/duty-swaps/{second['id']}/accept").json()
    assert (taken["person"]["id"], taken["instead_of"]) == (world.ids["manager"], world.ids["engineer"])
    assert manager.post(f"/duty-swaps/{second['id']}/accept").status_code == 404
    with world.tx() as tx:
        told = tx.exec_driver_sql(
            "SELECT notice ->> 'kind', person_id FROM outbox WHERE notice ->> 'kind' LIKE 'duty%%' ORDER BY id"
        ).all()
    assert [tuple(each) for each in told] == [
        ("duty_swap_asked", world.ids["manager"]),
        ("duty_swap_declined", world.ids["engineer"]),
        ("duty_swap_asked", world.ids["manager"]),
        ("duty_swap_accepted", world.ids["engineer"]),
    ]


def test_a_request_ends_where_the_shift_goes_to_somebody_else_or_it_is_taken_back(world: World) -> None:
    engineer, manager = world.as_("engineer"), world.as_("manager")
    path = f"/duty/{world.ids['shift']}/swaps"
    first = engineer.post(path, {"person_id": world.ids["manager"]}).json()
    assert engineer.post(f"/duty-swaps/{first['id']}/withdraw").status_code == 204
    assert manager.post(f"/duty-swaps/{first['id']}/accept").status_code == 404
    world.clock.move(hours=1)
    second = engineer.post(path, {"person_id": world.ids["manager"]}).json()
    manager.post(f"/duty/{world.ids['shift']}/swap", {"person_id": world.ids["chief"]})
    assert manager.post(f"/duty-swaps/{second['id']}/accept").status_code == 404
    assert manager.items("/duty-swaps") == []
