"""A real broker for the simulators to publish to."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.simulators.broker import Listener, RestartableBroker


@pytest.fixture
def own_broker(mosquitto: Path, tmp_path: Path) -> Iterator[RestartableBroker]:
    """A Mosquitto of this test's own on a free loopback port, open to everybody until it is told otherwise."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    broker = RestartableBroker(mosquitto, port, tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def listen(own_broker: RestartableBroker) -> Iterator[Callable[[], Listener]]:
    """Starts listeners on the broker; closes them at the end."""
    listeners: list[Listener] = []

    def start() -> Listener:
        listeners.append(Listener(own_broker.port))
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.close()
