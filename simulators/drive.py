"""The loop that sends: packet after packet, each when it is due, until the end or until it is stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Event

from simulators.clock import Clock
from simulators.message import Packet
from simulators.sinks import Sink


@dataclass
class Driven:
    """What became of the packets; event times in Unix seconds."""

    unsent: int = 0
    """Telemetry that had not happened yet when the run was stopped."""
    stopped: bool = False
    first_at: float | None = None
    last_at: float | None = None


def drive(
    packets: Iterator[Packet],
    sink: Sink,
    clock: Clock,
    stop: Event,
    *,
    pending: Callable[[], Iterable[Packet]] = tuple,
    now: Callable[[], float] = time.time,
) -> Driven:
    """Sends every packet at its due time. When stopped, sends what had happened already and leaves the rest.

    `pending` takes out of the line what is still under way.
    """
    driven = Driven()
    for packet in packets:
        while (early_s := clock.due(packet.at) - now()) > 0 and not stop.is_set():
            sink.wait(early_s)
        if stop.is_set():
            driven.stopped = True
            _flush([packet, *pending()], sink, driven, now())
            break
        _send(packet, sink, driven)
    return driven


def _flush(packets: list[Packet], sink: Sink, driven: Driven, now: float) -> None:
    for packet in packets:
        if packet.event_at <= now:
            _send(packet, sink, driven)
        elif packet.telemetry:
            driven.unsent += 1


def _send(packet: Packet, sink: Sink, driven: Driven) -> None:
    sink.send(packet)
    if packet.telemetry:
        driven.first_at = packet.event_at if driven.first_at is None else min(driven.first_at, packet.event_at)
        driven.last_at = packet.event_at if driven.last_at is None else max(driven.last_at, packet.event_at)
