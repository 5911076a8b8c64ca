"""The devices of a site and their points: the demo compound, or any number of generated devices."""

from __future__ import annotations

from dataclasses import dataclass

from simulators import distribution_room, elevator, fire_pump, pump_room, smoke_detector
from simulators.errors import SimulatorError


@dataclass(frozen=True)
class Point:
    key: str
    unit: str
    """SenML unit."""


@dataclass(frozen=True)
class Kind:
    """A kind of equipment, and the device that watches it."""

    code: str
    letters: str
    """What equipment codes begin with."""
    device_suffix: str
    period_s: float
    points: tuple[Point, ...]
    in_demo: int
    """How many of them the demo compound has."""


@dataclass(frozen=True)
class Device:
    code: str
    equipment_code: str
    kind: Kind
    number: int
    """Its place among the site's devices of this kind, from 1."""

    def as_json(self) -> dict[str, object]:
        """What another program needs to register it; periods in seconds."""
        points = [
            {"key": point.key, "metric": point.key, "unit": point.unit, "report_period_s": self.kind.period_s}
            for point in self.kind.points
        ]
        return {"code": self.code, "equipment_code": self.equipment_code, "kind": self.kind.code, "points": points}


def _points(units: str) -> tuple[Point, ...]:
    """Points from words such as humidity:%RH; a word without a unit is a state or a count (unit 1)."""
    pairs = (word.partition(":") for word in units.split())
    return tuple(Point(key, unit or "1") for key, _, unit in pairs)


KINDS = {
    kind.code: kind
    for kind in (
        Kind(
            "distribution_room",
            "dr",
            "-env",
            distribution_room.PERIOD_S,
            _points("humidity:%RH temperature:Cel surface_temperature:Cel water_leak dehumidifier_running"),
            in_demo=2,
        ),
        Kind(
            "pump_room",
            "pr",
            "-plc",
            pump_room.PERIOD_S,
            _points("pressure:Pa suction_pressure:Pa flow:l/s pump_running pump_starts water_level:m"),
            in_demo=2,
        ),
        Kind(
            "elevator",
            "el",
            "-gw",
            elevator.PERIOD_S,
            _points(
                "service_mode car_status car_direction door_zone car_position door_status passenger_status fault_code "
                "total_running_time:h present_counter_value door_count rope_bend_count level_trigger_count "
                "run_distance:m leveling_error:mm door_open_time:s door_close_time:s motor_temperature:Cel"
            ),
            in_demo=4,
        ),
        Kind(
            "smoke_detector",
            "sd",
            "",
            smoke_detector.PERIOD_S,
            _points(
                "smoke_obscuration:dB/m smoke_alarm contamination:% battery:V "
                "chamber_temperature:Cel rssi:dBm self_test"
            ),
            in_demo=40,
        ),
        Kind("fire_pump", "fp", "-plc", fire_pump.PERIOD_S, _points("pressure:Pa pump_running pump_starts"), in_demo=1),
    )
}


def demo_devices() -> tuple[Device, ...]:
    """The demo compound: dr-1-env, pr-1-plc, el-1-gw, sd-001 .. sd-040, fp-1-plc and so on."""
    return tuple(
        _device(kind, number, 3 if kind.code == "smoke_detector" else 1)
        for kind in KINDS.values()
        for number in range(1, kind.in_demo + 1)
    )


def generated_devices(count: int, *, kind: str | None = None, first: int = 1) -> tuple[Device, ...]:
    """`count` devices with codes such as dr-0001-env, numbered from `first` in each kind.

    All of one kind, or mixed: one of each kind first, then in the proportions of the demo compound.
    Raises SimulatorError when `count` or `first` is below 1 or the kind is unknown.
    """
    if count < 1 or first < 1:
        raise SimulatorError("--count and --first must be at least 1")
    if kind is not None and kind not in KINDS:
        raise SimulatorError(f"unknown kind {kind!r}; one of {', '.join(KINDS)}")
    numbers = {code: 0 for code in KINDS if kind in (None, code)}
    for _ in range(count):
        # The kind that lags most behind its share is next; a kind with none yet goes first.
        lagging = min(numbers, key=lambda code: (numbers[code] > 0, (numbers[code] + 1) / KINDS[code].in_demo))
        numbers[lagging] += 1
    return tuple(
        _device(KINDS[code], number, 4, first - 1) for code, many in numbers.items() for number in range(1, many + 1)
    )


def _device(kind: Kind, number: int, digits: int, skipped: int = 0) -> Device:
    equipment_code = f"{kind.letters}-{number + skipped:0{digits}d}"
    return Device(equipment_code + kind.device_suffix, equipment_code, kind, number)
