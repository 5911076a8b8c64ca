"""Many tests at once, as JSON and as a spreadsheet: each is taken or refused by itself, with the line that is wrong."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from httpx import Response
from openpyxl import Workbook
from sqlalchemy import func, select

from facility_monitor.api.elevator.elevator_file import COLUMNS
from facility_monitor.api.models import elevators as models
from facility_monitor.sheets.xlsx import MEDIA_TYPE
from facility_monitor.store.tables import elevator_test, ticket
from tests.api.elevator import a_test, register, with_key
from tests.api.world import World
from tests.pictures import archive

HEAD = (
    "elevator_id,performed_at,floor,leveling_up_mm,leveling_down_mm,door_open_s,"
    "worker_1_name,worker_1_certificate_no,worker_2_name,worker_2_certificate_no,door_type,door_clear_width_mm,remarks"
)
PEOPLE = "赵强,T-1,孙磊,T-2,centre,900,"
AT = "2026-03-02T15:30:00+08:00"


@pytest.fixture
def lifts(world: World) -> World:
    register(world)
    return world


def kept(world: World) -> int:
    with world.tx() as tx:
        return tx.execute(select(func.count()).select_from(elevator_test)).scalar_one()


def batch(world: World, *tests: Any, key: str | None = None) -> Response:
    headers = {"Idempotency-Key": key} if key else {}
    return with_key(world)("POST", "/elevator-tests:batch", json={"tests": list(tests)}, headers=headers)


def upload(world: World, *lines: str, head: str = HEAD, encoding: str = "utf-8", key: str | None = None) -> Response:
    content = "\r\n".join([head, *lines]).encode(encoding)
    headers = {"Content-Type": "text/csv"} | ({"Idempotency-Key": key} if key else {})
    return with_key(world)("POST", "/elevator-tests:csv", content=content, headers=headers)


# --- JSON -----------------------------------------------------------------------------------------------------


def test_of_a_batch_each_test_is_taken_or_refused_by_itself(lifts: World) -> None:
    here = {"elevator_id": lifts.ids["hill-el"]}
    answer = batch(
        lifts,
        a_test(**here),
        a_test(**here, floors=[{"floor": 9, "leveling_up_mm": 1}]),
        a_test(elevator_id=lifts.ids["vale-el"]),
        a_test(**here),
        a_test(**here, floors=[{"floor": 1, "leveling_up_mm": "x"}]),
        a_test(),
        "nonsense",
        None,
        a_test(**here, floors=[{"floor": 1, "leveling_up_mm": 14}]),
    )
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["accepted"], body["refused"], kept(lifts)) == (2, 7, 2)
    assert [each["index"] for each in body["items"]] == list(range(9))
    assert [each["accepted"] for each in body["items"]] == [True, *[False] * 7, True]
    problems = [each["problem"] for each in body["items"]]
    assert [problem and problem["status"] for problem in problems] == [None, 422, 404, 409, 422, 422, 422, 422, None]
    wrong = [problem and [each["field"] for each in problem["errors"] or ()] for problem in problems]
    assert wrong == [
        *(
            None,
            ["floors.0.floor"],
            ["elevator_id"],
            [],
            ["floors.0.leveling_up_mm"],
            ["elevator_id"],
            ["test"],
            ["test"],
            None,
        ),
    ]
    last = body["items"][-1]["test"]
    assert (last["passed"], last["failures"]) == (False, 1)
    assert with_key(lifts).get(f"/elevator-tests/{last['id']}").json()["ticket"]["id"] == last["ticket_id"]


def test_a_batch_can_be_sent_again_without_harm(lifts: World) -> None:
    tests = [a_test(elevator_id=lifts.ids["hill-el"], remarks=str(n)) for n in range(3)]
    first = batch(lifts, *tests, key="k")
    assert batch(lifts, *tests, key="k").content == first.content
    again = batch(lifts, *tests, key="another").json()
    assert [each["problem"]["existing"] for each in again["items"]] == [
        each["test"]["id"] for each in first.json()["items"]
    ]
    assert kept(lifts) == 3


@pytest.mark.parametrize("body", [{}, {"tests": []}, {"tests": "x"}, {"tests": [{}] * 201}, [], {"tests": [], "x": 1}])
def test_a_batch_that_is_none_is_refused_as_a_whole(lifts: World, body: Any) -> None:
    assert with_key(lifts).post("/elevator-tests:batch", body).status_code == 422


def test_the_examples_of_the_document_are_accepted(lifts: World) -> None:
    lifts.clock.move(days=1)
    ((one,), (many,)) = (
        each.model_json_schema()["examples"] for each in (models.NewElevatorTest, models.ElevatorTests)
    )
    assert many["tests"][0]["elevator_id"] == lifts.ids["hill-el"]
    assert batch(lifts, {"elevator_id": lifts.ids["hill-el"], **one}).json()["accepted"] == 1
    assert batch(lifts, *many["tests"]).json()["accepted"] == 1


# --- CSV ------------------------------------------------------------------------------------------------------


def test_the_lines_of_one_test_stand_together(lifts: World) -> None:
    number = lifts.ids["hill-el"]
    answer = upload(
        lifts,
        f"{number},{AT},1,,-3,2.6,{PEOPLE}",
        f"{number},2026-02-23T15:30:00+08:00,1,,14,,{PEOPLE}a week ago",
        f"{number},{AT},2,4,-2,,,,,,,,",
        "",
        ",,,,",
    ).json()
    assert (answer["accepted"], answer["refused"]) == (2, 0)
    assert [each["lines"] for each in answer["items"]] == [[2, 4], [3]]
    first, second = (with_key(lifts).get(f"/elevator-tests/{each['test']['id']}").json() for each in answer["items"])
    by_json = with_key(lifts).post(f"/elevators/{number}/tests", a_test(floors=a_test()["floors"][:1])).json()
    assert first["items"][:2] == by_json["items"]
    assert [each["value"] for each in first["items"]] == [-3, 2.6, 4, -2]
    assert (second["late_entry"], second["passed"], second["remarks"]) == (True, False, "a week ago")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_a_file_may_be_saved_as_spreadsheets_do(lifts: World, encoding: str) -> None:
    answer = upload(lifts, f"{lifts.ids['hill-el']},{AT},1,,-3,,{PEOPLE}导靴已加油", encoding=encoding).json()
    shown = with_key(lifts).get(f"/elevator-tests/{answer['items'][0]['test']['id']}").json()
    assert (shown["workers"][0]["name"], shown["remarks"]) == ("赵强", "导靴已加油")


def test_what_is_wrong_is_told_with_its_line_and_column(lifts: World) -> None:
    number = lifts.ids["hill-el"]
    answer = upload(
        lifts,
        f"{number},{AT},1,,-3,2.6,{PEOPLE}",
        f'{number},2026-03-02T14:00:00+08:00,1,,-3,2.6,{PEOPLE}"two\nlines"',
        f"{number},2026-03-02T14:00:00+08:00,2,1200,x,3200,,,,,,,",
        f"{number},2026-03-02T14:00:00+08:00,9,,,,,,,,,,",
        f"{number},2026-03-02T13:00:00+08:00,1,1,,,赵强,T-1,,,,,",
        f"{number},2026-03-02 25:00,1,1,,,{PEOPLE}",
        f"lift,2026-03-02T11:00:00+08:00,1,1,,,{PEOPLE}",
        f"{lifts.ids['vale-el']},{AT},1,1,,,{PEOPLE}",
    ).json()
    assert (answer["accepted"], answer["refused"], kept(lifts)) == (1, 5, 1)
    assert [each["lines"] for each in answer["items"]] == [[2], [3, 5, 6], [7], [8], [9], [10]]

    def errors(index: int) -> list[tuple[int, str]]:
        found = answer["items"][index]["problem"]["errors"]
        return [(each["line"], each["field"]) for each in found]

    assert errors(1) == [(5, "leveling_down_mm")]  # what is no number hides what is out of bounds
    assert errors(2) == [(7, "worker_2_name")]
    assert errors(3) == [(8, "performed_at")]
    assert errors(4) == [(9, "elevator_id")]
    assert (answer["items"][5]["problem"]["status"], errors(5)) == (404, [(10, "elevator_id")])
    assert answer["items"][2]["problem"]["detail"].startswith("line 7, worker_2_name: a test is made by two")


def test_each_cell_that_cannot_be_is_told_with_its_line(lifts: World) -> None:
    number = lifts.ids["hill-el"]
    answer = upload(
        lifts,
        f"{number},{AT},1,,-3,2.6,{PEOPLE}",
        f"{number},{AT},9,1200,,3200,,,,,,,",
        f"{number},{AT},3,,,,,,,,,,",
    ).json()
    found = [(each["line"], each["field"]) for each in answer["items"][0]["problem"]["errors"]]
    assert found == [(3, "floor"), (3, "leveling_up_mm"), (3, "door_open_s"), (4, "floor")]
    assert kept(lifts) == 0


def test_a_worker_is_called_by_the_columns_of_the_file(lifts: World) -> None:
    one, alone = f"{lifts.ids['hill-el']},{AT},1,,-3,,", "赵强,T5301-0417,孙磊,T5301-0417,,,"
    (refused,) = upload(lifts, one + alone).json()["items"]
    errors = {each["field"]: each["message"] for each in refused["problem"]["errors"]}
    assert errors["worker_2_certificate_no"] == "is also that of worker_1"


def test_lines_of_one_test_must_not_contradict_each_other(lifts: World) -> None:
    number = lifts.ids["hill-el"]
    answer = upload(lifts, f"{number},{AT},1,,-3,,{PEOPLE}", f"{number},{AT},2,1,,,,,李,,,950,").json()
    problem = answer["items"][0]["problem"]
    assert [(each["line"], each["field"]) for each in problem["errors"]] == [
        (3, "worker_2_name"),
        (3, "door_clear_width_mm"),
    ]
    assert "differs from line 2" in problem["detail"]


@pytest.mark.parametrize(
    ("content", "field", "says"),
    [
        ("", "body", ""),
        ("\n\n", "body", "is empty"),
        (HEAD, "body", "no lines but the header"),
        (HEAD.replace("floor", "storey"), "line 1", "'storey'"),
        ("电梯,时间,楼层", "line 1", "must hold the names of the columns, such as elevator_id"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "body", "old kind (.xls)"),
        (HEAD.replace("floor,", ""), "line 1", "column floor is missing"),
        (f"{HEAD},remarks", "line 1", "stands twice"),
        (f"\n{HEAD},x", "line 2", "'x'"),
        (f'{HEAD}\n1,"{AT},1', "line 2", "is no CSV"),
        (f"{HEAD}\n1,{AT},1,1,1,1,a,b,c,d,side,900,x,y", "line 2", "14 cells"),
        (b"\xff\xfe\x00", "body", "neither UTF-8 nor GB 18030"),
        ("\n".join([HEAD, *(f"{n},{AT},1,1,,,{PEOPLE}" for n in range(201))]), "body", "at most 200"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(
    same_world: World, content: str | bytes, field: str, says: str
) -> None:
    answer = with_key(same_world)("POST", "/elevator-tests:csv", content=content, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert says in error["message"]


def test_a_file_is_read_as_spreadsheets_of_other_places_write_it(lifts: World) -> None:
    number = lifts.ids["hill-el"]
    line = f"{number};2026/3/2 15:30;1;;-3,5;2,65;{PEOPLE.replace(',', ';')}"
    semicolons = upload(lifts, line, head=HEAD.replace(",", ";")).json()
    tabs = upload(
        lifts,
        f"{number};2026年3月2日 15:00;1;;-3;;{PEOPLE.replace(',', ';')}".replace(";", "\t"),
        head=HEAD.replace(",", "\t"),
    )
    assert (semicolons["accepted"], tabs.json()["accepted"]) == (1, 1), semicolons
    shown = with_key(lifts).get(f"/elevator-tests/{semicolons['items'][0]['test']['id']}").json()
    assert (shown["performed_at"], [each["value"] for each in shown["items"]]) == ("2026-03-02T07:30:00Z", [-3.5, 2.65])
    other = with_key(lifts).get(f"/elevator-tests/{tabs.json()['items'][0]['test']['id']}").json()
    assert other["performed_at"] == "2026-03-02T07:00:00Z"


@pytest.mark.parametrize(
    ("at", "value", "field"),
    [
        ("46083.5", "1", "performed_at"),  # the day's number in a spreadsheet is no second of 1970
        ("2026/3/2", "1", "performed_at"),
        ("02.03.2026 15:30", "1", "performed_at"),
        (AT, '"1,200"', "leveling_up_mm"),  # may be 1.2 or 1200
        (AT, "=1+1", "leveling_up_mm"),
        (AT, "#N/A", "leveling_up_mm"),
    ],
)
def test_a_cell_that_may_mean_two_things_is_refused(same_world: World, at: str, value: str, field: str) -> None:
    (item,) = upload(same_world, f"{same_world.ids['hill-el']},{at},1,{value},,,{PEOPLE}").json()["items"]
    assert [(each["line"], each["field"]) for each in item["problem"]["errors"]] == [(2, field)]


def test_what_is_refused_is_told_in_the_language_that_was_asked_for(same_world: World) -> None:
    number = same_world.ids["hill-el"]
    lines = (
        f"{number},{AT},9,1200,,3200,{PEOPLE}",
        f"{number},2026-03-02T14:00:00+08:00,1,x,,,赵强,T-1,,,,,",
        f"lift,2026-03-02T13:00:00+08:00,1,=A1,,,{PEOPLE}",
        f"{same_world.ids['vale-el']},yesterday,1,1,,,{PEOPLE}",
        f"{number},2027-03-02T13:00:00+08:00,1,0.5,,2.6,赵强,-,李,无,,,",
    )
    for locale, english in (("zh-CN,zh;q=0.9", False), ("en-GB", True), (None, True)):
        headers = {"Content-Type": "text/csv", **({"Accept-Language": locale} if locale else {})}
        caller = with_key(same_world)
        answers = [
            caller("POST", "/elevator-tests:csv", content=content.encode(), headers=headers).json()
            for content in ("\n".join([HEAD, *lines]), "电梯,时间", f"{HEAD},x\n1", HEAD)
        ]
        said = [(each["problem"]["title"], each["problem"]["detail"]) for each in answers[0]["items"]]
        said += [(each["title"], each["detail"]) for each in answers[1:]]
        assert len(said) == 8
        for words in (word for pair in said for word in pair):
            plain = re.sub(r"[a-z]+(_[a-z0-9]+)+|'x'|XLSX|^line 1|^body|floor$", "", words)
            assert (re.search("[a-z]{4}", plain) is not None) is english, words


def test_an_upload_under_a_key_is_done_once(lifts: World) -> None:
    line = f"{lifts.ids['hill-el']},{AT},1,,14,,{PEOPLE}"
    first, again = upload(lifts, line, key="k"), upload(lifts, line, key="k")
    assert first.content == again.content
    other = upload(lifts, line + "x", key="k")
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    with lifts.tx() as tx:
        assert tx.execute(select(func.count()).select_from(ticket)).scalar_one() == 1


def test_the_template_filled_in_is_accepted(lifts: World) -> None:
    number = lifts.ids["hill-el"]
    answer = with_key(lifts).get("/elevator-tests/template.csv", elevator=number)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["elevator_id"], row["floor"]) for row in rows] == [(str(number), str(n)) for n in range(1, 7)]
    people = zip(HEAD.split(",")[6:12], PEOPLE.split(","), strict=False)
    for row in rows:
        row |= {"performed_at": AT, "leveling_up_mm": "1.5", "closing_force_n": "120", "reopen_s": "2"}
    rows[0] |= dict(people) | {"measured_speed_m_s": "1.74", "vibration_vertical_a95_m_s2": "0.1"}
    written = io.StringIO()
    writer = csv.DictWriter(written, list(COLUMNS))
    writer.writeheader()
    writer.writerows(rows)
    head, *lines = written.getvalue().split("\r\n")
    posted = upload(lifts, *lines, head=head).json()
    assert posted["accepted"] == 1, posted
    shown = with_key(lifts).get(f"/elevator-tests/{posted['items'][0]['test']['id']}").json()
    assert len(shown["items"]) == 6 * 3 + 2 + 1
    assert shown["passed"] is True


def test_an_empty_template_has_the_columns_only(lifts: World) -> None:
    contractor = with_key(lifts)
    assert contractor.get("/elevator-tests/template.csv").text == ",".join(COLUMNS) + "\r\n"
    assert contractor.get("/elevator-tests/template.csv", elevator=lifts.ids["vale-el"]).status_code == 404


# --- XLSX -----------------------------------------------------------------------------------------------------


def send_book(world: World, book: Workbook) -> Response:
    written = io.BytesIO()
    book.save(written)
    headers = {"Content-Type": MEDIA_TYPE}
    return with_key(world)("POST", "/elevator-tests:xlsx", content=written.getvalue(), headers=headers)


def test_the_workbook_filled_in_as_people_do_is_accepted(lifts: World) -> None:
    number = lifts.ids["hill-el"]
    answer = with_key(lifts).get("/elevator-tests/template.xlsx", elevator=number)
    assert answer.headers["content-type"] == MEDIA_TYPE
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    page = book["tests"]
    columns = {str(cell.value): number for number, cell in enumerate(page[1], 1)}
    assert list(columns) == list(COLUMNS)
    assert {row[0].value for row in book["columns"].iter_rows(min_row=2)} == set(COLUMNS)
    for line in range(2, 8):
        # a spreadsheet has times without a zone: it is that of the elevator
        page.cell(line, columns["performed_at"], datetime(2026, 3, 2, 15, 30))  # noqa: DTZ001
        page.cell(line, columns["leveling_up_mm"], 1.5)
    for name, value in zip(HEAD.split(",")[6:12], PEOPLE.split(","), strict=False):
        page.cell(2, columns[name], value)
    page.cell(8, columns["elevator_id"], number)
    page.cell(8, columns["performed_at"], "2026-03-02 14:00")
    page.cell(8, columns["floor"], 9)
    page.cell(8, columns["leveling_up_mm"], "1.2 cm")
    posted = send_book(lifts, book).json()
    assert (posted["accepted"], posted["refused"]) == (1, 1), posted
    shown = with_key(lifts).get(f"/elevator-tests/{posted['items'][0]['test']['id']}").json()
    assert (shown["performed_at"], shown["passed"], len(shown["items"])) == ("2026-03-02T07:30:00Z", True, 6)
    errors = posted["items"][1]["problem"]["errors"]
    assert [(each["line"], each["field"]) for each in errors] == [(8, "leveling_up_mm")]
    assert kept(lifts) == 1


def test_of_a_workbook_the_sheet_of_tests_counts_and_a_formula_must_have_its_result(lifts: World) -> None:
    answer = with_key(lifts).get("/elevator-tests/template.xlsx", elevator=lifts.ids["hill-el"])
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    book.create_sheet("cover", 0)["A1"] = "Tests of this week"
    page = book["tests"]
    columns = {str(cell.value): number for number, cell in enumerate(page[1], 1)}
    filled: dict[str, str | float] = {"performed_at": "2026/3/2 15:30", "leveling_up_mm": "=1+1", "door_open_s": 2.6}
    for name, value in (filled | dict(zip(HEAD.split(",")[6:12], PEOPLE.split(","), strict=False))).items():
        page.cell(2, columns[name], value)
    posted = send_book(lifts, book).json()
    # the other floors of the template were left as they are, and are no tests
    (item,) = posted["items"]
    (error,) = item["problem"]["errors"]
    assert (item["lines"], error["line"], error["field"]) == ([2], 2, "leveling_up_mm")
    assert "the formula =1+1 without its result" in error["message"]
    page.cell(2, columns["leveling_up_mm"], 2)
    assert send_book(lifts, book).json()["accepted"] == 1
    del book["tests"]
    (error,) = send_book(lifts, book).json()["errors"]
    assert error["field"] == "line 1"


@pytest.mark.parametrize("content", [b"PK", b"PK\x03\x04" + bytes(60), archive()])
def test_a_file_that_is_no_workbook_is_refused(same_world: World, content: bytes) -> None:
    headers = {"Content-Type": MEDIA_TYPE}
    answer = with_key(same_world)("POST", "/elevator-tests:xlsx", content=content, headers=headers)
    assert answer.status_code == 422, answer.text
    assert "is no XLSX" in answer.json()["errors"][0]["message"]
