"""A known stream of messages: the same numbers always make the same bytes, so that what must be stored is known."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

from facility_monitor.domain.instant import MILLISECOND, SECOND, Instant
from facility_monitor.ingest import topics

SITE = "bench"
KEYS = tuple(f"p{index}" for index in range(10))
"""Each device speaks for as many points as there are keys."""
HIGH, HIGH_HIGH, LOW = 900.0, 1_000.0, 100.0
"""Limits of the three rules that watch every point."""


class Stream(NamedTuple):
    """Messages numbered from 0. Devices speak in turn, and each speaks for its points in turn.

    Where ``abnormal_every`` is not 0, one in so many stretches of ``stretch`` values of a point is beyond the limit.
    With a ``pack`` above 1 a message is a SenML pack of as many readings of one device, all others are house JSON.
    """

    points: int
    base: Instant
    """event time of the first message"""
    step: Instant
    """event time between two messages"""
    seed: int = 0
    abnormal_every: int = 0
    stretch: int = 1
    pack: int = 1
    beyond: float = 950.0
    """the abnormal value"""

    @property
    def devices(self) -> int:
        return self.points // len(KEYS)

    def at(self, number: int) -> Instant:
        """The event time of a message, or of the last reading in a pack."""
        return self.base + number * self.step

    def address(self, number: int) -> tuple[int, int, int]:
        """Device, index of its key, and sequence number of a message of one reading."""
        sequence, device = divmod(number, self.devices)
        return device, sequence % len(KEYS), sequence

    def value(self, device: int, sequence: int) -> float:
        """The value that a device sends under a sequence number, in whole tenths."""
        key, turn = sequence % len(KEYS), sequence // len(KEYS)
        mixed = _mixed(self.seed, device, key, turn // self.stretch)
        if self.abnormal_every and mixed % self.abnormal_every == 0:
            return self.beyond
        return 200 + _mixed(self.seed, device, sequence, 7) % 6000 / 10

    def readings(self, number: int) -> Iterator[tuple[int, int, Instant, float]]:
        """Device, index of its key, event time and value of each reading in a message."""
        at = self.at(number)
        if self.pack == 1:
            device, key, sequence = self.address(number)
            yield device, key, at, self.value(device, sequence)
            return
        turn, device = divmod(number, self.devices)
        rounds = self.pack // len(KEYS)
        for index in range(rounds):
            for key in range(len(KEYS)):
                value = self.value(device, (turn * rounds + index) * len(KEYS) + key)
                yield device, key, at - (rounds - 1 - index) * MILLISECOND, value

    def message(self, number: int) -> tuple[str, str]:
        """Topic and payload."""
        at = self.at(number)
        if self.pack == 1:
            device, key, sequence = self.address(number)
            value = self.value(device, sequence)
            payload = f'{{"ts":{at / MILLISECOND},"seq":{sequence},"values":{{"{KEYS[key]}":{value}}}}}'
            return topics.telemetry(SITE, code(device)), payload
        gateway = code(number % self.devices)
        records = [f'{{"bn":"{gateway}/","bt":{at / SECOND},"bu":"Pa"}}']
        for _, key, when, value in self.readings(number):
            records.append(f'{{"n":"{KEYS[key]}","t":{(when - at) / SECOND},"v":{value}}}')
        return topics.telemetry(SITE, gateway), f"[{','.join(records)}]"


def starting_now(points: int, step: Instant, *, abnormal_every: int = 0, stretch: int = 1, pack: int = 1) -> Stream:
    """A stream whose first event time is now."""
    return Stream(points, time.time_ns() // 1000, step, 1, abnormal_every, stretch, pack)


def code(device: int) -> str:
    """The code of a device of the stream."""
    return f"dev-{device}"


def _mixed(*numbers: int) -> int:
    """A number that looks random, made of others."""
    mixed = 0x9E3779B97F4A7C15
    for number in numbers:
        mixed = (mixed ^ number) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        mixed ^= mixed >> 31
    return mixed
