"""Messages that do not identify themselves: those with neither a time nor a number, and those that become rejects.

When the broker sends such a message again, nothing in it tells that it has been here: its time would be that of its
new arrival. But the broker marks it (DUP) and sends it under the same message id. So what was committed is remembered,
in the batch's own transaction, until the broker can be trusted to have heard its acknowledgement; what comes again
until then is given the instant at which it came first, and is a repetition like any other.

Two equal messages that were both sent are two messages to the broker, with ids of their own, and both are stored.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Sequence

from facility_monitor.domain.reading.telemetry import Decoded, Packet, Reject, Telemetry
from facility_monitor.ingest.subscriber import Received
from facility_monitor.store.reading.batches import Unidentified

SETTLED_S = 30.0
"""An acknowledgement that was sent so long ago, on a connection that still stands, has been heard."""


def unidentified(
    received: Sequence[Received], decoded: Sequence[Sequence[Decoded]], rejects: Iterable[Reject]
) -> list[Unidentified]:
    """Those of ``received``, which were ``decoded`` and of which ``rejects`` came, that do not identify themselves."""
    rejected = {id(each.packet) for each in rejects}
    return [
        Unidentified(each.message_id, _digest(each.packet), each.packet.received_at)
        for each, told in zip(received, decoded, strict=True)
        if each.message_id and (_is_nameless(told) or id(each.packet) in rejected)
    ]


class Redeliveries:
    """What one slot remembers of such messages; kept in step with what its transactions have committed."""

    def __init__(self, stored: Iterable[tuple[int, list[Unidentified]]], now: float) -> None:
        """``stored``: what earlier holders of the slot left, by batch; ``now``: seconds of a clock that only rises."""
        self.settled = 0
        """All up to this batch is forgotten."""
        self._batches: deque[tuple[int, float]] = deque()
        self._known: dict[int, tuple[Unidentified, int]] = {}
        for number, messages in stored:
            self.remember(number, messages, now)

    def remember(self, number: int, messages: Iterable[Unidentified], now: float) -> None:
        """Batch ``number`` is committed, and is acknowledged at ``now``."""
        self._batches.append((number, now))
        self._known |= {each.message_id: (each, number) for each in messages}

    def restored(self, received: Sequence[Received]) -> Sequence[Received]:
        """The same; each that has been committed before with the instant of its first arrival."""
        return [self._restored(each) for each in received] if self._known else received

    def _restored(self, received: Received) -> Received:
        known = self._known.get(received.message_id)
        if known is None:
            return received
        packet = received.packet
        if received.again and known[0].digest == _digest(packet):
            return received._replace(packet=packet._replace(received_at=known[0].received_at))
        if not received.again:  # the id is in new use: what bore it before has been acknowledged
            del self._known[received.message_id]
        return received

    def settle(self, now: float) -> None:
        """Forget what was acknowledged long enough before ``now``. Only while connected and caught up."""
        while self._batches and now - self._batches[0][1] > SETTLED_S:
            self.settled, _ = self._batches.popleft()
        if not self._batches:
            self._known.clear()
        elif self._known:
            self._known = {key: each for key, each in self._known.items() if each[1] > self.settled}


def _is_nameless(decoded: Sequence[Decoded]) -> bool:
    for each in decoded:
        if type(each) is Telemetry:
            if each.at is None and each.sequence is None:
                return True
        elif type(each) is Reject:
            return True
    return False


def _digest(packet: Packet) -> int:
    content = packet.topic.encode("utf-8", "surrogatepass") + b"\0" + packet.payload
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big", signed=True)
