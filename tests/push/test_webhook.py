"""A webhook is a signed POST; what the answer means is decided by its status alone."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from facility_monitor.domain.message.signature import verify
from facility_monitor.push.channel import Delivered, Message, Refused, TryLater
from facility_monitor.push.webhook import Webhook
from facility_monitor.push.wire import BODY_BYTES
from tests.people import NOW, SECRET, a_notice
from tests.push.conftest import Answer, Receiver


@pytest.fixture(scope="module")
def webhook() -> Iterator[Webhook]:
    webhook = Webhook("https://fm.example/", read_timeout=0.3, clock=lambda: NOW)
    yield webhook
    webhook.close()


def message(address: str, **changed: Any) -> Message:
    fields: dict[str, Any] = {
        "id": "20260302T080000000000-7",
        "notice": a_notice(),
        "locale": "zh-CN",
        "person": None,
        "created_at": NOW - timedelta(milliseconds=5),
        "ledger_id": 41,
        "alarm_id": 7,
        "urgency": 2,
        "token": None,
        "address": address,
        "secret": SECRET,
    }
    return Message(**(fields | changed))


def test_the_receiver_gets_a_signed_document(webhook: Webhook, receiver: Receiver) -> None:
    assert webhook.send(message(receiver.url + "/hook?token=t")) == Delivered()
    (request,) = receiver.requests
    assert request.path == "/hook?token=t"
    assert request.headers["content-type"] == "application/json"
    assert verify(SECRET, request.headers, request.body, NOW) == "20260302T080000000000-7"
    assert json.loads(request.body) == {
        "type": "alarm_raised",
        "timestamp": "2026-03-02T07:59:59.995000Z",
        "data": {
            **a_notice().as_json(),
            "ledger_id": 41,
            "alarm_id": 7,
            "link": "https://fm.example/alarms/7",
        },
    }


def test_without_a_public_address_there_is_no_link(receiver: Receiver) -> None:
    webhook = Webhook()
    webhook.send(message(receiver.url))
    webhook.close()
    assert json.loads(receiver.requests[0].body)["data"]["link"] is None


def test_the_connection_serves_the_next_message_too(webhook: Webhook, receiver: Receiver) -> None:
    receiver.answer("/", Answer(204), Answer(200, body=b"ok"), Answer(404, body=b"no"), Answer())
    for _ in range(2):
        webhook.send(message(receiver.url + "/"))
    with pytest.raises(Refused):
        webhook.send(message(receiver.url + "/"))
    webhook.send(message(receiver.url + "/"))
    assert receiver.connections == 1


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_2xx_is_delivered(webhook: Webhook, receiver: Receiver, status: int) -> None:
    assert webhook.send(message(receiver.answer("/", Answer(status)))) == Delivered()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 413, 422])
def test_other_4xx_are_refusals_for_good(webhook: Webhook, receiver: Receiver, status: int) -> None:
    with pytest.raises(Refused, match=f"answered {status} "):
        webhook.send(message(receiver.answer("/", Answer(status))))


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_may_pass_is_tried_later(webhook: Webhook, receiver: Receiver, status: int) -> None:
    with pytest.raises(TryLater, match=f"answered {status}") as caught:
        webhook.send(message(receiver.answer("/", Answer(status))))
    assert caught.value.retry_after is None


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta()),
        (format_datetime(NOW + timedelta(minutes=3), usegmt=True), timedelta(minutes=3)),
        (format_datetime(NOW - timedelta(minutes=3), usegmt=True), timedelta()),
        ("9" * 30, timedelta(seconds=10**9)),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(
    webhook: Webhook, receiver: Receiver, status: int, value: str, wait: timedelta | None
) -> None:
    with pytest.raises(TryLater) as caught:
        webhook.send(message(receiver.answer("/", Answer(status, {"retry-after": value}))))
    assert caught.value.retry_after == wait


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(webhook: Webhook, receiver: Receiver, status: int) -> None:
    elsewhere = {"location": receiver.url + "/elsewhere"}
    with pytest.raises(Refused, match="redirects are not followed"):
        webhook.send(message(receiver.answer("/", Answer(status, elsewhere))))
    assert [each.path for each in receiver.requests] == ["/"]


def test_a_receiver_that_hangs_is_left_in_time(webhook: Webhook, receiver: Receiver) -> None:
    started = time.monotonic()
    with pytest.raises(TryLater, match="ReadTimeout"):
        webhook.send(message(receiver.answer("/", Answer(hangs=True))))
    assert time.monotonic() - started < 2


def test_a_refused_connection_is_tried_later(webhook: Webhook) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/hook?token=geheim"
        with pytest.raises(TryLater, match="ConnectError: Connection refused") as caught:
            webhook.send(message(address))
    assert "geheim" not in str(caught.value)


def test_a_name_that_nobody_knows_is_tried_later(webhook: Webhook) -> None:
    with pytest.raises(TryLater, match="ConnectError"):
        webhook.send(message("http://no-such-host.invalid/"))


def test_a_receiver_that_hangs_up_is_tried_later(webhook: Webhook) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: server.accept()[0].close())
        thread.start()
        with pytest.raises(TryLater, match=r"RemoteProtocolError|ReadError|WriteError"):
            webhook.send(message(f"http://127.0.0.1:{server.getsockname()[1]}/"))
        thread.join()


def test_of_a_huge_body_only_a_part_is_read(webhook: Webhook, receiver: Receiver) -> None:
    huge = Answer(200, body=bytes(64 * BODY_BYTES))
    assert webhook.send(message(receiver.answer("/", huge))) == Delivered()
    webhook.send(message(receiver.url + "/"))
    assert receiver.connections == 2  # the first was cut off, not read to its end


def test_a_body_that_never_ends_does_not_hold_the_sender(webhook: Webhook, receiver: Receiver) -> None:
    short = Answer(200, {"content-length": "100"})  # the promised bytes do not come
    started = time.monotonic()
    assert webhook.send(message(receiver.answer("/", short))) == Delivered()
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"secret": None}, "no secret"),
        ({"secret": "geheim"}, "secret is unusable: a secret has at least 16 bytes"),
        ({"address": "ftp://x/"}, "not http"),
        ({"address": "hook"}, "not http"),
        ({"address": "http://"}, "not http"),
        ({"address": "http://[::1"}, "no URL"),
        ({"address": "http://x:99999/"}, "not http"),
        ({"address": "http://user:geheim@127.0.0.1/"}, "holds a password"),
    ],
)
def test_a_channel_that_cannot_work_is_refused_without_telling_its_secrets(
    webhook: Webhook, changed: dict[str, Any], why: str
) -> None:
    with pytest.raises(Refused, match=why) as caught:
        webhook.send(message(**({"address": "http://127.0.0.1:9/"} | changed)))
    assert "geheim" not in str(caught.value)


def test_cookies_of_one_receiver_go_to_nobody(webhook: Webhook, receiver: Receiver) -> None:
    receiver.answer("/", Answer(200, {"set-cookie": "a=b"}))
    webhook.send(message(receiver.url + "/"))
    webhook.send(message(receiver.url + "/"))
    assert "cookie" not in {name.lower() for name in receiver.requests[1].headers}


def test_no_log_and_no_text_holds_the_address_or_the_secret(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    webhook = Webhook()
    hook = message(receiver.url + "/hook?token=geheim")
    webhook.send(hook)
    webhook.close()
    assert "geheim" not in caplog.text
    assert SECRET not in caplog.text
    assert "geheim" not in repr(hook)
    assert SECRET not in repr(hook)


def test_each_try_is_signed_anew_under_the_same_id(receiver: Receiver) -> None:
    moments = iter([NOW, NOW + timedelta(minutes=10)])
    webhook = Webhook(clock=lambda: next(moments))
    for _ in range(2):
        webhook.send(message(receiver.url))
    webhook.close()
    first, second = receiver.requests
    assert first.id == second.id
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 600
    assert verify(SECRET, second.headers, second.body, datetime.fromtimestamp(NOW.timestamp() + 600, UTC)) == first.id
