"""Limits as data: a new one is entered ahead, and counts from its own day on."""

from __future__ import annotations

from typing import Any

from facility_monitor.domain.instant import instant
from facility_monitor.store import plant
from tests.api.world import START, World

QUANTITY = "distribution_room_humidity_warn"


def new(**changes: Any) -> dict[str, Any]:
    row = {"code": "owner-65", "quantity": QUANTITY, "direction": "at_most", "value": 65, "unit": "%RH", "grade": "P"}
    basis = {"standard": "Owner", "clause": "minutes, item 4", "reason": "New switchgear allows 65 %RH"}
    return {**row, **basis, "effective_from": "2026-03-04", **changes}


def test_a_limit_entered_ahead_counts_from_its_day_on_at_the_site(world: World) -> None:
    made = world.as_("admin").post("/limits", new())
    assert made.status_code == 201, made.text
    row = {name: made.json()[name] for name in ("added_by", "reason", "effective_to")}
    assert row == {"added_by": "admin", "reason": "New switchgear allows 65 %RH", "effective_to": None}
    listed = world.as_("engineer").items("/limits", quantity=QUANTITY)
    assert [each["code"] for each in listed][-1] == "owner-65"
    assert made.json()["name"] == listed[0]["name"]

    with world.tx() as tx:
        (room,) = plant.watched(tx, [world.ids["hill-dr.humidity"]])
    rule = next(each for each in room.rules if each.code == "distribution-room-humidity-high")
    by_hour = {}
    for hour in (7.9, 8.1):  # 2026-03-03 23:54 and 2026-03-04 00:06 where the site is
        then = instant(START) + round((24 + hour) * 3600e6)
        limit, basis = rule.limit_at(then), rule.basis_at(then)
        assert limit is not None
        assert basis is not None
        by_hour[hour] = (limit.value, basis.source)
    assert by_hour[8.1] == (65.0, "Owner, minutes, item 4")
    assert by_hour[7.9][0] == 70


def test_a_limit_that_cannot_stand_is_refused_by_its_field(same_world: World) -> None:
    admin = same_world.as_("admin")
    for field, value in (
        ("effective_from", "2026-03-01"),
        ("quantity", "luck"),
        ("unit", "Cel"),
        ("value", 0),
        ("direction", "around"),
        ("reason", ""),
    ):
        refused = admin.post("/limits", new(**{field: value}))
        assert refused.status_code == 422, (field, refused.text)
        assert [each["field"] for each in refused.json()["errors"]] == [field]
    backwards = admin.post("/limits", new(effective_to="2026-03-03"))
    assert (backwards.status_code, "effective_to lies before" in backwards.text) == (422, True)
    known = same_world.as_("engineer").items("/limits", quantity=QUANTITY)[0]["code"]
    assert admin.post("/limits", new(code=known)).status_code == 409
    assert same_world.as_("manager").post("/limits", new()).status_code == 403, "it holds for every site"
