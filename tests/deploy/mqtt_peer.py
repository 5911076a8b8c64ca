"""An MQTT 3.1.1 client for tests: waits for the broker's answers and collects what arrives."""

from __future__ import annotations

import queue
import threading
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

_SECONDS = 5.0


class Refused(Exception):
    """The broker did not let the client in; the text is its reason."""


class Peer:
    """One connection, open inside a ``with`` block. ``url`` is mqtt://user:password@host:port."""

    def __init__(self, url: str, client_id: str = "", *, clean_session: bool = True) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        self._address = (parts.hostname, parts.port or 1883)
        self._answered = threading.Event()
        self._subscribed = threading.Event()
        self._reason: ReasonCode | None = None
        self.session_present = False
        self.arrived: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=clean_session)
        if parts.username:
            self.client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        self.client.on_connect = self._on_connect
        self.client.on_message = self._on_message
        self.client.on_subscribe = self._on_subscribe
        self.client.on_disconnect = self._on_disconnect
        self.disconnected = threading.Event()

    def __enter__(self) -> Self:
        self.client.connect(*self._address)
        self.client.loop_start()
        answered = self._answered.wait(_SECONDS)
        if not answered or self._reason is None or self._reason.is_failure:
            self.client.loop_stop()
            raise Refused(str(self._reason))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def subscribe(self, topics: str) -> None:
        """Subscribe with QoS 1 and wait until the broker has noted it."""
        self._subscribed.clear()
        self.client.subscribe(topics, qos=1)
        assert self._subscribed.wait(_SECONDS)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish with QoS 1 and wait for the PUBACK."""
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(_SECONDS)

    def next(self, seconds: float = _SECONDS) -> tuple[str, bytes] | None:
        """The next message, or None where none comes in time."""
        try:
            return self.arrived.get(timeout=seconds)
        except queue.Empty:
            return None

    def _on_connect(
        self, client: Client, userdata: object, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self._reason = reason
        self.session_present = flags.session_present
        self._answered.set()

    def _on_message(self, client: Client, userdata: object, message: MQTTMessage) -> None:
        self.arrived.put((message.topic, bytes(message.payload)))

    def _on_subscribe(
        self,
        client: Client,
        userdata: object,
        mid: int,
        reasons: list[ReasonCode],
        properties: Properties | None,
    ) -> None:
        self._subscribed.set()

    def _on_disconnect(
        self,
        client: Client,
        userdata: object,
        flags: DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self.disconnected.set()
