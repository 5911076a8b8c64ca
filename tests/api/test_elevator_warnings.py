"""The fault early-warning ledger: what the weekly tests say of wear, and what people make of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from facility_monitor.flows.elevator import early_warnings
from facility_monitor.store.reading.rollup_tables import rollup_day
from facility_monitor.store.tables import ledger, site_access
from tests.api.elevator import a_test
from tests.api.world import START, World

WEEK = timedelta(weeks=1)
SCATTER = (0.5, -0.5, 0.0, 1.0, -1.0, 0.0, 0.5, -0.5)


def post(world: World, week: int, leveling_mm: float, username: str = "contractor") -> None:
    """The weekly test: floor 2 as told, floor 1 always good."""
    world.clock.now = START + week * WEEK
    scatter = SCATTER[week % len(SCATTER)]
    floors = [
        {"floor": "1", "leveling_down_mm": 2 + scatter},
        {"floor": "2", "leveling_up_mm": leveling_mm + scatter, "leveling_down_mm": leveling_mm - scatter / 2},
    ]
    answer = world.as_(username).post(
        f"/elevators/{world.ids['hill-el']}/tests", a_test(performed_at=world.clock.now.isoformat(), floors=floors)
    )
    assert answer.status_code == 201, answer.text


def worn(world: World, weeks: int = 12) -> dict[str, Any]:
    for week in range(weeks):
        post(world, week, 1.0 if week < 5 else 1.0 + 1.1 * (week - 4))
    (warning,) = world.as_("engineer").items("/elevator-warnings")
    return dict(warning)


def decide(world: World, username: str, warning: dict[str, Any], verb: str, version: int | None = None) -> Any:
    path = f"/elevator-warnings/{warning['id']}/{verb}"
    return world.as_(username).change("POST", path, version or warning["version"], {"reason": "as seen"})


def test_wear_is_warned_of_before_it_crosses_with_its_date_band_and_limit(world: World) -> None:
    warning = worn(world, 10)
    assert (warning["quantity"], warning["floor"], warning["state"]) == ("leveling", "2", "open")
    assert warning["crosses"] == 10
    assert warning["limit"]["standard"] == "GB/T 10058-2023"
    crosses = (START + (4 + 9 / 1.1) * WEEK).isoformat().replace("+00:00", "Z")
    assert warning["earliest_at"] < crosses < (warning["latest_at"] or "9999")
    detail = world.as_("engineer").get(f"/elevator-warnings/{warning['id']}").json()
    assert len(detail["samples"]) == 10


def test_no_outlier_and_no_steady_value_warns(world: World) -> None:
    for week in range(12):
        post(world, week, 9.0 if week == 11 else 6.0)
    assert world.as_("engineer").items("/elevator-warnings") == []


def test_a_live_warning_is_renewed_and_no_second_one_opened(world: World) -> None:
    first = worn(world, 10)
    post(world, 10, 1.0 + 1.1 * 6)
    (second,) = world.as_("engineer").items("/elevator-warnings")
    assert second["id"] == first["id"]
    assert second["looked_at"] > first["looked_at"]
    assert second["version"] == first["version"]


def test_what_was_acted_upon_ends_and_only_newer_tests_can_warn_again(world: World) -> None:
    warning = worn(world, 10)
    confirmed = decide(world, "engineer", warning, "confirm").json()
    assert confirmed["state"] == "confirmed"
    acted = decide(world, "contractor", confirmed, "act")
    assert (acted.status_code, acted.json()["state"]) == (200, "acted")
    post(world, 10, 7.5)
    assert len(world.as_("engineer").items("/elevator-warnings")) == 1
    for week in range(11, 22):
        post(world, week, max(0.0, 1.1 * (week - 13)))
    newest, before = world.as_("engineer").items("/elevator-warnings")
    assert (newest["state"], before["id"]) == ("open", warning["id"])


@pytest.mark.parametrize(
    ("username", "verb", "status"),
    [
        ("contractor", "dismiss", 403),
        ("contractor", "confirm", 403),
        ("inspector", "act", 403),
        ("engineer", "dismiss", 200),
    ],
)
def test_who_may_decide_what(world: World, username: str, verb: str, status: int) -> None:
    assert decide(world, username, worn(world, 10), verb).status_code == status


def test_a_decision_is_made_once_from_what_was_read_and_stands_in_the_ledger(world: World) -> None:
    warning = worn(world, 10)
    assert decide(world, "engineer", warning, "dismiss").status_code == 200
    assert decide(world, "engineer", warning, "act").status_code == 412
    again = decide(world, "engineer", warning, "act", version=warning["version"] + 1)
    assert again.status_code == 409
    with world.tx() as tx:
        rows = tx.exec_driver_sql(
            "SELECT kind, reason FROM ledger WHERE kind LIKE 'elevator_warning_%%' ORDER BY id"
        ).all()
    assert [tuple(row) for row in rows] == [
        ("elevator_warning_opened", None),
        ("elevator_warning_dismissed", "as seen"),
    ]


def test_who_made_what_of_a_warning_and_why_is_shown_with_it(world: World) -> None:
    warning = worn(world)
    confirmed = decide(world, "engineer", warning, "confirm").json()
    decide(world, "contractor", confirmed, "act")
    for reader in ("manager", "contractor"):
        steps = world.as_(reader).get(f"/elevator-warnings/{warning['id']}").json()["steps"]
        assert [(each["state"], each["reason"]) for each in steps] == [("confirmed", "as seen"), ("acted", "as seen")]
        assert [each["by"]["id"] for each in steps] == [world.ids["engineer"], world.ids["contractor"]]
    assert confirmed["steps"][0]["state"] == "confirmed", "the answer to a step shows it"


def test_warnings_of_a_site_that_is_not_theirs_are_hidden_from_people(world: World) -> None:
    warning = worn(world, 10)
    with world.tx() as tx:
        tx.execute(delete(site_access))
    assert world.as_("engineer").get(f"/elevator-warnings/{warning['id']}").status_code == 404
    assert decide(world, "engineer", warning, "confirm").status_code == 404
    assert world.as_("engineer").items("/elevator-warnings") == []


def roll_up(world: World, values: list[float]) -> None:
    """The hottest of each day of the lift's motor, up to the day before the world's start, as the rollups keep it."""
    point = world.ids["hill-el.motor_temperature"]
    with world.tx() as tx:
        for back, value in enumerate(reversed(values), 1):
            at = START.replace(hour=0, minute=0) - timedelta(days=back)
            row = {"point_id": point, "at": at, "last_at": at, "count": 1}
            tx.execute(insert(rollup_day).values(**row, **dict.fromkeys(("min", "max", "mean", "last"), value)))


def look_at_readings(world: World) -> list[dict[str, Any]]:
    with world.tx() as tx:
        early_warnings.look_at_telemetry(tx, world.clock.now)
    return list(world.as_("engineer").get(f"/elevator-warnings?elevator={world.ids['hill-el']}").json()["items"])


def test_a_motor_that_grows_hotter_is_warned_of_from_its_readings_alone_and_one_hot_week_is_not(world: World) -> None:
    cool = [52 + 0.3 * (day % 5) for day in range(70)]
    roll_up(world, [*cool[:60], *(78.0 for _ in range(4)), *cool[:6]])
    assert look_at_readings(world) == []
    with world.tx() as tx:
        tx.execute(delete(rollup_day))
    roll_up(world, [value + max(0.0, day - 20) * 0.4 for day, value in enumerate(cool)])
    (warning,) = look_at_readings(world)
    assert (warning["quantity"], warning["floor"], warning["source"]) == ("motor_temperature", None, "telemetry")
    assert (warning["crosses"], warning["limit"]["grade"]) == (80, "P")
    # 52.6 + 50 days x 0.4 K on the last day: 80 is 7.4 K, 18 days away
    assert "2026-03-1" in warning["expected_at"] or "2026-03-2" in warning["expected_at"]
    assert look_at_readings(world)[0]["id"] == warning["id"], "the same one, renewed"
    detail = world.as_("engineer").get(f"/elevator-warnings/{warning['id']}").json()
    assert len(detail["samples"]) >= 9
    with world.tx() as tx:
        kinds = tx.execute(select(ledger.c.kind).where(ledger.c.kind == "elevator_warning_opened")).all()
    assert len(kinds) == 1
