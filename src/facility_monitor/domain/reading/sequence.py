"""Sequence numbers of devices: which message is a repetition, and which one follows a restart of the counter."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from facility_monitor.domain.instant import Instant


class Counter(NamedTuple):
    """How far a device has counted: its highest number since it last began, and the newest event time with it."""

    high: int
    at: Instant


class Turn(StrEnum):
    """What a message's number says about it."""

    NEXT = "next"
    LATE = "late"
    """an older message that comes only now"""
    DUPLICATE = "duplicate"
    RESTARTED = "restarted"
    """the device has begun to count anew"""


def turn(counter: Counter | None, sequence: int, at: Instant | None, same: bool | None) -> Turn:
    """Judge a message numbered ``sequence`` of a device that has counted to ``counter``.

    ``at`` is the event time that the device sent, None where it sends none. ``same`` is None where nothing with this
    number is stored, else whether what is stored has the same values.

    (device, sequence) names a message. But a device that lost power counts from the start again: its number falls
    while its clock has moved on, which neither a repetition nor a late message does; one without a clock gives
    itself away by other values under a number that it used before.
    """
    if counter is None or sequence > counter.high:
        return Turn.NEXT
    if at is not None and sequence < counter.high and at > counter.at:
        return Turn.RESTARTED
    if same is None:
        return Turn.LATE
    return Turn.DUPLICATE if same or at is not None else Turn.RESTARTED


LARGEST_GAP = 1 << 20
"""A device whose number jumps by more has not left so many messages out: it counts in another way."""


def left_out(counter: Counter | None, taken: Turn, sequence: int, at: Instant) -> int:
    """How many numbers a message that was ``taken`` as next, at event time ``at``, jumps over."""
    if counter is None or taken is not Turn.NEXT or at < counter.at:
        return 0
    gap = sequence - counter.high - 1
    return gap if gap <= LARGEST_GAP else 0


def advanced(counter: Counter | None, taken: Turn, sequence: int, at: Instant) -> Counter:
    """The counter after a message that was ``taken`` as next, late or after a restart, at event time ``at``."""
    if counter is None or taken is Turn.RESTARTED:
        return Counter(sequence, at)
    return Counter(max(counter.high, sequence), max(counter.at, at))
