"""The subscriber towards a broker whose every byte is ours to choose."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from facility_monitor.ingest.subscriber import Received, Subscriber

CONNACK = b"\x20\x02\x00\x00"
PINGRESP = b"\xd0\x00"
OWN_WORDS = b"$SYS/broker/publish/messages/dropped"


def publish(number: int) -> bytes:
    """A message with QoS 1 whose id and payload are ``number``."""
    return bytes((0x32, 6, 0, 1)) + b"t" + number.to_bytes(2, "big") + bytes((number,))


def own_words(count: int) -> bytes:
    body = len(OWN_WORDS).to_bytes(2, "big") + OWN_WORDS + str(count).encode()
    return bytes((0x30, len(body))) + body


class Script:
    """Lets one client in, grants what it asks for, then says what the test tells it to."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._granted = threading.Event()
        self._thread = threading.Thread(target=self._admit)
        self._thread.start()

    def _admit(self) -> None:
        self.client, _ = self._listening.accept()
        self._packet()
        self.client.sendall(CONNACK)
        for qos in (b"\x01", b"\x00" * 5):
            asked = self._packet()
            self.client.sendall(bytes((0x90, 2 + len(qos))) + asked[:2] + qos)
        self._granted.set()

    def _packet(self) -> bytes:
        """The body of the next packet, which is shorter than 16 kB."""
        head = self.client.recv(2, socket.MSG_WAITALL)
        length = head[1]
        if length & 0x80:
            length = (length & 0x7F) | self.client.recv(1)[0] << 7
        return self.client.recv(length, socket.MSG_WAITALL)

    def close(self) -> None:
        self._thread.join()
        self.client.close()
        self._listening.close()


@pytest.fixture
def script() -> Iterator[Script]:
    script = Script()
    yield script
    script.close()


@pytest.fixture
def subscriber(script: Script) -> Iterator[Subscriber]:
    """One that is connected, by a clock that counts how often it was read."""
    reads = itertools.count(1)
    made = Subscriber(f"mqtt://127.0.0.1:{script.port}", "slot", ["t"], lambda: next(reads))
    until = time.monotonic() + 10
    while not made.connected and time.monotonic() < until:
        assert made.poll(0.05, 3) == []
    yield made
    made.close()


def take(subscriber: Subscriber, count: int) -> list[Received]:
    heard: list[Received] = []
    until = time.monotonic() + 10
    while len(heard) < count and time.monotonic() < until:
        batch = subscriber.poll(0.05, 3)
        assert len(batch) <= 3
        heard += batch
    assert len(heard) == count
    return heard


def hears(subscriber: Subscriber) -> bool:
    """Whether the next answer tells that everything has come."""
    before = subscriber.heard
    for _ in range(4):
        assert subscriber.poll(0.1, 3) == []
    return subscriber.heard > before


def test_everything_has_been_heard_only_behind_an_answer_that_was_asked_for(
    script: Script, subscriber: Subscriber
) -> None:
    script.client.sendall(publish(1) + publish(2) + PINGRESP)
    subscriber.acknowledge(take(subscriber, 2))
    assert not hears(subscriber), "two had no acknowledgement: for all we know the broker sends no more at a time"
    script.client.sendall(publish(3) + PINGRESP)
    (third,) = take(subscriber, 1)
    assert subscriber.poll(0.1, 3) == []
    assert 0 < subscriber.heard < third.packet.received_at, "up to when we asked: more may have come since"
    assert not hears(subscriber), "nobody has answered"
    script.client.sendall(publish(4) + PINGRESP)
    take(subscriber, 1)
    assert not hears(subscriber), "again two have no acknowledgement"


def test_a_broker_that_answers_no_more_is_left(
    script: Script, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("facility_monitor.ingest.subscriber.ANSWER_S", 0.5)
    until = time.monotonic() + 10
    while subscriber.connected and time.monotonic() < until:
        subscriber.poll(0.05, 3)
    assert not subscriber.connected
    assert not subscriber.contested


def test_no_message_is_lost_behind_the_brokers_own_words_in_a_full_batch(
    script: Script, subscriber: Subscriber
) -> None:
    script.client.sendall(publish(1) + publish(2) + own_words(7) + publish(3) + publish(4) + own_words(8) + publish(5))
    heard = take(subscriber, 5)
    assert [(each.message_id, each.packet.payload) for each in heard] == [(n, bytes((n,))) for n in range(1, 6)]
    assert subscriber.broker == {"dropped": 8}


def test_a_broker_that_was_away_in_between_is_no_rival(
    script: Script, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("facility_monitor.ingest.subscriber.CONTESTED", 1)
    script.close()
    found: list[bool] = []  # at first, for all we know, somebody has taken our name; then nobody was there to take it
    until = time.monotonic() + 10
    while found[-2:] != [True, False] and time.monotonic() < until:
        subscriber.poll(0.05, 3)
        found.append(subscriber.contested)
    assert found[-2:] == [True, False]
