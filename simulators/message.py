"""What a device measures (Message) and what travels on the line (Packet), with the JSON of both topics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

Value = float | int | bool
Values = Mapping[str, Value]


class Message(NamedTuple):
    """One device's values at one event time."""

    at: float
    """Event time, Unix seconds."""
    device: str
    values: Values
    """Metric key to value, in the point's SenML unit."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One MQTT publish."""

    at: float
    """Event time at which it is sent (Unix seconds); later than `event_at` when the line delays it."""
    event_at: float
    """Event time of its content (Unix seconds)."""
    device: str
    topic: str
    payload: bytes
    retain: bool = False

    @property
    def telemetry(self) -> bool:
        return not self.retain


def telemetry_topic(site: str, device: str) -> str:
    return f"facility/{site}/{device}/telemetry"


def status_topic(site: str, device: str) -> str:
    return f"facility/{site}/{device}/status"


def telemetry_payload(values: Values, *, ts: float | None, seq: int | None) -> bytes:
    """The JSON of the telemetry topic; `ts` in Unix seconds goes out as epoch milliseconds, None leaves a field out."""
    body: dict[str, object] = {}
    if ts is not None:
        body["ts"] = round(ts * 1000)
    if seq is not None:
        body["seq"] = seq
    body["values"] = dict(values)
    return json.dumps(body, separators=(",", ":")).encode()


def status_packet(site: str, device: str, state: str, at: float, *, ts: float | None) -> Packet:
    """A retained status message, state "online" or "offline"; `ts` as in `telemetry_payload`."""
    body: dict[str, object] = {"state": state}
    if ts is not None:
        body["ts"] = round(ts * 1000)
    payload = json.dumps(body, separators=(",", ":")).encode()
    return Packet(at, at, device, status_topic(site, device), payload, retain=True)
