"""The fire log through the API: register from a file, checks from a phone, and what an inspector gets."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import text

from facility_monitor.flows.evidence.proof import prove_file
from facility_monitor.flows.people import people
from facility_monitor.flows.plant.commission import commission
from tests.api.world import START, World
from tests.people import new_duty
from tests.pictures import a_picture

REGISTER = """code,kind,name_zh,name_en,space,subtype,rated_pressure_mpa,made_on,installed_on,serviced_on,place_class
ext-1,extinguisher,灭火器 1,Extinguisher 1,b1-1,co2,5.7,2020-03-01,,,basement
ext-2,extinguisher,灭火器 2,Extinguisher 2,b1-1,powder,1.2,2019-06-01,,2024-06-02,
hyd-1,hydrant,消火栓 1,Hydrant 1,b1-1,,,,,,
fp-1,fire_pump,消防泵,Fire pump,b1-1,,,,,,
"""


def load(world: World, content: bytes = REGISTER.encode(), who: str = "manager") -> dict[str, Any]:
    answer = world.as_(who)(
        "POST",
        f"/register:import?site={world.ids['hill']}",
        content=content,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def pieces(world: World) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in world.as_("engineer").items("/register", site=world.ids["hill"])}


def a_check(world: World, code: str = "hyd-1", **changes: Any) -> dict[str, Any]:
    return {
        "client_id": str(UUID(int=1)),
        "equipment_id": changes.get("equipment_id") or pieces(world)[code]["id"],
        "form": "hydrant-check",
        "performed_at": START.isoformat(),
        "values": {"water": True, "complete": True, "no_leak": True, "dynamic_mpa": 0.4},
        "signatures": [{"name": "王芳", "certificate_no": "A-1182"}],
        **changes,
    }


# --- the register ---------------------------------------------------------------------------------------------


def test_a_register_comes_in_from_csv_and_tells_what_is_due_by_which_rule(world: World) -> None:
    assert load(world) == {"stored": 4, "refused": []}
    found = pieces(world)
    assert set(found) == {"ext-1", "ext-2", "hyd-1", "fp-1"}
    due = [(each["step"], each["on"], each["standard"]) for each in found["ext-1"]["due"]]
    assert due == [("first_service", "2025-03-01", "GB 50444-2008"), ("scrap", "2032-03-01", "XF 95")]
    assert {each["step"] for each in found["ext-2"]["due"]} == {"next_service", "scrap"}
    one = world.as_("engineer").items("/register", site=world.ids["hill"], equipment=found["ext-2"]["id"])
    assert one == [found["ext-2"]]
    # again, with less: what the file does not say stays
    assert load(world, b"code,kind,subtype,serviced_on\next-1,extinguisher,co2,2025-02-20\n")["stored"] == 1
    assert pieces(world)["ext-1"]["made_on"] == "2020-03-01"
    assert pieces(world)["ext-1"]["due"][0]["on"] == "2027-02-20"


def test_the_same_as_a_workbook_made_from_the_template(world: World) -> None:
    answer = world.as_("manager").get("/register/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    page = book.worksheets[0]
    page.append(["ext-9", "extinguisher", "九", "Nine", "b1-1", "water", 1.2, START.date(), None, None, "crowded"])
    made = io.BytesIO()
    book.save(made)
    assert load(world, made.getvalue()) == {"stored": 1, "refused": []}
    assert pieces(world)["ext-9"]["made_on"] == "2026-03-02"


def test_each_fault_is_told_by_line_and_column_and_nothing_is_stored(world: World) -> None:
    faults = (
        b"code,kind,subtype,space,made_on,rated_pressure_mpa\n"
        b"e-1,extinguisher,,,,\nE 2,hydrant,,,,\ne-3,palace,,,,\ne-4,hydrant,,nowhere,yesterday,\n"
        b"e-5,hydrant,,nowhere,,x\ne-6,hydrant,,nowhere,,\n,hydrant,,,,\ne-6,hydrant,,,,\n"
        b"e-7,hydrant,,b1-1,,,1.2\n"
    )
    answer = load(world, faults)
    assert answer["stored"] == 0
    assert [(each["line"], each["field"]) for each in answer["refused"]] == [
        *((2, "subtype"), (3, "code"), (4, "kind"), (5, "made_on"), (6, "rated_pressure_mpa"), (7, "space")),
        *((8, "code"), (9, "code"), (10, "line")),
    ]
    assert pieces(world) == {}


def a_bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    return made.getvalue()


def a_workbook(part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook of which one part was changed."""
    book = openpyxl.Workbook()
    plain, made = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return made.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
NO_REGISTER = {
    "empty": b"",
    "half a header": b"code\n",
    "nothing but the header": b"code,kind\n",
    "no zip": b"PK\x03\x04",
    "half a character": b"\xff\xfe\x00",
    "too many lines, all of them wrong": b"code,kind\n" + b"x,hydrant\n" * 6000,
    "unpacks to too much": a_bomb(),
    "an entity": a_workbook(SHEET, lambda data: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + data.partition(b"?>")[2]),
    "half a sheet": a_workbook(SHEET, lambda data: data[:100]),
    "styles that are no XML": a_workbook("xl/styles.xml", lambda _: b"no XML"),
}


@pytest.mark.parametrize("content", NO_REGISTER.values(), ids=list(NO_REGISTER))
def test_what_is_no_register_is_refused_as_a_whole(world: World, content: bytes) -> None:
    answer = world.as_("manager")("POST", f"/register:import?site={world.ids['hill']}", content=content)
    assert answer.status_code == 422, answer.text
    assert pieces(world) == {}


@pytest.mark.parametrize(
    ("made_on", "serviced_on", "kept"),
    [
        ("2020/3/1", "2024.6.2", ("2020-03-01", "2024-06-02")),
        ("2020年3月1日", "45445", ("2020-03-01", "2024-06-02")),
        ("03/04/2020", "", "could be two days"),
        ("2020/2/30", "", "no day of the calendar"),
        ("2099-01-01", "", "must not lie after today"),
        ("2020-03-01", "2019-06-02", "must not lie before made_on"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "utf-16"])
def test_dates_are_taken_as_spreadsheets_write_them_where_they_are_one_day(
    world: World, made_on: str, serviced_on: str, kept: Any, encoding: str
) -> None:
    content = f"code;kind;name_zh;subtype;made_on;serviced_on\next-9;extinguisher;灭火器;co2;{made_on};{serviced_on}\n"
    answer = load(world, content.encode(encoding))
    if isinstance(kept, tuple):
        piece = pieces(world)["ext-9"]
        assert (piece["made_on"], piece["serviced_on"], piece["name"]["zh-CN"]) == (*kept, "灭火器")
    else:
        (refused,) = answer["refused"]
        assert (refused["line"], kept in refused["message"], pieces(world)) == (2, True, {})


def test_labels_are_a_page_of_qr_codes(world: World) -> None:
    load(world)
    answer = world.as_("engineer").get("/register/labels.pdf", site=world.ids["hill"], locale="en")
    page = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert all(code in page for code in ("ext-1", "hyd-1", "fp-1"))


# --- checks ---------------------------------------------------------------------------------------------------


def test_a_check_sent_twice_is_answered_twice_and_kept_once(world: World) -> None:
    load(world)
    engineer = world.as_("engineer")
    first = engineer.post("/checks", a_check(world))
    again = engineer.post("/checks", a_check(world))
    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert again.json() == first.json() == engineer.get(f"/checks/{first.json()['id']}").json()
    assert first.json()["passed"] is True
    limit = next(each["limit"] for each in first.json()["verdicts"] if each["field"] == "dynamic_mpa")
    assert (limit["value"], limit["standard"]) == (0.35, "GB 50974-2014")
    assert len(engineer.items("/checks", site=world.ids["hill"])) == 1
    assert engineer.post("/checks", a_check(world, remarks="more")).status_code == 409


def test_the_calendar_shows_what_was_done_and_what_is_due(world: World) -> None:
    load(world)
    engineer = world.as_("engineer")
    made = engineer.post("/checks", a_check(world)).json()["id"]
    span: dict[str, Any] = {"site": world.ids["hill"], "from": "2026-03-01", "to": "2026-03-31"}
    tasks = engineer.items("/upkeep", **span)
    by_plan = {(each["plan"], each["equipment"]): each for each in tasks if each["first"] == "2026-03-01"}
    assert by_plan["hydrant-monthly", "hyd-1"]["state"] == "done"
    assert by_plan["hydrant-monthly", "hyd-1"]["check_id"] == made
    assert by_plan["extinguisher-half-monthly", "ext-1"]["state"] == "due"
    assert by_plan["extinguisher-monthly", "ext-2"]["state"] == "due"
    assert engineer.get("/upkeep", **{**span, "to": "2029-01-01"}).status_code == 422
    assert world.as_("engineer").get("/upkeep", **{**span, "site": world.ids["vale"]}).status_code == 404


def test_an_announced_test_takes_its_own_alarm_as_proof_and_calls_nobody_while_the_rest_stays_live(
    world: World,
) -> None:
    engineer, room = world.as_("engineer"), world.ids["hill-dr"]
    window = {
        "site_id": world.ids["hill"],
        "space_id": world.ids["hill:b1-1"],
        "purpose": "test",
        "starts_at": START.isoformat(),
        "ends_at": "2026-03-02T10:00:00Z",
        "reason": "monthly test",
    }
    number = engineer.post("/service-windows", window).json()["id"]
    inside, outside = world.raise_alarm("hill-dr"), world.raise_alarm("hill-el")
    with world.tx() as tx:
        called = tx.execute(text("SELECT alarm_id FROM outbox WHERE person_id IS NOT NULL")).scalars().all()
    assert set(called) == {outside}
    patrol = {"clean": True, "drains": True}
    check = a_check(world, equipment_id=room, form="cleaning-patrol", values=patrol)
    made = [engineer.post("/checks", check) for _ in range(2)]
    assert [each.status_code for each in made] == [201, 200]
    assert made[1].json()["alarm_ids"] == [inside]
    with world.tx() as tx:
        body = tx.execute(text("SELECT body FROM ledger WHERE kind = 'check_recorded'")).scalar_one()
    assert (body["alarm_ids"], body["test_windows"]) == ([inside], [number])


def test_a_tested_smoke_detector_calls_nobody_and_a_gas_detector_beside_it_does(world: World) -> None:
    detectors = [
        {"code": code, "kind": kind, "name": {"en": code}, "space": "b1"}
        for code, kind in (("sd-1", "smoke_detector"), ("gd-1", "gas_detector"))
    ]
    devices = [
        {"code": code, "name": {"en": code}, "equipment": code, "points": [{"key": key}]}
        for code, key in (("sd-1", "smoke_alarm"), ("gd-1", "gas"))
    ]
    gas = {
        "code": "gas-high",
        "name": {"en": "Gas"},
        "kind": "limit",
        "severity": "critical",
        "life_safety": True,
        "scope": {"metric": "gas", "equipment_kind": "gas_detector"},
        "limit": {"level": "high", "value": 500, "unit": "ppm", "basis": {"source": "house", "grade": "P"}},
        "response": {"en": "Go"},
        "cause": {"en": "Leak"},
        "respond_within_s": 180,
    }
    tower = {
        "code": "tower",
        "name": {"en": "Tower"},
        "timezone": "Asia/Shanghai",
        "spaces": [{"code": "b1", "kind": "building", "name": {"en": "Building"}}],
        "equipment": detectors,
        "devices": devices,
        "rules": [gas],
    }
    with world.tx() as tx:
        site = commission(tx, tower, "test", START)
        for who in ("engineer", "manager"):
            people.grant_sites(tx, world.ids[who], [world.ids["hill"], site])
        new_duty(tx, site, world.ids["engineer"], START)
        world.ids |= {code: number for number, code in tx.execute(text("SELECT id, code FROM equipment"))}
    engineer = world.as_("engineer")
    window = {
        "site_id": site,
        "equipment_kind": "smoke_detector",
        "purpose": "test",
        "reason": "monthly test",
        "starts_at": START.isoformat(),
        "ends_at": "2026-03-02T10:00:00Z",
        "life_safety": True,
        "substitute": "Two wardens patrol",
    }
    number = engineer.post("/service-windows", window).json()["id"]
    confirmed = world.as_("manager").change("POST", f"/service-windows/{number}/confirm", 1, {})
    assert confirmed.status_code == 200, confirmed.text
    tested, leak = (
        world.raise_alarm("sd-1", rule="smoke-alarm"),
        world.raise_alarm("gd-1", value=900.0, rule="gas-high"),
    )
    with world.tx() as tx:
        called = tx.execute(text("SELECT alarm_id FROM outbox WHERE person_id IS NOT NULL AND alarm_id IS NOT NULL"))
        assert set(called.scalars()) == {leak}
    photo = engineer("POST", f"/photos?site_id={site}", content=a_picture()).json()["sha256"]
    check = a_check(
        world,
        equipment_id=world.ids["sd-1"],
        form="detector-sensitivity",
        values={"method": "smoke_can", "alarm_at_panel": True, "lamp": True, "clean": True},
        photos=[{"sha256": photo, "purpose": "check"}],
    )
    made = engineer.post("/checks", check)
    assert made.status_code == 201, made.text
    assert made.json()["alarm_ids"] == [tested]
    with world.tx() as tx:
        body = tx.execute(text("SELECT body FROM ledger WHERE kind = 'check_recorded'")).scalar_one()
    assert (body["alarm_ids"], body["test_windows"]) == ([tested], [number])


def test_a_duty_is_waived_by_a_manager_where_it_is_open(world: World) -> None:
    load(world)
    asked = {"site_id": world.ids["hill"], "plan": "hydrant-monthly", "reason": "closed by the police"}
    assert world.as_("engineer").post("/upkeep-waivers", asked).status_code == 403
    refused = world.as_("manager").post("/upkeep-waivers", asked)
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == ["plan"]
    assert world.as_("engineer").items("/upkeep-duties", site=world.ids["hill"], plan="hydrant-monthly") == []
    hydrant = pieces(world)["hyd-1"]["id"]
    with world.tx() as tx:
        add = "INSERT INTO upkeep_task (plan, equipment_id, first, last, until) VALUES ('hydrant-monthly', :id"
        tx.execute(text(f"{add}, '2026-02-01', '2026-02-28', '2026-03-01')"), {"id": hydrant})
    (open_now,) = world.as_("engineer").items("/upkeep-duties", site=world.ids["hill"], plan="hydrant-monthly")
    assert (open_now["code"], open_now["last"], open_now["ticket_id"]) == ("hyd-1", "2026-02-28", None)
    waived = world.as_("manager").post("/upkeep-waivers", {**asked, "equipment_ids": [hydrant]})
    assert (waived.status_code, waived.json()["pieces"]) == (201, 1)
    assert world.as_("engineer").items("/upkeep-duties", site=world.ids["hill"], plan="hydrant-monthly") == []


def test_equipment_out_of_service_comes_back_by_a_change_of_the_version_that_was_read(world: World) -> None:
    load(world)
    engineer, pump = world.as_("engineer"), pieces(world)["fp-1"]["id"]
    out = {"equipment_id": pump, "starts_on": "2026-03-02", "reason": "overhaul", "measure": "patrol each hour"}
    made = engineer.post("/impairments", out).json()
    path = f"/impairments/{made['id']}"
    assert engineer("PATCH", path, json={"ends_on": "2026-03-02"}).status_code == 428
    assert engineer.change("PATCH", path, 1, {"ends_on": "2026-03-02"}).json()["ends_on"] == "2026-03-02"
    assert engineer.change("PATCH", path, 1, {"ends_on": None}).status_code == 412
    assert world.as_("inspector").change("PATCH", path, 2, {"ends_on": None}).status_code == 403
    assert engineer.change("PATCH", "/impairments/99", 1, {"ends_on": None}).status_code == 404


# --- the inspector --------------------------------------------------------------------------------------------


@pytest.fixture
def busy(world: World) -> World:
    """A site with a register, a good check with a photo, one that failed, and one that was entered late."""
    load(world)
    engineer = world.as_("engineer")
    photo = engineer("POST", f"/photos?site_id={world.ids['hill']}", content=a_picture()).json()
    use = {"photos": [{"sha256": photo["sha256"], "purpose": "check"}]}
    bad = {"water": False, "complete": True, "no_leak": True, "dynamic_mpa": 0.1, "static_mpa": 0.62}
    late: dict[str, Any] = {"performed_at": "2026-02-20T08:00:00Z", "reason": "no network in the basement"}
    gauge = {"method": "gauge", "zone": "green", **dict.fromkeys(("in_place", "seal", "body", "hose"), True)}
    made: list[dict[str, Any]] = [use, {"values": bad, **use}, late]
    for number, changes in enumerate(made, 1):
        answer = engineer.post("/checks", a_check(world, client_id=str(UUID(int=number)), **changes))
        assert answer.status_code == 201, answer.text
    patrol = a_check(world, "ext-2", form="extinguisher-check", values=gauge, client_id=str(UUID(int=9)))
    assert engineer.post("/checks", patrol).status_code == 201
    return world


def link(world: World, **changes: Any) -> dict[str, Any]:
    body = {
        "site_id": world.ids["hill"],
        "first": "2026-02-01",
        "last": "2026-03-31",
        "purpose": "yearly inspection",
        "expires_at": "2026-04-01T00:00:00Z",
        **changes,
    }
    answer = world.as_("manager").post("/inspection-links", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_link_opens_completeness_then_the_entry_then_its_photo(busy: World) -> None:
    visitor, path = busy.anonymous(), f"/api/v1/inspection/{link(busy)['token']}"
    seen = visitor.get(path).json()
    assert (seen["site"], seen["months"]) == ("hill", ["2026-02", "2026-03"])
    row = next(each for each in seen["rows"] if each["equipment"]["code"] == "hyd-1")
    assert (row["cells"]["2026-02"]["late"], row["cells"]["2026-03"]["done"]) == (1, 1)
    pump = next(each for each in seen["rows"] if each["equipment"]["code"] == "fp-1")
    assert pump["cells"]["2026-02"]["missed"] > 28
    # the failed check came after the good one: both are there to be opened, and the cell says that it failed
    assert (row["cells"]["2026-03"]["failed"], len(row["cells"]["2026-03"]["checks"])) == (1, 2)
    number = row["cells"]["2026-03"]["checks"][0]
    check = visitor.get(f"{path}/checks/{number}").json()
    photo = visitor.get(f"{path}/checks/{number}/photos/{check['photos'][0]['sha256']}")
    assert photo.content == a_picture()
    assert visitor.get(f"{path}/checks/{number}/photos/{'0' * 64}").status_code == 404
    assert visitor.get(f"{path}/checks/9999").status_code == 404


def test_what_was_made_up_for_after_the_period_opens_too(world: World) -> None:
    load(
        world,
        b"code,kind,name_en\n" + b"".join(b"sd-%d,smoke_detector,Detector\n" % number for number in range(12)),
    )
    engineer, hill = world.as_("engineer"), world.ids["hill"]
    of_february = {"site": hill, "from": "2026-02-01", "to": "2026-02-28"}
    due = next(each for each in engineer.items("/upkeep", **of_february) if each["equipment"].startswith("sd-"))
    photo = engineer("POST", f"/photos?site_id={hill}", content=a_picture()).json()["sha256"]
    check = a_check(
        world,
        due["equipment"],
        form="detector-sensitivity",
        values={"method": "smoke_can", "alarm_at_panel": True, "lamp": True, "clean": True},
        photos=[{"sha256": photo, "purpose": "check"}],
    )
    made = engineer.post("/checks", check)
    assert made.status_code == 201, made.text
    visitor, path = world.anonymous(), f"/api/v1/inspection/{link(world, last='2026-02-28')['token']}"
    (row,) = (each for each in visitor.get(path).json()["rows"] if each["equipment"]["code"] == due["equipment"])
    assert (row["cells"]["2026-02"]["late"], row["cells"]["2026-02"]["checks"]) == (1, [made.json()["id"]])
    assert visitor.get(f"{path}/checks/{made.json()['id']}").json()["performed_at"] == "2026-03-02T08:00:00Z"
    assert visitor.get(f"{path}/checks/{made.json()['id']}/photos/{photo}").status_code == 200
    of_january = f"/api/v1/inspection/{link(world, first='2026-01-01', last='2026-01-31')['token']}"
    assert visitor.get(f"{of_january}/checks/{made.json()['id']}").status_code == 404


def test_a_fault_that_was_found_out_of_turn_is_in_the_cell_of_its_month(world: World) -> None:
    load(
        world,
        b"code,kind,name_en\n" + b"".join(b"sd-%d,smoke_detector,Detector\n" % number for number in range(12)),
    )
    engineer, hill = world.as_("engineer"), world.ids["hill"]
    of_february = {"site": hill, "from": "2026-02-01", "to": "2026-02-28"}
    due = next(each for each in engineer.items("/upkeep", **of_february) if each["equipment"].startswith("sd-"))
    photo = engineer("POST", f"/photos?site_id={hill}", content=a_picture()).json()["sha256"]
    measured = {"method": "panel", "threshold": 0.12, "threshold_unit": "dB/m"}
    values = {**measured, "alarm_at_panel": True, "lamp": True, "clean": True}
    made, sent = [], []
    bad = {"alarm_at_panel": False}
    for number, (day, changes) in enumerate((("02-10", {}), ("03-01", bad), ("03-02", bad))):
        check = a_check(
            world,
            due["equipment"],
            client_id=str(UUID(int=number)),
            form="detector-sensitivity",
            values={**values, **changes},
            performed_at=f"2026-{day}T07:59:00Z",
            photos=[{"sha256": photo, "purpose": "check"}],
            reason="found on paper",
        )
        sent.append(check)
        answer = engineer.post("/checks", check)
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["id"])
    corrects = {"corrects": made[2], "reason": "looked at the wrong lamp", "client_id": str(UUID(int=99))}
    assert engineer.post("/checks", {**sent[2], "values": values, **corrects}).status_code == 201
    visitor, path = world.anonymous(), f"/api/v1/inspection/{link(world)['token']}"
    seen = visitor.get(path).json()
    (row,) = (each for each in seen["rows"] if each["equipment"]["code"] == due["equipment"])
    assert (row["cells"]["2026-02"]["failed"], row["cells"]["2026-02"]["checks"]) == (0, [made[0]])
    assert (row["cells"]["2026-03"]["failed"], row["cells"]["2026-03"]["checks"]) == (1, [made[1]])
    assert seen["total"]["failed"] == 1
    assert visitor.get(f"{path}/checks/{made[1]}").json()["passed"] is False


def test_a_link_ends_when_it_expires_is_revoked_or_was_tampered_with(busy: World) -> None:
    visitor, made = busy.anonymous(), link(busy)
    path = f"/api/v1/inspection/{made['token']}"
    assert visitor.get(path[:-1]).status_code == 401
    with busy.tx() as tx:
        tx.execute(text("UPDATE inspection_link SET last = '2026-04-30'"))
    assert visitor.get(path).status_code == 401
    with busy.tx() as tx:
        tx.execute(text("UPDATE inspection_link SET last = '2026-03-31'"))
    assert visitor.get(path).status_code == 200
    assert busy.as_("manager").post(f"/inspection-links/{made['id']}/revoke").json()["revoked_at"] is not None
    assert visitor.get(path).status_code == 401
    assert busy.as_("manager").post(f"/inspection-links/{made['id']}/revoke").status_code == 409
    other = f"/api/v1/inspection/{link(busy)['token']}"
    busy.clock.move(days=31)
    assert visitor.get(other).status_code == 401
    assert busy.as_("inspector").post("/inspection-links", {}).status_code == 403


def test_who_does_not_see_a_site_makes_no_link_to_it(busy: World) -> None:
    body = {"site_id": busy.ids["vale"], "first": "2026-02-01", "last": "2026-03-31", "purpose": "x"}
    answer = busy.as_("manager").post("/inspection-links", {**body, "expires_at": "2026-04-01T00:00:00Z"})
    assert answer.status_code == 422
    theirs = link(busy)["id"]
    assert busy.as_("chief").items("/inspection-links")[0]["id"] == theirs


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("sheet", ["matrix", "patrol", "test", "repair", "upkeep"])
def test_every_page_of_a_sheet_says_of_what_it_is(busy: World, sheet: str, locale: str, tmp_path: Path) -> None:
    visitor, path = busy.anonymous(), f"/api/v1/inspection/{link(busy)['token']}"
    head = visitor.get(path).json()["chain_head"]
    answer = visitor.get(f"{path}/sheets/{sheet}.pdf", params={"locale": locale})
    assert answer.status_code == 200, answer.text
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]
    for page in pages:
        assert "-hill-20260201-20260331" in page
        assert head in page.replace("\n", "")
        assert ("签名" if locale == "zh-CN" else "Signed") in page
        assert ("结论" if locale == "zh-CN" else "Verdict") in page
    workbook = io.BytesIO(visitor.get(f"{path}/sheets/{sheet}.xlsx").content)
    book = openpyxl.load_workbook(workbook)
    (tab,) = book.worksheets
    above = [str(cell) for row in tab.iter_rows(max_row=7, values_only=True) for cell in row if cell]
    assert {"2026-02-01 – 2026-03-31", "结论", "签名"} <= set(above)
    assert any(head in cell for cell in above)
    # what stands above the table is printed on every page, and the QR code with it
    assert tab.print_title_rows == "$1:$9"
    assert "xl/media/image1.png" in zipfile.ZipFile(workbook).namelist()
    if sheet == "upkeep" and locale == "en":
        words = " ".join(pages[0].split())
        assert "FAILED" in words
        assert "no network in the basement" in words
        assert "Signed: 王芳 (A-1182)" in words
        assert "static pressure: 0.62 MPa" in words  # what no limit judges stands there too
        assert "[not taken on the spot; the same photo as in another record]" in words
        assert "To be kept until 2031-03-31 at least (GB 25201-2010" in words


def test_what_a_page_names_as_the_head_of_the_chain_is_asked_for_by_its_position(busy: World) -> None:
    visitor, path = busy.anonymous(), f"/api/v1/inspection/{link(busy)['token']}"
    seen = visitor.get(path).json()
    entry = visitor.get(f"{path}/entries/{seen['chain_position']}").json()
    assert (entry["position"], entry["hash"]) == (seen["chain_position"], seen["chain_head"])
    assert visitor.get(f"{path}/entries/{seen['chain_position'] + 1}").status_code == 404


def test_the_bundle_proves_itself_and_shows_what_was_touched(busy: World, tmp_path: Path) -> None:
    answer = busy.anonymous().get(f"/api/v1/inspection/{link(busy)['token']}/bundle.zip")
    assert answer.status_code == 200, answer.text
    (tmp_path / "bundle.zip").write_bytes(answer.content)
    proof = prove_file(tmp_path / "bundle.zip")
    assert proof.broken is None
    assert proof.entries >= 6
    with zipfile.ZipFile(tmp_path / "bundle.zip") as packed:
        names = packed.namelist()
        entries = [json.loads(line)["entry"] for line in packed.read("ledger.jsonl").splitlines()]
        parts = {name: packed.read(name) for name in names}
    recorded = [each["body"] for each in entries if each["kind"] == "check_recorded"]
    assert all(f"records/{each['record_sha256']}.json" in names for each in recorded)
    assert all(f"photos/{photo['sha256']}.bin" in names for each in recorded for photo in each["photos"])
    assert {"matrix.json", "checks.json", "sheets.zh-CN.pdf", "sheets.en.xlsx"} <= set(names)
    with zipfile.ZipFile(tmp_path / "forged.zip", "w") as forged:
        for name, data in parts.items():
            forged.writestr(name, data.replace(b'"ph"', b'"pH"') if name != "checks.json" else data + b" ")
    assert "checks.json" in str(prove_file(tmp_path / "forged.zip").broken)
