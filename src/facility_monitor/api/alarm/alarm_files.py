"""Alarms, and what they went through, as CSV and XLSX. Words stay words: what begins like a formula is never one."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.utils import get_column_letter

from facility_monitor.api.auth import Call
from facility_monitor.api.downloads import BINARY
from facility_monitor.domain.alarm.words import EVENTS, QUIET, SEVERITIES, STATES
from facility_monitor.domain.text import Text, said
from facility_monitor.errors import InvalidInput
from facility_monitor.sheets.sheet import legible
from facility_monitor.sheets.xlsx import FORMULA, MEDIA_TYPE
from facility_monitor.store.views import alarms as views
from facility_monitor.store.views import transitions

DOCUMENTED: dict[str, Any] = {
    "description": "CSV in UTF-8, or XLSX",
    "content": {
        "text/csv": {"schema": {"type": "string"}},
        MEDIA_TYPE: {"schema": BINARY},
    },
}
MOST_IN_XLSX = 100_000
_PART = 500
_WIDTH = 20
"""Characters of a column in a workbook: a narrower one shows a time as hash signs."""

Row = Mapping[str, Any]
Value = str | int | float | datetime | None


def _name(row: Row | None) -> Value:
    return None if row is None else str(row["name"])


def _word(column: str, words: Mapping[str, Text]) -> Callable[[Row, str], Value]:
    return lambda row, locale: None if row[column] is None else said(words[row[column]], locale)


Columns = tuple[tuple[Text, Callable[[Row, str], Value]], ...]

ALARMS: Columns = (
    ({"zh-CN": "编号", "en": "No."}, lambda row, _: row["id"]),
    ({"zh-CN": "项目", "en": "Site"}, lambda row, locale: said(row["site"]["name"], locale)),
    ({"zh-CN": "位置", "en": "Place"}, lambda row, locale: said(row["place"], locale)),
    ({"zh-CN": "设备", "en": "Equipment"}, lambda row, locale: said(row["equipment"]["name"], locale)),
    ({"zh-CN": "测点", "en": "Point"}, lambda row, _: row["point"]["key"]),
    ({"zh-CN": "规则", "en": "Rule"}, lambda row, _: row["rule"]["code"]),
    ({"zh-CN": "报警", "en": "Alarm"}, lambda row, locale: said(row["title"], locale)),
    ({"zh-CN": "级别", "en": "Severity"}, _word("severity", SEVERITIES)),
    ({"zh-CN": "状态", "en": "State"}, _word("state", STATES)),
    ({"zh-CN": "静默原因", "en": "Quiet"}, _word("quiet", QUIET)),
    ({"zh-CN": "值", "en": "Value"}, lambda row, _: row["value"]),
    ({"zh-CN": "单位", "en": "Unit"}, lambda row, _: row["point"]["unit"]),
    ({"zh-CN": "报警时间（UTC）", "en": "Raised (UTC)"}, lambda row, _: row["raised_at"]),
    ({"zh-CN": "次数", "en": "Raises"}, lambda row, _: row["raise_count"]),
    ({"zh-CN": "确认时间（UTC）", "en": "Acknowledged (UTC)"}, lambda row, _: row["acknowledged_at"]),
    ({"zh-CN": "确认人", "en": "By"}, lambda row, _: _name(row["acknowledged_by"])),
    ({"zh-CN": "恢复时间（UTC）", "en": "Returned (UTC)"}, lambda row, _: row["returned_at"]),
    ({"zh-CN": "解除时间（UTC）", "en": "Cleared (UTC)"}, lambda row, _: row["cleared_at"]),
    ({"zh-CN": "工单", "en": "Ticket"}, lambda row, _: row["ticket_id"]),
)
TRANSITIONS: Columns = (
    ({"zh-CN": "编号", "en": "No."}, lambda row, _: row["id"]),
    ({"zh-CN": "记录时间（UTC）", "en": "Written (UTC)"}, lambda row, _: row["at"]),
    ({"zh-CN": "发生时间（UTC）", "en": "Happened (UTC)"}, lambda row, _: row["occurred_at"]),
    ({"zh-CN": "项目", "en": "Site"}, lambda row, locale: said(row["site"]["name"], locale)),
    ({"zh-CN": "设备", "en": "Equipment"}, lambda row, locale: said(row["equipment"]["name"], locale)),
    ({"zh-CN": "测点", "en": "Point"}, lambda row, _: row["point"]["key"]),
    ({"zh-CN": "报警编号", "en": "Alarm no."}, lambda row, _: row["alarm_id"]),
    ({"zh-CN": "报警", "en": "Alarm"}, lambda row, locale: said(row["title"], locale)),
    ({"zh-CN": "事件", "en": "Event"}, _word("kind", EVENTS)),
    ({"zh-CN": "级别", "en": "Severity"}, _word("severity", SEVERITIES)),
    ({"zh-CN": "状态", "en": "State"}, _word("state", STATES)),
    ({"zh-CN": "静默原因", "en": "Quiet"}, _word("quiet", QUIET)),
    ({"zh-CN": "值", "en": "Value"}, lambda row, _: row["value"]),
    ({"zh-CN": "依据", "en": "Seen"}, lambda row, locale: said(row["seen"] or {}, locale)),
    ({"zh-CN": "操作人", "en": "By"}, lambda row, _: _name(row["actor"])),
    ({"zh-CN": "理由", "en": "Reason"}, lambda row, _: row["reason"]),
    ({"zh-CN": "工单", "en": "Ticket"}, lambda row, _: row["ticket_id"]),
)


def rows(call: Call, wanted: views.Filter) -> Iterator[Row]:
    """All alarms that are wanted, newest raise first; each part in a transaction of its own."""
    return _all(call, views.alarms, wanted, "raised_at")


def passed(call: Call, wanted: transitions.Filter) -> Iterator[Row]:
    """All transitions that are wanted, newest first; each part in a transaction of its own."""
    return _all(call, transitions.transitions, wanted, "at")


def _all(call: Call, view: Callable[..., Sequence[Row]], wanted: object, time: str) -> Iterator[Row]:
    """What a view hands out in parts, which go on behind the ``time`` and the id of the last row."""
    after = None
    while True:
        with call.transaction() as tx:
            part = view(tx, call.sight, wanted, after, _PART)
        yield from part
        if len(part) < _PART:
            return
        after = part[-1][time], part[-1]["id"]


def csv_lines(found: Iterable[Row], columns: Columns, locale: str) -> Iterator[str]:
    """A head and a line for each; times in ISO 8601, UTC. Begins with a mark by which Excel knows UTF-8."""
    line = io.StringIO()
    writer = csv.writer(line)

    def flushed() -> str:
        text = line.getvalue()
        line.seek(0)
        line.truncate()
        return text

    writer.writerow(said(title, locale) for title, _ in columns)
    yield "\ufeff" + flushed()
    for row in found:
        writer.writerow(_plain(read(row, locale)) for _, read in columns)
        yield flushed()


def workbook(found: Iterable[Row], columns: Columns, title: Text, locale: str) -> bytes:
    """A workbook with times in UTC. Raises InvalidInput where there are too many for one."""
    book = Workbook(write_only=True)
    page = book.create_sheet(said(title, locale))
    page.freeze_panes = "A2"
    for number in range(1, len(columns) + 1):
        page.column_dimensions[get_column_letter(number)].width = _WIDTH

    def cell(value: Value) -> Cell:
        made = WriteOnlyCell(page)
        if isinstance(value, datetime):
            made.value, made.number_format = value.replace(tzinfo=None), "yyyy-mm-dd hh:mm:ss"
        elif isinstance(value, str):
            made.value, made.data_type = legible(value)[:32_000], "s"
            made.quotePrefix = value.startswith(FORMULA)
        else:
            made.value = value
        return made

    page.append([cell(said(title, locale)) for title, _ in columns])
    for count, row in enumerate(found, 1):
        if count > MOST_IN_XLSX:
            raise InvalidInput({"format": f"more than {MOST_IN_XLSX} rows: narrow the time, or take csv"})
        page.append([cell(read(row, locale)) for _, read in columns])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else legible(value)
    return repr(value)
