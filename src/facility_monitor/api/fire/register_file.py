"""The register as a file: CSV or XLSX, a line for each piece; every fault is told by its line and column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from facility_monitor.api import spreadsheet
from facility_monitor.errors import InvalidInput
from facility_monitor.store.views.register import FIRE_KINDS

TEXTS = ("maker", "model", "serial_no")
DATES = ("made_on", "installed_on", "serviced_on")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": FIRE_KINDS,
    "subtype": ("water", "powder", "co2", "clean_gas"),
    "place_class": ("basement", "crowded", "fuel"),
}
COLUMNS = (
    *("code", "kind", "name_zh", "name_en", "space", "subtype", "rated_pressure_mpa"),
    *DATES,
    *("place_class", *TEXTS),
)
NEEDED = ("code", "kind")
MOST_ROWS = 5000
_CODE = re.compile(r"[a-z0-9-]{1,64}")
_NUMBER = re.compile(r"\d{1,4}(\.\d{1,4})?")


class Refusal(NamedTuple):
    line: int
    field: str
    message: str


class Row(NamedTuple):
    """A piece as the file says it. ``space`` is the code of one; ``attributes`` are those that the file has."""

    line: int
    code: str
    kind: str
    name: Mapping[str, str]
    space: str | None
    attributes: Mapping[str, Any]


@dataclass
class Read:
    """What a file says, and what of it cannot be taken."""

    rows: list[Row] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def read(data: bytes) -> Read:
    """The pieces in a file. Raises InvalidInput where it is none at all."""
    header: list[str] | None = None
    found = Read()
    codes: dict[str, int] = {}
    for number, cells in spreadsheet.lines(data):
        if header is None:
            header = spreadsheet.header(cells, number, COLUMNS, NEEDED)
            continue
        if number > MOST_ROWS + 1:
            raise InvalidInput({"body": f"holds more than {MOST_ROWS} lines"})
        if len(cells) > len(header):
            found.refused.append(Refusal(number, "line", f"has {len(cells)} cells, the header {len(header)}"))
            continue
        _take(number, dict(zip(header, cells, strict=False)), codes, found)
    if header is None or not (found.rows or found.refused):
        raise InvalidInput({"body": "has no lines but the header" if header else "is empty"})
    return found


def _take(line: int, cells: Mapping[str, str], codes: dict[str, int], found: Read) -> None:
    wrong = {name: why for name, cell in cells.items() if cell and (why := _refusal(name, cell))}
    wrong |= {name: "is missing" for name in NEEDED if not cells.get(name)}
    code = cells.get("code", "")
    if code and codes.setdefault(code, line) != line:
        wrong["code"] = f"stands twice: also in line {codes[code]}"
    if cells.get("kind") == "extinguisher" and not cells.get("subtype"):
        wrong["subtype"] = f"an extinguisher is one of {', '.join(CHOICES['subtype'])}"
    if wrong:
        found.refused += [Refusal(line, name, why) for name, why in wrong.items()]
        return
    name = {"zh-CN": cells.get("name_zh") or code, "en": cells.get("name_en") or code}
    kept = ("subtype", "place_class", *TEXTS)
    attributes: dict[str, Any] = {each: cells[each] for each in kept if cells.get(each)}
    attributes |= {each: spreadsheet.day(cells[each]).isoformat() for each in DATES if cells.get(each)}
    if cells.get("rated_pressure_mpa"):
        attributes["rated_pressure_mpa"] = float(cells["rated_pressure_mpa"])
    found.rows.append(Row(line, code, cells["kind"], name, cells.get("space") or None, attributes))


def _refusal(name: str, cell: str) -> str | None:
    if name in CHOICES:
        return None if cell in CHOICES[name] else f"must be one of {', '.join(CHOICES[name])}"
    if name in DATES:
        try:
            spreadsheet.day(cell)
        except ValueError as error:
            return str(error)
        return None
    if name == "code":
        return None if _CODE.fullmatch(cell) else "must be of a-z, 0-9 and -, at most 64"
    if name == "rated_pressure_mpa":
        return None if _NUMBER.fullmatch(cell) and 0 < float(cell) <= 25 else "must be a number of MPa up to 25"
    return "must be one line of at most 200 characters" if len(cell) > 200 or not cell.isprintable() else None
