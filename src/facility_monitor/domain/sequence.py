"""Sequence numbers of devices: which message is a repetition, and which one follows a restart of the counter."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from facility_monitor.domain.instant import Instant


class Counter(NamedTuple):
    """How far a device has counted: its last number, and the newest event time seen with it."""

    high: int
    at: Instant


class Repeat(StrEnum):
    """What a number that is not above the last one means."""

    DUPLICATE = "duplicate"
    LATE = "late"
    """never seen: an older message that comes only now"""
    RESTARTED = "restarted"
    """the device has begun to count anew"""


def advanced(counter: Counter | None, sequence: int, at: Instant) -> Counter:
    """The counter after a message with ``sequence`` at ``at`` was stored."""
    if counter is None or sequence > counter.high:
        return Counter(sequence, max(at, counter.at) if counter else at)
    return Counter(counter.high, max(at, counter.at))


def repeated(counter: Counter, sequence: int, at: Instant | None, *, stored: bool) -> Repeat:
    """Judge ``sequence`` that is not above ``counter.high``.

    ``at`` is the event time that the device sent, None where it sends none; ``stored`` tells whether a reading with
    this number is stored already. (device, sequence) names a message, but a device that lost power counts from the
    start again: its number falls while its clock has moved on, which no repetition and no late message does.
    """
    if at is not None and sequence < counter.high and at > counter.at:
        return Repeat.RESTARTED
    return Repeat.DUPLICATE if stored else Repeat.LATE
