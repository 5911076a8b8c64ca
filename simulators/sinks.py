"""Where packets go: the contract, and the one that prints them."""

from __future__ import annotations

import base64
import json
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn, Protocol, TextIO

from simulators.message import Packet


class Sink(Protocol):
    """Used from one thread."""

    def open(self, devices: Sequence[str]) -> None:
        """Makes ready for these devices. Raises SimulatorError when it cannot."""

    def send(self, packet: Packet) -> None:
        """Takes one packet; may block while too much is under way, but not once the run is stopped."""

    def wait(self, seconds: float) -> None:
        """Passes time; returns early when the run is stopped."""

    def close(self, patience_s: float) -> dict[str, int]:
        """Ends within about `patience_s` seconds and returns its counts."""


def as_line(packet: Packet) -> str:
    """The packet as one JSON line; a payload that is not JSON stands in base64."""
    body: dict[str, object] = {"topic": packet.topic}
    try:
        body["payload"] = json.loads(packet.payload, parse_constant=_refuse)
    except ValueError:
        body["payload_base64"] = base64.b64encode(packet.payload).decode()
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


class Printer:
    """Prints packets as JSON lines."""

    def __init__(self, stop: threading.Event, file: TextIO | None = None) -> None:
        self._stop = stop
        self._file = file
        self._published = 0

    def open(self, devices: Sequence[str]) -> None:  # noqa: ARG002  paper needs no connection
        return

    def send(self, packet: Packet) -> None:
        print(as_line(packet), file=self._file or sys.stdout, flush=True)
        self._published += packet.telemetry

    def wait(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def close(self, patience_s: float) -> dict[str, int]:  # noqa: ARG002  nothing is under way
        return {"published": self._published}
