"""Tests of elevators as a spreadsheet, CSV or XLSX: a line for each floor; the lines of one test stand together by
elevator and time."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from facility_monitor.api import spreadsheet
from facility_monitor.domain.elevator.elevator import CAR_ITEMS, CLEAR_WIDTH, FLOOR_ITEMS
from facility_monitor.errors import InvalidInput

OF_TEST: Mapping[str, str] = {
    "elevator_id": "elevator_id",
    "performed_at": "performed_at",
    **{
        f"worker_{number}_{name}": f"workers.{number - 1}.{name}"
        for number in (1, 2)
        for name in ("name", "certificate_no")
    },
    "door_type": "door.type",
    "door_clear_width_mm": "door.clear_width_mm",
    "rated_speed_m_s": "speed.rated_m_s",
    "measured_speed_m_s": "speed.measured_m_s",
    **{path.replace(".", "_"): path for path in CAR_ITEMS if path.startswith("vibration.")},
    "remarks": "remarks",
    "corrects": "corrects",
    "reason": "reason",
}
"""Columns that say something of the whole test, and where it stands in a request. Enough on one of its lines."""
OF_FLOOR = ("floor", *FLOOR_ITEMS)
COLUMNS = (*list(OF_TEST)[:2], *OF_FLOOR, *list(OF_TEST)[2:])
NEEDED = COLUMNS[:3]
LAID_OUT = 400
"""So many lines of a template are laid out for times."""
_LAID_OUT = frozenset(("elevator_id", "floor"))
"""What stands in the lines of a template already."""
_ITEMS = {"door_clear_width_mm": CLEAR_WIDTH}
_WORDS: Mapping[str, str] = {
    "elevator_id": "its id, as GET /api/v1/elevators says",
    "performed_at": "2026-03-02 15:30 at the elevator, or with an offset: 2026-03-02T15:30:00+08:00",
    "floor": "number or label; a line for each floor, and what is said of the whole test on one of them",
    "worker_1_certificate_no": "permit to work on elevators (特种设备作业人员证)",
    "door_type": "centre or side; needed with door times",
    "corrects": "id of the test that this one replaces",
    "reason": "why it is corrected, or entered late",
}
_TEXT = frozenset(("performed_at", "floor", "door_type", "remarks", "reason"))
_PROSE = frozenset(("remarks", "reason"))
_WHOLE = frozenset(("elevator_id", "corrects"))
_LOCAL = re.compile(r"(\d{4})[-/.年](\d\d?)[-/.月](\d\d?)日?[T ]\s*(\d\d?):(\d\d)(?::(\d\d))?")
"""As spreadsheets write times where Chinese or English is spoken, the year first: no other order can be mistaken."""
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]{1,18},([0-9]{1,2}|[0-9]{4,18})")
"""Not with three digits after it, where it may as well part thousands."""


@dataclass
class Sheet:
    """One test of a file: the request that it stands for, and where each part of it was read."""

    document: dict[str, Any] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    """Of its floors, in their order."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """Cells that say nothing, and what two of its lines say differently of the whole test, by the field."""
    _found: dict[str, int] = field(default_factory=dict)

    def take(self, line: int, cells: Mapping[str, str]) -> None:
        """Add a line of the file."""
        self.lines.append(line)
        for name, path in OF_TEST.items():
            if cells.get(name):
                self._set(line, name, path.split("."), _value(name, cells[name]))
        for name, cell in cells.items():
            if cell.startswith("=") and name not in _PROSE:
                where = OF_TEST.get(name, f"floors.{len(self.lines) - 1}.{name}")
                self.unreadable[where] = f"holds the formula {cell[:40]} without its result: enter the value itself"
        floor = {name: _value(name, cells[name]) for name in OF_FLOOR if cells.get(name)}
        self.document.setdefault("floors", []).append(floor)

    def _set(self, line: int, name: str, path: Sequence[str], value: object) -> None:
        node: Any = self.document
        for step in path[:-1]:
            node = node.setdefault(step, {})
        if node.setdefault(path[-1], value) != value:
            before = self._found[name]
            self.unreadable[".".join(path)] = f"differs from line {before}, which is of the same test"
            self._found[name] = line
        self._found.setdefault(name, line)

    @property
    def elevator_id(self) -> int | None:
        """As far as it can be one."""
        number = self.document.get("elevator_id")
        return number if isinstance(number, int) and 0 < number < 2**31 else None

    def request(self, zones: Mapping[int, tzinfo]) -> dict[str, Any]:
        """The test as it would be sent as JSON. A time without an offset is that at the elevator, by ``zones``."""
        workers = self.document.get("workers", {})
        at = _placed(self.document.get("performed_at"), zones.get(self.elevator_id or 0))
        return {
            **self.document,
            **({} if at is None else {"performed_at": at}),
            "workers": [workers[number] for number in sorted(workers)],
        }

    def place(self, path: str) -> tuple[int, str]:
        """The line and column of a field of the request."""
        parts = path.split(".")
        if parts[0] == "floors" and len(parts) > 1:
            return self.lines[int(parts[1])], parts[2] if len(parts) > 2 else "floor"
        columns = [name for name, where in OF_TEST.items() if where == path or where.startswith(f"{path}.")]
        # of a whole part the first cell that is empty is what is missing
        name = next((each for each in columns if each not in self._found), columns[0] if columns else path)
        return self._found.get(name, self.lines[0]), name

    def in_lines(self, message: str) -> str:
        """``message`` with the line or column for each field of the request that it names."""
        message = re.sub(r"floors\.(\d+)", lambda found: f"line {self.lines[int(found[1])]}", message)
        return re.sub(r"workers\.(\d+)", lambda found: f"worker_{int(found[1]) + 1}", message)


def read(data: bytes) -> list[Sheet]:
    """The tests in a file, CSV or XLSX, in the order of their first lines.

    Raises InvalidInput naming the line where it is no such file.
    """
    sheets: dict[tuple[str, str], Sheet] = {}
    header: list[str] | None = None
    for line, cells in spreadsheet.lines(data, "tests"):
        if header is None:
            header = spreadsheet.header(cells, line, COLUMNS, NEEDED)
            continue
        if len(cells) > len(header):
            raise InvalidInput({f"line {line}": f"has {len(cells)} cells, the header {len(header)}"})
        row = dict(zip(header, cells, strict=False))
        if not any(cell for name, cell in row.items() if name not in _LAID_OUT):
            continue  # a line of the template that was left as it was
        key = (row.get("elevator_id", ""), row.get("performed_at", ""))
        sheets.setdefault(key, Sheet()).take(line, row)
    if not sheets:
        raise InvalidInput(
            {"body": "has no lines but the header and what the template holds" if header else "is empty"}
        )
    return list(sheets.values())


def template_csv(rows: Iterable[tuple[int, str]] = ()) -> bytes:
    """An empty file to fill in, with a line for each (elevator_id, floor) of ``rows``."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows(_cells(rows))
    return written.getvalue().encode()


def template_xlsx(rows: Iterable[tuple[int, str]] = ()) -> bytes:
    """The same as a workbook, whose second sheet says what each column is."""
    book, made = Workbook(), io.BytesIO()
    book.remove(book.active)  # type: ignore[arg-type] # a new workbook has one
    page = book.create_sheet("tests")
    page.freeze_panes = "D2"
    for cells in _cells(rows):
        page.append([int(cell) if isinstance(cell, str) and cell.isdecimal() else cell for cell in cells])
    for number, name in enumerate(COLUMNS, 1):
        title = page.cell(1, number)
        title.font, title.fill = Font(bold=True), PatternFill("solid", fgColor="E7E9EC")
        page.column_dimensions[get_column_letter(number)].width = max(len(name) + 2, 12)
    for line in range(2, LAID_OUT + 2):
        page.cell(line, 2).number_format = "yyyy-mm-dd hh:mm"
    key = book.create_sheet("columns")
    for explained in [("column", "what", "unit", "least", "most"), *map(_explained, COLUMNS)]:
        key.append(explained)
    for letter, width in (("A", 32), ("B", 60)):
        key.column_dimensions[letter].width = width
    book.save(made)
    return made.getvalue()


def _cells(rows: Iterable[tuple[int, str]]) -> Iterator[list[int | str | None]]:
    yield list(COLUMNS)
    for elevator_id, floor in rows:
        known: dict[str, int | str] = {"elevator_id": elevator_id, "floor": floor}
        yield [known.get(name) for name in COLUMNS]


def _explained(name: str) -> tuple[str | float | None, ...]:
    item = FLOOR_ITEMS.get(name) or CAR_ITEMS.get(OF_TEST.get(name, "")) or _ITEMS.get(name)
    if item is None:
        return name, _WORDS.get(name), None, None, None
    return name, item.meaning, item.unit, item.least, item.most


def _placed(written: str | None, zone: tzinfo | None) -> str | None:
    """``written`` with the offset of ``zone`` where it is a time that has none; else as it is."""
    found = None if written is None or zone is None else _LOCAL.fullmatch(written)
    if found is None:
        return written
    try:
        return datetime(*(int(part or 0) for part in found.groups()), tzinfo=zone).isoformat()  # type: ignore[arg-type, misc]
    except ValueError:
        return written


def _value(name: str, cell: str) -> object:
    """What the cell would be in JSON; what is no number where one is due is left as it is, to be refused as such."""
    if name in _TEXT or name.startswith("worker_"):
        return cell
    if _DECIMAL_COMMA.fullmatch(cell) is not None:
        cell = cell.replace(",", ".")
    if _NUMBER.fullmatch(cell) is None:
        return cell
    return int(cell) if name in _WHOLE and "." not in cell else float(cell)
