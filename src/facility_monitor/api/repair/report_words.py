"""What the pages for residents say."""

from __future__ import annotations

from collections.abc import Mapping

from facility_monitor.domain.repair.ticket import TicketState
from facility_monitor.domain.text import Text

TITLE: Text = {"zh-CN": "报修与投诉", "en": "Report a problem"}
DANGER: Text = {
    "zh-CN": "着火请打 119，有人受伤请打 120，被困电梯请按轿厢内的报警按钮。不要只在这里填写。",
    "en": "Fire: call 119. Injured: call 120. Caught in a lift: press its alarm button. Do not only write here.",
}
WHAT: Text = {"zh-CN": "什么问题？", "en": "What is it?"}
WHERE: Text = {"zh-CN": "具体位置（可不填）", "en": "Where exactly (may be left out)"}
WHERE_EXAMPLE: Text = {"zh-CN": "例如：3 楼西侧走廊", "en": "For example: 3rd floor, west corridor"}
WORDS: Text = {"zh-CN": "发生了什么？", "en": "What happened?"}
WORDS_HINT: Text = {
    "zh-CN": "请不要写姓名和电话：这段文字会长期保存，不能删改。",
    "en": "No names or telephone numbers here: these words are kept and cannot be changed.",
}
PHOTO: Text = {"zh-CN": "照片（可不传）", "en": "Photo (may be left out)"}
PHOTO_HINT: Text = {
    "zh-CN": "一张，不超过 10 MB，请不要拍到人。照片作为维修凭证保存。",
    "en": "One, up to 10 MB, without people in it. It is kept as evidence of the repair.",
}
PHONE: Text = {"zh-CN": "电话（可不填）", "en": "Telephone (may be left out)"}
PHONE_HINT: Text = {
    "zh-CN": "只用于修好后的回访。单独存放，不进入台账和导出，结束 30 天后删除。",
    "en": "Only for the call after the repair. Kept apart, in no record or export, deleted 30 days after the end.",
}
SEND: Text = {"zh-CN": "提交", "en": "Send"}
ADDRESS_HINT: Text = {
    "zh-CN": "为防止滥用，会在 2 小时内保留您网络地址的一个标记，不保存地址本身。",
    "en": "Against abuse a mark of your network address, not the address, is kept for 2 hours.",
}
WRONG: Text = {"zh-CN": "请检查标出的内容，然后再提交。", "en": "Please look at what is marked, then send again."}
PHOTO_AGAIN: Text = {"zh-CN": "照片需要重新选择。", "en": "The photo has to be chosen again."}
MISSING: Text = {"zh-CN": "请选择一项。", "en": "Please choose one."}
TOO_SHORT: Text = {"zh-CN": "请写下发生了什么。", "en": "Please write what happened."}
TOO_LONG: Text = {"zh-CN": "太长了，最多 {} 个字。", "en": "Too long: at most {} characters."}
NO_PHONE: Text = {"zh-CN": "这不像电话号码。", "en": "This does not look like a telephone number."}
NO_PHOTO: Text = {
    "zh-CN": "这个文件打不开：请用 JPEG、PNG 或 WebP 照片。",
    "en": "This file does not open as a photo: JPEG, PNG or WebP, please.",
}
PHOTO_TOO_LARGE: Text = {
    "zh-CN": "照片超过 10 MB，没有收下：请换一张小一些的，或不带照片提交。",
    "en": "The photo has more than 10 MB and was not taken: choose a smaller one, or send without.",
}
TOO_OFTEN: Text = {
    "zh-CN": "刚才已收到从这里来的报告。请 {} 分钟后再试；紧急情况请打物业电话。",
    "en": "A report came from here just now. Try again in {} minutes; if it is urgent, call the management.",
}
GONE: Text = {
    "zh-CN": "这个二维码已停用。请扫描现场的新二维码，或联系物业。",
    "en": "This code is no longer in use. Scan the new one on site, or ask the management.",
}
NO_STATUS: Text = {"zh-CN": "没有找到这份报告。", "en": "There is no such report."}
NUMBER: Text = {"zh-CN": "报告编号", "en": "Report number"}
KEEP: Text = {
    "zh-CN": "收藏此页，随时可查看进展。知道此链接的人都能看到。",
    "en": "Keep this page to see how it goes on. Whoever has its address can see it.",
}
RECEIVED: Text = {"zh-CN": "收到", "en": "Received"}
DUE: Text = {"zh-CN": "最迟完成", "en": "Done by"}
ENDED: Text = {"zh-CN": "结束", "en": "Ended"}
SOONER: Text = {"zh-CN": "会在 2 小时内响应。", "en": "Somebody answers within 2 hours."}
STATES: Mapping[TicketState, Text] = {
    TicketState.OPEN: {"zh-CN": "已收到，正在安排人员", "en": "Received; somebody is being found for it"},
    TicketState.ACCEPTED: {"zh-CN": "已有人负责", "en": "Somebody has taken it on"},
    TicketState.ON_SITE: {"zh-CN": "维修人员已到现场", "en": "Somebody is there"},
    TicketState.ON_HOLD: {"zh-CN": "暂停：例如等待配件", "en": "Waiting, for a part for example"},
    TicketState.REPAIRED: {"zh-CN": "已修好，等待核实", "en": "Repaired, to be checked"},
    TicketState.VERIFIED: {"zh-CN": "已核实，即将结束", "en": "Checked, about to end"},
    TicketState.CLOSED: {
        "zh-CN": "已结束。如果又坏了，请再次扫码",
        "en": "Ended. If it comes back, scan the code again",
    },
}
ANOTHER: Text = {"zh-CN": "English", "en": "中文"}
"""The link to the other language."""
