"""Sheets as an Excel workbook. Words stay words: what begins like a formula is never one."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from itertools import zip_longest

import segno
from openpyxl import Workbook
from openpyxl.cell.cell import Cell as XlsxCell
from openpyxl.cell.cell import MergedCell
from openpyxl.drawing.image import Image
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from facility_monitor.domain.text import said
from facility_monitor.sheets.sheet import Cell, Footer, Sheet, shown

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = tuple("=+-@\t\r")
"""What begins so a spreadsheet takes for a formula, in a workbook or in a CSV file."""
_LONGEST = 32_000
"""Characters of a cell; Excel takes 32,767."""
_QR_PX = 120
_HEAD = PatternFill("solid", fgColor="E7E9EC")
_LINE = Border(bottom=Side("thin", color="C4C8CE"))
_TOP = Alignment(vertical="top", wrap_text=True)


def workbook(sheets: Sequence[Sheet], locale: str, zone: tzinfo, footers: Sequence[Footer] = ()) -> bytes:
    """A workbook with ``sheets`` in the language of ``locale``; times are those of ``zone``. ``footers``, one for each
    sheet if any, are printed on every page above the table, with what else stands there."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type] # a new workbook has one
    taken: set[str] = set()
    for sheet, footer in zip_longest(sheets, footers):
        page = book.create_sheet(_name(said(sheet.title, locale), taken))
        _fill(page, sheet, footer, locale, zone)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _name(title: str, taken: set[str]) -> str:
    """A title as Excel takes it for a tab: 31 characters, some forbidden, none twice."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:28] or "Sheet"
    name, number = plain, 2
    while name.casefold() in taken:
        name, number = f"{plain} {number}", number + 1
    taken.add(name.casefold())
    return name


def _fill(page: Worksheet, sheet: Sheet, footer: Footer | None, locale: str, zone: tzinfo) -> None:
    _write(page.cell(1, 1), sheet.title, locale, zone)
    page.cell(1, 1).font = Font(bold=True, size=14)
    row = 2
    for name, fact in sheet.facts:
        _write(page.cell(row, 1), name, locale, zone)
        _write(page.cell(row, 2), fact, locale, zone)
        row += 1
    if footer is not None:
        _write(page.cell(row, 1), footer.lines[-1], locale, zone)
        row += 1
        if footer.address is not None:
            page.add_image(_qr_code(footer.address), f"{get_column_letter(len(sheet.columns) + 1)}1")
    row += 1
    for number, column in enumerate(sheet.columns, 1):
        title = page.cell(row, number)
        _write(title, column.title, locale, zone)
        title.font, title.fill, title.alignment = Font(bold=True), _HEAD, _TOP
        page.column_dimensions[get_column_letter(number)].width = column.width + 2
    page.freeze_panes = f"A{row + 1}"
    head_row = row
    for cells in sheet.rows:
        row += 1
        for number, (column, value) in enumerate(zip(sheet.columns, cells, strict=True), 1):
            filled = page.cell(row, number)
            _write(filled, value, locale, zone, column.decimals)
            filled.alignment, filled.border = _TOP, _LINE
    if sheet.rows:
        page.auto_filter.ref = f"A{head_row}:{get_column_letter(len(sheet.columns))}{row}"
    for note in sheet.notes:
        row += 1
        _write(page.cell(row + 1, 1), note, locale, zone)
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = 9  # A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"{head_row if footer is None else 1}:{head_row}"


def _qr_code(address: str) -> Image:
    made = io.BytesIO()
    segno.make(address, error="m", micro=False).save(made, kind="png", scale=4, border=2)
    picture = Image(made)
    picture.width = picture.height = _QR_PX
    return picture


def _write(cell: XlsxCell | MergedCell, value: Cell, locale: str, zone: tzinfo, decimals: int | None = None) -> None:
    assert isinstance(cell, XlsxCell)  # noqa: S101 - no cell here is merged
    if isinstance(value, bool) or value is None or (isinstance(value, float) and not math.isfinite(value)):
        value = shown(value, locale, zone)
    if isinstance(value, int | float):
        cell.value = value
        if decimals is not None:
            cell.number_format = f"0.{'0' * decimals}" if decimals else "0"
    elif isinstance(value, datetime):
        cell.value = value.astimezone(zone).replace(tzinfo=None)
        cell.number_format = "yyyy-mm-dd hh:mm"
    elif isinstance(value, date):
        cell.value = value
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, timedelta):
        cell.value = value
        cell.number_format = "[h]:mm"
    else:
        cell.value = shown(value, locale, zone)[:_LONGEST] or None
        if cell.value is not None:
            # openpyxl takes what begins with "=" for a formula; Excel would when somebody edits "+", "-" or "@".
            cell.data_type = "s"
            cell.quotePrefix = str(cell.value).startswith(FORMULA)
