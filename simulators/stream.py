"""All messages of a site in a scenario, merged by event time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import takewhile

from simulators.distribution_room import DistributionRoom
from simulators.elevator import Elevator
from simulators.fire_pump import FirePump
from simulators.incidents import Incidents
from simulators.message import Message
from simulators.pump_room import PumpRoom
from simulators.scenarios import Scenario
from simulators.sites import Device
from simulators.smoke_detector import SmokeDetector


def messages(
    scenario: Scenario,
    devices: Sequence[Device],
    *,
    seed: int,
    zero: float,
    history_s: float = 0.0,
    duration_s: float | None = None,
    utc_offset_h: float = 8.0,
) -> Iterator[Message]:
    """Messages in the order of event time, from `zero - history_s` to before `zero + duration_s` (Unix seconds).

    A duration of None goes on without end. The same arguments give the same messages.
    Raises SimulatorError when the site is too small for the scenario.
    """
    for placed in scenario.placed:
        scenario.device(devices, placed.kind, placed.number)
    streams = [_run(scenario, device, seed, zero, zero - history_s, utc_offset_h) for device in devices]
    merged = heapq.merge(*streams, key=lambda message: message.at)
    if duration_s is None:
        return merged
    end = zero + duration_s
    return takewhile(lambda message: message.at < end, merged)


def _run(
    scenario: Scenario, device: Device, seed: int, zero: float, start: float, utc_offset_h: float
) -> Iterator[Message]:
    incidents = Incidents(zero, scenario.incidents_of(device))
    match device.kind.code:
        case "distribution_room":
            return DistributionRoom(
                device.code, seed, incidents, utc_offset_h=utc_offset_h, season_day=scenario.season_day
            ).run(start)
        case "pump_room":
            return PumpRoom(device.code, seed, incidents, utc_offset_h=utc_offset_h).run(start)
        case "elevator":
            return Elevator(device.code, seed, incidents, utc_offset_h=utc_offset_h).run(start)
        case "smoke_detector":
            return SmokeDetector(device.code, seed, incidents, utc_offset_h=utc_offset_h).run(start)
        case "fire_pump":
            return FirePump(device.code, seed, incidents).run(start)
    raise ValueError(f"no model for {device.kind.code}")
