"""The MQTT connection of one slot. The only file that knows the client library.

MQTT 3.1.1 with a persistent session: what is not acknowledged comes again, in order, after a reconnect. Everything
happens in the caller's thread; there is no network thread to wait for or to fight with.
"""

from __future__ import annotations

import logging
import select
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import MQTT_ERR_SUCCESS, Client, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from facility_monitor.domain.instant import Instant
from facility_monitor.domain.telemetry import Packet

log = logging.getLogger(__name__)

KEEPALIVE_S = 30
LONGEST_WAIT_S = 8.0
"""Reconnects are tried after 0.25 s, then ever later, up to this."""


class Received(NamedTuple):
    """A packet that waits for its acknowledgement, on the connection numbered ``epoch``."""

    packet: Packet
    message_id: int
    epoch: int


class Subscriber:
    """Receives with QoS 1 and acknowledges only what it is told to. For one thread."""

    refusal: str | None = None
    """Why the broker, or the network, did not let us in at the last try."""

    def __init__(
        self, url: str, client_id: str, filters: Iterable[str], clock: Callable[[], Instant], *, lasting: bool = True
    ) -> None:
        """``url`` is mqtt[s]://[user:password@]host[:port]; ``clock`` gives the time of receipt.

        Without ``lasting`` the broker keeps nothing for this client when it has gone.
        """
        self._url = urlsplit(url)
        self._filters = list(filters)
        self._clock = clock
        self._inbox: list[Received] = []
        self._epoch = 0
        self._subscribed = False
        self._retry_at = 0.0
        self._wait = 0.25
        self._client = self._make(client_id, lasting)

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted the connection and the subscriptions."""
        return self._subscribed

    def poll(self, timeout: float, most: int) -> list[Received]:
        """What has arrived within ``timeout`` seconds, in order, ``most`` at most; returns at once when something has.

        Connects, and connects again after a loss, by itself; never raises for what the network does.
        """
        if self._client.socket() is None and not self._connect(timeout):
            return []
        connection: Any = self._client.socket()
        pending = getattr(connection, "pending", None)
        if not (pending and pending()):
            select.select([connection], [connection] if self._client.want_write() else [], [], timeout)
        if self._client.want_write():
            self._client.loop_write()
        while self._client.socket() is not None:
            had = len(self._inbox)
            if had >= most or self._client.loop_read() != MQTT_ERR_SUCCESS or len(self._inbox) == had:
                break
        self._client.loop_misc()
        arrived, self._inbox = self._inbox, []
        return arrived

    def acknowledge(self, received: Sequence[Received]) -> None:
        """Acknowledge in the order given. What came on an earlier connection is left out: it comes again.

        So is what was published with QoS 0, under message id 0: nobody waits for its acknowledgement.
        """
        for each in received:
            if each.message_id and each.epoch == self._epoch and self._subscribed:
                self._client.ack(each.message_id, 1)

    def publish(self, topic: str, payload: bytes) -> None:
        """Send with QoS 0, not retained; without a connection nothing is sent. Raises nothing for a topic of a device.

        For what may be lost: the next occasion brings it again.
        """
        if self._client.is_connected():
            self._client.publish(topic, payload)

    def subscribe(self, filters: Iterable[str]) -> None:
        """Subscribe to ``filters`` from now on; those that are no longer wanted are dropped."""
        wanted = list(filters)
        gone = [each for each in self._filters if each not in wanted]
        new = [each for each in wanted if each not in self._filters]
        self._filters = wanted
        if self._client.is_connected():
            if gone:
                self._client.unsubscribe(gone)
            if new:
                self._client.subscribe([(each, 1) for each in new])

    def close(self) -> None:
        """Leave; the broker keeps the session and what is not acknowledged."""
        self._client.disconnect()

    def _make(self, client_id: str, lasting: bool) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2, client_id, clean_session=not lasting, protocol=MQTTv311, manual_ack=True
        )
        client.connect_timeout = 5.0
        client.enable_logger(log.getChild("paho"))
        if self._url.username:
            client.username_pw_set(unquote(self._url.username), unquote(self._url.password or ""))
        if self._url.scheme == "mqtts":
            client.tls_set()
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _connect(self, timeout: float) -> bool:
        wait = self._retry_at - time.monotonic()
        if wait > 0:
            time.sleep(min(wait, timeout))
            return False
        self._retry_at = time.monotonic() + self._wait
        self._wait = min(self._wait * 2, LONGEST_WAIT_S)
        port = self._url.port or (8883 if self._url.scheme == "mqtts" else 1883)
        try:
            return self._client.connect(self._url.hostname or "", port, KEEPALIVE_S) == MQTT_ERR_SUCCESS
        except OSError as error:
            self.refusal = str(error)
            log.warning("broker %s:%s: %s", self._url.hostname, port, error)
            return False

    def _on_connect(self, client: Client, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        self._epoch += 1
        self._inbox.clear()
        if reason.is_failure:
            self.refusal = str(reason)
            log.error("the broker refuses the connection: %s", reason)
            return
        client.subscribe([(each, 1) for each in self._filters])

    def _on_subscribe(self, _client: Client, _data: object, _id: int, reasons: Any, _properties: object) -> None:
        if any(reason.is_failure for reason in reasons):
            log.error("the broker refuses a subscription of %s", self._filters)
        self._subscribed = True
        self.refusal = None
        self._wait = 0.25

    def _on_disconnect(self, _client: Client, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        self._subscribed = False
        self._epoch += 1
        self._inbox.clear()
        log.info("the connection to the broker has ended: %s", reason)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        # an exception in a paho callback would end the connection: this does nothing that can fail
        topic = message._topic.decode("utf-8", "replace")
        self._inbox.append(Received(Packet(topic, bytes(message.payload), self._clock()), message.mid, self._epoch))
