"""Web Push as a push service and a phone see it: proven, sealed, replaced by the next, and every answer understood."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from facility_monitor.bench.phone import Phone, base64url, point, proven
from facility_monitor.errors import Unavailable
from facility_monitor.flows.people import service_keys
from facility_monitor.push.channel import Delivered, Ended, Message, Refused, TryLater
from facility_monitor.push.lane import ORDINARY
from facility_monitor.push.web_push import PLAIN_BYTES, SHORT_BYTES, WebPush, topic
from facility_monitor.store.tables import channel
from tests.people import a_notice, new_channel, new_message, new_person
from tests.push.conftest import Answer, House, Receiver

VAPID = ec.generate_private_key(ec.SECP256R1())
KEY = base64url(point(VAPID.public_key()))


@pytest.fixture(scope="module")
def web_push() -> Iterator[WebPush]:
    web_push = WebPush(lambda: VAPID, "https://fm.example", loopback=True, read_timeout=0.3)
    yield web_push
    web_push.close()


@pytest.fixture
def phone() -> Phone:
    return Phone()


def message(address: str, phone: Phone, **changed: Any) -> Message:
    fields: dict[str, Any] = {
        "id": "20260302T080000000000-7",
        "notice": a_notice(),
        "locale": "en",
        "person": "Li",
        "created_at": datetime.now(UTC),
        "ledger_id": 41,
        "alarm_id": 7,
        "urgency": 2,
        "token": "t-o-k-e-n",
        "address": address,
        "secret": phone.secret,
    }
    return Message(**(fields | changed))


def test_a_push_service_takes_it_and_the_phone_alone_can_read_it(
    web_push: WebPush, receiver: Receiver, phone: Phone
) -> None:
    endpoint = receiver.answer("/send/abc", Answer(201, {"location": "/m/1"}))
    assert web_push.send(message(endpoint, phone)) == Delivered("/m/1")
    (request,) = receiver.requests
    assert proven(request, KEY, receiver.url, datetime.now(UTC))["sub"] == "https://fm.example"
    told = phone.opened(request)
    assert told["title"] == "[high] Alarm: Humidity too high"
    assert told["body"].splitlines() == [
        "Jade Garden / Distribution room 1",
        "87.4 %RH (limit 80 %RH)",
        "Check the dehumidifier",
    ]
    assert (told["tag"], told["path"], told["token"], told["acknowledge"]) == (
        "alarm-7",
        "/alarms/7",
        "t-o-k-e-n",
        True,
    )
    assert "Humidity" not in request.body.decode("latin-1")
    assert (request.headers["topic"], request.headers["urgency"], request.headers["ttl"]) == (
        "alarm-7",
        "high",
        "43200",
    )


@pytest.mark.parametrize(
    ("urgency", "pace", "hours"), [(0, "high", 24), (1, "high", 24), (3, "normal", 4), (4, "low", 4)]
)
def test_what_is_urgent_wakes_the_phone_and_waits_longer(
    web_push: WebPush, receiver: Receiver, phone: Phone, urgency: int, pace: str, hours: int
) -> None:
    web_push.send(message(receiver.url, phone, urgency=urgency))
    (request,) = receiver.requests
    assert (request.headers["urgency"], request.headers["ttl"]) == (pace, str(hours * 3600))


def test_a_tag_that_is_no_topic_gets_one_of_its_own() -> None:
    assert topic("alarm-7") == "alarm-7"
    assert topic("报警 7") == topic("报警 7") != topic("报警 8")
    assert len(topic("x" * 99)) == 32


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_has_ended_is_told_apart(
    web_push: WebPush, receiver: Receiver, phone: Phone, status: int
) -> None:
    with pytest.raises(Ended, match="the subscription has ended"):
        web_push.send(message(receiver.answer("/", Answer(status)), phone))


def test_what_is_too_large_is_sent_once_more_and_shorter(web_push: WebPush, receiver: Receiver, phone: Phone) -> None:
    long = a_notice()
    long = replace(long, response={"en": "请检查 " * 3000}, place={"en": "p" * 100})
    web_push.send(message(receiver.answer("/", Answer(413), Answer(201)), phone, notice=long))
    first, second = (phone.opened(request) for request in receiver.requests)
    assert len(receiver.requests[0].body) <= 4096
    assert len(receiver.requests[1].body) < SHORT_BYTES + 200 < PLAIN_BYTES
    assert first["body"].endswith("…")
    assert {**first, "body": second["body"]} == second
    with pytest.raises(Refused, match="413"):
        web_push.send(message(receiver.answer("/", Answer(413)), phone))
    assert len(receiver.requests) == 4


def test_one_that_asks_for_a_pause_is_heard(web_push: WebPush, receiver: Receiver, phone: Phone) -> None:
    with pytest.raises(TryLater) as caught:
        web_push.send(message(receiver.answer("/", Answer(429, {"retry-after": "17"})), phone))
    assert caught.value.retry_after == timedelta(seconds=17)


@pytest.mark.parametrize("status", [500, 503])
def test_a_fault_of_the_push_service_is_tried_later(
    web_push: WebPush, receiver: Receiver, phone: Phone, status: int
) -> None:
    with pytest.raises(TryLater, match=str(status)):
        web_push.send(message(receiver.answer("/", Answer(status)), phone))


@pytest.mark.parametrize("status", [400, 401, 403, 302])
def test_other_refusals_are_final_but_leave_the_subscription(
    web_push: WebPush, receiver: Receiver, phone: Phone, status: int
) -> None:
    with pytest.raises(Refused) as caught:
        web_push.send(message(receiver.answer("/", Answer(status, {"location": receiver.url + "/x"})), phone))
    assert not isinstance(caught.value, Ended)
    assert len(receiver.requests) == 1


def test_a_push_service_that_hangs_is_left_in_time(web_push: WebPush, receiver: Receiver, phone: Phone) -> None:
    started = time.monotonic()
    with pytest.raises(TryLater, match="ReadTimeout"):
        web_push.send(message(receiver.answer("/", Answer(hangs=True)), phone))
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "address",
    [
        *(
            "http://push.example/x",
            "https://127.0.0.1/x",
            "https://10.0.0.8/x",
            "https://[::1]/x",
            "https://localhost/x",
        ),
        *("https://169.254.169.254/latest", "https://intranet/x", "ftp://push.example/x", "https://u:p@push.example/x"),
    ],
)
def test_what_could_lead_inside_is_never_asked(phone: Phone, address: str) -> None:
    channel = WebPush(lambda: VAPID, "https://fm.example")
    with pytest.raises(Ended, match="endpoint"):
        channel.send(message(address, phone))
    channel.close()


def test_a_public_name_that_leads_inside_is_not_followed(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("192.168.0.1", 443))])
    channel = WebPush(lambda: VAPID, "https://fm.example")
    with pytest.raises(TryLater, match="not public"):
        channel.send(message("https://push.example/x", phone))
    channel.close()


def test_keys_that_nothing_can_be_sealed_for_end_the_subscription(web_push: WebPush, phone: Phone) -> None:
    for secret in (None, "{}", "no json", phone.secret.replace('"auth": "', '"auth": "AAAA')):
        with pytest.raises(Ended):
            web_push.send(message("http://127.0.0.1:9/", phone, secret=secret))


def test_without_the_service_s_key_it_waits(receiver: Receiver, phone: Phone) -> None:
    def away() -> ec.EllipticCurvePrivateKey:
        raise Unavailable("database: away")

    channel = WebPush(away, "https://fm.example", loopback=True)
    with pytest.raises(TryLater, match="database: away"):
        channel.send(message(receiver.url, phone))
    channel.close()
    assert receiver.requests == []


def test_no_log_holds_the_endpoint_or_the_keys(
    web_push: WebPush, receiver: Receiver, phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = message(receiver.url + "/geheim", phone)
    web_push.send(told)
    for text in (caplog.text, repr(told)):
        assert "geheim" not in text
        assert "t-o-k-e-n" not in text
        assert phone.keys["auth"] not in text


def test_a_subscription_that_has_ended_is_dropped_and_the_message_stands_as_failed(
    house: House, receiver: Receiver, phone: Phone
) -> None:
    with house.database.transaction() as tx:
        key = service_keys.vapid_key(tx, datetime.now(UTC))
        public = service_keys.application_server_key(tx, datetime.now(UTC))
        person = new_person(tx)
        address = receiver.answer("/", Answer(201), Answer(410))
        number = new_channel(tx, person, kind="web_push", address=address, secret=phone.secret)
        first = new_message(tx, number, datetime.now(UTC), person_id=person)
    web_push = WebPush(lambda: key, "https://fm.example", loopback=True)
    house.worker(ORDINARY, channels={"web_push": web_push})
    house.settled(first)
    with house.database.transaction() as tx:
        second = new_message(tx, number, datetime.now(UTC), person_id=person)
    assert "the subscription has ended" in house.settled(second, "failed").error
    with house.database.transaction() as tx:
        row = tx.execute(channel.select()).one()
    assert (row.enabled, row.version) == (False, 2)
    assert "410 Gone" in row.ended
    proven(receiver.requests[0], public, receiver.url, datetime.now(UTC))
    assert phone.opened(receiver.requests[0])["token"] is not None
    web_push.close()
