"""The report on repairs: what its figures are, for whom, and that its files hold the same."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import update

from facility_monitor.store.tables import ticket
from tests.api.world import START, World


@pytest.fixture
def reported(world: World) -> World:
    """Three tickets at hill, one of them late and with a name like a formula, and one at vale."""
    admin = world.as_("admin")
    for name, title in (("hill-dr", "=1+1"), ("hill-dr", "b"), ("hill-el", "c"), ("vale-dr", "d")):
        body = {"equipment_id": world.ids[name], "title": title, "description": "x"}
        number = admin.post("/tickets", body).json()["id"]
        world.as_("chief").post(f"/tickets/{number}/accept")
        world.ids[title] = number
    with world.tx() as tx:
        for title, hours in (("=1+1", 50), ("b", 10), ("d", 1)):
            closing = {"state": "closed", "closed_at": START + timedelta(hours=hours), "closing_note": "No part"}
            tx.execute(update(ticket).where(ticket.c.id == world.ids[title]).values(**closing))
    world.clock.move(hours=51)
    return world


def test_the_report_counts_what_the_caller_sees(reported: World) -> None:
    made = reported.as_("manager").get("/reports/tickets", **{"from": "2026-03-01", "to": "2026-03-31"})
    assert made.status_code == 200, made.text
    body = made.json()
    assert (body["total"]["opened"], body["total"]["closed"], body["total"]["decided"]) == (3, 2, 3)
    assert (body["total"]["in_time"], body["total"]["share"]) == (1, pytest.approx(1 / 3))
    assert body["total"]["acknowledge"] == {"count": 3, "median_s": 0, "p90_s": 0}
    assert [each["name"]["en"] for each in body["groups"]["kind"]] == ["Distribution room", "Elevator"]
    assert [each["name"] for each in body["groups"]["month"]] == ["2026-03"]
    assert [each["name"] for each in body["groups"]["person"]] == ["Chief"]
    assert [(each["id"], each["late_s"], each["reason"]) for each in body["late"]] == [
        (reported.ids["=1+1"], 7200, "No part"),
        (reported.ids["c"], 10800, ""),
    ]
    whole = reported.as_("chief").get("/reports/tickets").json()
    assert [each["name"]["en"] for each in whole["groups"]["site"]] == ["Hill", "Vale"]
    assert reported.as_("contractor").get("/reports/tickets").json()["total"]["opened"] == 1
    assert reported.as_("manager").get("/reports/tickets", site=reported.ids["vale"]).json()["total"]["opened"] == 0


def test_who_answers_for_a_late_ticket_says_why_and_the_report_says_it_with_the_name(reported: World) -> None:
    path = f"/tickets/{reported.ids['=1+1']}/reasons"
    assert reported.as_("engineer").post(path, {"note": "Not mine"}).status_code == 403
    on_time = reported.as_("chief").post(f"/tickets/{reported.ids['b']}/reasons", {"note": "Why?"})
    assert (on_time.status_code, "is not late" in on_time.json()["detail"]) == (409, True)
    assert reported.as_("chief").post(path, {"note": "The maker was shut"}).status_code == 201
    assert reported.as_("manager").post(path, {"note": "No second supplier"}).status_code == 201
    late = reported.as_("manager").get("/reports/tickets").json()["late"]
    assert late[0]["reason"] == "The maker was shut (Chief); No second supplier (Manager); No part"
    kinds = [row["kind"] for row in reported.as_("manager").items(path.removesuffix("/reasons") + "/ledger")]
    assert kinds.count("ticket_explained") == 2


def test_a_day_is_one_at_the_site(reported: World) -> None:
    # 8:00 UTC on the 2nd is the afternoon of the 2nd in Shanghai
    for day, opened in (("2026-03-01", 0), ("2026-03-02", 3), ("2026-03-03", 0)):
        made = reported.as_("manager").get("/reports/tickets", **{"from": day, "to": day}).json()
        assert made["total"]["opened"] == opened, day


def test_a_period_must_make_sense(world: World) -> None:
    for first, last in (("2026-03-02", "2026-03-01"), ("2024-01-01", "2026-01-01"), ("yesterday", "2026-01-01")):
        answer = world.as_("manager").get("/reports/tickets", **{"from": first, "to": last})
        assert [each["field"] for each in answer.json()["errors"]] == ["from"]


def test_the_workbook_holds_the_same_and_no_formula(reported: World) -> None:
    answer = reported.as_("manager").get("/reports/tickets.xlsx", locale="en")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert len(book.sheetnames) == 7
    assert all(cell.data_type != "f" for page in book for row in page.iter_rows() for cell in row)
    late = book["Late tickets and why"]
    cells = [[cell.value for cell in row] for row in late.iter_rows()]
    found = next(row for row in cells if row[0] == reported.ids["=1+1"])
    assert (found[3], found[7], found[9]) == ("=1+1", timedelta(hours=2), "No part")
    assert answer.headers["content-disposition"].startswith('attachment; filename="tickets-')


@pytest.mark.parametrize(("locale", "words"), [("en", "Late tickets and why"), ("zh-CN", "超时工单及原因")])
def test_the_pages_say_the_same(reported: World, locale: str, words: str) -> None:
    answer = reported.as_("manager").get("/reports/tickets.pdf", locale=locale)
    pages = PdfReader(io.BytesIO(answer.content)).pages
    assert len(pages) == 7
    assert words in pages[-1].extract_text()
    assert "33.3" in pages[0].extract_text()
    assert round(pages[0].mediabox.width) == 842


def test_a_time_without_a_late_ticket_says_so_instead_of_an_empty_table(world: World) -> None:
    answer = world.as_("manager").get("/reports/tickets.pdf", locale="zh-CN")
    assert "没有超时的工单" in PdfReader(io.BytesIO(answer.content)).pages[-1].extract_text()
