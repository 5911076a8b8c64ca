"""The customary sheets of a site and a period: patrol, test, upkeep, repair, and the matrix before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import or_, select

from facility_monitor.domain.chain import Head
from facility_monitor.domain.text import LOCALES, Text, said
from facility_monitor.flows import inspection
from facility_monitor.flows.inspection import Visit
from facility_monitor.sheets.pdf import Footer
from facility_monitor.sheets.sheet import Column, Sheet
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import equipment, equipment_check, ticket
from facility_monitor.store.views import checks, tickets
from facility_monitor.store.views.register import FIRE_KINDS

NAMES: Mapping[str, tuple[str, Text]] = {
    "matrix": ("A", {"zh-CN": "完成情况汇总表", "en": "Completeness"}),
    "patrol": ("B", {"zh-CN": "巡查记录表", "en": "Patrol record"}),
    "test": ("C", {"zh-CN": "检测记录表", "en": "Test record"}),
    "repair": ("D", {"zh-CN": "故障维修记录表", "en": "Fault and repair record"}),
    "upkeep": ("E", {"zh-CN": "维护保养记录表", "en": "Upkeep record"}),
}
"""By its code: the letter of its number, and its title."""
MOST_ROWS = 20_000
_STATES: Mapping[str, Text] = {
    "done": {"zh-CN": "完成", "en": "done"},
    "late": {"zh-CN": "补做/补录", "en": "late"},
    "missed": {"zh-CN": "漏", "en": "missed"},
    "overdue": {"zh-CN": "逾期", "en": "overdue"},
    "impaired": {"zh-CN": "停用", "en": "out of service"},
    "due": {"zh-CN": "待办", "en": "due"},
    "planned": {"zh-CN": "计划", "en": "planned"},
    "failed": {"zh-CN": "其中不合格", "en": "of these failed"},
}
_SIGNS = {"at_most": "≤", "at_least": "≥", "within": "±"}
_PASSED: Mapping[bool | None, Text] = {
    True: {"zh-CN": "合格", "en": "passed"},
    False: {"zh-CN": "不合格", "en": "FAILED"},
    None: {"zh-CN": "无判定", "en": "not judged"},
}
_LATE: Text = {"zh-CN": "补录", "en": "late entry"}
_TICKET_STATES: Mapping[str, Text] = {
    "open": {"zh-CN": "待接单", "en": "open"},
    "accepted": {"zh-CN": "处理中", "en": "accepted"},
    "on_site": {"zh-CN": "已到场", "en": "on site"},
    "on_hold": {"zh-CN": "暂停", "en": "on hold"},
    "repaired": {"zh-CN": "已修复", "en": "repaired"},
    "verified": {"zh-CN": "已验收", "en": "verified"},
    "closed": {"zh-CN": "已关闭", "en": "closed"},
}


def number_of(visit: Visit, code: str) -> str:
    """The number that stands on every page of a sheet."""
    return f"{NAMES[code][0]}-{visit.code}-{visit.first:%Y%m%d}-{visit.last:%Y%m%d}"


def footer(visit: Visit, codes: Sequence[str], head: Head, made_at: datetime, locale: str, address: str) -> Footer:
    """Site, period, sheet number and the head of the chain, with a QR code that leads to the entries themselves."""
    words = {
        "zh-CN": ("表号", "账本链头", "打印"),
        "en": ("Sheet", "Ledger head", "made"),
    }[locale]
    sheets = ", ".join(number_of(visit, code) for code in codes)
    made = f"{made_at.astimezone(visit.zone):%Y-%m-%d %H:%M}"
    return Footer(
        (
            f"{said(visit.name, locale)} · {visit.first} – {visit.last} · {words[0]} {sheets}",
            f"{words[1]} {head.position}: {head.hash.hex()}",
            f"{words[2]} {made}",
        ),
        address,
    )


def sheet(tx: Tx, visit: Visit, code: str, now: datetime) -> Sheet:
    """One of the sheets ``NAMES``."""
    if code == "matrix":
        return _matrix(tx, visit, now)
    return _repairs(tx, visit) if code == "repair" else _checks(tx, visit, code)


def _facts(visit: Visit, code: str) -> list[tuple[Text, Any]]:
    return [
        ({"zh-CN": "项目", "en": "Site"}, visit.name),
        ({"zh-CN": "期间", "en": "Period"}, f"{visit.first} – {visit.last}"),
        ({"zh-CN": "表号", "en": "Sheet"}, number_of(visit, code)),
    ]


def _matrix(tx: Tx, visit: Visit, now: datetime) -> Sheet:
    found = inspection.matrix(tx, visit, now)
    columns = [
        Column({"zh-CN": "设备", "en": "Equipment"}, 14),
        Column({"zh-CN": "位置", "en": "Place"}, 16),
        *(Column(dict.fromkeys(LOCALES, month), 9) for month in found["months"]),
    ]
    rows = [
        (
            row["equipment"]["code"],
            row["place"],
            *(_counted(row["cells"].get(month)) for month in found["months"]),
        )
        for row in found["rows"]
    ]
    return Sheet(
        NAMES["matrix"][1],
        columns,
        rows,
        [*_facts(visit, "matrix"), ({"zh-CN": "合计", "en": "Total"}, _counted(found["total"]))],
    )


def _counted(cell: Mapping[str, Any] | None) -> Text | None:
    if cell is None:
        return None
    there = [(state, cell[state]) for state in _STATES if cell[state]]
    return {
        locale: ("、" if locale == "zh-CN" else ", ").join(f"{said(_STATES[state], locale)} {n}" for state, n in there)
        for locale in LOCALES
    }


def checks_of(tx: Tx, visit: Visit, sheet_code: str | None = None, check_id: int | None = None) -> list[dict[str, Any]]:
    """The checks of the period, the oldest first; those of one sheet, or one alone, where that is asked."""
    begin = datetime.combine(visit.first, time(), visit.zone)
    end = datetime.combine(visit.last + timedelta(days=1), time(), visit.zone)
    conditions = [
        equipment_check.c.site_id == visit.site_id,
        equipment_check.c.performed_at >= begin,
        equipment_check.c.performed_at < end,
    ]
    if sheet_code is not None:
        conditions.append(equipment_check.c.sheet == sheet_code)
    if check_id is not None:
        conditions.append(equipment_check.c.id == check_id)
    return checks.seen(tx, visit.sight, *conditions, limit=MOST_ROWS)[::-1]


def _checks(tx: Tx, visit: Visit, code: str) -> Sheet:
    found = checks_of(tx, visit, code)
    places = plant.places(tx, {row["equipment"]["id"] for row in found})
    columns = [
        Column({"zh-CN": "编号", "en": "No."}, 6),
        Column({"zh-CN": "时间", "en": "Time"}, 12),
        Column({"zh-CN": "设备、位置", "en": "Equipment, place"}, 18),
        Column({"zh-CN": "记录与依据", "en": "Entries and their basis"}, 40),
        Column({"zh-CN": "结论", "en": "Verdict"}, 9),
        Column({"zh-CN": "签名（证书号）", "en": "Signatures (certificate)"}, 16),
    ]
    rows = [
        (
            row["id"],
            row["performed_at"],
            _both(
                lambda locale, row=row: (
                    f"{row['equipment']['code']}\n{said(places[row['equipment']['id']].full, locale)}"
                )
            ),
            _both(lambda locale, row=row: _said(row, locale)),
            _both(lambda locale, row=row: _concluded(row, locale, visit)),
            "\n".join(f"{each['name']} ({each['certificate_no']})" for each in row["signatures"]),
        )
        for row in found
    ]
    failed = sum(row["passed"] is False for row in found)
    late = sum(row["late_entry"] for row in found)
    total: Text = {
        "zh-CN": f"共 {len(found)} 条，不合格 {failed} 条，补录 {late} 条",
        "en": f"{len(found)} entries, {failed} failed, {late} entered late",
    }
    return Sheet(NAMES[code][1], columns, rows, [*_facts(visit, code), ({"zh-CN": "结论", "en": "Verdict"}, total)])


def _both(words: Any) -> Text:
    return {locale: words(locale) for locale in LOCALES}


def _said(row: Mapping[str, Any], locale: str) -> str:
    lines = [_verdict(each, locale) for each in row["verdicts"]]
    if row["remarks"]:
        lines.append(row["remarks"])
    if row["photos"]:
        lines.append(f"{'照片' if locale == 'zh-CN' else 'photos'}: {len(row['photos'])}")
    return "\n".join(lines)


def _verdict(each: Mapping[str, Any], locale: str) -> str:
    value = each["value"]
    if isinstance(value, bool):
        value = {"zh-CN": ("否", "是"), "en": ("no", "yes")}[locale][value]
    elif isinstance(value, int | float):
        value = f"{value:g} {each['unit']}".rstrip(" 1") if each["unit"] == "1" else f"{value:g} {each['unit']}"
    limit = each["limit"]
    basis = (
        ""
        if limit is None
        else f" ({_SIGNS[limit['direction']]} {limit['value']:g}, {limit['standard']} {limit['clause']})"
    )
    # in words: the font that readers bring along for Chinese has no cross
    mark = f" [{said(_PASSED[False], locale)}]" if each["passed"] is False else ""
    return f"{said(each['label'], locale)}: {value}{basis}{mark}"


def _concluded(row: Mapping[str, Any], locale: str, visit: Visit) -> str:
    lines = [said(_PASSED[row["passed"]], locale)]
    if row["late_entry"]:
        received = f"{row['received_at'].astimezone(visit.zone):%Y-%m-%d %H:%M}"
        lines.append(f"{said(_LATE, locale)} {received}: {row['reason']}")
    if row["corrects"]:
        lines.append(f"{'更正' if locale == 'zh-CN' else 'corrects'} {row['corrects']}: {row['reason']}")
    if row["corrected_by"]:
        lines.append(f"{'已被更正' if locale == 'zh-CN' else 'corrected by'} {row['corrected_by']}")
    if row["ticket_id"]:
        lines.append(f"{'工单' if locale == 'zh-CN' else 'ticket'} {row['ticket_id']}")
    return "\n".join(lines)


def _repairs(tx: Tx, visit: Visit) -> Sheet:
    begin = datetime.combine(visit.first, time(), visit.zone)
    end = datetime.combine(visit.last + timedelta(days=1), time(), visit.zone)
    fire = select(equipment.c.id).where(equipment.c.site_id == visit.site_id, equipment.c.kind.in_(FIRE_KINDS))
    inside = [
        ticket.c.equipment_id.in_(fire),
        ticket.c.opened_at < end,
        or_(ticket.c.closed_at.is_(None), ticket.c.closed_at >= begin),
    ]
    found = tickets.tickets(tx, visit.sight, *inside, limit=MOST_ROWS)
    columns = [
        Column({"zh-CN": "工单", "en": "Ticket"}, 6),
        Column({"zh-CN": "发现时间", "en": "Opened"}, 12),
        Column({"zh-CN": "设备、位置", "en": "Equipment, place"}, 18),
        Column({"zh-CN": "故障", "en": "Fault"}, 20),
        Column({"zh-CN": "期限", "en": "Due"}, 12),
        Column({"zh-CN": "状态", "en": "State"}, 9),
        Column({"zh-CN": "关闭", "en": "Closed"}, 12),
        Column({"zh-CN": "处理情况", "en": "What was done"}, 20),
    ]
    rows = [
        (
            row["id"],
            row["opened_at"],
            _both(lambda locale, row=row: f"{row['equipment']['code']}\n{said(row['place'], locale)}"),
            row["title"],
            row["due_at"],
            _TICKET_STATES.get(row["state"], row["state"]),
            row["closed_at"],
            row["closing_note"],
        )
        for row in found
    ]
    still = sum(row["closed_at"] is None for row in found)
    total: Text = {"zh-CN": f"共 {len(found)} 条，未关闭 {still} 条", "en": f"{len(found)} faults, {still} not closed"}
    return Sheet(
        NAMES["repair"][1], columns, rows, [*_facts(visit, "repair"), ({"zh-CN": "结论", "en": "Verdict"}, total)]
    )
