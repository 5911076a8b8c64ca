"""The report of the user's safety duty fills itself from what was posted, missed and raised."""

from __future__ import annotations

import io

import openpyxl
import pytest
from pypdf import PdfReader

from tests.api.elevator import a_test, path, register, with_key
from tests.api.world import World


@pytest.fixture
def week(world: World) -> World:
    """One week with a test that failed, and the week after it without any; it is the Monday after."""
    register(world)
    failing = a_test(floors=[{"floor": 1, "leveling_up_mm": 14}])
    assert with_key(world).post(path(world), failing).status_code == 201
    world.clock.move(days=14)
    return world


def test_a_week_says_what_was_done_and_what_was_missed(week: World) -> None:
    manager, site = week.as_("manager"), week.ids["hill"]
    first = manager.get("/reports/elevator-duty", site=site, **{"from": "2026-03-02"})
    assert first.status_code == 200, first.text
    body = first.json()
    assert (body["first"], body["last"], body["on"]) == ("2026-03-02", "2026-03-08", "2026-03-16")
    (lift,) = body["items"]
    assert (lift["tests"], lift["failed"], lift["open_tickets"]) == ({"done": 1}, 1, 1)
    (last,) = manager.get("/reports/elevator-duty", site=site).json()["items"]
    assert (last["tests"], last["in_order"]) == ({"missed": 1}, False)
    month = {"from": "2026-03-01", "to": "2026-03-31", "site": site}
    assert manager.get("/reports/elevator-duty", **month).json()["items"][0]["tests"] == {
        "done": 1,
        "missed": 2,
        "due": 1,
        "planned": 1,
    }
    assert manager.get("/reports/elevator-duty", site=week.ids["vale"]).status_code == 404
    wrong = manager.get("/reports/elevator-duty", site=site, **{"from": "2026-03-02", "to": "2026-03-01"})
    assert [each["field"] for each in wrong.json()["errors"]] == ["from"]


def test_its_files_say_the_same(week: World) -> None:
    asked = {"site": week.ids["hill"], "from": "2026-03-02"}
    answer = week.as_("manager").get("/reports/elevator-duty.xlsx", **asked, locale="en")
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    found = next(row for row in rows if row[0] == "hill-el")
    assert (found[2], found[4], found[7], found[9]) == ("done 1", 1, 1, "to follow up")
    pages = PdfReader(
        io.BytesIO(week.as_("manager").get("/reports/elevator-duty.pdf", **asked, locale="zh-CN").content)
    )
    words = pages.pages[0].extract_text()
    assert "电梯安全风险周排查报告" in words
    assert "需跟进" in words
