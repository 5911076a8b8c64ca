"""A socket that reads ahead: publications are cut out of what has arrived, the client library gets the other packets.

The library reads every packet in three calls of the system and sends every acknowledgement in one of its own, which is
most of what a message costs. Here thousands come in one read, and their acknowledgements leave in one write. Sessions,
subscriptions and keep-alive stay the library's.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any, NamedTuple

AT_ONCE = 262_144
"""Bytes in one read."""

_PUBLISH = 0x30
_PUBACK = b"\x40\x02"
_LONGEST_LENGTH = 4
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Publication(NamedTuple):
    """A PUBLISH as it stands in the stream (MQTT 3.1.1, section 3.3). ``message_id`` is 0 with QoS 0."""

    topic: bytes
    payload: bytes
    message_id: int
    again: bool


class Inlet:
    """Takes the place of a connected socket towards the client library. For one thread.

    It has what the library uses of a socket. Everything that is sent leaves in the order in which it was handed over.
    """

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._buffer = b""
        self._at = 0
        self._released = 0
        self._unsent = b""
        self._over = False
        self._error: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    @property
    def owes(self) -> bool:
        """Whether something waits to be sent."""
        return bool(self._unsent)

    @property
    def ready(self) -> bool:
        """Whether something can be read without waiting: a whole packet, or the end."""
        return self._over or self._front() > 0 or self._pending() > 0

    def fill(self) -> bool:
        """Read what has arrived, if anything; never waits, never raises: an end is told once all before it is read."""
        came = False
        while not self._over:
            try:
                chunk = self._socket.recv(AT_ONCE)
            except _NOT_NOW:
                break
            except OSError as error:
                self._over, self._error = True, error
                break
            if not chunk:
                self._over = True
                break
            came = True
            self._buffer, self._at = self._buffer[self._at :] + chunk, 0
            if not self._pending():
                break
        return came

    def publications(self, most: int) -> list[Publication]:
        """The whole publications at the front, ``most`` of them at most, up to the first packet that is none."""
        found: list[Publication] = []
        buffer, at, end = self._buffer, self._at, len(self._buffer)
        while len(found) < most and end - at >= 2:
            kind, length, start = buffer[at], buffer[at + 1], at + 2
            if kind & 0xF4 != _PUBLISH:
                break
            if length & 0x80:
                start, length = _long(buffer, at)
            stop = start + length
            if not start or stop > end or length < 2:
                break
            topic_ends = start + 2 + (buffer[start] << 8 | buffer[start + 1])
            body = topic_ends + 2 if kind & 2 else topic_ends
            if body > stop:
                break  # malformed: the library has the word
            message_id = buffer[topic_ends] << 8 | buffer[topic_ends + 1] if kind & 2 else 0
            found.append(Publication(buffer[start + 2 : topic_ends], buffer[body:stop], message_id, bool(kind & 8)))
            at = stop
        self._at = at
        return found

    def release(self) -> bool:
        """Let the library read the packet at the front, or learn of the end; False where there is neither."""
        self._released = self._front()
        return self._released > 0 or self._over

    def recv(self, most: int) -> bytes:
        """For the library: of the released packet, at most ``most`` bytes."""
        if not self._released:
            if not self._over:
                raise BlockingIOError
            if self._error is not None:
                raise self._error
        most = min(most, self._released)
        read = self._buffer[self._at : self._at + most]
        self._at += most
        self._released -= most
        return read

    def send(self, data: bytes) -> int:
        """Everything is taken; what the network does not take now leaves with ``flush``."""
        self._unsent += data
        self.flush()
        return len(data)

    def acknowledge(self, message_ids: list[int]) -> None:
        """A PUBACK for each, in this order, in one write."""
        self.send(b"".join([_PUBACK + each.to_bytes(2, "big") for each in message_ids]))

    def flush(self) -> None:
        """Send what waits, as far as the network takes it. That the connection is gone is told by reading."""
        try:
            while self._unsent:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except _NOT_NOW:
            return
        except OSError:
            self._unsent = b""

    def _front(self) -> int:
        """The length of the packet at the front; 0 where it is not whole."""
        buffer, at = self._buffer, self._at
        if len(buffer) - at < 2:
            return 0
        start, length = at + 2, buffer[at + 1]
        if length & 0x80:
            start, length = _long(buffer, at)
        return start + length - at if start and start + length <= len(buffer) else 0

    def _pending(self) -> int:
        """What TLS has decrypted already."""
        return self._socket.pending() if isinstance(self._socket, ssl.SSLSocket) else 0


def _long(buffer: bytes, at: int) -> tuple[int, int]:
    """Where the packet at ``at`` goes on after its length, and that length (section 2.2.3); 0, 0 where it is cut."""
    length = 0
    for index in range(_LONGEST_LENGTH):
        if at + 1 + index >= len(buffer):
            return 0, 0
        byte = buffer[at + 1 + index]
        length |= (byte & 0x7F) << 7 * index
        if not byte & 0x80:
            return at + 2 + index, length
    # longer than the standard allows: let the library see it, and end the connection
    return at + 2 + _LONGEST_LENGTH, 0
