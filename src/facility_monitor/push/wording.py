"""A notice in one sentence, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from facility_monitor.domain.alarm.alarm import AlarmEvent
from facility_monitor.domain.alarm.condition.wording import quantity
from facility_monitor.domain.alarm.flood import FloodEvent
from facility_monitor.domain.alarm.words import EVENTS, SEVERITIES
from facility_monitor.domain.elevator.part import PartEvent
from facility_monitor.domain.fire.upkeep import UpkeepEvent
from facility_monitor.domain.limit import tells_states_apart
from facility_monitor.domain.message.escalation import ESCALATED
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.message.summary import SummaryKind
from facility_monitor.domain.message.swap import SwapEvent
from facility_monitor.domain.repair.ticket import TicketEvent
from facility_monitor.domain.text import Text, said
from facility_monitor.flows.message.announce import TEST

KINDS: Mapping[str, Text] = {
    **EVENTS,
    FloodEvent.STARTED: {"zh-CN": "报警洪水", "en": "Alarm flood"},
    FloodEvent.GREW: {"zh-CN": "报警洪水", "en": "Alarm flood"},
    FloodEvent.ENDED: {"zh-CN": "报警洪水结束", "en": "Alarm flood over"},
    TicketEvent.OPENED: {"zh-CN": "新工单", "en": "New ticket"},
    TicketEvent.ACCEPTED: {"zh-CN": "工单已接", "en": "Ticket accepted"},
    TicketEvent.REPAIRED: {"zh-CN": "工单已修复", "en": "Ticket repaired"},
    TicketEvent.CLOSED: {"zh-CN": "工单已关闭", "en": "Ticket closed"},
    UpkeepEvent.MISSED: {"zh-CN": "未按期完成", "en": "Not done in time"},
    UpkeepEvent.REMINDED: {"zh-CN": "待办提醒", "en": "To be done"},
    PartEvent.ORDER_DUE: {"zh-CN": "配件订货提醒", "en": "Part to be ordered"},
    ESCALATED: {"zh-CN": "无人确认", "en": "Nobody has taken it"},
    SummaryKind.DIGEST: {"zh-CN": "汇总", "en": "Digest"},
    SummaryKind.OVER: {"zh-CN": "已过去", "en": "Over"},
    TicketEvent.ASSIGNED: {"zh-CN": "工单已派", "en": "Ticket assigned"},
    TicketEvent.HOLD_ASKED: {"zh-CN": "申请挂起工单", "en": "Hold asked for"},
    TicketEvent.WARNED: {"zh-CN": "工单时限提醒", "en": "Ticket deadline"},
    TicketEvent.BREACHED: {"zh-CN": "工单超时", "en": "Ticket overdue"},
    TicketEvent.CALL_MISSED: {"zh-CN": "逾期未回访", "en": "Call after closing overdue"},
    TicketEvent.RESUMED: {"zh-CN": "工单恢复处理", "en": "Ticket goes on"},
    SwapEvent.ASKED: {"zh-CN": "换班请求", "en": "Swap asked for"},
    SwapEvent.ACCEPTED: {"zh-CN": "换班已接受", "en": "Swap accepted"},
    SwapEvent.DECLINED: {"zh-CN": "换班被婉拒", "en": "Swap declined"},
    TEST: {"zh-CN": "测试", "en": "Test"},
}
"""What happened, by the notice's kind."""
OVER = frozenset({AlarmEvent.RETURNED, AlarmEvent.CLEARED, FloodEvent.ENDED, TicketEvent.REPAIRED, TicketEvent.CLOSED})
"""Kinds after which there is nothing left to do."""
LIFE_SAFETY: Text = {"zh-CN": "人身安全", "en": "life safety"}


def sentence(notice: Notice, locale: str) -> str:
    """Severity, what kind of news, where, what, the value with its limit, and what to do: one line."""
    chinese = locale.startswith("zh")
    severity = said(LIFE_SAFETY if notice.life_safety else SEVERITIES.get(notice.severity, {}), locale)
    kind = said(KINDS.get(notice.kind, {"en": notice.kind}), locale)
    opening = f"【{severity}】{kind}：" if chinese else f"[{severity}] {kind}: "
    parts = [said(notice.place, locale), said(notice.title, locale), measured(notice, locale)]
    if notice.kind not in OVER:
        parts.append(said(notice.response, locale))
    return one_line(opening + " · ".join(part for part in parts if part))


def announcement(notice: Notice, locale: str) -> tuple[str, str]:
    """The same as a title and a text of a few lines, for screens that have both."""
    severity = said(LIFE_SAFETY if notice.life_safety else SEVERITIES.get(notice.severity, {}), locale)
    kind, title = said(KINDS.get(notice.kind, {"en": notice.kind}), locale), said(notice.title, locale)
    heading = f"【{severity}】{kind}：{title}" if locale.startswith("zh") else f"[{severity}] {kind}: {title}"
    lines = [said(notice.place, locale), measured(notice, locale)]
    if notice.kind not in OVER:
        lines.append(said(notice.response, locale))
    return one_line(heading), "\n".join(one_line(line) for line in lines if line)


def measured(notice: Notice, locale: str) -> str:
    """The value with its unit and limit: ``87.4 %RH (limit 80 %RH)``, else what was seen in words, if anything.

    Nothing of a state, such as smoke: that it is there says the title. Of what is counted and should not be there at
    all, how many: a limit between none and one is no number of pieces.
    """
    if notice.value is None:
        return said(notice.seen, locale)
    if notice.limit is not None and tells_states_apart(notice.limit, notice.shown_unit):
        return ""
    value = _quantity(notice.value, notice, notice.decimals)
    if notice.limit is None or (notice.unit == "1" and notice.limit % 1 == 0.5):
        return value
    limit = _quantity(notice.limit, notice, None)  # never rounded: it is what the value is judged by
    return f"{value}（限值 {limit}）" if locale.startswith("zh") else f"{value} (limit {limit})"


def one_line(text: str) -> str:
    """``text`` without line breaks and control characters, which a name could smuggle into a terminal."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _quantity(value: float, notice: Notice, decimals: int | None) -> str:
    if notice.shown_unit is None:
        return quantity(value, notice.unit)
    exact = f"{value * notice.shown_scale:.7g}"
    rounded = exact if decimals is None else f"{value * notice.shown_scale:.{decimals}f}"
    return f"{min(exact, rounded, key=len)} {notice.shown_unit}".rstrip()
