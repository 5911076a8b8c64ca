"""MQTT 3.1.1 as far as a generator needs it, on a bare socket: faster than any client library, and never the limit."""

from __future__ import annotations

import socket
from urllib.parse import unquote, urlsplit

CONNACK_BYTES = 4
PUBACK_BYTES = 4
LAST_ID = 65_535


def connect(url: str, client_id: str) -> socket.socket:
    """A connection with a clean session, once the broker has let us in. Raises OSError."""
    where = urlsplit(url)
    connection = socket.create_connection((where.hostname or "", where.port or 1883), timeout=5)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    account = [_text(unquote(where.username or "")), _text(unquote(where.password or ""))] if where.username else []
    flags = 0xC2 if account else 0x02
    body = _text("MQTT") + bytes([4, flags, 0, 0]) + _text(client_id) + b"".join(account)
    connection.sendall(b"\x10" + _length(len(body)) + body)
    answer = connection.recv(CONNACK_BYTES, socket.MSG_WAITALL)
    if len(answer) < CONNACK_BYTES or answer[3] != 0:
        connection.close()
        raise ConnectionRefusedError(f"the broker does not let us in: {answer.hex()}")
    return connection


def publish(topic: str, payload: str, message_id: int) -> bytes:
    """A PUBLISH with QoS 1."""
    body = _text(topic) + message_id.to_bytes(2, "big") + payload.encode()
    return b"\x32" + _length(len(body)) + body


def message_id(number: int) -> int:
    """The message id of the message numbered so, from 1 on and round."""
    return number % LAST_ID + 1


def _text(value: str) -> bytes:
    encoded = value.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def _length(number: int) -> bytes:
    encoded = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        encoded.append(low | (0x80 if number else 0))
        if not number:
            return bytes(encoded)
