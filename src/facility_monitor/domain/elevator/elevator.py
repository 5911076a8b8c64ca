"""An elevator and the weekly test of it: what was measured, whether that can be true, and how it is judged."""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from facility_monitor.domain.limit import DatedLimit, applicable, decided

KIND = "elevator"
"""The kind of equipment."""
FORM = "elevator-test"
"""What an upkeep plan that is done by a test of the elevator names as its form."""
LATE_AFTER = timedelta(hours=24)
"""A test that arrives later than so after it was made is a late entry (补录), and shown as one."""
AHEAD = timedelta(minutes=5)
"""How far a contractor's clock may run ahead of ours."""
OLDEST = timedelta(days=20 * 365)
"""Nobody enters tests as old as this; a device whose clock was never set does."""
STATIC = (
    *("registration_code", "use_cert_no", "equipment_code", "maker", "factory_no", "model", "install_date"),
    *("maintenance_unit", "use_unit", "internal_no", "emergency_phone", "stations", "doors"),
    *("rated_speed", "rated_load"),
)
"""What the register holds of an elevator beside its floors (after GB/T 24476), as attributes of the equipment.
Speed in m/s, load in kg."""


class Item(NamedTuple):
    """One thing that is measured. What lies outside of ``least`` to ``most``, in ``unit``, cannot be true.

    ``mistaken`` has other units in which people may have measured, and the factor from each to ``unit``.
    """

    quantity: str
    unit: str
    least: float
    most: float
    meaning: str
    beyond: str = ""
    mistaken: tuple[tuple[str, float], ...] = ()

    def refusal(self, value: float) -> str | None:
        """Why ``value`` cannot be true; None where it can."""
        if not math.isfinite(value):
            return "must be a finite number"
        if self.least <= value <= self.most:
            return None
        words = f"must be between {self.least:g} and {self.most:g} {self.unit}{self.beyond}"
        fitting = [unit for unit, factor in self.mistaken if self.least <= value * factor <= self.most]
        return f"{words}; {value:g} looks like {fitting[0]}" if fitting else words


_UNLOCKING_ZONE = ": further out the doors stay locked"
_MS = (("ms", 0.001),)

FLOOR_ITEMS: Mapping[str, Item] = {
    # 350 mm: the unlocking zone with car and landing door driven together (GB/T 7588.1-2020, EN 81-20, 5.3.8.1)
    "leveling_up_mm": Item(
        "leveling", "mm", -350, 350, "stopping error coming from below, + too high", _UNLOCKING_ZONE
    ),
    "leveling_down_mm": Item(
        "leveling", "mm", -350, 350, "stopping error coming from above, + too high", _UNLOCKING_ZONE
    ),
    "holding_mm": Item("holding", "mm", -350, 350, "largest deviation while loading, + too high", _UNLOCKING_ZONE),
    "door_open_s": Item("door_open_time", "s", 0.5, 60, "door closed to fully open", mistaken=_MS),
    "door_close_s": Item("door_close_time", "s", 0.5, 60, "door fully open to closed", mistaken=_MS),
    "door_command_to_motion_ms": Item(
        "door_command_to_motion", "ms", 10, 10_000, "command to first motion", mistaken=(("s", 1000),)
    ),
    "reopen_s": Item("reopen_time", "s", 0.5, 60, "light curtain broken to door fully open again", mistaken=_MS),
    "closing_force_n": Item(
        "closing_force", "N", 1, 2000, "force that keeps the door from closing", mistaken=(("kN", 1000),)
    ),
}
"""What is measured at a floor, by field. Bounds without a source are our own (P)."""

_GAL = (("cm/s2", 0.01),)
_SPEEDS = (("m/min", 1 / 60), ("mm/s", 0.001))
CAR_ITEMS: Mapping[str, Item] = {
    "speed.rated_m_s": Item("rated_speed", "m/s", 0.1, 20, "rated speed", mistaken=_SPEEDS),
    "speed.measured_m_s": Item("measured_speed", "m/s", 0.05, 25, "measured speed", mistaken=_SPEEDS),
    **{
        f"vibration.{name}_m_s2": Item(f"vibration_{name}", "m/s2", 0, 10, meaning, mistaken=_GAL)
        for name, meaning in {
            "vertical": "largest peak-to-peak",
            "vertical_a95": "A95 peak-to-peak",
            "horizontal": "largest peak-to-peak",
            "horizontal_a95": "A95 peak-to-peak",
        }.items()
    },
}
"""What is measured of the car as a whole, by field."""
CLEAR_WIDTH = Item("clear_width", "mm", 400, 4000, "clear opening", mistaken=(("cm", 10), ("m", 1000)))
"""The width of the open door."""
SPEED = ("speed", "%")
"""Measured by rated speed, rounded to 0.01 %: quantity and unit."""
_TOO_FINE_MM, _TOO_FINE_ALONE_MM = 0.1, 0.01
"""No gauge reads less than this at a landing: where every length is below it, metres were sent."""
_TOO_GOOD_MM, _MANY = 1.0, 8
"""Landings scatter by millimetres: where so many lengths all are below one, centimetres were sent (P)."""


class Register(NamedTuple):
    """What the register says of an elevator; None where it says nothing that can be used. ``rated_speed`` in m/s."""

    floors: tuple[str, ...] | None
    rated_speed: float | None
    installed_on: date | None = None


class Door(NamedTuple):
    """``type`` is centre or side: how the panels part."""

    type: str
    clear_width_mm: float


class Worker(NamedTuple):
    name: str
    certificate_no: str


class Floor(NamedTuple):
    """What was measured at one floor: field of ``FLOOR_ITEMS`` to value."""

    floor: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ElevatorTest:
    """A test as the contractor tells it. ``car`` maps fields of ``CAR_ITEMS`` to values."""

    performed_at: datetime
    workers: tuple[Worker, ...]
    floors: tuple[Floor, ...]
    door: Door | None = None
    car: Mapping[str, float] = field(default_factory=dict)
    remarks: str | None = None

    def as_json(self) -> dict[str, Any]:
        """All of it, for keeping."""
        return {
            "performed_at": self.performed_at.astimezone(UTC).isoformat(),
            "workers": [worker._asdict() for worker in self.workers],
            "floors": [{"floor": floor, **values} for floor, values in self.floors],
            "door": None if self.door is None else self.door._asdict(),
            "car": dict(self.car),
            "remarks": self.remarks,
        }

    def fingerprint(self) -> bytes:
        """SHA-256 of the test: equal for the same test told twice, in whatever order of floors and workers."""
        content = self.as_json()
        content["floors"].sort(key=lambda row: row["floor"])
        content["workers"].sort(key=lambda worker: worker["certificate_no"])
        written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(written.encode()).digest()

    def late(self, now: datetime) -> bool:
        """Whether it is entered so long after it was made that this must be said."""
        return now - self.performed_at > LATE_AFTER


@dataclass(frozen=True, slots=True)
class Verdict:
    """One value by one limit. ``floor`` is None for the car; without a limit in force nothing is ``passed``."""

    floor: str | None
    field: str
    quantity: str
    value: float
    unit: str
    limit: DatedLimit | None
    passed: bool | None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "limit": None if self.limit is None else self.limit.as_json()}


def label(floor: object) -> str | None:
    """How a floor is written: ``3`` for 3 and 3.0, ``B1`` for " b1"; None where it is no floor."""
    if isinstance(floor, float) and floor.is_integer():
        floor = int(floor)
    if isinstance(floor, bool) or not isinstance(floor, int | str):
        return None
    written = unicodedata.normalize("NFKC", str(floor)).strip().upper()
    return written if 0 < len(written) <= 8 and written.isprintable() else None


def register(attributes: Mapping[str, Any]) -> Register:
    """What can be used of an equipment's ``attributes``: floors (labels, or a count from 1), rated speed, and the day
    it was installed."""
    floors, speed = attributes.get("floors"), attributes.get("rated_speed")
    labels: tuple[str, ...] | None = None
    if isinstance(floors, int) and not isinstance(floors, bool) and 0 < floors <= 300:
        labels = tuple(str(number) for number in range(1, floors + 1))
    elif isinstance(floors, list) and floors:
        written = [label(each) for each in floors]
        labels = tuple(each for each in written if each is not None) if None not in written else None
    usable = isinstance(speed, int | float) and not isinstance(speed, bool) and 0 < speed < math.inf
    return Register(labels, float(speed) if usable else None, _day(attributes.get("install_date")))  # type: ignore[arg-type]


def _day(written: object) -> date | None:
    try:
        return date.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None


def check(test: ElevatorTest, known: Register, now: datetime) -> dict[str, str]:
    """What cannot be true of ``test``, by the path of each field; empty where all of it can."""
    wrong: dict[str, str] = {}
    if test.performed_at > now + AHEAD:
        wrong["performed_at"] = f"lies in the future; it is {now:%Y-%m-%dT%H:%M:%SZ} now"
    elif test.performed_at < now - OLDEST:
        wrong["performed_at"] = "lies more than 20 years back"
    # a day's grace: the day at the site may be another one than in UTC
    elif known.installed_on is not None and test.performed_at.date() + timedelta(days=1) < known.installed_on:
        wrong["performed_at"] = f"lies before the elevator was installed, on {known.installed_on}"
    certificates: dict[str, int] = {}
    for index, worker in enumerate(test.workers):
        first = certificates.setdefault(_plain(worker.certificate_no), index)
        if first != index:
            wrong[f"workers.{index}.certificate_no"] = f"is also that of workers.{first}"
        elif not any(letter.isdigit() for letter in worker.certificate_no):
            wrong[f"workers.{index}.certificate_no"] = "is no number of a certificate: it has no digit"
    if len(certificates) < 2:
        wrong.setdefault("workers", "a test is made by two different people, each with a certificate of their own")
    _check_floors(test.floors, known, wrong)
    _check_door(test, wrong)
    _check_car(test.car, known, wrong)
    return wrong


def _plain(words: str) -> str:
    return "".join(unicodedata.normalize("NFKC", words).casefold().split())


def _check_floors(floors: tuple[Floor, ...], known: Register, wrong: dict[str, str]) -> None:
    if not floors:
        wrong["floors"] = "at least one floor must be measured"
    first: dict[str, int] = {}
    for index, (floor, values) in enumerate(floors):
        path = f"floors.{index}"
        if known.floors is not None and floor not in known.floors:
            wrong[f"{path}.floor"] = f"no such floor: this elevator serves {_listed(known.floors)}"
        elif first.setdefault(floor, index) != index:
            wrong[f"{path}.floor"] = f"stands twice: also in floors.{first[floor]}"
        if not values:
            wrong[path] = "nothing was measured at this floor"
        for name, value in values.items():
            refusal = FLOOR_ITEMS[name].refusal(value)
            if refusal is not None:
                wrong[f"{path}.{name}"] = refusal
    for quantity in ("leveling", "holding"):
        _check_lengths(floors, quantity, wrong)


def _check_lengths(floors: tuple[Floor, ...], quantity: str, wrong: dict[str, str]) -> None:
    """Whether a test's lengths are in mm: a single one may be anything, all together cannot."""
    lengths = {
        f"floors.{index}.{name}": value
        for index, each in enumerate(floors)
        for name, value in each.values.items()
        if FLOOR_ITEMS[name].quantity == quantity and value
    }
    if not lengths:
        return
    path, value = next(iter(lengths.items()))
    largest = max(map(abs, lengths.values()))
    if largest < (_TOO_FINE_MM if len(lengths) > 1 else _TOO_FINE_ALONE_MM):
        wrong.setdefault(path, f"must be in mm; {value:g}, and no other larger than {_TOO_FINE_MM:g}, looks like m")
    elif len(lengths) >= _MANY and largest < _TOO_GOOD_MM:
        wrong.setdefault(path, f"must be in mm; {value:g}, and no other larger than {_TOO_GOOD_MM:g}, looks like cm")


def _listed(floors: tuple[str, ...]) -> str:
    return ", ".join(floors) if len(floors) <= 12 else f"{', '.join(floors[:6])} ... {floors[-1]}"


def _check_door(test: ElevatorTest, wrong: dict[str, str]) -> None:
    if test.door is not None:
        refusal = CLEAR_WIDTH.refusal(test.door.clear_width_mm)
        if refusal is not None:
            wrong["door.clear_width_mm"] = refusal
    elif any(name in values for _, values in test.floors for name in ("door_open_s", "door_close_s")):
        wrong["door"] = "is needed to judge the door times: type and clear_width_mm"


def _check_car(car: Mapping[str, float], known: Register, wrong: dict[str, str]) -> None:
    rated, measured = car.get("speed.rated_m_s"), car.get("speed.measured_m_s")
    for name, value in car.items():
        item = CAR_ITEMS[name]
        if name == "speed.measured_m_s" and (of := rated or known.rated_speed) and "speed.rated_m_s" not in wrong:
            item = item._replace(most=_stopped_at(of), mistaken=(("km/h", 1 / 3.6), *_SPEEDS))
        refusal = item.refusal(value)
        if refusal is not None:
            wrong[name] = refusal
    if rated is None and measured is not None and known.rated_speed is None:
        wrong["speed.rated_m_s"] = "is needed: the register does not say it"
    elif rated is not None and known.rated_speed is not None and not math.isclose(rated, known.rated_speed):
        wrong.setdefault("speed.rated_m_s", f"the register says {known.rated_speed:g} m/s")


def _stopped_at(rated: float) -> float:
    """m/s at which the governor has stopped a car of ``rated`` m/s at the latest (GB/T 7588.1-2020, EN 81-20,
    5.6.2.2.1.1): no faster one was measured."""
    return 1.5 if rated <= 1 else round(1.25 * rated + 0.25 / rated, 2)


def judge(test: ElevatorTest, known: Register, limits: Iterable[DatedLimit], on: date) -> list[Verdict]:
    """Every value of a test that ``check`` let pass, floor by floor, by each limit in force on the day ``on``."""
    rows = list(limits)
    kind, width = test.door or (None, None)
    verdicts: list[Verdict] = []

    def add(floor: str | None, name: str, quantity: str, value: float, unit: str) -> None:
        found = applicable(rows, quantity, on, kind, width)
        verdicts.extend(Verdict(floor, name, quantity, value, unit, each, each.met_by(value)) for each in found)
        if not found:
            verdicts.append(Verdict(floor, name, quantity, value, unit, None, None))

    for floor, values in test.floors:
        for name, item in FLOOR_ITEMS.items():
            if name in values:
                add(floor, name, item.quantity, values[name], item.unit)
    measured, rated = test.car.get("speed.measured_m_s"), test.car.get("speed.rated_m_s") or known.rated_speed
    if measured is not None and rated is not None:
        add(None, "speed.measured_m_s", SPEED[0], round(measured / rated * 100, 2), SPEED[1])
    for name, item in CAR_ITEMS.items():
        if name in test.car and name.startswith("vibration."):
            add(None, name, item.quantity, test.car[name], item.unit)
    return verdicts


def passed(verdicts: Iterable[Verdict]) -> bool | None:
    """The worst decides; None where no limit was in force for anything."""
    return decided(verdict.passed for verdict in verdicts)


def worst(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Of those that did not pass, the one furthest beyond its limit."""
    failed = [
        (verdict.limit.excess(verdict.value), verdict) for verdict in verdicts if verdict.limit and not verdict.passed
    ]
    return max(failed, key=lambda each: each[0])[1] if failed else None
