"""What people save out of a spreadsheet: CSV or XLSX, as lines of cells in words."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from facility_monitor.errors import InvalidInput

MOST_LINES = 20_000
"""More lines than this are not looked at, and more than so the file is refused."""
_MOST_COLUMNS = 60
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_UNPACKED = 40_000_000
"""Bytes that an XLSX may unpack to: of this size it is no sheet that people have filled in."""
_UNREADABLE = (
    *(InvalidFileException, zipfile.BadZipFile, zlib.error, SyntaxError, OSError, EOFError),
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError),
)
"""What openpyxl and zipfile raise for bytes that are not what they should be; broken XML is a SyntaxError, an encrypted
member a RuntimeError."""


def lines(data: bytes, sheet: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """The lines of a file that hold something, each with its number from 1; of an XLSX those of ``sheet``, or of the
    first where there is none of that name. A CSV may be parted by commas, semicolons or tabs.

    A formula that no program has computed stands as it was written, with its ``=``.
    Blank cells at the end of a line are left out. A date stands as ``2026-03-02``, a time as ``2026-03-02T15:30:00``
    without an offset: XLSX knows none. Raises InvalidInput where it is no such file.
    """
    for number, cells in _xlsx(data, sheet) if data[:2] == b"PK" else _csv(data):
        if number > MOST_LINES:
            raise InvalidInput({"body": f"holds more than {MOST_LINES} lines"})
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def header(cells: Sequence[str], line: int, known: Sequence[str], needed: Sequence[str]) -> list[str]:
    """The names of the columns. Raises InvalidInput naming those that are unknown, missing or there twice."""
    names = [cell.lower() for cell in cells]
    if not set(names) & set(known):
        raise InvalidInput({f"line {line}": f"must hold the names of the columns, such as {', '.join(known[:3])}"})
    wrong = [f"no column {name or '(empty)'!r} is known" for name in names if name not in known]
    wrong += [f"column {name} is missing" for name in needed if name not in names]
    wrong += [f"column {name} stands twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if wrong:
        raise InvalidInput({f"line {line}": "; ".join(wrong[:10])})
    return names


def _csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    if data.startswith(_OLD_WORKBOOK):
        raise InvalidInput({"body": "is a workbook of the old kind (.xls): save it as .xlsx or as CSV"})
    text = _decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    line = 1
    try:
        for cells in reader:
            # a cell may go over several lines: what counts is where its line begins
            begun, line = line, reader.line_num + 1
            yield begun, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise InvalidInput({f"line {max(reader.line_num, 1)}": f"is no CSV: {error}"}) from None


def _delimiter(text: str) -> str:
    """What parts the cells of the first line: where the comma is the decimal sign, spreadsheets write a semicolon."""
    first = text.lstrip().partition("\n")[0]
    return max((",", ";", "\t"), key=first.count)


def day(cell: str) -> date:
    """The date that a cell says: year first, by -, / or . or in Chinese, or as a spreadsheet counts days.

    Raises ValueError, which says why, for what is none or could be two.
    """
    if _SERIAL.fullmatch(cell):
        return _EPOCH + timedelta(days=int(cell))
    found = _DAY.fullmatch(cell)
    if found is None:
        if _YEAR_LAST.fullmatch(cell):
            raise ValueError("could be two days: write it as 2026-03-02")
        raise ValueError("must be a date, such as 2026-03-02")
    try:
        return date(int(found[1]), int(found[3] or found[5]), int(found[4] or found[6]))
    except ValueError:
        raise ValueError("is no day of the calendar") from None


_DAY = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日)", re.ASCII)
_YEAR_LAST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})", re.ASCII)
_SERIAL = re.compile(r"[2-7]\d{4}", re.ASCII)
_EPOCH = date(1899, 12, 30)
"""Day 0 of spreadsheets (ECMA-376 part 1, 18.17.4.1), for days after February 1900."""


def _decoded(data: bytes) -> str:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput({"body": "is neither UTF-8 nor GB 18030 text"})


def _xlsx(data: bytes, sheet: str | None) -> Iterator[tuple[int, list[str]]]:
    # openpyxl reads XML with defusedxml where that is installed: entities are refused
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(each.file_size for each in packed.infolist()) > _UNPACKED:
                raise InvalidInput({"body": f"unpacks to more than {_UNPACKED} bytes"})
        computed, written = (_rows(data, sheet, values) for values in (True, False))
        for number, (values, formulas) in enumerate(zip(computed, written, strict=True), 1):
            yield (
                number,
                [_cell(formula if each is None else each) for each, formula in zip(values, formulas, strict=True)],
            )
    except InvalidInput:
        raise
    except _UNREADABLE as error:
        raise InvalidInput({"body": f"is no XLSX: {type(error).__name__}"}) from None


def _rows(data: bytes, sheet: str | None, computed: bool) -> Iterator[tuple[object, ...]]:
    """The cells of a sheet, where they hold formulas with what was ``computed`` or as written."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=computed)
    page = next((each for each in book.worksheets if each.title == sheet), book.worksheets[0])
    yield from page.iter_rows(max_col=_MOST_COLUMNS, values_only=True)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        # a spreadsheet has no dates without a time of day
        return value.date().isoformat() if value.time() == time() else value.isoformat(timespec="seconds")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
