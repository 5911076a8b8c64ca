"""Fluctuation: a point against its own learned normal, which no anomaly may poison and no restart may change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from math import pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facility_monitor.domain.alarm.condition import Seen, Signal
from facility_monitor.domain.alarm.condition.fluctuation import Fluctuation
from facility_monitor.domain.alarm.condition.normal import Allowance, Learning, Watch
from facility_monitor.domain.instant import SECOND, Instant
from facility_monitor.domain.reading.reading import Quality, Reading

LEARNED = 100
HOUR = 3600


def condition(
    readings: int = LEARNED,
    spreads: float = 4,
    tolerance: float = 0,
    share: float = 0,
    smooth: float = 0,
    follow: float = 600,
    relearn: float | None = None,
    by_hour: bool = False,
    period: float = 0,
) -> Fluctuation:
    return Fluctuation(
        "Cel",
        Learning(readings, round(period * SECOND), round(smooth * SECOND), round(follow * SECOND), by_hour),
        Allowance(spreads, tolerance, share),
        Watch(0.6, None if relearn is None else round(relearn * SECOND)),
    )


def noise(count: int, centre: float = 20.0, width: float = 1.0) -> list[float]:
    """Even over ``width``, in an order that looks like chance and is none."""
    return [centre + width * ((at * 61 % 101) / 100 - 0.5) for at in range(count)]


def shown(
    by: Fluctuation, values: Iterable[float], seen: Seen | None = None, start: int = 0, step: int = 1
) -> list[Seen]:
    """What the condition says of ``values`` one after the other, ``step`` seconds apart."""
    answers = []
    for at, value in enumerate(values, start):
        instant: Instant = at * step * SECOND
        memory = by.begin() if seen is None else seen.memory
        seen = by.see(memory, Reading(1, instant, at, value, Quality.GOOD, instant), "temperature")
        answers.append(seen)
    return answers


def signals(by: Fluctuation, values: Iterable[float], step: int = 1) -> list[Signal]:
    return [seen.signal for seen in shown(by, values, step=step)]


def test_nothing_is_decided_while_it_learns_whatever_comes() -> None:
    wild = [0.0, 1e9, -1e9, 5.0] * (LEARNED // 4)
    assert set(signals(condition(), wild)) == {Signal.UNDECIDED}


def test_a_step_out_of_the_noise_is_abnormal_and_back_in_it_is_normal() -> None:
    said = signals(condition(), noise(300) + noise(50, 26) + noise(50))
    assert Signal.ABNORMAL not in said[:300]
    assert set(said[300:350]) == {Signal.ABNORMAL}
    assert set(said[350:]) == {Signal.NORMAL}


def test_an_anomaly_however_long_does_not_become_the_normal() -> None:
    said = signals(condition(), noise(300) + noise(3000, 26) + noise(5))
    assert set(said[300:-5]) == {Signal.ABNORMAL}
    assert said[-1] is Signal.NORMAL


def test_what_lasts_longer_than_agreed_is_learned_as_the_new_normal() -> None:
    said = signals(condition(relearn=1000), noise(300) + noise(2000, 26) + noise(50))
    assert set(said[300:1301]) == {Signal.ABNORMAL}
    assert set(said[1302 : 1300 + LEARNED]) == {Signal.UNDECIDED}
    assert set(said[1302 + LEARNED : -50]) == {Signal.NORMAL}
    assert set(said[-50:]) == {Signal.ABNORMAL}


def test_a_slow_drift_is_followed_and_a_fast_one_is_not() -> None:
    slow = [value + at / 1000 for at, value in enumerate(noise(8000))]
    fast = [value + at / 20 for at, value in enumerate(noise(600))]
    assert Signal.ABNORMAL not in signals(condition(), slow)
    assert Signal.ABNORMAL in signals(condition(), fast)


def test_a_single_spike_is_abnormal_by_itself_only_and_leaves_no_trace() -> None:
    plain, spiked = noise(300), noise(300)
    spiked[200] = 500.0
    before, after = shown(condition(), plain), shown(condition(), spiked)
    assert [at for at, seen in enumerate(after) if seen.signal is Signal.ABNORMAL] == [200]
    assert after[-1].memory[1][2] == pytest.approx(before[-1].memory[1][2], abs=0.01)


@pytest.mark.parametrize("share", [0.12, 0.4])
def test_learning_while_something_is_wrong_still_finds_the_normal(share: float) -> None:
    wrong = round(LEARNED * share)
    said = signals(condition(), noise(wrong, 5) + noise(400) + noise(50, 5))
    assert set(said[LEARNED:-50]) == {Signal.NORMAL}
    assert set(said[-50:]) == {Signal.ABNORMAL}


def test_a_sensor_that_never_moved_while_it_learned_needs_a_tolerance() -> None:
    still = [20.0] * 300
    assert set(signals(condition(tolerance=0.5), [*still, 20.4, 20.6])[LEARNED:]) == {
        Signal.NORMAL,
        Signal.UNDECIDED,
        Signal.ABNORMAL,
    }
    told = shown(condition(), [*still, 20.1])
    assert told[-2].signal is Signal.NORMAL
    assert told[-1].signal is Signal.ABNORMAL


def test_steps_of_a_coarse_sensor_within_the_tolerance_are_normal() -> None:
    coarse = [float(round(value)) for value in noise(2000, width=1.4)]
    assert Signal.ABNORMAL not in signals(condition(tolerance=1.5), coarse)


def test_a_level_near_zero_is_no_reason_to_divide_by_it() -> None:
    said = signals(condition(spreads=0, share=0.5), [0.0] * 200 + [1e-300, 0.0])
    assert said[-2:] == [Signal.ABNORMAL, Signal.NORMAL]


def test_smoothing_waits_for_what_lasts() -> None:
    values = noise(300)
    values[250] += 12
    assert Signal.ABNORMAL in signals(condition(tolerance=2), values)
    assert Signal.ABNORMAL not in signals(condition(tolerance=2, smooth=20), values)
    assert Signal.ABNORMAL in signals(condition(tolerance=2, smooth=20), noise(250) + noise(20, 26))


def test_every_hour_has_a_normal_of_its_own_where_asked() -> None:
    day = [20 + 8 * sin(2 * pi * hour / 24) for hour in range(24)]
    quiet = [value - 20 + day[at % 24] for at, value in enumerate(noise(24 * 20, width=0.5))]
    warm_at_midnight = [*quiet, *day[6:9]]
    by_day = condition(spreads=1, tolerance=4, follow=7 * 86400, period=6 * 86400)
    by_hour = condition(spreads=1, tolerance=4, follow=7 * 86400, period=6 * 86400, by_hour=True)
    assert Signal.ABNORMAL in signals(by_day, quiet, step=HOUR)
    said = signals(by_hour, warm_at_midnight, step=HOUR)
    assert Signal.ABNORMAL not in said[:-3]
    assert said[-3] is Signal.ABNORMAL


def test_a_gap_lets_no_single_reading_move_the_normal_far() -> None:
    known = shown(condition(tolerance=5), noise(300))[-1]
    after = shown(condition(tolerance=5), [24.0], known, start=10_000_000)[-1]
    assert after.memory[1][2] - known.memory[1][2] < 4 / 20


VALUES = st.lists(st.integers(-1000, 1000).map(float), min_size=40, max_size=60)


@settings(max_examples=40)
@given(VALUES, st.integers(1, 39), st.booleans())
def test_a_restart_in_the_middle_changes_nothing(values: Sequence[float], cut: int, by_hour: bool) -> None:
    by = condition(readings=30, smooth=7, follow=60, relearn=5, by_hour=by_hour, period=20)
    whole = shown(by, values)
    head = shown(by, values[:cut])
    memory = json.loads(json.dumps(head[-1].memory))
    assert memory == head[-1].memory
    assert head + shown(by, values[cut:], head[-1]._replace(memory=memory), start=cut) == whole
    assert max(len(json.dumps(seen.memory)) for seen in whole) < 2048


@settings(max_examples=40)
@given(VALUES, st.integers(-20, 20))
def test_the_unit_makes_no_difference(values: Sequence[float], power: int) -> None:
    """By powers of two, so that it comes out to the last bit."""
    scale = 2.0**power
    here, there = condition(readings=30, tolerance=2), condition(readings=30, tolerance=2 * scale)
    assert signals(here, values) == signals(there, [value * scale for value in values])


def test_it_can_say_what_is_usual_and_what_it_saw() -> None:
    by = condition(tolerance=2)
    known = shown(by, [20.0] * 150 + [25.0])[-1]
    assert by.told(known.value, 0, known.memory) == {
        "zh-CN": "25 °C，通常为 18 至 22 °C",
        "en": "25 °C, usually 18 to 22 °C",
    }
    told = "25 °C, farther from this point's learned normal than allowed"
    assert by.sentence(known.value)["en"] == f"{told} (the widest of 4 times its usual spread / 2 °C)"
    assert by.told(known.value, 0, shown(by, [20.0])[-1].memory) == by.sentence(known.value)
