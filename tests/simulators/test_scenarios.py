"""What a scenario says should alarm is found in its values, and nothing else is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice

import pytest

from simulators.catalogue import SCENARIOS, scenario
from simulators.errors import SimulatorError
from simulators.limits import LIMITS
from simulators.message import Message, Value
from simulators.scenarios import Truth
from simulators.sites import Device, demo_devices, generated_devices
from simulators.stream import messages
from tests.simulators.judge import find_episodes

ZERO = 1_781_000_000.0
WITH_TRUTH = [name for name, known in SCENARIOS.items() if known.truth and name != "demo"]


def occurrences(known: Truth, until: float) -> Iterator[tuple[float, float, float]]:
    """(raised from, raised to, normal by) of each time a truth comes true, in seconds after the start."""
    period = known.every_s or math.inf
    shift = 0.0
    while known.raised_s[0] + shift < until:
        yield known.raised_s[0] + shift, known.raised_s[1] + shift, known.normal_by_s + shift
        shift += period


def check_truth(name: str, devices: Sequence[Device], *, seed: int, zero: float, duration_s: float) -> None:
    chosen = scenario(name)
    kinds = {device.code: device.kind.code for device in devices}
    stream = messages(chosen, devices, seed=seed, zero=zero, history_s=chosen.history_s, duration_s=duration_s)
    episodes = find_episodes(kinds, stream)
    explained = set()
    for known in chosen.truth:
        device = chosen.device(devices, known.kind, known.number).code
        mine = [episode for episode in episodes if (episode.device, episode.limit) == (device, known.limit)]
        for raised_from, raised_to, normal_by in occurrences(known, duration_s):
            raised = [episode.raised_at - zero for episode in mine]
            if raised_to < duration_s:
                assert any(raised_from <= at <= raised_to for at in raised), (device, known.limit, raised_from, raised)
            for episode in mine:
                if raised_from <= episode.raised_at - zero < normal_by:
                    explained.add(id(episode))
                    assert normal_by > duration_s or episode.returned_at - zero <= normal_by, (episode, zero)
    assert [episode for episode in episodes if id(episode) not in explained] == [], (
        "alarms that the truth does not name"
    )


@pytest.mark.parametrize("name", WITH_TRUTH)
def test_exactly_what_the_truth_names_alarms(name: str) -> None:
    duration_s = scenario(name).duration_s
    assert duration_s is not None
    check_truth(name, generated_devices(5), seed=1, zero=ZERO, duration_s=duration_s)


@pytest.mark.parametrize("name", WITH_TRUTH)
def test_the_truth_holds_for_other_seeds_and_hours_too(name: str) -> None:
    chosen = scenario(name)
    assert chosen.duration_s is not None
    alone = generated_devices(1, kind=chosen.truth[0].kind)
    for seed in (20, 33):
        check_truth(name, alone, seed=seed, zero=ZERO + seed * 15_300, duration_s=chosen.duration_s)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_demo_alarms_as_its_truth_says_by_day_and_by_night(seed: int) -> None:
    check_truth("demo", demo_devices(), seed=seed, zero=ZERO + seed * 8 * 3600, duration_s=7500.0)


@pytest.mark.parametrize(("seed", "zero"), [(1, 1_768_000_000.0), (7, 1_781_900_000.0), (42, 1_785_800_000.0)])
def test_nothing_alarms_on_a_quiet_day_in_winter_plum_rains_and_summer(seed: int, zero: float) -> None:
    devices = generated_devices(5)
    kinds = {device.code: device.kind.code for device in devices}
    stream = list(messages(scenario("quiet-day"), devices, seed=seed, zero=zero, duration_s=86400.0))
    assert stream[-1].at - stream[0].at > 86300
    assert find_episodes(kinds, stream) == []


def test_a_quiet_day_keeps_well_inside_the_alarm_threshold_of_smoke() -> None:
    devices = generated_devices(5, kind="smoke_detector")
    stream = messages(scenario("quiet-day"), devices, seed=4, zero=ZERO, duration_s=86400.0)
    assert max(message.values["smoke_obscuration"] for message in stream) < 0.05


def test_the_demo_humidity_stays_above_80_from_ten_minutes_before_its_start() -> None:
    humid = [
        (message.at - ZERO, message.values["humidity"])
        for message in messages(scenario("demo"), demo_devices(), seed=1, zero=ZERO, history_s=1800, duration_s=600)
        if message.device == "dr-1-env"
    ]
    assert humid[0][0] < -1780
    assert humid[0][1] < 65
    last_below = max(at for at, value in humid if value <= 80)
    assert -605 < last_below < -570
    assert all(value > 80 for at, value in humid if at > last_below)


@pytest.mark.parametrize("history_s", [0.0, 900.0])
def test_a_shorter_history_leaves_the_demo_rooms_humidity_where_it_would_be(history_s: float) -> None:
    def at_start(history: float) -> Value:
        stream = messages(scenario("demo"), demo_devices(), seed=5, zero=ZERO, history_s=history, duration_s=60)
        return next(m.values["humidity"] for m in stream if m.device == "dr-1-env" and m.at >= ZERO)

    assert at_start(history_s) == pytest.approx(at_start(1800.0), abs=0.5)


def test_the_same_seed_gives_the_same_messages_and_another_seed_others() -> None:
    def first(seed: int) -> list[Message]:
        return list(islice(messages(scenario("demo"), demo_devices(), seed=seed, zero=ZERO, history_s=600), 3000))

    assert first(3) == first(3)
    assert first(3) != first(4)


def test_messages_come_in_the_order_of_event_time() -> None:
    stream = islice(messages(scenario("demo"), demo_devices(), seed=1, zero=ZERO, history_s=1800), 5000)
    times = [message.at for message in stream]
    assert times == sorted(times)
    assert times[0] >= ZERO - 1800


def test_every_device_reports_all_of_its_points_first_and_then_no_others() -> None:
    devices = demo_devices()
    points = {device.code: {point.key for point in device.kind.points} for device in devices}
    seen = set()
    for message in messages(scenario("demo"), devices, seed=1, zero=ZERO, duration_s=300):
        if message.device not in seen:
            assert set(message.values) == points[message.device]
        assert set(message.values) <= points[message.device]
        seen.add(message.device)
    assert seen == set(points)


def test_counters_never_go_back_over_a_restart() -> None:
    counters = {"present_counter_value", "door_count", "rope_bend_count", "total_running_time", "run_distance"}
    counters |= {"pump_starts", "level_trigger_count"}
    devices = [device for device in demo_devices() if device.code in ("el-1-gw", "pr-1-plc")]
    last: dict[str, Value] = {}
    for start, duration_s in ((ZERO, 86_340.0), (ZERO + 86_400, 60.0)):
        for message in messages(scenario("quiet-day"), devices, seed=2, zero=start, duration_s=duration_s):
            for key in counters & set(message.values):
                assert message.values[key] >= last.get(key, 0), key
                last[key] = message.values[key]
    assert set(last) == counters


def test_elevator_counters_count_what_the_car_does() -> None:
    devices = [device for device in demo_devices() if device.code == "el-1-gw"]
    values: dict[str, Value] = {}
    first: dict[str, Value] = {}
    runs = doors = 0
    for message in messages(scenario("quiet-day"), devices, seed=2, zero=ZERO, duration_s=7200):
        before = dict(values)
        values.update(message.values)
        first = first or dict(values)
        runs += before.get("car_status") == 1 and values["car_status"] == 0
        doors += before.get("door_status") == 2 and values["door_status"] == 1
    assert runs > 20
    assert values["present_counter_value"] - first["present_counter_value"] == runs
    assert values["door_count"] - first["door_count"] == doors


def test_an_entrapment_is_seen_as_the_standard_writes_it() -> None:
    devices = generated_devices(1, kind="elevator")
    values: dict[str, Value] = {}
    codes: list[Value] = []
    for message in messages(scenario("entrapment"), devices, seed=1, zero=ZERO, duration_s=3600):
        values.update(message.values)
        if not codes or codes[-1] != values["fault_code"]:
            codes.append(values["fault_code"])
        if values["fault_code"] == 11 and values["service_mode"] == 1:
            assert (values["door_zone"], values["passenger_status"], values["car_status"]) == (2, 1, 0)
    assert codes == [0, 4, 11, 0]
    assert (values["service_mode"], values["passenger_status"]) == (1, 2)


def test_every_truth_names_a_known_limit_of_its_kind() -> None:
    for known in (truth for chosen in SCENARIOS.values() for truth in chosen.truth):
        assert LIMITS[known.limit].kind == known.kind


def test_a_site_too_small_for_a_scenario_is_refused() -> None:
    with pytest.raises(SimulatorError, match="demo needs smoke_detector number 17; the site has fewer"):
        messages(scenario("demo"), generated_devices(5), seed=1, zero=ZERO)
    with pytest.raises(SimulatorError, match="unknown scenario"):
        scenario("flood")
