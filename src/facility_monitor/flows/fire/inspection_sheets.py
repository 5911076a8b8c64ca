"""The customary sheets of a site and a period: patrol, test, upkeep, repair, and the matrix before them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from facility_monitor.catalogue import said_basis
from facility_monitor.domain.calendar_month import add_months
from facility_monitor.domain.fire.chain import Head
from facility_monitor.domain.text import LOCALES, Text, said
from facility_monitor.flows.fire import inspection
from facility_monitor.flows.fire.exhibit_words import exhibit_lines
from facility_monitor.flows.fire.inspection import Visit
from facility_monitor.sheets.sheet import Column, Footer, Sheet, shown
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import archive
from facility_monitor.store.tables import equipment, equipment_check, ticket
from facility_monitor.store.views import checks, evidence, tickets
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
MOST_NAMES = 6
_STATES: Mapping[str, Text] = {
    "done": {"zh-CN": "完成", "en": "done"},
    "late": {"zh-CN": "补做/补录", "en": "late"},
    "missed": {"zh-CN": "漏", "en": "missed"},
    "overdue": {"zh-CN": "逾期", "en": "overdue"},
    "waived": {"zh-CN": "豁免", "en": "waived"},
    "impaired": {"zh-CN": "停用", "en": "out of service"},
    "due": {"zh-CN": "待办", "en": "due"},
    "planned": {"zh-CN": "计划", "en": "planned"},
    "failed": {"zh-CN": "不合格", "en": "failed"},
}
_SIGNS = {"at_most": "≤", "at_least": "≥", "within": "±"}
_UNITS = {"1": "", "pH": "", "Cel": "℃"}
_PASSED: Mapping[bool | None, Text] = {
    True: {"zh-CN": "合格", "en": "passed"},
    False: {"zh-CN": "不合格", "en": "FAILED"},
    None: {"zh-CN": "无判定", "en": "not judged"},
}
_LATE: Text = {"zh-CN": "补录", "en": "late entry"}
_CONCLUSION: Text = {"zh-CN": "结论", "en": "Verdict"}
_SIGNED: Text = {"zh-CN": "签名", "en": "Signed"}
_NOTHING: Text = {"zh-CN": "本期间没有计划的任务", "en": "nothing was planned"}
_HANDS: Mapping[str, Text] = {
    "repaired_by": {"zh-CN": "维修", "en": "repaired:"},
    "verified_by": {"zh-CN": "验收", "en": "verified:"},
}
_RECORDS = {"patrol": "patrol", "test": "fire_test", "upkeep": "fire_test", "repair": "repair"}
"""By sheet: the type of record whose retention holds."""
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


def footer(visit: Visit, code: str, made: Sheet, head: Head, made_at: datetime, locale: str, address: str) -> Footer:
    """What every page says of itself: site, period, sheet number, the verdict and who signed, the head of the chain;
    with a QR code by which the page is compared with the ledger."""
    words = {
        "zh-CN": ("，", "表号", "账本链头", "打印", "："),
        "en": (", ", "sheet", "Ledger head", "made", ": "),
    }[locale]
    comma, number, of_chain, printed, colon = words
    facts = [f"{said(name, locale)}{colon}{shown(value, locale, visit.zone)}" for name, value in made.facts[3:]]
    when = f"{made_at.astimezone(visit.zone):%Y-%m-%d %H:%M}"
    return Footer(
        (
            comma.join(
                (said(visit.name, locale), f"{visit.first} – {visit.last}", f"{number} {number_of(visit, code)}")
            ),
            *facts,
            f"{of_chain} {head.position}: {head.hash.hex()}{comma}{printed} {when}",
        ),
        f"{address}?head={head.position}-{head.hash.hex()[:16]}",
        to_sign=True,
    )


def sheet(tx: Tx, visit: Visit, code: str, now: datetime) -> Sheet:
    """One of the sheets ``NAMES``."""
    if code == "matrix":
        return _matrix(tx, visit, now)
    return _repairs(tx, visit, now) if code == "repair" else _checks(tx, visit, code, now)


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
            _both(lambda locale, row=row: f"{row['equipment']['code']}\n{said(row['equipment']['name'], locale)}"),
            row["place"],
            *(_counted(row["cells"].get(month)) for month in found["months"]),
        )
        for row in found["rows"]
    ]
    made = (_CONCLUSION, _counted(found["total"]) or _NOTHING)
    signers = tx.execute(select(equipment_check.c.content["signatures"]).where(*_within(visit)).distinct()).scalars()
    signed = _signed(sorted(_signature(each) for signatures in signers for each in signatures))
    notes = [_waived(each, visit) for each in found["waivers"]]
    return Sheet(NAMES["matrix"][1], columns, rows, [*_facts(visit, "matrix"), made, signed], notes)


def _waived(waiver: Mapping[str, Any], visit: Visit) -> Text:
    codes, when = ", ".join(waiver["equipment"]), f"{waiver['at'].astimezone(visit.zone):%Y-%m-%d %H:%M}"
    duty, last, reason, by = (waiver[name] for name in ("duty", "last", "reason", "by"))
    return {
        "zh-CN": f"豁免：{said(duty, 'zh-CN')}（应于 {last} 前完成）：{codes}。原因：{reason}（{by}，{when}）",
        "en": f"Waived: {said(duty, 'en')}, due by {last}: {codes}. Reason: {reason} ({by}, {when})",
    }


def _counted(cell: Mapping[str, Any] | None) -> Text | None:
    if cell is None:
        return None
    there = [(state, cell[state]) for state in _STATES if cell[state]]
    return {
        locale: ("、" if locale == "zh-CN" else ", ").join(f"{said(_STATES[state], locale)} {n}" for state, n in there)
        for locale in LOCALES
    }


def checks_of(tx: Tx, visit: Visit, sheet_code: str | None = None) -> list[dict[str, Any]]:
    """The checks of the period, the oldest first; those of one sheet, where that is asked."""
    conditions = _within(visit)
    if sheet_code is not None:
        conditions.append(equipment_check.c.sheet == sheet_code)
    return checks.seen(tx, visit.sight, *conditions, limit=MOST_ROWS)[::-1]


def _within(visit: Visit) -> list[ColumnElement[bool]]:
    begin, end = _span(visit)
    at = equipment_check.c.performed_at
    return [equipment_check.c.site_id == visit.site_id, at >= begin, at < end]


def _span(visit: Visit) -> tuple[datetime, datetime]:
    begin = datetime.combine(visit.first, time(), visit.zone)
    return begin, datetime.combine(visit.last + timedelta(days=1), time(), visit.zone)


def _checks(tx: Tx, visit: Visit, code: str, now: datetime) -> Sheet:
    found = checks_of(tx, visit, code)
    places = plant.places(tx, {row["equipment"]["id"] for row in found})
    columns = [
        Column({"zh-CN": "编号", "en": "No."}, 6),
        Column({"zh-CN": "时间", "en": "Time"}, 12),
        Column({"zh-CN": "设备、位置", "en": "Equipment, place"}, 16),
        Column({"zh-CN": "项目", "en": "Check"}, 12),
        Column({"zh-CN": "记录与依据", "en": "Entries and their basis"}, 36),
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
            row["form_name"],
            _both(lambda locale, row=row: _said(row, locale)),
            _both(lambda locale, row=row: _concluded(row, locale, visit)),
            "\n".join(_signature(each) for each in row["signatures"]),
        )
        for row in found
    ]
    failed = sum(row["passed"] is False for row in found)
    late = sum(row["late_entry"] for row in found)
    total: Text = {
        "zh-CN": f"共 {len(found)} 条，不合格 {failed} 条，补录 {late} 条",
        "en": f"{_many(len(found), 'entry', 'entries')}, {failed} failed, {late} entered late",
    }
    facts = [
        *_facts(visit, code),
        (_CONCLUSION, total),
        _signed(_signature(each) for row in found for each in row["signatures"]),
    ]
    return Sheet(NAMES[code][1], columns, rows, facts, _notes(tx, visit, code, len(found), now))


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _signature(each: Mapping[str, str]) -> str:
    return f"{each['name']} ({each['certificate_no']})"


def _signed(names: Iterable[str]) -> tuple[Text, Text]:
    """Who signed on a sheet, each once; on the pages there is room for some of them."""
    found = list(dict.fromkeys(names))
    more = len(found) - MOST_NAMES
    return _SIGNED, {
        "zh-CN": "、".join(found[:MOST_NAMES]) + (f" 等 {len(found)} 人" if more > 0 else "") or "无",
        "en": ", ".join(found[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "") or "none",
    }


def _notes(tx: Tx, visit: Visit, code: str, rows: int, now: datetime) -> list[Text]:
    """How long the records must be kept, by the dated row; and that a sheet is full, where it is."""
    kept = archive.retention(tx, _RECORDS[code], now.date())
    basis = {locale: _source(kept.standard, kept.clause, locale) for locale in LOCALES}
    if kept.keep_months is None:
        notes: list[Text] = [
            {"zh-CN": f"保存期限：永久（{basis['zh-CN']}）", "en": f"To be kept for ever ({basis['en']})"}
        ]
    else:
        until = add_months(visit.last, kept.keep_months)
        notes = [
            {
                "zh-CN": f"至少保存至 {until}（{basis['zh-CN']}）",
                "en": f"To be kept until {until} at least ({basis['en']})",
            }
        ]
    if rows == MOST_ROWS:
        notes.append(
            {
                "zh-CN": f"只列出最近 {MOST_ROWS} 条，请缩短期间。",
                "en": f"The newest {MOST_ROWS} alone: choose a shorter period for the others.",
            }
        )
    return notes


def _both(words: Any) -> Text:
    return {locale: words(locale) for locale in LOCALES}


def _said(row: Mapping[str, Any], locale: str) -> str:
    """All that was entered, in the order of the form: each value with its verdicts, then what was made of them."""
    judged: dict[str, list[Any]] = defaultdict(list)
    for each in row["verdicts"]:
        judged[each["field"]].append(each)
    lines = []
    for field in row["fields"]:
        value = row["values"].get(field["name"])
        if value is not None:
            lines += _entry(field, value, judged.pop(field["name"], []), locale)
    for made in judged.values():
        lines += _entry(made[0], made[0]["value"], made, locale)
    instrument = row["instrument"]
    if instrument is not None:
        lines.append(f"{'仪器' if locale == 'zh-CN' else 'instrument'}: {instrument['name']} {instrument['serial_no']}")
    if row["alarm_ids"]:
        named = ", ".join(map(str, row["alarm_ids"]))
        lines.append(f"{'作为证明的报警' if locale == 'zh-CN' else 'alarms as proof'}: {named}")
    if row["remarks"]:
        lines.append(row["remarks"])
    return "\n".join([*lines, *exhibit_lines(row, locale)])


def _entry(field: Mapping[str, Any], value: Any, verdicts: Sequence[Mapping[str, Any]], locale: str) -> list[str]:
    shown = f"{said(field['label'], locale)}: {_value(field, value, locale)}"
    return [f"{shown}{_basis(each, locale)}" for each in verdicts] or [shown]


def _value(field: Mapping[str, Any], value: Any, locale: str) -> str:
    if isinstance(value, bool):
        return {"zh-CN": ("否", "是"), "en": ("no", "yes")}[locale][value]
    if isinstance(value, int | float):
        return f"{value:g} {_UNITS.get(field['unit'], field['unit'] or '')}".rstrip()
    options = field.get("options") or {}
    return said(options[value], locale) if value in options else str(value)


def _basis(verdict: Mapping[str, Any], locale: str) -> str:
    limit = verdict["limit"]
    basis = ""
    if limit is not None:
        source = _source(limit["standard"], limit["clause"], locale)
        basis = f" ({_SIGNS[limit['direction']]} {limit['value']:g}, {source})"
    # in words: the font that readers bring along for Chinese has no cross
    return f"{basis} [{said(_PASSED[False], locale)}]" if verdict["passed"] is False else basis


def _source(standard: str, clause: str, locale: str) -> str:
    return f"{said_basis(standard, locale)} {said_basis(clause, locale)}"


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


def _repairs(tx: Tx, visit: Visit, now: datetime) -> Sheet:
    begin, end = _span(visit)
    fire = select(equipment.c.id).where(equipment.c.site_id == visit.site_id, equipment.c.kind.in_(FIRE_KINDS))
    inside = [
        ticket.c.equipment_id.in_(fire),
        ticket.c.opened_at < end,
        or_(ticket.c.closed_at.is_(None), ticket.c.closed_at >= begin),
    ]
    found = tickets.tickets(tx, visit.sight, *inside, limit=MOST_ROWS)
    numbers = [row["id"] for row in found]
    notes, exhibits = tickets.repair_notes(tx, numbers), evidence.of_records(tx, "ticket", numbers)
    columns = [
        Column({"zh-CN": "工单", "en": "Ticket"}, 6),
        Column({"zh-CN": "发现时间", "en": "Opened"}, 12),
        Column({"zh-CN": "设备、位置", "en": "Equipment, place"}, 18),
        Column({"zh-CN": "故障", "en": "Fault"}, 20),
        Column({"zh-CN": "期限", "en": "Due"}, 12),
        Column({"zh-CN": "状态", "en": "State"}, 9),
        Column({"zh-CN": "修复、关闭", "en": "Repaired, closed"}, 13),
        Column({"zh-CN": "处理情况", "en": "What was done"}, 18),
        Column({"zh-CN": "签名", "en": "Signatures"}, 14),
    ]
    rows = [
        (
            row["id"],
            row["opened_at"],
            _both(lambda locale, row=row: f"{row['equipment']['code']}\n{said(row['place'], locale)}"),
            row["title"],
            row["due_at"],
            _TICKET_STATES.get(row["state"], row["state"]),
            _ended(row, visit),
            _both(lambda locale, row=row: _done(row, notes.get(row["id"]), exhibits[row["id"]], locale)),
            _both(lambda locale, row=row: "\n".join(_hands(row, locale))),
        )
        for row in found
    ]
    still = sum(row["closed_at"] is None for row in found)
    total: Text = {
        "zh-CN": f"共 {len(found)} 条，未关闭 {still} 条",
        "en": f"{_many(len(found), 'fault', 'faults')}, {still} not closed",
    }
    signed = _signed(row[each]["name"] for row in found for each in _HANDS if row[each] is not None)
    facts = [*_facts(visit, "repair"), (_CONCLUSION, total), signed]
    return Sheet(NAMES["repair"][1], columns, rows, facts, _notes(tx, visit, "repair", len(found), now))


def _done(row: Mapping[str, Any], note: str | None, exhibits: Mapping[str, Any], locale: str) -> str:
    """What was said of a repair and of its closing, then its photos and files."""
    lines = list(dict.fromkeys(each for each in (note, row["closing_note"]) if each))
    return "\n".join([*lines, *exhibit_lines(exhibits, locale)])


def _ended(row: Mapping[str, Any], visit: Visit) -> str:
    times = (row["repaired_at"], row["closed_at"])
    return "\n".join(f"{at.astimezone(visit.zone):%Y-%m-%d %H:%M}" for at in times if at is not None)


def _hands(row: Mapping[str, Any], locale: str) -> list[str]:
    """Who repaired and who verified."""
    return [f"{said(words, locale)} {row[each]['name']}" for each, words in _HANDS.items() if row[each] is not None]
