"""Chats: a robot's own word counts, not its status; Apprise has its time; nobody's address is ever told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from facility_monitor.domain.message.robot import Vendor
from facility_monitor.errors import InvalidInput
from facility_monitor.flows.message import chat_address
from facility_monitor.push.channel import Delivered, Message, Refused, TryLater
from facility_monitor.push.chat import Chat
from tests.people import NOW, a_notice
from tests.push.conftest import Answer, Receiver

WECOM, DINGTALK, FEISHU = "wecombot://geheim-1", "dingtalk://SECgeheim@geheim-2", "feishu://geheim-3"


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """Apprise loads its hundred services at the first address: not while something is timed."""
    chat_address.check("json://localhost")


@pytest.fixture
def chat(receiver: Receiver) -> Iterator[Chat]:
    hosts = dict.fromkeys(Vendor, receiver.url)
    chat = Chat("https://fm.example/", hosts=hosts, limit_s=1.0, clock=lambda: NOW)
    yield chat
    chat.close()


def message(address: str, **changed: Any) -> Message:
    fields: dict[str, Any] = {
        "id": "m-1",
        "notice": a_notice(),
        "locale": "zh-CN",
        "person": "李工",
        "created_at": NOW,
        "ledger_id": 41,
        "alarm_id": 7,
        "urgency": 2,
        "token": "t-o-k",
        "address": address,
        "secret": None,
    }
    return Message(**(fields | changed))


def said(code: int, word: str = "errcode") -> Answer:
    return Answer(200, body=json.dumps({word: code, "errmsg": "x", "msg": "x"}).encode())


@pytest.mark.parametrize(
    ("address", "path", "word"),
    [
        (WECOM, "/cgi-bin/webhook/send?key=geheim-1", "errcode"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k-9", "/cgi-bin/webhook/send?key=k-9", "errcode"),
        ("https://oapi.dingtalk.com/robot/send?access_token=t9", "/robot/send?access_token=t9", "errcode"),
        (FEISHU, "/open-apis/bot/v2/hook/geheim-3", "code"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/h-9", "/open-apis/bot/v2/hook/h-9", "code"),
    ],
)
def test_a_robot_gets_the_text_with_the_links(
    chat: Chat, receiver: Receiver, address: str, path: str, word: str
) -> None:
    receiver.answer(path, said(0, word))
    assert chat.send(message(address)) == Delivered()
    (request,) = receiver.requests
    document = json.loads(request.body)
    text = document.get("text", document).get("content")
    text = text["text"] if isinstance(text, dict) else text
    assert text.splitlines() == [
        "【高】报警：湿度过高",
        "翡翠花园 / 1 号配电房",
        "87.4 %RH（限值 80 %RH）",
        "检查除湿机",
        "https://fm.example/alarms/7",
        "确认: https://fm.example/m/t-o-k",
    ]
    assert request.path == path


def test_what_dingtalk_gets_is_signed(chat: Chat, receiver: Receiver) -> None:
    with pytest.raises(TryLater):  # an empty answer is no yes
        chat.send(message(DINGTALK))
    query = parse_qs(urlsplit(receiver.requests[0].path).query)
    stamp = query["timestamp"][0]
    mac = hmac.new(b"SECgeheim", f"{stamp}\nSECgeheim".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(mac).decode()]
    assert abs(int(stamp) / 1000 - NOW.timestamp()) < 1


@pytest.mark.parametrize(
    ("address", "answer", "error", "why"),
    [
        (WECOM, said(93000), Refused, "code 93000"),  # the robot is gone
        (WECOM, said(45009), TryLater, "45009"),  # too often
        (WECOM, Answer(200, body=b"<html>"), TryLater, "no answer of a robot"),
        (WECOM, Answer(503), TryLater, "503"),
        (WECOM, Answer(404), Refused, "404"),
        (FEISHU, said(19001, "code"), Refused, "19001"),
        (FEISHU, said(11232, "code"), TryLater, "11232"),
    ],
)
def test_status_200_is_no_success_where_the_robot_says_otherwise(
    chat: Chat, receiver: Receiver, address: str, answer: Answer, error: type[Exception], why: str
) -> None:
    for path in ("/cgi-bin/webhook/send?key=geheim-1", "/open-apis/bot/v2/hook/geheim-3"):
        receiver.answer(path, answer)
    with pytest.raises(error, match=why) as caught:
        chat.send(message(address))
    assert "geheim" not in str(caught.value)


def test_apprise_reaches_what_it_knows(chat: Chat, receiver: Receiver) -> None:
    receiver.answer("/", Answer(200))
    assert chat.send(message(receiver.url.replace("http", "json") + "/hook", locale="en")) == Delivered()
    assert chat.send(message(receiver.url.replace("http", "ntfy") + "/geheim", locale="en")) == Delivered()
    hook, ntfy = receiver.requests
    assert json.loads(hook.body)["title"] == "[high] Alarm: Humidity too high"
    assert "Check the dehumidifier" in json.loads(ntfy.body)["message"]


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        (Answer(500), TryLater, "answered 500"),
        (Answer(429), TryLater, "answered 429"),
        (Answer(401), Refused, "answered 401"),
    ],
)
def test_what_apprise_says_of_a_failure_is_understood(
    chat: Chat, receiver: Receiver, answer: Answer, error: type[Exception], why: str
) -> None:
    receiver.answer("/hook", answer)
    with pytest.raises(error, match=why):
        chat.send(message(receiver.url.replace("http", "json") + "/hook"))


def test_apprise_is_left_in_time_also_where_its_address_asks_for_more(chat: Chat, receiver: Receiver) -> None:
    receiver.answer("/hook?rto=300", Answer(hangs=True))
    receiver.answer("/hook", Answer(hangs=True))
    started = time.monotonic()
    with pytest.raises(TryLater, match="longer than 1 s"):
        chat.send(message(receiver.url.replace("http", "json") + "/hook?rto=300"))
    assert time.monotonic() - started < 2


def test_nobody_there_is_tried_later(chat: Chat) -> None:
    with pytest.raises(TryLater, match="did not get through"):
        chat.send(message("json://127.0.0.1:9/geheim"))


def test_no_log_holds_an_address(chat: Chat, receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.answer("/cgi-bin/webhook/send?key=geheim-1", said(0))
    chat.send(message(WECOM))
    for address in (receiver.url.replace("http", "ntfy") + "/geheim", "json://user:geheim@127.0.0.1:9/x"):
        try:
            chat.send(message(address))
        except TryLater:
            continue
    assert "geheim" not in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        *(WECOM, DINGTALK, FEISHU, "bark://api.day.app/key", "ntfy://topic", "schan://SCT123456abcdef"),
        "mailto://user:password@example.com",
    ],
)
def test_addresses_of_what_people_use_are_taken(address: str) -> None:
    chat_address.check(address)


@pytest.mark.parametrize(
    "address",
    ["geheim", "geheim://x", "wecombot://", "https://open.feishu.cn/geheim/x", "syslog://geheim", "dbus://geheim"],
)
def test_what_is_no_address_is_refused_without_telling_it(address: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(InvalidInput) as caught:
        chat_address.check(address)
    assert list(caught.value.fields) == ["address"]
    assert "geheim" not in caught.value.fields["address"].replace("geheim://", "")
    assert "geheim" not in caplog.text
