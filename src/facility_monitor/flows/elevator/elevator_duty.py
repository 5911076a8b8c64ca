"""The report of the user's safety duty at its elevators: 日管控 of a day, 周排查 of a week, 月调度 of a month
(SAMR Order 74).

It fills itself: from the calendar and what was posted, from alarms, tickets and the early-warning ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Table, func, or_, select

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.elevator import elevator
from facility_monitor.domain.fire.upkeep import State
from facility_monitor.domain.text import LOCALES, Text, said
from facility_monitor.flows.fire import upkeep
from facility_monitor.sheets.sheet import Cell, Column, Sheet
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.fire import upkeep as kept
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import (
    alarm,
    contract,
    elevator_warning,
    equipment,
    organisation,
    site,
    ticket,
)

WEEK = timedelta(days=7)


class Line(NamedTuple):
    """One elevator. ``tests`` and ``maintenance`` count its tasks by how they stand: those that end in the period, of a
    single day those that run. ``failed`` tests or checks did not pass; alarms are those of the period, ``open_tickets``
    and ``warnings`` those open at its end."""

    equipment_id: int
    code: str
    place: Text
    tests: Mapping[State, int]
    maintenance: Mapping[State, int]
    failed: int
    alarms: int
    critical_alarms: int
    open_tickets: int
    warnings: int

    @property
    def in_order(self) -> bool:
        """Whether nothing here has to be followed up."""
        missing = sum(each.get(State.MISSED, 0) + each.get(State.OVERDUE, 0) for each in (self.tests, self.maintenance))
        return not (missing or self.failed or self.critical_alarms or self.open_tickets or self.warnings)


class Report(NamedTuple):
    """Both days are included, days at the site; as things stood or stand on the day ``on``. ``contractors`` have a
    contract for the site's elevators on the last day."""

    site: Text
    contractors: Sequence[Text]
    zone: ZoneInfo
    first: date
    last: date
    on: date
    lines: Sequence[Line]


def report(tx: Tx, sight: Sight, site_id: int, first: date, last: date, now: datetime) -> Report:
    """The report of a period at a site that the caller sees."""
    about = tx.execute(select(site.c.name, site.c.timezone).where(site.c.id == site_id)).one()
    zone = ZoneInfo(about.timezone)
    today = now.astimezone(zone).date()
    here = (equipment.c.site_id == site_id, equipment.c.kind == elevator.KIND)
    cars = kept.registered(tx, *here, sight.thing(equipment.c.site_id, equipment.c.id))
    ids = [each.item.id for each in cars]
    tests: dict[int, Counter[State]] = {number: Counter() for number in ids}
    maintenance: dict[int, Counter[State]] = {number: Counter() for number in ids}
    failed: Counter[int] = Counter()
    for each in upkeep.calendar(tx, sight, site_id, first, last, today):
        number = each.task.equipment_id
        if number in tests and (first == last or first <= each.task.last <= last):
            (tests if each.plan.form == elevator.FORM else maintenance)[number][each.standing.state] += 1
            failed[number] += each.standing.passed is False
    begin, end = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    raised = (alarm.c.raised_at >= begin, alarm.c.raised_at < end)
    alarms = _counted(tx, alarm, ids, *raised)
    critical = _counted(tx, alarm, ids, *raised, alarm.c.severity == Severity.CRITICAL)
    still = or_(ticket.c.closed_at.is_(None), ticket.c.closed_at >= end)
    tickets = _counted(tx, ticket, ids, ticket.c.opened_at < end, still)
    live = or_(elevator_warning.c.ended_at.is_(None), elevator_warning.c.ended_at >= end)
    warnings = _counted(tx, elevator_warning, ids, elevator_warning.c.opened_at < end, live)
    places = plant.places(tx, ids)
    lines = [
        Line(
            *(number, each.code, places[number].full, tests[number], maintenance[number], failed[number]),
            *(alarms[number], critical[number], tickets[number], warnings[number]),
        )
        for each in cars
        for number in (each.item.id,)
    ]
    return Report(about.name, _contractors(tx, site_id, last), zone, first, last, today, lines)


def _contractors(tx: Tx, site_id: int, on: date) -> Sequence[Text]:
    asked = (
        select(organisation.c.name)
        .join(contract, contract.c.organisation_id == organisation.c.id)
        .where(contract.c.site_id == site_id, contract.c.starts_on <= on)
        .where(or_(contract.c.equipment_kind.is_(None), contract.c.equipment_kind == elevator.KIND))
        .where(or_(contract.c.ends_on.is_(None), contract.c.ends_on >= on))
    )
    return list(tx.execute(asked.order_by(organisation.c.code)).scalars())


def _counted(tx: Tx, table: Table, ids: Sequence[int], *conditions: Any) -> Counter[int]:
    asked = select(table.c.equipment_id, func.count()).where(table.c.equipment_id.in_(ids), *conditions)
    return Counter({row[0]: row[1] for row in tx.execute(asked.group_by(table.c.equipment_id))})


_STATES: Mapping[State, Text] = {
    State.DONE: {"zh-CN": "已完成", "en": "done"},
    State.LATE: {"zh-CN": "逾期完成", "en": "done late"},
    State.DUE: {"zh-CN": "待办", "en": "due"},
    State.PLANNED: {"zh-CN": "计划", "en": "planned"},
    State.OVERDUE: {"zh-CN": "逾期", "en": "overdue"},
    State.MISSED: {"zh-CN": "未做", "en": "missed"},
    State.IMPAIRED: {"zh-CN": "停用", "en": "out of service"},
}
_COMMA = {"zh-CN": "、", "en": ", "}
_COLUMNS = (
    Column({"zh-CN": "电梯", "en": "Elevator"}, 9),
    Column({"zh-CN": "位置", "en": "Place"}, 24),
    Column({"zh-CN": "每周检测", "en": "Weekly tests"}, 14),
    Column({"zh-CN": "维保", "en": "Maintenance"}, 14),
    Column({"zh-CN": "不合格", "en": "Failed"}, 8),
    Column({"zh-CN": "报警", "en": "Alarms"}, 8),
    Column({"zh-CN": "其中紧急", "en": "Critical"}, 9),
    Column({"zh-CN": "未关工单", "en": "Open tickets"}, 9),
    Column({"zh-CN": "故障预警", "en": "Warnings"}, 9),
    Column({"zh-CN": "结论", "en": "Conclusion"}, 14),
)


def sheet(made: Report) -> Sheet:
    """The report as a table, to be signed."""
    title: Text = {"zh-CN": "电梯安全月调度资料", "en": "Elevators: safety report for the monthly meeting"}
    if made.first == made.last:
        title = {"zh-CN": "电梯日管控检查记录", "en": "Elevators: daily safety record"}
    elif made.last - made.first < WEEK:
        title = {"zh-CN": "电梯安全风险周排查报告", "en": "Elevators: weekly safety report"}
    rows: list[Sequence[Cell]] = [
        (
            *(each.code, each.place, _said(each.tests), _said(each.maintenance), each.failed, each.alarms),
            *(each.critical_alarms, each.open_tickets, each.warnings),
            {"zh-CN": "无异常", "en": "in order"} if each.in_order else {"zh-CN": "需跟进", "en": "to follow up"},
        )
        for each in made.lines
    ]
    follow = sum(not each.in_order for each in made.lines)
    conclusion: Text = {
        "zh-CN": f"共 {len(rows)} 台，需跟进 {follow} 台",
        "en": f"{len(rows)} elevators, {follow} to follow up",
    }
    facts: Sequence[tuple[Text, Cell]] = (
        ({"zh-CN": "项目", "en": "Site"}, made.site),
        ({"zh-CN": "维保单位", "en": "Contractor"}, _joined(made.contractors)),
        ({"zh-CN": "期间", "en": "Period"}, f"{made.first} – {made.last}"),
        ({"zh-CN": "截至", "en": "As of"}, made.on),
        ({"zh-CN": "结论", "en": "Conclusion"}, conclusion),
    )
    signed: Text = {
        "zh-CN": "电梯安全总监：______________    电梯安全员：______________    日期：______________",
        "en": "Safety director: ______________    Safety officer: ______________    Date: ______________",
    }
    basis: Text = {
        "zh-CN": "依据：国家市场监督管理总局令第 74 号（日管控、周排查、月调度）；未关工单与故障预警按期末统计。",
        "en": "Basis: SAMR Order 74. Open tickets and early warnings are those at the end of the period.",
    }
    return Sheet(title, _COLUMNS, rows, facts, (signed, basis))


def _joined(names: Sequence[Text]) -> Text:
    return {locale: _COMMA[locale].join(said(name, locale) for name in names) or "—" for locale in LOCALES}


def _said(counts: Mapping[State, int]) -> Text:
    return {
        locale: _COMMA[locale].join(
            f"{said(_STATES[state], locale)} {counts[state]}" for state in _STATES if counts.get(state)
        )
        for locale in LOCALES
    }
