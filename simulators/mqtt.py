"""Publishing to a broker: QoS 1, a bounded window of unacknowledged messages, nothing lost over a reconnect.

paho keeps what is unacknowledged and sends it again after a reconnect. All bookkeeping stands in the caller's thread:
the network threads only put packet identifiers into a queue, because paho calls back while it holds its own locks.
"""

from __future__ import annotations

import queue
import ssl
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from simulators.errors import SimulatorError
from simulators.message import Packet, status_packet, status_topic
from simulators.sinks import as_line

SLICE_S = 0.2
"""Longest wait in seconds before the stop signal is looked at again."""


@dataclass(frozen=True)
class Broker:
    host: str
    port: int
    tls: bool
    username: str | None
    password: str | None = field(repr=False)
    cafile: str | None = None

    @classmethod
    def from_url(cls, url: str, *, cafile: str | None = None) -> Broker:
        """From mqtt://user:password@host:port or mqtts://...; raises SimulatorError, never showing the password."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise SimulatorError("--mqtt: the port is not a number") from error
        if parts.scheme not in ("mqtt", "mqtts") or not host or parts.path.strip("/") or parts.query or parts.fragment:
            raise SimulatorError("--mqtt must look like mqtt://user:password@host:port or mqtts://host:port")
        tls = parts.scheme == "mqtts"
        username = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        return cls(host, port or (8883 if tls else 1883), tls, username, password, cafile)

    def __str__(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


class Publisher:
    """A sink that publishes over one connection, or over one for each device under its own user name."""

    def __init__(
        self,
        broker: Broker,
        site: str,
        stop: threading.Event,
        *,
        connection_per_device: bool = False,
        passwords: Mapping[str, str] | None = None,
        window: int = 200,
        connect_timeout_s: float = 10.0,
        record: TextIO | None = None,
        status: bool = True,
        farewell: bool = True,
    ) -> None:
        """`passwords` by device code; a device without one uses the broker's. `window` bounds unacknowledged messages.

        `record` gets a JSON line for each acknowledged message. `status` publishes the devices' state, and with
        `farewell` that they go offline in the end.
        """
        self._broker = broker
        self._site = site
        self._stop = stop
        self._connection_per_device = connection_per_device
        self._passwords = passwords or {}
        self._window = window
        self._connect_timeout_s = connect_timeout_s
        self._record = record
        self._status = status
        self._farewell = farewell
        self._devices: Sequence[str] = ()
        self._clients: dict[str, paho.Client] = {}
        self._connected: dict[str, int] = {}
        self._refused: str | None = None
        self._acks: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        self._pending: dict[tuple[str, int], Packet] = {}
        self._counts = {"published": 0, "acknowledged": 0, "status_published": 0, "status_acknowledged": 0}

    def open(self, devices: Sequence[str]) -> None:
        self._devices = devices
        for name in devices if self._connection_per_device else [""]:
            self._clients[name] = self._client(name)
        for client in self._clients.values():
            client.connect_async(self._broker.host, self._broker.port, keepalive=20)
            client.loop_start()
        deadline = time.monotonic() + self._connect_timeout_s
        while len(self._connected) < len(self._clients) and not self._stop.is_set():
            if self._refused or time.monotonic() > deadline:
                self._disconnect()
                why = self._refused or f"no connection within {self._connect_timeout_s:g} s"
                raise SimulatorError(f"cannot connect to {self._broker}: {why}")
            time.sleep(0.01)
        if not self._connection_per_device:
            # A device's own connection does this in its on_connect, after every reconnect too.
            self._send_status("online")

    def send(self, packet: Packet) -> None:
        while len(self._pending) >= self._window and not self._stop.is_set():
            self._take_acks(SLICE_S)
        key = packet.device if self._connection_per_device else ""
        client = self._clients[key]
        info = client.publish(packet.topic, packet.payload, qos=1, retain=packet.retain)
        while info.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            # The packet identifier is still in use by a message from 65,535 messages ago.
            self._take_acks(SLICE_S)
            info = client.publish(packet.topic, packet.payload, qos=1, retain=packet.retain)
        self._pending[key, info.mid] = packet
        self._counts["published" if packet.telemetry else "status_published"] += 1
        self._take_acks(0.0)

    def wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._stop.is_set() and (left := deadline - time.monotonic()) > 0:
            self._take_acks(min(left, SLICE_S))

    def close(self, patience_s: float) -> dict[str, int]:
        deadline = time.monotonic() + patience_s
        self._settle(deadline)
        if self._connected and self._farewell:
            self._send_status("offline")
            self._settle(deadline)
        self._disconnect()
        reconnects = sum(self._connected.values()) - len(self._connected)
        return {**self._counts, "reconnects": reconnects}

    def _client(self, name: str) -> paho.Client:
        broker = self._broker
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=name or f"simulators-{uuid.uuid4().hex[:12]}", protocol=paho.MQTTv311
        )
        username = name or broker.username
        if username:
            client.username_pw_set(username, self._passwords.get(name, broker.password))
        if broker.tls:
            try:
                client.tls_set_context(ssl.create_default_context(cafile=broker.cafile))
            except OSError as error:
                raise SimulatorError(f"--cafile {broker.cafile}: {error}") from error
        if name and self._status:
            client.will_set(status_topic(self._site, name), b'{"state":"offline"}', qos=1, retain=True)
        client.max_inflight_messages_set(self._window)
        client.reconnect_delay_set(1, 8)
        client.connect_timeout = 3.0

        def on_connect(_client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
            if reason.is_failure:
                self._refused = str(reason)
                return
            self._connected[name] = self._connected.get(name, 0) + 1
            if name and self._status:
                birth = status_packet(self._site, name, "online", 0.0, ts=time.time())
                _client.publish(birth.topic, birth.payload, qos=1, retain=True)

        client.on_connect = on_connect
        client.on_publish = lambda _client, _data, mid, _reason, _properties: self._acks.put((name, mid))
        return client

    def _send_status(self, state: str) -> None:
        if self._status:
            now = time.time()
            for device in self._devices:
                self.send(status_packet(self._site, device, state, now, ts=now))

    def _take_acks(self, patience_s: float) -> None:
        """Waits at most `patience_s` seconds for an acknowledgement, then takes all that are there."""
        try:
            key = self._acks.get(timeout=patience_s) if patience_s > 0 else self._acks.get_nowait()
            while True:
                packet = self._pending.pop(key, None)
                if packet is not None:
                    self._acknowledged(packet)
                key = self._acks.get_nowait()
        except queue.Empty:
            return

    def _acknowledged(self, packet: Packet) -> None:
        self._counts["acknowledged" if packet.telemetry else "status_acknowledged"] += 1
        if self._record is not None and packet.telemetry:
            print(as_line(packet), file=self._record)

    def _settle(self, deadline: float) -> None:
        while self._pending and (left := deadline - time.monotonic()) > 0:
            self._take_acks(min(left, SLICE_S))

    def _disconnect(self) -> None:
        # All first, so that those which wait for a reconnect wake up together.
        for client in self._clients.values():
            client.disconnect()
        for client in self._clients.values():
            client.loop_stop()
