"""Parts of elevators: entered, inspected, warned of before their time to order, and what they will cost."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import func, insert, select, text, update

from facility_monitor.flows.elevator import part_orders
from facility_monitor.flows.evidence.proof import prove
from facility_monitor.push.console import Console
from facility_monitor.push.worker import Worker
from facility_monitor.store.evidence.checkpoints import Checkpoints
from facility_monitor.store.tables import channel, ledger, outbox, part_life, part_warning
from tests.api.world import START, World
from tests.push.conftest import eventually

TODAY = START.date()
ROPE: dict[str, Any] = {
    "kind": "wire_rope",
    "installed_on": "2019-01-10",
    "quantity": 6,
    "unit_price": 185000,
    "currency": "CNY",
    "supplier": "Ropes & Co",
    "lead_time_days": 45,
    "nominal_diameter_mm": 10,
    "construction": "8x19",
    "drive": {"traction_sheave_mm": 400, "deflector_mm": 400, "pulleys": 1},
}
FAN = {"kind": "inverter_fan", "quantity": 1, "unit_price": 42050, "currency": "CNY", "lead_time_days": 10}


def add(world: World, body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = world.as_("manager").post(f"/elevators/{world.ids['hill-el']}/parts", {**body, **changes})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def inspect(world: World, part: int, on: date, **measured: float) -> Any:
    body = {"inspected_on": on.isoformat(), "measured": measured, "inspector": "赵强"}
    return world.as_("contractor").post(f"/elevator-parts/{part}/inspections", body)


def years_ago(years: float) -> str:
    return (TODAY - timedelta(days=round(years * 365.25))).isoformat()


def test_the_nearest_of_age_count_and_condition_counts_each_with_its_basis(world: World) -> None:
    rope = add(world, ROPE, installed_on=years_ago(1))
    assert rope["bends_per_trip"] == 2
    assert (rope["nearest"]["aspect"], rope["nearest"]["standard"]) == ("calendar", "own proposal")
    # 4,000 trips a day: 6 million bends are gone in 750 days, a year of them already
    for days, value in ((100, 1_000_000), (50, 1_200_000), (0, 1_400_000)):
        body = {"counter": "trips", "read_on": (TODAY - timedelta(days=days)).isoformat(), "value": value}
        assert world.as_("engineer").post(f"/elevators/{world.ids['hill-el']}/counters", body).status_code == 201
    by_bends = world.as_("engineer").items(f"/elevators/{world.ids['hill-el']}/parts")[0]["nearest"]
    assert (by_bends["aspect"], by_bends["quantity"]) == ("counter", "rope_bends")
    assert abs((date.fromisoformat(by_bends["expected"]) - TODAY).days - (750 - 365)) <= 2
    assert by_bends["earliest"] < by_bends["expected"] < by_bends["latest"]
    # 0.06 mm less every 40 days: 6 % of 10 mm, the makers' line, in 113 days, 10 % in 380
    answers = []
    for n in range(8):
        on = TODAY - timedelta(days=40 * (7 - n))
        answers.append(inspect(world, rope["id"], on, diameter_mm=round(9.99 - 0.06 * n, 2)))
        assert answers[-1].status_code == 201, answers[-1].text
    worn = answers[-1].json()
    assert worn["unit_price"] is None  # a contractor does not see costs
    maker, discard = (
        next(each for each in worn["expectations"] if each["quantity"] == "diameter_loss" and each["line"] == line)
        for line in ("maker", "discard")
    )
    assert worn["nearest"] == maker
    assert "ISO 4344" in maker["standard"]
    assert abs((date.fromisoformat(maker["expected"]) - TODAY).days - 0.17 / 0.06 * 40) <= 3
    assert discard["expected"] > maker["latest"] > maker["expected"] > maker["earliest"]
    assert {verdict["line"]: verdict["passed"] for verdict in worn["inspections"][0]["verdicts"]} == {
        "discard": True,
        "maker": True,
    }


@pytest.mark.parametrize(
    ("measured", "field"),
    [
        ({"diameter_mm": 0.98}, "measured.diameter_mm"),
        ({"diameter_mm": 98.0}, "measured.diameter_mm"),
        ({"broken_wires_spread": 2.5}, "measured.broken_wires_spread"),
        ({"groove_wear_mm": 1.0}, "measured.groove_wear_mm"),
        ({}, "measured"),
    ],
)
def test_a_wrong_measurement_is_refused_by_its_name(world: World, measured: dict[str, float], field: str) -> None:
    rope = add(world, ROPE)
    answer = inspect(world, rope["id"], TODAY, **measured)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    late = inspect(world, rope["id"], TODAY + timedelta(days=2), diameter_mm=9.8)
    assert [each["field"] for each in late.json()["errors"]] == ["inspected_on"]
    assert world.as_("engineer").items("/elevator-parts")[0]["inspections"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit_price": -1}, "unit_price"),
        ({"unit_price": 1850.5}, "unit_price"),
        ({"quantity": 0}, "quantity"),
        ({"lead_time_days": -1}, "lead_time_days"),
        ({"currency": "yuan"}, "currency"),
        ({"kind": "wings", "nominal_diameter_mm": None, "construction": None, "drive": None}, "kind"),
        ({"installed_on": "2026-03-03"}, "installed_on"),
        ({"installed_on": "20 May"}, "installed_on"),
        ({"nominal_diameter_mm": 1.0}, "nominal_diameter_mm"),
        ({"construction": "7x7"}, "construction"),
        ({"drive": {"traction_sheave_mm": -400}}, "drive.traction_sheave_mm"),
        ({"drive": {"traction_sheave_mm": 400, "pulleys": 2}}, "drive.deflector_mm"),
        ({"kind": "brake", "drive": None, "construction": None}, "nominal_diameter_mm"),
        ({"price": 1}, "price"),
    ],
)
def test_a_wrong_part_is_refused_by_its_field(world: World, change: dict[str, Any], field: str) -> None:
    answer = world.as_("manager").post(f"/elevators/{world.ids['hill-el']}/parts", {**ROPE, **change})
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, [field])
    assert world.as_("manager").items("/elevator-parts") == []


def test_a_counter_counts_up_unless_it_was_set_back(world: World) -> None:
    def read(days_ago: int, value: int, **more: Any) -> Any:
        on = (TODAY - timedelta(days=days_ago)).isoformat()
        body = {"counter": "trips", "read_on": on, "value": value, **more}
        return world.as_("engineer").post(f"/elevators/{world.ids['hill-el']}/counters", body)

    assert read(60, 812_000).status_code == 201
    wrong = (read(30, 81_300), read(30, 8_130_000), read(90, 900_000), read(-1, 813_000), read(30, -5))
    fields = [[each["field"] for each in answer.json()["errors"]] for answer in wrong]
    assert fields == [["value"], ["value"], ["value"], ["read_on"], ["value"]]
    assert [read(30, 120, reset=True).status_code, read(0, 9_000).status_code] == [201, 201]


def test_broken_wires_beyond_the_discard_line_end_a_rope_on_that_day_and_an_early_line_does_not(world: World) -> None:
    rope = add(world, ROPE, installed_on=years_ago(1))
    early = inspect(world, rope["id"], TODAY - timedelta(days=9), broken_wires_spread=16).json()
    assert early["inspections"][0]["passed"] is True
    assert early["nearest"]["aspect"] == "calendar"
    gone = inspect(world, rope["id"], TODAY, broken_wires_spread=31).json()
    assert gone["inspections"][0]["passed"] is False
    assert (gone["over_age"], gone["nearest"]["line"], gone["nearest"]["expected"]) == (True, "discard", str(TODAY))
    assert "31821" in gone["nearest"]["standard"]


def test_a_part_is_replaced_and_corrected_by_rows_that_name_it(world: World) -> None:
    rope = add(world, ROPE, installed_on=years_ago(3))
    inspect(world, rope["id"], TODAY, diameter_mm=9.7)
    right = add(world, ROPE, installed_on=years_ago(2), replaces=rope["id"], correction=True, reason="wrong year")
    assert [each["measured"] for each in right["inspections"]] == [{"diameter_mm": 9.7}]
    new = add(world, ROPE, installed_on=str(TODAY), replaces=right["id"], reason="worn")
    assert new["inspections"] == []
    assert [each["id"] for each in world.as_("engineer").items("/elevator-parts")] == [new["id"]]
    manager, path = world.as_("manager"), f"/elevators/{world.ids['hill-el']}/parts"
    again = manager.post(path, {**ROPE, "replaces": right["id"], "reason": "x"})
    assert (again.status_code, again.json()["existing"]) == (409, new["id"])
    assert manager.post(path, {**ROPE, "replaces": new["id"]}).json()["errors"][0]["field"] == "reason"
    assert manager.post(path, {**ROPE, "installed_on": "2027-01-01"}).json()["errors"][0]["field"] == "installed_on"
    assert world.as_("contractor").post(path, ROPE).status_code == 403


def test_the_chain_proves_parts_and_inspections_and_finds_what_was_altered(world: World, tmp_path: Path) -> None:
    rope = add(world, ROPE)
    inspect(world, rope["id"], TODAY, diameter_mm=9.7)
    with world.tx() as tx:
        proof = prove(tx, Checkpoints(tmp_path))
        assert (proof.broken, proof.records) == (None, 2)
    with world.tx() as tx:
        tx.execute(text("ALTER TABLE elevator_part DISABLE TRIGGER elevator_part_append_only"))
        tx.execute(text("UPDATE elevator_part SET content = jsonb_set(content, '{unit_price}', '1')"))
    with world.tx() as tx:
        assert f"elevator_part {rope['id']}" in str(prove(tx, Checkpoints(tmp_path)).broken)


def test_managers_are_told_once_before_it_is_time_to_order(world: World) -> None:
    with world.tx() as tx:
        tx.execute(insert(channel).values(person_id=world.ids["manager"], kind="console", address="-"))
    # ends in 60 days, to be ordered in 15; the fan in 60 days, to be ordered in 50
    rope = add(world, ROPE, installed_on=str(_months_before(TODAY + timedelta(days=60), 60)))
    fan = add(world, FAN, installed_on=str(_months_before(TODAY + timedelta(days=60), 36)))
    assert (rope["over_age"], rope["order_soon"], fan["order_soon"]) == (False, True, False)
    elevator = world.as_("contractor").get(f"/elevators/{world.ids['hill-el']}").json()
    assert [(each["id"], each["order_by"]) for each in elevator["parts_due"]] == [(rope["id"], rope["order_by"])]
    for _ in range(2):  # as after a restart
        with world.tx() as tx:
            part_orders.warn(tx, world.clock.now)
    with world.tx() as tx:
        warned = tx.execute(select(part_warning.c.part_id)).scalars().all()
        told = tx.execute(select(outbox.c.person_id, outbox.c.notice).where(outbox.c.person_id.is_not(None))).all()
    assert warned == [rope["id"]]
    assert {row.person_id for row in told} == {world.ids["manager"]}
    (body,) = [row.notice for row in told]
    assert body["kind"] == "part_order_due"
    assert rope["order_by"] in body["response"]["en"]
    stream = io.StringIO()
    worker = Worker(world.database, {"console": Console(stream, ZoneInfo("Asia/Shanghai"))}, clock=world.clock)
    worker.start()
    eventually(lambda: stream.getvalue().endswith("\n"))
    worker.stop()
    assert "Part to be ordered" in stream.getvalue()
    assert f"order by {rope['order_by']} → to Manager" in stream.getvalue()
    world.clock.move(days=25)
    with world.tx() as tx:
        part_orders.warn(tx, world.clock.now)
        assert set(tx.execute(select(part_warning.c.part_id)).scalars()) == {rope["id"], fan["id"]}
    assert all(each["warned_at"] for each in world.as_("manager").items("/elevator-parts"))


def test_managers_are_told_again_where_the_last_day_to_order_has_moved(world: World) -> None:
    with world.tx() as tx:
        tx.execute(insert(channel).values(person_id=world.ids["manager"], kind="console", address="-"))
    add(world, ROPE, installed_on=str(_months_before(TODAY + timedelta(days=60), 60)))

    def told(months: int) -> int:
        """How often the managers were told, once the rope's planned life is entered as so many months."""
        with world.tx() as tx:
            calendar = (part_life.c.part_kind == "wire_rope", part_life.c.aspect == "calendar")
            tx.execute(update(part_life).where(*calendar).values(expected=months))
            part_orders.warn(tx, world.clock.now)
            asked = select(func.count()).select_from(ledger).where(ledger.c.kind == "part_order_due")
            return int(tx.execute(asked).scalar_one())

    assert [told(60), told(60), told(59), told(59)] == [1, 1, 2, 2]


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, 28))


def test_the_budget_by_quarter_and_what_if_which_stores_nothing(world: World) -> None:
    rope = add(world, ROPE)  # over age since 2024
    fan = add(world, FAN, installed_on="2024-08-15")  # ends in 2027 Q3
    manager = world.as_("manager")
    stands = manager.get("/elevator-budget").json()
    assert [(each["year"], each["quarter"]) for each in stands["quarters"]][::12] == [(2026, 1), (2029, 1)]
    first = stands["quarters"][0]
    (over,) = first["items"]
    assert (over["part_id"], over["overdue"], first["total"]) == (rope["id"], True, {"CNY": 1_110_000})
    assert [each["total"] for each in stands["years"]] == [{"CNY": 1_110_000}, {"CNY": 42_050}, {}, {}]
    asked = {
        "postpone_months": 6,
        "postponed": [{"part_id": fan["id"], "months": 0}],
        "prices": [{"kind": "inverter_fan", "percent": "7.5"}],
    }
    answer = manager.post("/elevator-budget/what-if", asked).json()
    assert answer["stands"] == stands
    changed = answer["changed"]["quarters"]
    moved = {item["part_id"]: (each["quarter"], item["cost"]) for each in changed for item in each["items"]}
    assert moved == {rope["id"]: (3, 1_110_000), fan["id"]: (3, 45_204)}  # 42,050 x 1.075 = 45,203.75
    assert manager.get("/elevator-budget").json() == stands
    assert world.as_("contractor").get("/elevator-budget").status_code == 403
    assert world.as_("engineer").get("/elevator-budget", site=world.ids["vale"]).status_code == 404


def test_the_files_say_what_the_api_says(world: World) -> None:
    add(world, ROPE)
    for locale, over in (("zh-CN", "已超龄"), ("en", "over age")):
        answer = world.as_("inspector").get("/elevator-budget.xlsx", locale=locale)
        summary, items = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
        cells = {str(cell) for sheet in (summary, items) for row in sheet.iter_rows(values_only=True) for cell in row}
        assert {"2026 Q1", "11,100.00 CNY", "1,850.00 CNY", over} <= cells
        paper = world.as_("inspector").get("/elevator-budget.pdf", locale=locale)
        assert paper.content.startswith(b"%PDF")


def test_a_life_of_a_maker_goes_before_the_catalogue(world: World) -> None:
    life = {
        "code": "wolf-years",
        "part_kind": "wire_rope",
        "maker": "Wolf",
        "aspect": "calendar",
        "line": "planning",
        "lowest": 120,
        "expected": 120,
        "highest": 120,
        "unit": "mo",
        "name": {"en": "years"},
        "grade": "L",
        "standard": "Wolf",
        "clause": "letter",
        "effective_from": "2020-01-01",
    }
    assert world.as_("manager").post("/part-lives", life).status_code == 403
    assert world.as_("admin").post("/part-lives", {**life, "expected": 1}).json()["errors"][0]["field"] == "expected"
    assert world.as_("admin").post("/part-lives", life).status_code == 201
    assert add(world, ROPE, maker="Wolf")["nearest"]["expected"] == "2029-01-10"
    assert add(world, ROPE, maker="Others")["nearest"]["expected"] == "2024-01-10"
