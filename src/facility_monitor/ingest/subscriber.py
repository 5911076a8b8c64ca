"""The MQTT connection of one slot. The only file that knows the client library.

MQTT 3.1.1 with a persistent session: what is not acknowledged comes again, in order, after a reconnect. Everything
happens in the caller's thread; there is no network thread to wait for or to fight with.
"""

from __future__ import annotations

import logging
import select
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import MQTT_ERR_SUCCESS, Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.telemetry import Packet
from facility_monitor.ingest.inlet import Inlet, Publication

log = logging.getLogger(__name__)

KEEPALIVE_S = 30
CONNECT_S = 3.0
"""How long the network may take to bring us to the broker."""
ASK_S = 0.2
"""How often the broker is asked (PINGREQ) whether it has anything left for us."""
ANSWER_S = 4.0
"""A broker that has been asked and says nothing at all for so long cannot be reached any more: connect anew."""
STUCK_S = 10.0
"""A packet that is in nobody's hand and has not been acknowledged for so long holds up the window: connect anew."""
CONTESTED_S = 2.0
CONTESTED = 5
"""Connections in a row that each end within ``CONTESTED_S``, and the next stands at once: somebody else uses our client
id, or breaks us off. Where a connection does not come about it is the broker that was away."""
LONGEST_WAIT_S = 2.0
"""Reconnects are tried after 0.25 s, then ever later, up to this."""


BROKER: Mapping[str, str] = {
    "$SYS/broker/publish/messages/dropped": "dropped",
    "$SYS/broker/publish/messages/received": "received",
    "$SYS/broker/publish/messages/sent": "sent",
    "$SYS/broker/store/messages/count": "waiting",
    "$SYS/broker/clients/connected": "clients",
}
"""What Mosquitto says of itself, and what we call it. ``dropped`` are messages that found their receiver's queue full;
the sender has got its PUBACK all the same."""


class Received(NamedTuple):
    """A packet that waits for its acknowledgement, on the connection numbered ``epoch``.

    ``again``: by the broker's word it has been sent before, under the same ``message_id``.
    """

    packet: Packet
    message_id: int
    epoch: int
    again: bool = False


class Subscriber:
    """Receives with QoS 1 and acknowledges only what it is told to. For one thread."""

    refusal: str | None = None
    """Why the broker, or the network, did not let us in at the last try."""
    arrived = 0
    """Messages that have come, on whatever connection; one that comes again counts again."""
    abandoned = 0
    """Messages that had come and were not handed out when their connection ended."""
    connections = 0
    stuck = 0
    """How often the connection was given up because a packet stayed without its acknowledgement."""
    heard: Instant = 0
    """By our clock: what the broker had for us by then has been handed out. 0 where we do not know yet."""

    def __init__(
        self,
        url: str,
        client_id: str,
        filters: Iterable[str],
        clock: Callable[[], Instant],
        *,
        lasting: bool = True,
        without: Iterable[str] = (),
    ) -> None:
        """``url`` is mqtt[s]://[user:password@]host[:port]; ``clock`` gives the time of receipt.

        Without ``lasting`` the broker keeps nothing for this client when it has gone. ``without`` are filters that it
        may have kept of an earlier session, and is told to forget where they are not among ``filters``.
        """
        self._url = urlsplit(url)
        self._filters = list(filters)
        self._without = list(without)
        self._clock = clock
        self.broker: dict[str, int] = {}
        """What the broker says of itself, by the names in ``BROKER``."""
        self._newest: Instant = 0
        self._owed = 0
        self._owed_since: float | None = None
        self._asked: Instant | None = None
        self._asked_at = self._quiet_since = 0.0
        self._since_asked = self._window = 0
        self._subscribed_at = 0.0
        self._subscribing: int | None = None
        self._short_lived = 0
        self._epoch = 0
        self._subscribed = False
        self._retry_at = 0.0
        self._wait = 0.25
        self._client = self._make(client_id, lasting)

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted the connection and the subscriptions."""
        return self._subscribed

    @property
    def contested(self) -> bool:
        """Whether the broker ends our connections as soon as they stand: to go on would be a fight without end."""
        return self._short_lived >= CONTESTED

    def poll(self, timeout: float, most: int) -> list[Received]:
        """What has arrived within ``timeout`` seconds, in order, ``most`` at most; returns at once when something has.

        Connects, and connects again after a loss, by itself; never raises for what the network does.
        """
        if self._client.socket() is None and not self._connect(timeout):
            return []
        inlet = self._client.inlet
        if inlet is None:
            return []
        if self._client.want_write():
            self._client.loop_write()
        self._ask()
        if not inlet.ready:
            select.select([inlet], [inlet] if inlet.owes else [], [], timeout)
        if inlet.ready or inlet.fill():
            self._quiet_since = time.monotonic()
        inlet.flush()
        received: list[Received] = []
        while len(received) < most:
            publications = inlet.publications(most - len(received))
            received += self._received(publications)
            if publications:
                continue  # some were the broker's own words: more of ours may follow
            # Only what is no publication: one that the library reads would be nobody's, and never acknowledged.
            if self._client.inlet is not inlet or not inlet.release():
                break
            self._client.loop_read()
        self._client.loop_misc()
        if not received:
            self._watch()
        return received

    def acknowledge(self, received: Sequence[Received]) -> None:
        """Acknowledge in the order given. What came on an earlier connection is left out: it comes again.

        So is what was published with QoS 0, under message id 0: nobody waits for its acknowledgement.
        """
        inlet = self._client.inlet
        if inlet is not None:
            heard = [each.message_id for each in received if each.message_id and each.epoch == self._epoch]
            inlet.acknowledge(heard)
            self._owed -= len(heard)
        if not self._owed:
            self._owed_since = None

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
            if new:  # before anything is dropped: a message that is twice wanted is better than one that is not
                self._client.subscribe([(each, 1) for each in new])
            if gone:
                self._client.unsubscribe(gone)

    def close(self) -> None:
        """Leave; the broker keeps the session and what is not acknowledged."""
        self._client.disconnect()

    def _ask(self) -> None:
        """Ask whether anything is left, unless we wait for an answer already."""
        now = time.monotonic()
        if not self._subscribed or self._asked is not None or now - self._asked_at < ASK_S:
            return
        self._asked, self._asked_at, self._quiet_since = self._clock(), now, now
        self._since_asked = self._owed
        self._client.ask()

    def _on_answer(self) -> None:
        """The answer (PINGRESP) comes behind all that the broker had when it was asked.

        But for what it may not send yet, since too much waits for its acknowledgement. How much it does send we know
        from what it has sent before.
        """
        if self._asked is not None and (self._since_asked == 0 or self._since_asked < self._window):
            self.heard = self._asked
        self._asked = None

    def _watch(self) -> None:
        """Connect anew where the broker does not answer, or a packet stays unacknowledged: it comes again then."""
        now = time.monotonic()
        if (self._asked is not None or not self._subscribed) and now - self._quiet_since > ANSWER_S:
            log.warning("the broker does not answer: connecting anew")
            self._client.disconnect()
            return
        if not self._owed:
            self._owed_since = None
        elif self._owed_since is None:
            self._owed_since = now
        elif now - self._owed_since > STUCK_S:
            self.stuck += 1
            log.error("%d packets without acknowledgement: connecting anew", self._owed)
            self._client.disconnect()

    def _received(self, publications: Sequence[Publication]) -> list[Received]:
        """What came, with its time; what the broker says of itself is noted instead."""
        epoch, newest = self._epoch, self._clock()
        received = []
        for topic, payload, message_id, again in publications:
            if topic.startswith(b"$SYS/"):
                self._note(topic.decode("utf-8", "replace"), payload)
                continue
            newest = max(newest, self._newest + 1)  # two messages never come at the same instant
            self._newest = newest
            received.append(
                Received(Packet(topic.decode("utf-8", "replace"), payload, newest), message_id, epoch, again)
            )
        self.arrived += len(received)
        owed = sum(each.message_id > 0 for each in received)
        self._owed += owed
        self._since_asked += owed
        self._window = max(self._window, self._owed)
        return received

    def _note(self, topic: str, payload: bytes) -> None:
        if topic in BROKER and payload.isdigit():
            self.broker[BROKER[topic]] = int(payload)

    def _make(self, client_id: str, lasting: bool) -> _Client:
        client = _Client(
            CallbackAPIVersion.VERSION2, client_id, clean_session=not lasting, protocol=MQTTv311, manual_ack=True
        )
        client.on_answer = self._on_answer
        client.connect_timeout = CONNECT_S
        client.enable_logger(log.getChild("paho"))
        if self._url.username:
            client.username_pw_set(unquote(self._url.username), unquote(self._url.password or ""))
        if self._url.scheme == "mqtts":
            client.tls_set()
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        return client

    def _connect(self, timeout: float) -> bool:
        wait = self._retry_at - time.monotonic()
        if wait > 0:
            time.sleep(min(wait, timeout))
            return False
        self._quiet_since = time.monotonic()
        self._retry_at = self._quiet_since + self._wait
        self._wait = min(self._wait * 2, LONGEST_WAIT_S)
        port = self._url.port or (8883 if self._url.scheme == "mqtts" else 1883)
        try:
            return self._client.connect(self._url.hostname or "", port, KEEPALIVE_S) == MQTT_ERR_SUCCESS
        except OSError as error:
            self.refusal = str(error)
            self._short_lived = 0
            log.warning("broker %s:%s: %s", self._url.hostname, port, error)
            return False

    def _on_connect(self, client: Client, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        self._begin()
        if reason.is_failure:
            self.refusal = str(reason)
            log.error("the broker refuses the connection: %s", reason)
            return
        self.connections += 1
        _, self._subscribing = client.subscribe([(each, 1) for each in self._filters])
        client.subscribe([(each, 0) for each in BROKER])
        if past := [each for each in self._without if each not in self._filters]:
            client.unsubscribe(past)

    def _begin(self) -> None:
        """Nothing of an earlier connection may be acknowledged from now on."""
        self._epoch += 1
        self._owed = 0
        self._asked = None
        self._owed_since = None

    def _on_subscribe(self, _client: Client, _data: object, sent_as: int, reasons: Any, _properties: object) -> None:
        if self._subscribed or sent_as != self._subscribing:
            return
        if any(reason.is_failure for reason in reasons):
            log.error("the broker refuses a subscription of %s", self._filters)
        self._subscribed = True
        self._subscribed_at = time.monotonic()
        self.refusal = None
        self._wait = 0.25

    def _on_disconnect(self, _client: Client, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        if reason.is_failure:  # else it was we who ended it
            brief = self._subscribed and time.monotonic() - self._subscribed_at < CONTESTED_S
            self._short_lived = self._short_lived + 1 if brief else 0
        self._subscribed = False
        self._begin()
        log.info("the connection to the broker has ended: %s", reason)


class _Client(Client):
    """The library's client, on a socket that reads ahead."""

    inlet: Inlet | None = None
    """The socket while there is one."""
    on_answer: Callable[[], None]
    """Called with each PINGRESP."""

    def ask(self) -> None:
        """Send a PINGREQ, as the library does where nothing has been said for long."""
        self._send_pingreq()

    def _handle_pingresp(self) -> MQTTErrorCode:
        self.on_answer()
        return super()._handle_pingresp()

    def _create_socket(self) -> Any:
        self.inlet = Inlet(super()._create_socket())  # type: ignore[arg-type]
        return self.inlet

    def _sock_close(self) -> None:
        self.inlet = None
        super()._sock_close()
