"""Every kind of condition: what it finds, what it leaves alone; and neither looks nor restarts make a difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.domain.alarm.condition import Circumstances, Condition
from facility_monitor.domain.alarm.condition.combination import Combination
from facility_monitor.domain.alarm.condition.dew_point import dew_point
from facility_monitor.domain.alarm.condition.kinds import KINDS, condition
from facility_monitor.domain.alarm.judge import Change
from facility_monitor.domain.code import newest
from facility_monitor.domain.instant import SECOND
from facility_monitor.domain.reading.reading import Quality
from facility_monitor.domain.text import LOCALES
from facility_monitor.store.codes import shipped
from tests.domain.condition.track import reading, rule, told

RAISED, RETURNED = Change.RAISED, Change.RETURNED


def moments(by: Condition, values: Sequence[tuple[float, float]], looks: Sequence[float] = ()) -> list[float]:
    """The seconds at which alarms were raised and returned in turn."""
    return [at for _, at, _ in told(rule(by), values, looks)]


def bound(by: Condition, **circumstances: object) -> Condition | None:
    return by.bound(Circumstances(**circumstances))  # type: ignore[arg-type]


def test_a_limit_goes_with_the_set_point_of_its_equipment() -> None:
    low = condition("limit", {"level": "low", "value": -20_000, "unit": "Pa", "relative_to": "set_point"})
    at_room = bound(low, attributes={"set_point": 450_000})
    assert at_room is not None
    assert moments(at_room, [(0, 430_000), (5, 429_999), (10, 430_000)]) == [5, 10]
    assert bound(low, attributes={}) is None
    assert bound(low, attributes={"set_point": "high"}) is None


def test_a_code_counts_by_the_code_set_of_its_equipment() -> None:
    spec = {
        "codes": [{"code_set": "GB/T 24476", "code": 11}, {"code_set": "Chongqing", "code": 93}],
        "default_code_set": "GB/T 24476",
    }
    trapped = condition("state", spec)
    own, other = bound(trapped), bound(trapped, attributes={"code_set": "Chongqing"})
    assert own is not None
    assert other is not None
    assert moments(own, [(0, 0), (5, 11), (10, 93), (15, 93)]) == [5, 10]
    assert moments(other, [(0, 11), (5, 93), (10, 0)]) == [5, 10]
    assert bound(trapped, attributes={"code_set": "maker's own"}) is None


def test_a_meaning_counts_whatever_its_number_in_the_code_set_and_is_told_by_its_name() -> None:
    codes = newest(shipped())
    trapped = condition("state", {"means": ["entrapment"]})
    own = bound(trapped, metric="fault_code", codes=codes)
    other = bound(trapped, metric="fault_code", codes=codes, attributes={"code_set": "Chongqing"})
    assert own is not None
    assert other is not None
    assert moments(own, [(0, 0), (5, 11), (10, 93)]) == [5, 10]
    assert moments(other, [(0, 11), (5, 93), (10, 0)]) == [5, 10]
    assert own.sentence(11) == {"zh-CN": "困人（代码 11）", "en": "People trapped (code 11)"}
    assert own != other
    assert bound(trapped, metric="fault_code", codes=codes, attributes={"code_set": "maker's own"}) is None
    rest = condition("state", {"values": [0], "means": ["entrapment"], "other": True})
    unknown = bound(rest, metric="fault_code", codes=codes, attributes={"code_set": "maker's own"})
    assert unknown is not None
    assert moments(unknown, [(0, 0), (5, 11)]) == [5], "a set that nobody has entered still has faults"


def test_a_pump_has_none_of_the_codes_of_elevators() -> None:
    tripped = condition("state", {"values": [7]})
    pump = bound(tripped, metric="fault_code", codes=newest(shipped()), equipment_kind="pump")
    car = bound(tripped, metric="fault_code", codes=newest(shipped()), equipment_kind="elevator")
    assert pump is not None
    assert car is not None
    assert pump.sentence(7) == {"zh-CN": "状态值 7", "en": "state 7"}
    assert car.sentence(7)["en"] == "Floor position lost (code 7)"


@pytest.mark.parametrize(
    ("kind", "spec", "value", "told"),
    [
        ("limit", {"level": "low", "value": 400_000, "unit": "Pa"}, 450_000, "0.45 MPa (limit 0.4 MPa)"),
        ("limit", {"level": "high", "value": 0.5, "unit": "1"}, 0, "reads 0"),
        ("silence", {"missed": 3}, 0, "readings come again"),
        ("quality", {"worst": "bad"}, 7, "readings are good again"),
        ("dew_point", {"margin": 3}, 5.5, "surface 5.5 K above the dew point (limit 3 K)"),
        (
            "combination",
            {"all": [{"metric": "a", "state": {"values": [1]}}]},
            0,
            "the conditions no longer hold together",
        ),
        ("state", {"values": [7]}, 0, "state 0"),
    ],
)
def test_what_has_ended_is_no_complaint(kind: str, spec: dict[str, Any], value: float, told: str) -> None:
    assert condition(kind, spec).over(value, 0, None)["en"] == told


def test_a_limit_between_off_and_on_is_told_without_its_number() -> None:
    smoke = condition("limit", {"level": "high", "value": 0.5, "unit": "1"})
    passed = condition("limit", {"level": "low", "value": 0.5, "unit": "1"})
    here = bound(smoke, metric="smoke_alarm", codes=newest(shipped()), equipment_kind="smoke_detector")
    assert here is not None
    assert here.sentence(1) == {"zh-CN": "读数为“报警”，正常为“无”", "en": "reads “Alarm”, normally “None”"}
    assert smoke.sentence(1) == {"zh-CN": "读数为 1，正常为 0", "en": "reads 1, normally 0"}
    assert passed.sentence(0) == {"zh-CN": "读数为 0，正常为 1", "en": "reads 0, normally 1"}


def test_parts_of_a_combination_are_told_by_the_names_of_their_own_metrics() -> None:
    both = {
        "all": [
            {"metric": "car_status", "state": {"values": [1]}},
            {"metric": "door_status", "state": {"means": ["open"]}},
        ]
    }
    names = {"car_status": {"zh-CN": "轿厢运行状态", "en": "Car"}}
    told_of = bound(condition("combination", both), metric="door_status", codes=newest(shipped()), metric_names=names)
    assert told_of is not None
    assert told_of.sentence(2)["en"] == "Car is Moving and door_status is Not closed"
    assert told_of.sentence(2)["zh-CN"] == "轿厢运行状态为运行且door_status为门未关到位"


TRAPPED = condition(
    "combination",
    {
        "metric": "code",
        "state": {"values": [11]},
        "until": {"all": [{"metric": "zone", "state": {"values": [1]}}, {"metric": "door", "state": {"values": [2]}}]},
    },
)


@pytest.mark.parametrize(
    ("seen", "changes"),
    [
        ([(0, 2, "zone"), (0, 1, "door"), (5, 11, "code"), (9, 0, "code"), (20, 1, "zone"), (25, 2, "door")], [5, 25]),
        # rescued while the code stands: over with the code, though the door has closed again by then
        ([(0, 2, "zone"), (5, 11, "code"), (8, 1, "zone"), (9, 2, "door"), (10, 1, "door"), (12, 0, "code")], [5, 12]),
        # nothing known of zone and door, or a contact that always says open: by the code alone
        ([(5, 11, "code"), (9, 0, "code")], [5, 9]),
        ([(0, 1, "zone"), (0, 2, "door"), (5, 11, "code"), (9, 0, "code")], [5, 9]),
    ],
)  # fmt: skip
def test_a_combination_that_waits_returns_only_after_that_was_seen(seen: Any, changes: list[float]) -> None:
    assert moments(TRAPPED, seen, looks=range(30)) == changes


CHOICE = condition(
    "combination",
    {
        "any": [
            {"metric": "code", "state": {"values": [11]}},
            {
                "all": [
                    {"metric": "zone", "state": {"values": [2]}, "for_s": 4},
                    {"metric": "inside", "state": {"values": [1]}},
                ]
            },
        ],
        "until": {"metric": "door", "state": {"values": [2]}},
    },
)


@pytest.mark.parametrize(
    ("seen", "changes"),
    [
        # what has sent nothing stands in no other's way, neither of the beginning nor of the end
        ([(5, 11, "code"), (9, 0, "code")], [5, 9]),
        ([(0, 1, "inside"), (2, 2, "zone"), (12, 1, "zone")], [6, 12]),
        # one condition, whichever tells it: the code after the standing begins nothing anew, nor does its going end it
        (
            [(0, 1, "inside"), (0, 1, "door"), (2, 2, "zone"), (9, 11, "code"), (12, 0, "code"), (15, 0, "inside"),
             (20, 2, "door")],
            [6, 20],
        ),
    ],
)  # fmt: skip
def test_a_choice_is_one_condition_of_which_the_parts_need_not_all_be_known(seen: Any, changes: list[float]) -> None:
    assert moments(CHOICE, seen, looks=range(30)) == changes
    assert CHOICE.sentence(11) == {"zh-CN": "状态值 11", "en": "state 11"}
    assert CHOICE.sentence(0)["en"] == "zone is 2 for 4 s and inside is 1"


def test_any_other_state() -> None:
    assert moments(condition("state", {"values": [0, 1], "other": True}), [(0, 0), (1, 2), (2, 1)]) == [1, 2]


BURST = condition("rate", {"way": "down", "change": 50_000, "span_s": 10, "unit": "Pa"})


def test_a_fall_within_the_span_raises_and_is_over_once_the_span_has_passed() -> None:
    values = [(0, 450_000), (5, 448_000), (10, 399_000), (15, 398_000), (20, 399_000)]
    assert told(rule(BURST), values) == [(RAISED, 10.0, -51_000.0), (RETURNED, 10.000001, -49_000.0)]


def test_a_slow_fall_is_no_burst() -> None:
    assert moments(BURST, [(n * 5, 450_000 - n * 20_000) for n in range(20)]) == []


def test_a_rise_is_not_a_fall_and_either_way_takes_both() -> None:
    up = [(0, 100.0), (1, 200.0), (60, 100.0)]
    spec = {"change": 50, "span_s": 10, "unit": "Pa"}
    assert moments(condition("rate", {"way": "down", **spec}), up) == []
    assert moments(condition("rate", {"way": "either", **spec}), up)[0] == 1


def test_readings_farther_apart_than_the_span_tell_no_rate() -> None:
    assert moments(BURST, [(0, 450_000), (11, 100_000), (22, 450_000)]) == []


STUCK = condition("stuck", {"for_s": 60, "band": 0.1, "rest": [0]})


def test_a_value_is_stuck_once_it_has_not_moved_for_so_long() -> None:
    assert moments(STUCK, [(n * 10, 20.05 if n % 2 else 20.0) for n in range(12)]) == [60]
    assert moments(STUCK, [(n * 10, 20.0 + 0.06 * n) for n in range(12)]) == []
    assert moments(STUCK, [(n * 10, 0.0) for n in range(12)]) == []
    assert moments(STUCK, [(0, 20), (50, 20), (100, 20), (110, 25)]) == [100, 110]


def test_silence_is_told_by_the_clock_and_ended_by_a_reading() -> None:
    silent = bound(condition("silence", {}), report_period=10 * SECOND)
    assert silent is not None
    values = [(n * 10, 1.0) for n in range(5)] + [(100, 1.0)]
    said = [(RAISED, 70.0, 30.0), (RETURNED, 100.0, 0.0)]
    assert told(rule(silent), values) == said
    assert told(rule(silent), values, looks=[50, 69, 70.1, 90]) == said
    assert moments(silent, [(0, 1.0)], looks=[29.9]) == []


def test_what_protects_people_may_be_silent_for_two_periods_only() -> None:
    silent = bound(condition("silence", {}), report_period=10 * SECOND, life_safety=True)
    assert silent is not None
    assert moments(silent, [(0, 1.0), (25, 1.0)]) == [20, 25]


def test_a_report_period_is_learned_and_gaps_do_not_move_it() -> None:
    silent = bound(condition("silence", {}))
    assert silent is not None
    regular = [(n * 10, 1.0) for n in range(8)]
    assert moments(silent, regular, looks=[99, 101]) == [100]
    twice_away = [*regular, (170, 1.0), *((180 + n * 10, 1.0) for n in range(5)), (400, 1.0), (410, 1.0)]
    assert moments(silent, twice_away) == [100, 170, 250, 400]
    assert moments(silent, [(0, 1.0), (10, 1.0), (5000, 1.0)]) == []


def test_reports_that_come_irregularly_are_given_more_time() -> None:
    silent = bound(condition("silence", {}))
    assert silent is not None
    at, values = 0.0, []
    for n in range(40):
        at += 100 if n % 3 == 0 else 5
        values.append((at, 1.0))
    assert moments(silent, values, looks=[at + 149]) == []
    assert moments(silent, values, looks=[at + 151]) == [at + 150]


def test_bad_quality() -> None:
    bad = condition("quality", {"worst": "uncertain"})
    assert [bad.signal(reading(0, 1, quality)).name for quality in Quality] == ["NORMAL", "ABNORMAL", "ABNORMAL"]


def test_too_many_starts_within_a_window() -> None:
    starts = condition("times", {"count": 3, "within_s": 60, "of": {"state": {"values": [1]}}})
    on_off = [(at + part, 1.0 - part / 2) for at in (0, 20, 40, 100, 130) for part in (0, 2)]
    assert told(rule(starts), on_off) == [(RAISED, 40.0, 3.0), (RETURNED, 60.0, 2.0)]


def test_the_dew_point_is_that_of_the_tables() -> None:
    # psychrometric tables: 25 Cel at 60 %RH 16.7 Cel, 20 Cel at 50 %RH 9.3 Cel, saturated air its own temperature
    assert dew_point(25, 60) == pytest.approx(16.7, abs=0.05)
    assert dew_point(20, 50) == pytest.approx(9.26, abs=0.05)
    assert dew_point(12, 100) == pytest.approx(12)


def test_condensation_takes_three_points_and_is_silent_until_all_have_spoken() -> None:
    dew = condition("dew_point", {"margin": 3, "deadband": 0.5})
    values = [(0, 25.0, "temperature"), (1, 19.0, "surface_temperature"), (2, 60.0, "humidity"), (3, 70.0, "humidity")]
    (raised,) = told(rule(dew), values)
    assert raised[:2] == (RAISED, 2.0)
    assert raised[2] == pytest.approx(19 - 16.7, abs=0.05)
    assert told(rule(dew), [(0, 25.0, "temperature"), (2, 99.0, "humidity")]) == []


def combination(**spec: object) -> Combination:
    made = condition("combination", spec)
    assert isinstance(made, Combination)
    return made


RUNNING = {"metric": "pump_running", "state": {"values": [1]}}
PRESSURE_LOW = {"metric": "pressure", "limit": {"level": "low", "value": 400, "unit": "Pa", "deadband": 10}}


def test_pump_running_and_pressure_low() -> None:
    both = combination(all=[RUNNING, PRESSURE_LOW])
    assert both.inputs == ("pump_running", "pressure")
    values = [
        *((0, 450.0, "pressure"), (1, 1.0, "pump_running"), (2, 390.0, "pressure"), (3, 405.0, "pressure")),
        *((4, 411.0, "pressure"), (5, 390.0, "pressure"), (6, 0.0, "pump_running")),
    ]
    assert [at for _, at, _ in told(rule(both), values)] == [2, 4, 5, 6]


def test_a_part_that_has_sent_nothing_decides_nothing() -> None:
    assert told(rule(combination(all=[RUNNING, PRESSURE_LOW])), [(0, 390.0, "pressure")]) == []
    assert told(rule(combination(all=[PRESSURE_LOW, {"not": RUNNING}])), [(0, 390.0, "pressure")]) == []
    either = combination(any=[RUNNING, PRESSURE_LOW])
    assert [at for _, at, _ in told(rule(either), [(0, 390.0, "pressure")])] == [0]


def test_not_within_a_time_is_told_by_the_clock() -> None:
    """The pump has run for 30 s, and the pressure is still low."""
    weak = combination(all=[{**RUNNING, "for_s": 30}, PRESSURE_LOW])
    values = [(0, 390.0, "pressure"), (10, 1.0, "pump_running")]
    assert [at for _, at, _ in told(rule(weak), values, looks=[39, 41])] == [40]
    recovered = [*values, (35, 450.0, "pressure")]
    assert told(rule(weak), recovered, looks=[39, 41, 60]) == []


def test_one_within_a_time_of_the_other() -> None:
    """The pressure is low, and the pump ran at some time within the last 30 s."""
    close = combination(all=[PRESSURE_LOW, {**RUNNING, "within_s": 30}])
    ran = [(0, 450.0, "pressure"), (1, 1.0, "pump_running"), (10, 0.0, "pump_running")]
    assert [at for _, at, _ in told(rule(close), [*ran, (30, 390.0, "pressure")], looks=[60])] == [30, 40.000001]
    assert told(rule(close), [*ran, (41, 390.0, "pressure")], looks=[60]) == []


SAMPLES: dict[str, dict[str, object]] = {
    "limit": {"level": "high", "value": 2, "unit": "1", "deadband": 1},
    "state": {"values": [2, 3]},
    "quality": {},
    "rate": {"way": "either", "change": 1.5, "span_s": 20, "unit": "1", "deadband": 0.5},
    "stuck": {"for_s": 30, "band": 0},
    "silence": {"missed": 2},
    "times": {"count": 2, "within_s": 40, "of": {"limit": {"level": "high", "value": 2, "unit": "1"}}},
    "dew_point": {"margin": 3, "surface": "x", "temperature": "y", "humidity": "z"},
    "combination": {
        "any": [
            {"metric": "x", "limit": {"level": "high", "value": 2, "unit": "1", "deadband": 1}, "for_s": 15},
            {
                "all": [
                    {"metric": "y", "state": {"values": [1]}, "within_s": 25},
                    {"not": {"metric": "z", "state": {"values": [0]}}},
                ]
            },
        ]
    },
}


def test_every_kind_is_tried_here() -> None:
    assert set(SAMPLES) <= set(KINDS)


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_kind_says_what_it_saw_in_every_language(kind: str) -> None:
    said = condition(kind, SAMPLES[kind]).sentence(2.5)
    assert set(said) == set(LOCALES)
    assert all(said.values())


Steps = list[tuple[float, float] | tuple[float, float, str]]
LEVEL: Steps = [(0, 0), (10, 3), (20, 3), (30, 3), (50, 0), (60, 0)]
WET: Steps = [(0, 25, "temperature"), (1, 19, "surface_temperature"), (2, 60, "humidity"), (3, 60, "humidity")]
FLUCTUATION: dict[str, object] = {"unit": "Cel", "learn_readings": 60, "follow_s": 600, "spreads": 4, "tolerance": 1}
STEADY: Steps = [(at, 10 + at % 3 / 10) for at in range(100)]
EXCURSIONS: dict[str, tuple[dict[str, object], Steps]] = {
    "limit": (SAMPLES["limit"], LEVEL),
    "state": (SAMPLES["state"], LEVEL),
    "quality": (SAMPLES["quality"], [(0, 1), (10, 1, "bad"), (20, 1, "bad"), (50, 1)]),
    "rate": (SAMPLES["rate"], [(0, 0), (10, 3), (20, 6), (30, 9), (40, 9), (50, 9), (60, 9)]),
    "stuck": (SAMPLES["stuck"], [*((at, 1) for at in range(0, 90, 10)), (90, 2), (100, 3), (110, 2)]),
    "silence": (
        {"missed": 2, "period_s": 10},
        [*((at, 1) for at in (0, 10, 20)), *((at, 1) for at in range(100, 310, 10))],
    ),
    "times": (SAMPLES["times"], [(0, 0), (10, 3), (15, 0), (20, 3), (25, 0), (70, 0)]),
    "dew_point": ({"margin": 3}, [*WET, (60, 30, "humidity")]),
    "combination": (
        {"all": [RUNNING, PRESSURE_LOW]},
        [
            (0, 390, "pressure"),
            (1, 0, "pump_running"),
            (10, 1, "pump_running"),
            (20, 390, "pressure"),
            (50, 0, "pump_running"),
        ],
    ),
    "fluctuation": (
        FLUCTUATION,
        [*STEADY, *((at, 20) for at in range(100, 130)), *((at, 10) for at in range(130, 160))],
    ),
}
"""Of each kind one stretch that is abnormal once, for 20 s at least."""


@pytest.mark.parametrize("kind", EXCURSIONS)
def test_delays_the_misread_filter_and_realarms_are_the_same_for_every_kind(kind: str) -> None:
    spec, values = EXCURSIONS[kind]
    watched = condition(kind, spec)
    end = [300.0]

    def said(**fields: Any) -> list[tuple[Change, float]]:
        return [(change, round(at, 3)) for change, at, _ in told(rule(watched, **fields), values, end)]

    (raised, begun), (returned, over) = said()
    assert (raised, returned, over - begun >= 20) == (RAISED, RETURNED, True)
    assert said(on=5) == [(RAISED, begun + 5), (RETURNED, over)]
    assert said(off=5) == [(RAISED, begun), (RETURNED, over + 5)]
    assert said(on=over - begun + 1) == []
    again = [(Change.REALARMED, begun + after) for after in range(8, int(over - begun) + 1, 8) if begun + after < over]
    assert said(realarm=8) == [(RAISED, begun), *again, (RETURNED, over)]
    # what a single reading tells is told once the next one agrees; what the passing of time tells needs no second
    readings = [each[0] for each in values]
    confirmed = next((at for at in readings if at > begun), begun) if begun in readings else begun
    assert said(misread_filter=True) == [(RAISED, confirmed), (RETURNED, over)]


def test_every_kind_of_one_point_has_such_a_stretch() -> None:
    assert set(KINDS) - set(EXCURSIONS) == {"joint"}, "which is tried in test_joint"


streams = st.lists(
    st.tuples(st.integers(1, 30), st.integers(0, 4), st.sampled_from(["x", "y", "z"])), min_size=1, max_size=40
)


@pytest.mark.parametrize("kind", SAMPLES)
@given(stream=streams, looks=st.lists(st.integers(0, 1500), max_size=50), on=st.sampled_from([0, 10]))
def test_neither_looks_at_the_clock_nor_restarts_change_a_verdict(
    kind: str, stream: list[tuple[int, int, str]], looks: list[int], on: int
) -> None:
    by = rule(condition(kind, SAMPLES[kind]), on=on, off=5)
    at, values = 0, []
    for gap, value, metric in stream:
        at += gap
        if metric == "x" or by.condition.inputs:
            values.append((float(at), float(value), metric))
    end = [float(at + 100)]
    assert told(by, values, [float(look) for look in looks if look < at + 100] + end) == told(by, values, end)
