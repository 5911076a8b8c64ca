"""A broker of each test's own, and a publisher that knows what was acknowledged to it."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from facility_monitor.demo.embedded import EmbeddedBroker
from facility_monitor.store.database import Database
from tests.flows.conftest import small_site

AT = time.time_ns() // 1_000_000 - 7_200_000
"""Two hours ago, in milliseconds since 1970: event times that are not too late to be stored."""


@pytest.fixture
def own_broker() -> Iterator[EmbeddedBroker]:
    """A broker that nobody else uses; Mosquitto where it is installed, else amqtt."""
    with (
        tempfile.TemporaryDirectory(prefix="fm-", ignore_cleanup_errors=True) as folder,
        EmbeddedBroker(Path(folder)) as running,
    ):
        yield running


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the small site of the flows' tests."""
    database = Database(database_url, pool=4)
    with database.transaction() as tx:
        small_site(tx)
    yield database
    database.close()


class Publisher:
    """Publishes with QoS 1 and remembers what the broker took on."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self.acknowledged = 0
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.username_pw_set(where.username, where.password)
        self._client.on_publish = self._on_publish
        self._client.connect(where.hostname or "", where.port or 1883)
        self._client.loop_start()

    def _on_publish(self, *_: Any) -> None:
        self.acknowledged += 1

    def send(self, topic: str, payload: bytes | str | dict[str, Any], *, retain: bool = False) -> None:
        body = json.dumps(payload) if isinstance(payload, dict) else payload
        self._client.publish(topic, body, qos=1, retain=retain).wait_for_publish(10)

    def send_many(self, messages: list[tuple[str, dict[str, Any]]]) -> None:
        infos = [self._client.publish(topic, json.dumps(body), qos=1) for topic, body in messages]
        for info in infos:
            info.wait_for_publish(30)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def publisher(own_broker: EmbeddedBroker) -> Iterator[Publisher]:
    made = Publisher(own_broker.simulators_url)
    yield made
    made.close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool], float], None]:
    """``eventually(condition, seconds)`` waits for a condition and fails when it does not come about."""

    def wait(condition: Callable[[], bool], seconds: float = 10.0) -> None:
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, "it did not come about"
            time.sleep(0.02)

    return wait
