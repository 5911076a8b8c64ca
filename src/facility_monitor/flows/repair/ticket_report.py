"""The report on repairs: how many were closed in time, how long each step took, and why some were late."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from facility_monitor.domain.repair.repair_report import Figures, Times, figures
from facility_monitor.domain.text import Text, said
from facility_monitor.sheets.sheet import Cell, Column, Sheet
from facility_monitor.store.views.ticket_report import Reported

NOBODY: Text = {"zh-CN": "未接单", "en": "nobody yet"}
OWN: Text = {"zh-CN": "自有人员", "en": "own staff"}

GROUPS: Mapping[str, tuple[Text, Callable[[Reported], Text | str]]] = {
    "month": ({"zh-CN": "月份", "en": "Month"}, lambda each: each.month),
    "site": ({"zh-CN": "项目", "en": "Site"}, lambda each: each.site),
    "kind": ({"zh-CN": "设备类别", "en": "Kind of equipment"}, lambda each: each.kind),
    "class": ({"zh-CN": "工单类别", "en": "Class"}, lambda each: each.class_name),
    "person": ({"zh-CN": "处理人", "en": "Person"}, lambda each: each.person or NOBODY),
    "contractor": (
        {"zh-CN": "维保单位", "en": "Contractor"},
        lambda each: each.contractor or (OWN if each.person else NOBODY),
    ),
}
"""By what a report is split, and how each ticket answers that."""


class Line(NamedTuple):
    """The figures of one group."""

    name: Text | str
    figures: Figures


class Report(NamedTuple):
    """``late`` are the tickets that were, or are by now, open beyond their deadline."""

    first: date
    last: date
    made_at: datetime
    total: Figures
    groups: Mapping[str, Sequence[Line]]
    late: Sequence[Reported]


def report(rows: Sequence[Reported], first: date, last: date, now: datetime) -> Report:
    """The report on ``rows``, the tickets opened from ``first`` to ``last``."""
    groups = {name: _lines(rows, key, now) for name, (_, key) in GROUPS.items()}
    late = [each for each in rows if each.ticket.overdue(now)]
    return Report(first, last, now, figures([each.ticket for each in rows], now), groups, late)


def _lines(rows: Sequence[Reported], key: Callable[[Reported], Text | str], now: datetime) -> list[Line]:
    found: dict[str, tuple[Text | str, list[Reported]]] = {}
    for each in rows:
        name = key(each)
        found.setdefault(name if isinstance(name, str) else said(name, "en"), (name, []))[1].append(each)
    return [Line(name, figures([each.ticket for each in members], now)) for _, (name, members) in sorted(found.items())]


_FIGURES = (
    Column({"zh-CN": "开单", "en": "Opened"}, 7),
    Column({"zh-CN": "关闭", "en": "Closed"}, 7),
    Column({"zh-CN": "按时率 %", "en": "In time %"}, 9, decimals=1),
    Column({"zh-CN": "扣除挂起 %", "en": "Net of holds %"}, 10, decimals=1),
    Column({"zh-CN": "返修", "en": "Reopened"}, 8),
    *(
        Column({"zh-CN": f"{chinese}{part}", "en": f"{english}, {of}"}, 10)
        for chinese, english in (("接单", "Accept"), ("到场", "Arrive"), ("修复", "Repair"))
        for part, of in (("中位", "median"), ("90%", "p90"))
    ),
)


def sheets(made: Report) -> list[Sheet]:
    """The report as tables: one for each way of splitting it, then the late tickets with their reasons."""
    facts: Sequence[tuple[Text, Cell]] = (
        ({"zh-CN": "期间（开单日）", "en": "Opened"}, f"{made.first} – {made.last}"),
        ({"zh-CN": "统计时间", "en": "As of"}, made.made_at),
    )
    notes: Sequence[Text] = (
        {
            "zh-CN": "按时率：已关闭或已过期的工单中，在期限内关闭的比例；期限自开单起算，昼夜不停。时间为 小时:分。",
            "en": "In time: of the tickets that are closed or past their deadline, those closed by it; the clock runs "
            "day and night from the opening. Times are hours:minutes.",
        },
    )
    total: Text = {"zh-CN": "合计", "en": "Total"}
    pages = []
    for name, (title, _) in GROUPS.items():
        rows = [*((line.name, *_cells(line.figures)) for line in made.groups[name]), (total, *_cells(made.total))]
        head: Text = {"zh-CN": f"维修工单统计：按{title['zh-CN']}", "en": f"Repairs by {title['en'].lower()}"}
        pages.append(Sheet(head, (Column(title, 20), *_FIGURES), rows, facts, notes))
    return [*pages, _late(made, facts)]


def _cells(found: Figures) -> tuple[Cell, ...]:
    def percent(share: float | None) -> float | None:
        return None if share is None else share * 100

    def pair(times: Times) -> tuple[Cell, Cell]:
        return times.median, times.p90

    return (
        *(found.opened, found.closed, percent(found.share), percent(found.share_net), found.reopened),
        *(*pair(found.acknowledge), *pair(found.arrive), *pair(found.repair)),
    )


_NONE_LATE: Text = {"zh-CN": "期间没有超时的工单。", "en": "No ticket of this time was late."}
_LATE = (
    Column({"zh-CN": "工单", "en": "Ticket"}, 7),
    Column({"zh-CN": "项目", "en": "Site"}, 14),
    Column({"zh-CN": "设备", "en": "Equipment"}, 16),
    Column({"zh-CN": "事项", "en": "What"}, 18),
    Column({"zh-CN": "处理人", "en": "Person"}, 10),
    Column({"zh-CN": "期限", "en": "Deadline"}, 15),
    Column({"zh-CN": "关闭", "en": "Closed"}, 15),
    Column({"zh-CN": "超时", "en": "Late by"}, 9),
    Column({"zh-CN": "其中挂起", "en": "On hold"}, 9),
    Column({"zh-CN": "原因", "en": "Reason"}, 32),
)


def _late(made: Report, facts: Sequence[tuple[Text, Cell]]) -> Sheet:
    rows: list[Sequence[Cell]] = []
    for each in made.late:
        ticket = each.ticket
        rows.append(
            (
                *(ticket.id, each.site, each.equipment, ticket.title, each.person or NOBODY, ticket.due_at),
                *(ticket.closed_at, (ticket.closed_at or made.made_at) - ticket.due_at, ticket.on_hold(made.made_at)),
                reason(each),
            )
        )
    return Sheet(
        {"zh-CN": "超时工单及原因", "en": "Late tickets and why"}, _LATE, rows, facts, () if rows else (_NONE_LATE,)
    )


def reason(late: Reported) -> str:
    """Why a ticket was late: as those say who answer for it, then what its holds and its closing say."""
    return "; ".join(part for part in (late.reasons, late.holds, late.ticket.closing_note) if part)
