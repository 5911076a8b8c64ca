"""A real Mosquitto that a test may stop and start again, and a listener on it."""

from __future__ import annotations

import contextlib
import getpass
import socket
import subprocess
import threading
import time
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion


class RestartableBroker:
    def __init__(self, program: Path, port: int, folder: Path) -> None:
        self.port = port
        self.url = f"mqtt://127.0.0.1:{port}"
        self.settings = ["allow_anonymous true"]
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        config = self._folder / "mosquitto.conf"
        own = [f"listener {self.port} 127.0.0.1", f"user {getpass.getuser()}"]
        config.write_text("\n".join([*own, *self.settings, ""]))
        self._process = subprocess.Popen([str(self._program), "-c", str(config)], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=0.2):
                return
            time.sleep(0.02)
        raise AssertionError("mosquitto did not open its port within 5 s")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(5)
            self._process = None


class Listener:
    """A subscriber to everything that keeps what it got: (topic, payload, retained)."""

    def __init__(self, port: int) -> None:
        self.got: list[tuple[str, bytes, bool]] = []
        subscribed = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.on_message = lambda _client, _data, message: self.got.append(
            (message.topic, bytes(message.payload), message.retain)
        )
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("#", qos=1)
        self._client.loop_start()
        assert subscribed.wait(5)

    def wait_for(self, count: int, seconds: float = 5.0) -> None:
        """Until so many messages came, or the time is over."""
        deadline = time.monotonic() + seconds
        while len(self.got) < count and time.monotonic() < deadline:
            time.sleep(0.01)

    def payloads(self, topic: str) -> list[bytes]:
        return [payload for got, payload, _ in self.got if got == topic]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
