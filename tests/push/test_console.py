"""One line a message, in the reader's language, whatever the texts hold."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from facility_monitor.domain.message.notice import Notice
from facility_monitor.push.channel import Delivered, Message, TryLater
from facility_monitor.push.console import Console
from facility_monitor.push.wording import sentence
from tests.people import NOW, a_notice

SHANGHAI = ZoneInfo("Asia/Shanghai")


def message(notice: Notice | None = None, locale: str = "zh-CN", person: str | None = "李工") -> Message:
    return Message("m-1", notice or a_notice(), locale, person, NOW, 1, 7, 2, None, "terminal", None)


def printed(*messages: Message) -> str:
    stream = io.StringIO()
    console = Console(stream, SHANGHAI)
    assert [console.send(each) for each in messages] == [Delivered()] * len(messages)
    console.close()
    return stream.getvalue()


def test_a_line_says_when_where_what_how_far_what_to_do_and_to_whom() -> None:
    assert printed(message()) == (
        "16:00:00 【高】报警：翡翠花园 / 1 号配电房 · 湿度过高 · 87.4 %RH（限值 80 %RH） · 检查除湿机 → 发给 李工\n"
    )
    assert printed(message(locale="en", person="Li")) == (
        "16:00:00 [high] Alarm: Jade Garden / Distribution room 1 · Humidity too high · 87.4 %RH (limit 80 %RH)"
        " · Check the dehumidifier → to Li\n"
    )


def test_to_nobody_in_particular_it_names_nobody() -> None:
    assert "→" not in printed(message(person=None))


def test_line_breaks_and_terminal_codes_in_names_do_no_harm() -> None:
    evil = replace(a_notice(), title={"en": "a\nb\r\x1b[2Jc\u2028d\x07"})
    line = printed(message(evil, "en", "x\n\x1b]0;y"))
    assert line.count("\n") == 1
    assert "a b [2Jc d" in line
    assert "\x1b" not in line


def test_life_safety_stands_out() -> None:
    assert sentence(a_notice(life_safety=True), "zh-CN").startswith("【人身安全】报警：")
    assert sentence(a_notice(life_safety=True), "en").startswith("[life safety] Alarm: ")


@pytest.mark.parametrize(
    ("kind", "word", "to_do"),
    [
        ("alarm_reraised", "Alarm again", True),
        ("alarm_acknowledged", "Acknowledged", True),
        ("alarm_returned", "Back to normal", False),
        ("alarm_cleared", "Cleared", False),
        ("ticket_closed", "Ticket closed", False),
        ("of a later version", "of a later version", True),
    ],
)
def test_good_news_is_told_apart_and_asks_for_nothing(kind: str, word: str, to_do: bool) -> None:
    said = sentence(a_notice(kind), "en")
    assert said.startswith(f"[high] {word}: ")
    assert ("Check the dehumidifier" in said) == to_do


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"value": None, "limit": None}, " · Humidity too high · Check"),
        ({"limit": None}, " · 87.4 %RH · "),
        ({"value": 41.0, "limit": 40.0, "unit": "Cel", "shown_unit": "°C"}, " · 41 °C (limit 40 °C) · "),
        (
            {"value": 385_123.4, "limit": 4e5, "unit": "Pa", "shown_unit": "kPa", "shown_scale": 1e-3, "decimals": 1},
            " · 385.1 kPa (limit 400 kPa) · ",
        ),
        ({"value": 12.0, "limit": 12.25, "shown_unit": "L/s", "decimals": 1}, " · 12 L/s (limit 12.25 L/s) · "),
        ({"value": 1.0, "limit": 0.5, "unit": "1", "shown_unit": ""}, " · Humidity too high · Check"),
        ({"value": 2.0, "limit": 0.5, "unit": "1", "shown_unit": "pcs"}, " · 2 pcs · "),
        ({"value": 0.1 + 0.2, "unit": "m"}, " · 0.3 m (limit 80 m) · "),
        ({"response": {}}, "(limit 80 %RH)"),
    ],
)
def test_values_are_written_as_people_read_them(fields: dict[str, Any], words: str) -> None:
    assert words in sentence(replace(a_notice(), **fields), "en")


def test_a_terminal_without_chinese_shows_what_it_can() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "ascii")
    Console(stream, SHANGHAI).send(message())
    assert b"87.4 %RH" in raw.getvalue()


def test_a_terminal_that_is_gone_is_tried_later() -> None:
    stream = io.StringIO()
    stream.close()
    with pytest.raises(TryLater, match="console"):
        Console(stream, SHANGHAI).send(message())
