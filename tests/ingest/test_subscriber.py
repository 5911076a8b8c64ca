"""The subscriber towards a broker whose every byte is ours to choose."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from facility_monitor.ingest.subscriber import Received, Subscriber

CONNACK = b"\x20\x02\x00\x00"
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


def test_no_message_is_lost_behind_the_brokers_own_words_in_a_full_batch(script: Script) -> None:
    subscriber = Subscriber(f"mqtt://127.0.0.1:{script.port}", "slot", ["t"], lambda: time.time_ns() // 1000)
    until = time.monotonic() + 10
    while not subscriber.connected and time.monotonic() < until:
        assert subscriber.poll(0.05, 3) == []
    script.client.sendall(publish(1) + publish(2) + own_words(7) + publish(3) + publish(4) + own_words(8) + publish(5))
    heard: list[Received] = []
    while len(heard) < 5 and time.monotonic() < until:
        batch = subscriber.poll(0.05, 3)
        assert len(batch) <= 3
        heard += batch
    assert [(each.message_id, each.packet.payload) for each in heard] == [(n, bytes((n,))) for n in range(1, 6)]
    assert subscriber.broker == {"dropped": 8}
    subscriber.close()
