"""Scorecards of contractors, and those as sheets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from facility_monitor.domain.elevator.scorecard import Scorecard, scorecard
from facility_monitor.domain.text import Text
from facility_monitor.sheets.sheet import Cell, Column, Sheet
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.views import scorecards as views
from facility_monitor.store.views.scorecards import Contractor


class Card(NamedTuple):
    contractor: Contractor
    score: Scorecard


class Cards(NamedTuple):
    """The cards of a period, both days included."""

    first: date
    last: date
    made_at: datetime
    cards: Sequence[Card]


def made(tx: Tx, sight: Sight, first: date, last: date, now: datetime, site_id: int | None = None) -> Cards:
    """The cards of all contractors whose contracts the caller sees."""
    found = views.contractors(tx, sight, first, last, site_id)
    return Cards(first, last, now, [Card(each, _score(each, first, last, now)) for each in found])


def _score(each: Contractor, first: date, last: date, now: datetime) -> Scorecard:
    return scorecard(each.covers, each.tests, each.repairs, (first, last), now)


_CONTRACTOR = Column({"zh-CN": "维保单位", "en": "Contractor"}, 20)
_ELEVATOR = Column({"zh-CN": "电梯", "en": "Elevator"}, 16)
_CARDS = (
    _CONTRACTOR,
    Column({"zh-CN": "电梯台数", "en": "Elevators"}, 10),
    Column({"zh-CN": "应测周数", "en": "Weeks to test"}, 12),
    Column({"zh-CN": "按时检测 %", "en": "Tested in time %"}, 14, 1),
    Column({"zh-CN": "补录周数", "en": "Entered late"}, 12),
    Column({"zh-CN": "漏测周数", "en": "Weeks missed"}, 12),
    Column({"zh-CN": "故障", "en": "Faults"}, 8),
    Column({"zh-CN": "按时修复 %", "en": "Repaired in time %"}, 16, 1),
    Column({"zh-CN": "超时修复", "en": "Repaired late"}, 12),
    Column({"zh-CN": "30 天内重复故障", "en": "Again within 30 days"}, 18),
)
_WEEK = Column({"zh-CN": "周（周一）", "en": "Week from Monday"}, 16)
_TICKET = Column({"zh-CN": "工单", "en": "Ticket"}, 10)


def sheets(of: Cards) -> list[Sheet]:
    """One line a contractor, then what stands behind the figures."""
    facts: Sequence[tuple[Text, Cell]] = (
        ({"zh-CN": "统计期间", "en": "Period"}, f"{of.first} – {of.last}"),
        ({"zh-CN": "统计时间", "en": "As of"}, of.made_at),
    )
    note: Text = {
        "zh-CN": "仅计合同期内的完整周（周一至周日）；停用电梯不计。已修复或已超过期限的工单计入修复按时率。"
        "同一电梯同一原因在修复后 30 天内再次发生为重复故障。",
        "en": "Whole weeks from Monday to Sunday under contract; elevators out of use are left out. Repairs count "
        "once done or past their deadline. The same cause at the same elevator within 30 days is a repetition.",
    }
    rows: list[Sequence[Cell]] = []
    weeks: list[Sequence[Cell]] = []
    late: list[Sequence[Cell]] = []
    repeats: list[Sequence[Cell]] = []
    for contractor, score in of.cards:
        name, lift = contractor.name, contractor.elevators
        counts = (len(lift), score.weeks, _percent(score.test_share), len(score.late_weeks), len(score.missed))
        repairs = (score.faults, _percent(score.repair_share), len(score.late_repairs), len(score.repeats))
        rows.append((name, *counts, *repairs))
        weeks += [(name, lift[each.elevator_id]["name"], each.monday) for each in score.missed]
        late += [
            (name, lift[each.elevator_id]["name"], each.ticket_id, each.opened_at, each.due_at, each.done_at)
            for each in score.late_repairs
        ]
        repeats += [
            (name, lift[fault.elevator_id]["name"], before.ticket_id, before.done_at, fault.ticket_id, fault.opened_at)
            for fault, before in score.repeats
        ]
    return [
        Sheet({"zh-CN": "维保单位考核", "en": "Contractor scorecards"}, _CARDS, rows, facts, (note,)),
        Sheet({"zh-CN": "漏测的周", "en": "Weeks missed"}, (_CONTRACTOR, _ELEVATOR, _WEEK), weeks),
        Sheet({"zh-CN": "超时的修复", "en": "Late repairs"}, (_CONTRACTOR, _ELEVATOR, _TICKET, *_TIMES), late),
        Sheet({"zh-CN": "重复故障", "en": "Repeated faults"}, (_CONTRACTOR, _ELEVATOR, *_AGAIN), repeats),
    ]


_TIMES = (
    Column({"zh-CN": "开单", "en": "Opened"}, 18),
    Column({"zh-CN": "期限", "en": "Deadline"}, 18),
    Column({"zh-CN": "修复", "en": "Repaired"}, 18),
)
_AGAIN = (
    Column({"zh-CN": "前次工单", "en": "Ticket before"}, 12),
    Column({"zh-CN": "前次修复", "en": "Repaired"}, 18),
    Column({"zh-CN": "再次工单", "en": "Ticket again"}, 12),
    Column({"zh-CN": "再次发生", "en": "Opened again"}, 18),
)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
