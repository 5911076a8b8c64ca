"""A known stream of messages: the same numbers always make the same bytes, so that what must be stored is known."""

from __future__ import annotations

from typing import NamedTuple

from facility_monitor.domain.instant import MILLISECOND, SECOND, Instant
from facility_monitor.ingest import topics

SITE = "bench"
KEYS = tuple(f"p{index}" for index in range(10))
"""Each device speaks for as many points as there are keys."""
HIGH, HIGH_HIGH, LOW = 900.0, 1_000.0, 100.0
"""Limits of the three rules that watch every point."""
BEYOND = 950.0
"""A value that crosses the first of them."""


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
            return BEYOND
        return 200 + _mixed(self.seed, device, sequence, 7) % 6000 / 10

    def message(self, number: int, at: Instant | None = None) -> tuple[str, str]:
        """Topic and payload; ``at`` is told instead of the stream's own event time."""
        when = self.at(number) if at is None else at
        if self.pack > 1:
            return self._packed(number, when)
        device, key, sequence = self.address(number)
        value = self.value(device, sequence)
        payload = f'{{"ts":{when / MILLISECOND},"seq":{sequence},"values":{{"{KEYS[key]}":{value}}}}}'
        return topics.telemetry(SITE, code(device)), payload

    def _packed(self, number: int, when: Instant) -> tuple[str, str]:
        turn, device = divmod(number, self.devices)
        rounds = self.pack // len(KEYS)
        records = [f'{{"bt":{when / SECOND},"bu":"Pa"}}']
        for index in range(rounds):
            ago = (rounds - 1 - index) / 1000
            for key in range(len(KEYS)):
                value = self.value(device, (turn * rounds + index) * len(KEYS) + key)
                records.append(f'{{"n":"{KEYS[key]}","t":-{ago},"v":{value}}}')
        return topics.telemetry(SITE, code(device)), f"[{','.join(records)}]"


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
