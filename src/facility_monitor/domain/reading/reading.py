"""A reading: one value of one point at one instant."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

from facility_monitor.domain.instant import Instant


class Quality(IntEnum):
    """How far a value can be trusted."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2


class Reading(NamedTuple):
    """``value`` is in the point's SenML unit.

    ``sequence`` with ``at`` and ``point_id`` is the reading's identity: the device's own sequence number where it
    sends one (>= 0), else a number below zero made of the value (see ``unnumbered``).
    """

    point_id: int
    at: Instant
    sequence: int
    value: float
    quality: Quality
    received_at: Instant


_double = struct.Struct("<d").pack


def unnumbered(value: float) -> int:
    """The identity of a value whose device numbers nothing: below zero, equal only for equal values.

    Two different values of one point at one instant are two readings, the same value twice is one. The 64 bits of
    the double are folded into 63 by dropping the last of the mantissa (a relative difference of 2e-16).
    """
    return -1 - (int.from_bytes(_double(value), "little") >> 1)
