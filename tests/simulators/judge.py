"""An independent judge of simulated values: small checks of its own, sharing no rule with the simulators."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from simulators.message import Message

Values = Mapping[str, float]
Check = Callable[[Values, bool], bool]
"""Is a device with these values beyond the limit, given whether its alarm is on already?"""


def dew_point(temperature: float, humidity: float) -> float:
    """Cel, after Magnus, from Cel and %RH."""
    gamma = math.log(humidity / 100) + 17.62 * temperature / (243.12 + temperature)
    return 243.12 * gamma / (17.62 - gamma)


def above(metric: str, limit: float, deadband: float = 0.0) -> Check:
    return lambda values, on: values[metric] > (limit - deadband if on else limit)


def below(metric: str, limit: float) -> Check:
    return lambda values, _: values[metric] < limit


# Kind of equipment to limit to (seconds without a break, check).
CHECKS: dict[str, dict[str, tuple[float, Check]]] = {
    "distribution_room": {
        "humidity_warning": (600, above("humidity", 70, 5)),
        "humidity_high": (600, above("humidity", 80, 5)),
        "temperature_high": (0, above("temperature", 35)),
        "temperature_low": (0, below("temperature", 5)),
        "condensation": (0, lambda v, _: v["surface_temperature"] - dew_point(v["temperature"], v["humidity"]) < 3),
        "water_leak": (0, above("water_leak", 0)),
    },
    "pump_room": {
        "pressure_deviation": (60, lambda v, _: abs(v["pressure"] - 450_000) > 20_000),
        "pressure_low": (30, below("pressure", 400_000)),
        "pressure_high": (30, above("pressure", 500_000)),
        "pressure_drop": (0, above("fallen_in_10_s", 50_000)),
        "suction_low": (30, below("suction_pressure", 100_000)),
        "water_level_low": (60, below("water_level", 0.5)),
        "water_level_high": (60, above("water_level", 2.2)),
    },
    "elevator": {
        "fault_code": (0, lambda v, _: v["fault_code"] != 0),
        "stopped_outside_door_zone": (45, lambda v, _: v["car_status"] == 0 and v["door_zone"] == 2),
        "leveling_error": (0, lambda v, _: abs(v["leveling_error"]) > 10),
        "door_open_time": (0, above("door_open_time", 4.0)),
        "door_close_time": (0, above("door_close_time", 4.0)),
        "motor_temperature": (0, above("motor_temperature", 80)),
    },
    "smoke_detector": {
        "smoke_alarm": (0, above("smoke_alarm", 0)),
        "contamination": (0, above("contamination", 80)),
        "battery_low": (0, below("battery", 2.6)),
        "chamber_temperature": (0, above("chamber_temperature", 54)),
        "self_test_failed": (0, below("self_test", 1)),
    },
    "fire_pump": {
        "fire_main_low": (30, below("pressure", 600_000)),
        "fire_pump_running": (0, above("pump_running", 0)),
    },
}


@dataclass
class Episode:
    """One alarm, times in Unix seconds."""

    device: str
    limit: str
    raised_at: float
    returned_at: float = math.inf


def find_episodes(kinds: Mapping[str, str], messages: Iterable[Message]) -> list[Episode]:
    """Every time a limit was left for as long as it takes to alarm; `kinds` maps device codes to kinds of equipment."""
    latest: defaultdict[str, dict[str, float]] = defaultdict(dict)
    pressures: defaultdict[str, deque[tuple[float, float]]] = defaultdict(deque)
    began: dict[tuple[str, str], float] = {}
    on: dict[tuple[str, str], Episode] = {}
    episodes: list[Episode] = []
    for at, device, values in messages:
        known = latest[device]
        known.update(values)
        if kinds[device] == "pump_room":
            recent = pressures[device]
            recent.append((at, known["pressure"]))
            while recent[0][0] < at - 10.01:
                recent.popleft()
            known["fallen_in_10_s"] = max(pressure for _, pressure in recent) - known["pressure"]
        for limit, (for_s, check) in CHECKS[kinds[device]].items():
            key = (device, limit)
            if not check(known, key in on):
                began.pop(key, None)
                if key in on:
                    on.pop(key).returned_at = at
            elif key not in on and at - began.setdefault(key, at) >= for_s:
                on[key] = Episode(device, limit, at)
                episodes.append(on[key])
    return episodes
