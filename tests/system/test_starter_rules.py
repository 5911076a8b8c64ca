"""The starter rules on simulated sites: what a scenario's truth names alarms, in time, and nothing else does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from facility_monitor import catalogue
from facility_monitor.domain.alarm.backtest import Episode, backtest
from facility_monitor.domain.alarm.condition import Circumstances
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.alarm.rule_document import parsed
from facility_monitor.domain.code import newest
from facility_monitor.domain.instant import SECOND
from facility_monitor.domain.limit import by_quantity
from facility_monitor.domain.plant import Point
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.store import codes
from facility_monitor.store.limits import shipped
from simulators.catalogue import SCENARIOS, scenario
from simulators.scenarios import Scenario, Truth
from simulators.sites import Device, generated_devices
from simulators.stream import messages

ZERO = 1_781_000_000.0
WITH_TRUTH = [name for name, known in SCENARIOS.items() if known.truth and name != "demo"]
REPORT_S = {"distribution_room": 10, "pump_room": 5, "elevator": 5, "smoke_detector": 60, "fire_pump": 10}
LIFE_SAFETY = {"elevator", "smoke_detector", "fire_pump"}

FINDS: dict[str, set[str]] = {
    "humidity_warning": {"distribution-room-humidity-high"},
    "humidity_high": {"distribution-room-humidity-high-high"},
    "temperature_high": {"distribution-room-temperature-high", "distribution-room-temperature-high-high"},
    "temperature_low": {"distribution-room-temperature-low"},
    "condensation": {"distribution-room-condensation"},
    "water_leak": {"distribution-room-water-leak"},
    "pressure_deviation": {"pump-room-pressure-low", "pump-room-pressure-high"},
    "pressure_low": {"pump-room-pressure-low-low"},
    "pressure_high": {"pump-room-pressure-high-high"},
    "pressure_drop": {"pump-room-burst"},
    "suction_low": {"pump-room-suction-low"},
    "water_level_low": {"pump-room-water-level-low"},
    "water_level_high": {"pump-room-water-level-high"},
    "fault_code": {"elevator-fault", "elevator-entrapment", "elevator-overtravel"},
    "stopped_outside_door_zone": {"elevator-stopped-outside-door-zone", "elevator-entrapment"},
    "leveling_error": {"elevator-leveling-high", "elevator-leveling-low"},
    "door_open_time": {"elevator-door-open-slow"},
    "door_close_time": {"elevator-door-close-slow"},
    "motor_temperature": {"elevator-motor-hot"},
    "smoke_alarm": {"smoke-alarm"},
    "contamination": {"smoke-detector-contaminated"},
    "battery_low": {"smoke-detector-battery-low"},
    "chamber_temperature": {"smoke-detector-hot"},
    "self_test_failed": {"smoke-detector-self-test-failed"},
    "fire_main_low": {"fire-main-pressure-low"},
    "fire_pump_running": {"fire-pump-running"},
}
"""By each limit that a truth may speak of, the starter rules that find it."""


def starter_rules() -> list[Rule]:
    documents = catalogue.read("rules")
    return [parsed(number, each.pop("code"), 1, each) for number, each in enumerate(documents)]


def site(devices: Sequence[Device]) -> tuple[dict[int, Point], dict[tuple[str, str], int]]:
    """The points of a simulated site with their rules, and their numbers by device and key."""
    rules = starter_rules()
    points: dict[int, Point] = {}
    numbers: dict[tuple[str, str], int] = {}
    for equipment, device in enumerate(devices):
        kind = device.kind.code
        to = Circumstances(
            {"pressure_set_point": 450_000},
            REPORT_S[kind] * SECOND,
            kind in LIFE_SAFETY,
            by_quantity(shipped()),
            codes=newest(codes.shipped()),
        )
        for each in device.kind.points:
            watching = []
            for rule in rules:
                condition = rule.condition.bound(replace(to, metric=rule.scope.metric))
                if rule.scope.metric == each.key and rule.scope.equipment_kind in (None, kind) and condition:
                    watching.append(replace(rule, condition=condition))
            number = len(points)
            numbers[device.code, each.key] = number
            points[number] = Point(number, equipment, 0, tuple(watching), metric=each.key)
    return points, numbers


def found(chosen: Scenario, devices: Sequence[Device], *, seed: int, duration_s: float) -> dict[str, list[Episode]]:
    """What the starter rules raise in a scenario, by device."""
    points, numbers = site(devices)

    def readings() -> Iterator[Reading]:
        stream = messages(chosen, devices, seed=seed, zero=ZERO, history_s=chosen.history_s, duration_s=duration_s)
        for count, message in enumerate(stream):
            at = round(message.at * SECOND)
            for key, value in message.values.items():
                yield Reading(numbers[message.device, key], at, count, float(value), Quality.GOOD, at)

    by_device = defaultdict(list)
    of_point = {number: device for (device, _), number in numbers.items()}
    for episode in backtest(points, readings()):
        by_device[of_point[episode.point_id]].append(episode)
    return by_device


def explains(known: Truth, episode: Episode) -> bool:
    raised_s = episode.raised_at / SECOND - ZERO
    delay_s = episode.rule.on_delay / SECOND
    shift = 0.0
    if known.every_s is not None and raised_s > known.raised_s[0]:
        shift = (raised_s - known.raised_s[0]) // known.every_s * known.every_s
    return episode.rule.code in FINDS[known.limit] and known.raised_s[0] + shift <= raised_s < (
        known.normal_by_s + shift + delay_s
    )


@pytest.mark.parametrize("name", WITH_TRUTH)
def test_what_the_truth_names_alarms_in_time_and_nothing_else_does(name: str) -> None:
    chosen = scenario(name)
    assert chosen.duration_s is not None
    devices = generated_devices(5)
    by_device = found(chosen, devices, seed=1, duration_s=chosen.duration_s)
    truths: dict[str, list[Truth]] = defaultdict(list)
    for known in chosen.truth:
        device = chosen.device(devices, known.kind, known.number).code
        truths[device].append(known)
        delays = {rule.code: rule.on_delay / SECOND for rule in starter_rules()}
        in_time = [
            episode
            for episode in by_device[device]
            if episode.rule.code in FINDS[known.limit]
            and known.raised_s[0] <= episode.raised_at / SECOND - ZERO <= known.raised_s[1] + delays[episode.rule.code]
        ]
        late = known.raised_s[1] + min(delays[code] for code in FINDS[known.limit]) > known.normal_by_s
        assert in_time or late, (
            known,
            [(each.rule.code, each.raised_at / SECOND - ZERO) for each in by_device[device]],
        )
    for device, episodes in by_device.items():
        for episode in episodes:
            assert any(explains(known, episode) for known in truths[device]), (
                device,
                episode.rule.code,
                episode.raised_at / SECOND - ZERO,
            )


def test_nothing_alarms_on_a_quiet_day() -> None:
    quiet = found(scenario("quiet-day"), generated_devices(5), seed=1, duration_s=6 * 3600)
    assert {device: [each.rule.code for each in episodes] for device, episodes in quiet.items()} == {}


LEARNING_S = 30 * 3600.0
"""More than the day that the fluctuation rules learn."""
FLUCTUATION = {each.code for each in starter_rules() if each.condition.kind in ("fluctuation", "joint")}


def learned(devices: Sequence[Device]) -> list[Device]:
    """The first device of each kind at which a fluctuation rule watches."""
    return [each for each in devices if each.kind.code in ("distribution_room", "pump_room") and each.number == 1]


@pytest.mark.parametrize(
    ("name", "finds"),
    [
        ("humidity-leak", {"distribution-room-humidity-fluctuation"}),
        ("pump-burst", {"pump-room-pressure-fluctuation", "pump-room-joint-fluctuation"}),
        ("pressure-sensor-drift", {"pump-room-pressure-fluctuation", "pump-room-joint-fluctuation"}),
        ("suction-low", {"pump-room-joint-fluctuation"}),
    ],
)
def test_what_was_learned_in_a_day_finds_what_fluctuates(name: str, finds: set[str]) -> None:
    chosen = replace(scenario(name), history_s=LEARNING_S)
    assert chosen.duration_s is not None
    by_device = found(chosen, learned(generated_devices(5)), seed=1, duration_s=chosen.duration_s)
    episodes = [each for episodes in by_device.values() for each in episodes if each.rule.code in FLUCTUATION]
    assert {each.rule.code for each in episodes} == finds
    begins, ends = chosen.placed[0].incident.at_s, max(each.normal_by_s for each in chosen.truth)
    for each in episodes:
        assert begins <= each.raised_at / SECOND - ZERO <= ends
        assert ", usually " in each.seen["en"]


def test_nothing_fluctuates_on_a_quiet_day() -> None:
    quiet = replace(scenario("quiet-day"), history_s=LEARNING_S)
    by_device = found(quiet, learned(generated_devices(5)), seed=2, duration_s=86400)
    assert {device: [each.rule.code for each in episodes] for device, episodes in by_device.items()} == {}


def test_every_limit_that_a_truth_may_speak_of_has_a_starter_rule() -> None:
    codes = {rule.code for rule in starter_rules()}
    assert set(FINDS) >= {known.limit for each in SCENARIOS.values() for known in each.truth}
    assert all(rules <= codes for rules in FINDS.values())


@pytest.mark.parametrize("coded_s", [(0, 120), (60, 120), (0, 0)])
def test_people_are_trapped_until_the_car_stands_at_a_floor_with_its_door_open(coded_s: tuple[float, float]) -> None:
    """One alarm from the first sign on. The scenario's code goes with the rescue; here it goes early, as where a
    gateway starts anew, comes later than the car's own standing tells it, or never."""
    chosen = scenario("entrapment")
    devices = generated_devices(5)
    lift = chosen.device(devices, "elevator", chosen.truth[0].number)
    points, numbers = site(devices)
    stream = messages(chosen, devices, seed=1, zero=ZERO, history_s=chosen.history_s, duration_s=chosen.duration_s)
    told, opened = [], None
    for count, message in enumerate(stream):
        at = message.at - ZERO
        if message.device != lift.code:
            continue
        for key, value in message.values.items():
            coded = coded_s[0] <= at - chosen.truth[0].raised_s[0] < coded_s[1]
            known = 0.0 if key == "fault_code" and not coded else float(value)
            told.append(
                Reading(
                    numbers[lift.code, key],
                    round(message.at * SECOND),
                    count,
                    known,
                    Quality.GOOD,
                    round(message.at * SECOND),
                )
            )
        if opened is None and at > 720 and message.values.get("door_status") == 2:
            opened = at
    raised = [(each.rule.code, each) for each in backtest(points, told)]
    (trapped,) = [each for code, each in raised if code == "elevator-entrapment"]
    stood = dict(raised)["elevator-stopped-outside-door-zone"].raised_at
    # what the car does tells it as soon as it has stood between floors for long enough, a code of its own may be later
    assert trapped.raised_at == stood
    assert opened is not None
    assert trapped.cleared_at is not None
    assert 0 <= trapped.cleared_at / SECOND - ZERO - opened <= 1
