"""Event time never runs ahead of the wall clock, however it is compressed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from threading import Event

import pytest

from simulators.clock import Clock, start_clock
from simulators.drive import drive
from simulators.errors import SimulatorError
from simulators.message import Packet

NOW = 1_780_000_000.0


class Wall:
    """A wall clock that moves only when somebody waits; the sink that waits on it."""

    def __init__(self) -> None:
        self.now = NOW
        self.sent: list[tuple[float, Packet]] = []
        self.stop: Event | None = None

    def open(self, devices: Sequence[str]) -> None:
        raise NotImplementedError

    def send(self, packet: Packet) -> None:
        self.now += 0.001
        self.sent.append((self.now, packet))

    def wait(self, seconds: float) -> None:
        if self.stop is not None:
            self.stop.set()
            seconds /= 2
        self.now += seconds

    def close(self, patience_s: float) -> dict[str, int]:
        raise NotImplementedError


def packets(clock: Clock, *, history_s: float = 0.0, duration_s: float = 600.0) -> Iterator[Packet]:
    at = clock.zero - history_s
    while at < clock.zero + duration_s:
        yield Packet(at, at, "d", "t", b"{}")
        at += 1.0


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0, 60.0, 3600.0, math.inf])
def test_a_run_of_any_speed_sends_nothing_before_it_happens_and_takes_its_time(speed: float) -> None:
    clock = start_clock(NOW, speed=speed, duration_s=600.0)
    wall = Wall()
    drive(packets(clock, history_s=100.0), wall, clock, Event(), now=lambda: wall.now)
    assert len(wall.sent) == 700
    assert all(packet.at <= at for at, packet in wall.sent)
    assert wall.sent[99][0] - NOW < 0.2, "history goes out at once"
    assert wall.now - NOW == pytest.approx(600 / speed, abs=3)


def test_a_compressed_run_ends_at_now() -> None:
    clock = start_clock(NOW, speed=60.0, duration_s=6000.0)
    assert clock.zero == NOW - 6000 + 100
    assert clock.due(clock.zero + 6000) == NOW + 100


def test_a_start_in_the_past_catches_up_and_then_keeps_to_the_wall_clock() -> None:
    clock = start_clock(NOW, speed=10.0, duration_s=None, start=NOW - 90)
    assert clock.due(NOW) == NOW + 9
    assert clock.due(NOW + 60) == NOW + 60


def test_a_future_start_and_compression_without_a_past_are_refused() -> None:
    with pytest.raises(SimulatorError, match="future"):
        start_clock(NOW, speed=1.0, duration_s=60.0, start=NOW + 1)
    with pytest.raises(SimulatorError, match="--duration"):
        start_clock(NOW, speed=2.0, duration_s=None)


def test_a_stopped_run_sends_what_had_happened_and_leaves_the_rest() -> None:
    wall, stop = Wall(), Event()
    wall.stop = stop
    clock = Clock(NOW, NOW, 1.0)
    delayed = [Packet(NOW + 50, NOW, "d", "t", b"late"), Packet(NOW + 50, NOW + 40, "d", "t", b"future")]
    driven = drive(packets(clock), wall, clock, stop, pending=lambda: delayed, now=lambda: wall.now)
    assert [packet.payload for _, packet in wall.sent] == [b"{}", b"late"]
    assert driven.stopped
    assert driven.unsent == 2
