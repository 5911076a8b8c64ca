"""What the line between a device and the broker does to messages: order, sequence numbers, and its faults.

Every fault draws from random numbers of its own, so that one more fault leaves the others as they were.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from simulators.message import Message, Packet, Values, status_packet, telemetry_payload, telemetry_topic
from simulators.noise import generator

GARBAGE = (
    b"",
    b"ERR 17",
    b"\xff\xfe\x00\x01",
    b"[1, 2, 3]",
    b'{"values": {"humidity": "wet"}}',
    b'{"values": {"humidity": NaN}}',
    b'{"ts": "yesterday", "values": {"humidity": 61.2}}',
    b'{"ts": 1700000000000, "val',
)
"""Payloads that no reader of the telemetry topic may take for a reading."""


@dataclass(frozen=True)
class Faults:
    """Probabilities are for each message, 0..1."""

    loss: float = 0.0
    misreads: float = 0.0
    """One value of one message is far off; never two messages of a device in a row."""
    clock_skew_s: float = 0.0
    """Each device's clock is wrong by a constant up to this many seconds either way."""
    duplicates: float = 0.0
    """Sent again within 5 s, unchanged."""
    late: float = 0.0
    late_s: float = 30.0
    """Longest delay of a late message in seconds; the messages after it overtake it."""
    offline: float = 0.0
    """Share of the time without connection, 0..1 (1 excluded); what was measured is buffered and sent afterwards."""
    offline_s: float = 120.0
    """Mean length of such a period in seconds."""
    garbage: float = 0.0
    """An unreadable payload in addition to the message."""


@dataclass
class _Sender:
    """What the line remembers of one device."""

    seq: int
    skew_s: float
    misread: bool = False
    online_until: float | None = None
    offline_until: float = 0.0


class Line:
    """The lines of all devices of a site. `done` counts what was done to the messages: the truth of the faults."""

    def __init__(
        self, site: str, faults: Faults, *, seed: int, first_seq: int, with_ts: bool = True, with_seq: bool = True
    ) -> None:
        """`first_seq` is every device's first sequence number."""
        self.done: Counter[str] = Counter()
        for name in ("messages", "lost", "misreads", "duplicates", "late", "offline_periods", "buffered", "garbage"):
            self.done[name] = 0
        self.done["skewed_devices"] = 0
        self._site = site
        self._faults = faults
        self._seed = seed
        self._first_seq = first_seq
        self._with_ts = with_ts
        self._with_seq = with_seq
        self._senders: dict[str, _Sender] = {}
        self._generators: dict[tuple[str, str], random.Random] = {}
        self._waiting: list[tuple[float, int, Packet]] = []
        self._order = itertools.count()

    def through(self, messages: Iterable[Message]) -> Iterator[Packet]:
        """Packets in the order of their sending; at the end whatever is still under way arrives at once."""
        at = 0.0
        for message in messages:
            at = message.at
            for packet in self._packets(message):
                heapq.heappush(self._waiting, (packet.at, next(self._order), packet))
            while self._waiting and self._waiting[0][0] <= at:
                yield heapq.heappop(self._waiting)[2]
        for packet in self.pending():
            yield replace(packet, at=at)

    def pending(self) -> Iterator[Packet]:
        """Takes out what is still under way, in order."""
        while self._waiting:
            yield heapq.heappop(self._waiting)[2]

    def _packets(self, message: Message) -> Iterator[Packet]:
        faults, device = self._faults, message.device
        sender = self._sender(device)
        seq, sender.seq = sender.seq, sender.seq + 1
        self.done["messages"] += 1
        if self._happens("loss", device, faults.loss):
            self.done["lost"] += 1
            return
        values = self._misread(sender, message)
        at = message.at
        if faults.offline > 0:
            yield from self._disconnections(sender, message)
            if at < sender.offline_until:
                at = sender.offline_until
                self.done["buffered"] += 1
        if self._happens("late", device, faults.late):
            at += self._random("late", device).uniform(0.1, 1.0) * faults.late_s
            self.done["late"] += 1
        payload = telemetry_payload(
            values, ts=message.at + sender.skew_s if self._with_ts else None, seq=seq if self._with_seq else None
        )
        packet = Packet(at, message.at, device, telemetry_topic(self._site, device), payload)
        yield packet
        if self._happens("duplicates", device, faults.duplicates):
            yield replace(packet, at=at + self._random("duplicates", device).uniform(0.0, 5.0))
            self.done["duplicates"] += 1
        if self._happens("garbage", device, faults.garbage):
            yield replace(packet, payload=self._random("garbage", device).choice(GARBAGE))
            self.done["garbage"] += 1

    def _sender(self, device: str) -> _Sender:
        if device not in self._senders:
            skew_s = self._random("skew", device).uniform(-1.0, 1.0) * self._faults.clock_skew_s
            self.done["skewed_devices"] += skew_s != 0.0
            self._senders[device] = _Sender(self._first_seq, skew_s)
        return self._senders[device]

    def _misread(self, sender: _Sender, message: Message) -> Values:
        analog = [key for key, value in message.values.items() if isinstance(value, float)]
        happens = self._happens("misreads", message.device, self._faults.misreads)
        sender.misread = happens and bool(analog) and not sender.misread
        if not sender.misread:
            return message.values
        self.done["misreads"] += 1
        rng = self._random("misreads", message.device)
        key = rng.choice(analog)
        factor = rng.uniform(0.2, 0.5) if rng.random() < 0.5 else rng.uniform(2.0, 4.0)
        return {**message.values, key: round(message.values[key] * factor, 3)}

    def _disconnections(self, sender: _Sender, message: Message) -> Iterator[Packet]:
        """Moves the device on to the message's time; status packets for a period that hides it."""
        faults = self._faults
        rng = self._random("offline", message.device)
        online_s = faults.offline_s * (1.0 - faults.offline) / faults.offline
        if sender.online_until is None:
            sender.online_until = message.at + rng.expovariate(1.0 / online_s)
        began = None
        while message.at >= sender.online_until:
            began = sender.online_until
            sender.offline_until = began + rng.expovariate(1.0 / faults.offline_s)
            sender.online_until = sender.offline_until + rng.expovariate(1.0 / online_s)
        if began is not None and message.at < sender.offline_until:
            self.done["offline_periods"] += 1
            for state, at in (("offline", message.at), ("online", sender.offline_until)):
                ts = at + sender.skew_s if self._with_ts else None
                yield status_packet(self._site, message.device, state, at, ts=ts)

    def _happens(self, fault: str, device: str, probability: float) -> bool:
        return probability > 0 and self._random(fault, device).random() < probability

    def _random(self, fault: str, device: str) -> random.Random:
        if (fault, device) not in self._generators:
            self._generators[fault, device] = generator(self._seed, "line", fault, device)
        return self._generators[fault, device]
