"""One sheet as XLSX and as PDF: what is in it comes out again, and nothing in it does anything."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from pypdf import PdfReader

from facility_monitor.sheets import pdf, xlsx
from facility_monitor.sheets.sheet import Column, Footer, Sheet, shown

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NASTY = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")']


def a_sheet(rows: list[tuple[Any, ...]]) -> Sheet:
    columns = (
        Column({"zh-CN": "编号", "en": "No."}, 6),
        Column({"zh-CN": "说明", "en": "What"}, 30),
        Column({"zh-CN": "开单时间", "en": "Opened"}, 16),
        Column({"zh-CN": "用时", "en": "Took"}, 8, decimals=1),
    )
    title = {"zh-CN": "维修工单", "en": "Tickets"}
    notes = [{"zh-CN": "以上为全部。", "en": "That is all."}]
    return Sheet(title, columns, rows, ((({"zh-CN": "项目", "en": "Site"}), "翡翠花园"),), notes)


def cells(content: bytes) -> list[Any]:
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [cell for row in page.iter_rows() for cell in row if cell.value is not None]


def test_numbers_times_and_words_come_back_as_what_they_were() -> None:
    rows = [
        (1, {"zh-CN": "湿度高", "en": "Humid"}, AT, 2.25),
        (2, "x", date(2026, 3, 2), timedelta(hours=50, minutes=5)),
    ]
    found = {cell.coordinate: cell.value for cell in cells(xlsx.workbook([a_sheet(rows)], "en", ZONE))}
    assert found["A1"] == "Tickets"
    assert (found["A2"], found["B2"]) == ("Site", "翡翠花园")
    assert [found[f"{letter}5"] for letter in "ABCD"] == [1, "Humid", datetime(2026, 3, 2, 16, 0), 2.25]  # noqa: DTZ001
    assert [found[f"{letter}6"] for letter in "CD"] == [
        datetime(2026, 3, 2),  # noqa: DTZ001
        timedelta(hours=50, minutes=5),
    ]


@pytest.mark.parametrize("words", NASTY)
def test_what_begins_like_a_formula_is_words(words: str) -> None:
    sheet = Sheet({"en": words}, (Column({"en": words}),), [(words,)], (({"en": words}, words),), [{"en": words}])
    found = cells(xlsx.workbook([sheet], "en", ZONE))
    assert len(found) == 6
    for cell in found:
        assert cell.data_type == "s", cell
        assert cell.quotePrefix or str(cell.value)[0] not in "=+-@"


def test_what_no_file_can_hold_is_left_out() -> None:
    sheet = a_sheet([(1, "a\x00b\x1bc\ud800d", AT, float("nan"))])
    assert "a b c?d" in [cell.value for cell in cells(xlsx.workbook([sheet], "en", ZONE))]
    assert pdf.document([sheet], "en", ZONE, Footer(["\x00"])).startswith(b"%PDF")


def test_two_sheets_of_one_name_and_with_forbidden_letters_are_two_tabs() -> None:
    long = Sheet({"en": "A/B: [very] long name that goes on and on"}, (Column({"en": "x"}),), [])
    book = openpyxl.load_workbook(io.BytesIO(xlsx.workbook([long, long], "en", ZONE)))
    assert len(book.sheetnames) == 2


def test_a_printed_workbook_bears_its_footer_and_a_code_above_the_table_of_each_page() -> None:
    pages = [a_sheet([(1, "x", AT, None)]), a_sheet([])]
    feet = [Footer(["翡翠花园", "head 0a1b"], "https://x/verify"), Footer(["head 0a1b"])]
    made = xlsx.workbook(pages, "en", ZONE, feet)
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert [page["A3"].value for page in book.worksheets] == ["head 0a1b", "head 0a1b"]
    assert [page.print_title_rows for page in book.worksheets] == ["$1:$5", "$1:$5"]
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        assert [name for name in packed.namelist() if "media" in name] == ["xl/media/image1.png"]
    (plain,) = openpyxl.load_workbook(io.BytesIO(xlsx.workbook(pages[:1], "en", ZONE))).worksheets
    assert (plain.print_title_rows, plain["A5"].value) == ("$4:$4", 1)


def text_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_page_bears_its_number_and_the_footer(locale: str) -> None:
    rows = [(n, "检查 <b>pump</b> & " + "words " * 20, AT, 1.0) for n in range(120)]
    pages = text_of(
        pdf.document([a_sheet(rows)], locale, ZONE, Footer(["翡翠花园 2026-03", "head 0a1b"], "https://x/verify"))
    )
    assert len(pages) > 3
    for number, words in enumerate(pages, 1):
        assert "翡翠花园 2026-03" in words
        assert "head 0a1b" in words
        assert (f"第 {number} 页" if locale == "zh-CN" else f"Page {number} of {len(pages)}") in words
        assert ("编号" if locale == "zh-CN" else "No.") in words
    assert "<b>pump</b> &" in " ".join(pages).replace("\n", " ")


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_chinese_reads_the_same_on_every_machine(locale: str) -> None:
    assert pdf.FONT.exists(), "make web brings it"
    made = PdfReader(io.BytesIO(pdf.document([a_sheet([(1, "消防水泵 喆堃", AT, 1.0)])], locale, ZONE, Footer([]))))
    resources: list[Any] = [page["/Resources"] for page in made.pages]
    fonts = [font.get_object() for each in resources for font in each["/Font"].values()]
    brought_along = {font["/BaseFont"] for font in fonts if "/FontFile2" in font.get("/FontDescriptor", {})}
    assert any("NotoSansSC" in name for name in brought_along)
    assert {font["/BaseFont"] for font in fonts} - brought_along <= {"/Helvetica", "/Helvetica-Bold"}


def test_a_page_is_a4_and_may_lie_on_its_side() -> None:
    for wide, expected in ((False, (595, 842)), (True, (842, 595))):
        page = PdfReader(io.BytesIO(pdf.document([a_sheet([])], "zh-CN", ZONE, Footer([]), wide=wide))).pages[0]
        assert (round(page.mediabox.width), round(page.mediabox.height)) == expected


def test_a_row_stands_on_one_page_under_one_head() -> None:
    words = [(n, "\n".join([f"first {n}.", *["…"] * 12, f"last {n}."]), AT, None) for n in range(1, 12)]
    made = pdf.document([a_sheet(words)], "en", ZONE, Footer(()), wide=True)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]
    heads = [page.count("Opened") for page in pages if "first" in page]
    assert len(heads) > 2
    assert set(heads) == {1}
    for n in range(1, 12):
        (own,) = [page for page in pages if f"first {n}." in page]
        assert f"last {n}." in own


def test_a_cell_longer_than_a_page_is_cut() -> None:
    assert pdf.document([a_sheet([(1, "字" * 50_000, AT, None)])], "zh-CN", ZONE, Footer([])).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (None, ""),
        (True, "yes"),
        (timedelta(hours=-1, minutes=-5), "-1:05"),
        (timedelta(days=3), "72:00"),
        (2.0, "2"),
        (float("inf"), ""),
        ({"zh-CN": "只有中文"}, "只有中文"),
    ],
)
def test_a_cell_in_words(cell: Any, expected: str) -> None:
    assert shown(cell, "en", ZONE) == expected
