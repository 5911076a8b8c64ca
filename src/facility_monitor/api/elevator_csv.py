"""Tests of elevators as a spreadsheet, saved as CSV: a line for each floor; the lines of one test stand together by
elevator and time."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from facility_monitor.domain.elevator import CAR_ITEMS, FLOOR_ITEMS
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
NEEDED = frozenset(COLUMNS[:3])
_TEXT = frozenset(("performed_at", "floor", "door_type", "remarks", "reason"))
_WHOLE = frozenset(("elevator_id", "corrects"))
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")


@dataclass
class Sheet:
    """One test of a file: the request that it stands for, and where each part of it was read."""

    document: dict[str, Any] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    """Of its floors, in their order."""
    contradictions: dict[str, str] = field(default_factory=dict)
    """What two of its lines say differently of the whole test, by the field of the request."""
    _found: dict[str, int] = field(default_factory=dict)

    def take(self, line: int, cells: Mapping[str, str]) -> None:
        """Add a line of the file."""
        self.lines.append(line)
        for name, path in OF_TEST.items():
            if cells.get(name):
                self._set(line, name, path.split("."), _value(name, cells[name]))
        floor = {name: _value(name, cells[name]) for name in OF_FLOOR if cells.get(name)}
        self.document.setdefault("floors", []).append(floor)

    def _set(self, line: int, name: str, path: Sequence[str], value: object) -> None:
        node: Any = self.document
        for step in path[:-1]:
            node = node.setdefault(step, {})
        if node.setdefault(path[-1], value) != value:
            before = self._found[name]
            self.contradictions[".".join(path)] = f"differs from line {before}, which is of the same test"
            self._found[name] = line
        self._found.setdefault(name, line)

    def request(self) -> dict[str, Any]:
        """The test as it would be sent as JSON."""
        workers = self.document.get("workers", {})
        return {**self.document, "workers": [workers[number] for number in sorted(workers)]}

    def place(self, path: str) -> tuple[int, str]:
        """The line and column of a field of the request."""
        parts = path.split(".")
        if parts[0] == "floors" and len(parts) > 1:
            return self.lines[int(parts[1])], parts[2] if len(parts) > 2 else "floor"
        columns = [name for name, where in OF_TEST.items() if where == path or where.startswith(f"{path}.")]
        name = columns[0] if columns else path
        return self._found.get(name, self.lines[0]), name


def read(data: bytes) -> list[Sheet]:
    """The tests in a file, in the order of their first lines.

    UTF-8, or GB 18030 as spreadsheets in Chinese save it. Raises InvalidInput naming the line where it is no such file.
    """
    reader = csv.reader(io.StringIO(decoded(data), newline=""), strict=True)
    sheets: dict[tuple[str, str], Sheet] = {}
    line, header = 1, None
    try:
        for cells in reader:
            begun, line = line, reader.line_num + 1
            stripped = _without_blank_end(cells)
            if not stripped:
                continue
            if header is None:
                header = _header(stripped, begun)
                continue
            if len(stripped) > len(header):
                raise InvalidInput({f"line {begun}": f"has {len(stripped)} cells, the header {len(header)}"})
            row = dict(zip(header, stripped, strict=False))
            key = (row.get("elevator_id", ""), row.get("performed_at", ""))
            sheets.setdefault(key, Sheet()).take(begun, row)
    except csv.Error as error:
        raise InvalidInput({f"line {max(reader.line_num, 1)}": f"is no CSV: {error}"}) from None
    if not sheets:
        raise InvalidInput({"body": "has no lines but the header" if header else "is empty"})
    return list(sheets.values())


def template(rows: Iterable[tuple[int, str]] = ()) -> str:
    """An empty file to fill in, with a line for each (elevator_id, floor) of ``rows``."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for elevator_id, floor in rows:
        cells = {"elevator_id": elevator_id, "floor": floor}
        writer.writerow([cells.get(name, "") for name in COLUMNS])
    return written.getvalue()


def decoded(data: bytes) -> str:
    """The text of a file as spreadsheets save it: UTF-8, or GB 18030. Raises InvalidInput."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput({"body": "is neither UTF-8 nor GB 18030 text"})


def _without_blank_end(cells: Sequence[str]) -> list[str]:
    stripped = [cell.strip() for cell in cells]
    while stripped and not stripped[-1]:
        stripped.pop()
    return stripped


def _header(cells: Sequence[str], line: int) -> list[str]:
    names = [cell.lower() for cell in cells]
    wrong = [f"no column {name or '(empty)'!r} is known" for name in names if name not in COLUMNS]
    wrong += [f"column {name} is missing" for name in COLUMNS if name in NEEDED and name not in names]
    wrong += [f"column {name} stands twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if wrong:
        raise InvalidInput({f"line {line}": "; ".join(wrong[:10])})
    return names


def _value(name: str, cell: str) -> object:
    """What the cell would be in JSON; what is no number where one is due is left as it is, to be refused as such."""
    if name in _TEXT or name.startswith("worker_"):
        return cell
    if _NUMBER.fullmatch(cell) is None:
        return cell
    return int(cell) if name in _WHOLE and "." not in cell else float(cell)
