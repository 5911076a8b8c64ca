"""What residents may report, and how often."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from facility_monitor.domain.text import Text


class Trouble(StrEnum):
    """What is wrong, as a resident would say it."""

    URGENT = "urgent"
    FAULT = "fault"
    REPAIR = "repair"
    SERVICE = "service"
    SHARED = "shared"
    UNSOLVED = "unsolved"


TICKET_CLASS: Mapping[Trouble, str] = {
    Trouble.URGENT: "urgent",
    Trouble.FAULT: "equipment_fault",
    Trouble.REPAIR: "repair",
    Trouble.SERVICE: "complaint_simple",
    Trouble.SHARED: "complaint_shared",
    Trouble.UNSOLVED: "complaint_hard",
}
"""The class of ticket, and by it the deadline."""
CALLED: Mapping[Trouble, Text] = {
    Trouble.URGENT: {"zh-CN": "紧急：漏水、停电、异味", "en": "Urgent: burst pipe, no power, smell"},
    Trouble.FAULT: {"zh-CN": "设备坏了：电梯、门禁、水泵", "en": "Out of order: lift, door, pump"},
    Trouble.REPAIR: {"zh-CN": "一般维修：灯、墙面、道路", "en": "Repair: lamp, wall, path"},
    Trouble.SERVICE: {"zh-CN": "投诉：服务、保洁、秩序", "en": "Complaint: service, cleaning, order"},
    Trouble.SHARED: {"zh-CN": "投诉：噪声、占道，涉及邻居", "en": "Complaint: noise, blocked way, neighbours"},
    Trouble.UNSOLVED: {"zh-CN": "反映过，没有解决", "en": "Reported before, not solved"},
}

ONE_IN = timedelta(hours=1)
"""From one telephone, or from one address at one label, one report in this time opens a ticket."""
MOST_AT_A_PLACE = 20
"""Reports at one label in that time, whoever they come from."""
FORGOTTEN_AFTER = timedelta(days=30)
"""So long after the closing the telephone number is kept, for the follow-up call and what comes of it."""

PHONE_LENGTH = 20
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,18}")


def phone_of(words: str) -> str | None:
    """A telephone number without its blanks; None where ``words`` are none.

    >>> phone_of("+86 138 0000 0000"), phone_of("call me")
    ('+8613800000000', None)
    """
    words = words.strip()
    return re.sub(r"[ ()-]", "", words) if _PHONE.fullmatch(words) else None
