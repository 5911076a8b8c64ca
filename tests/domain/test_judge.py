"""The limit rule in event time: deadband, delays, late readings, and the same verdicts however time is cut up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.domain.alarm.condition.limit import Level, Limit
from facility_monitor.domain.alarm.judge import UNTRACKED, Change, Phase, Timer, Track, Verdict, Verdicts, elapse, judge
from facility_monitor.domain.alarm.rule import Rule, Scope, Severity
from facility_monitor.domain.instant import SECOND
from facility_monitor.domain.reading.reading import Quality, Reading

RAISED, RETURNED, REALARMED = Change.RAISED, Change.RETURNED, Change.REALARMED


def rule(
    level: Level = Level.HIGH,
    value: float = 80,
    deadband: float = 5,
    on: float = 0,
    off: float = 0,
    confirm: bool = False,
    realarm: float | None = None,
) -> Rule:
    return Rule(
        id=1,
        code="humidity-high",
        version=1,
        name={"en": "Humidity high"},
        severity=Severity.HIGH,
        life_safety=False,
        scope=Scope("humidity"),
        condition=Limit(level, value, "%RH", deadband),
        on_delay=round(on * SECOND),
        off_delay=round(off * SECOND),
        opens_ticket=False,
        response={},
        cause={},
        respond_within_s=None,
        misread_filter=confirm,
        realarm=None if realarm is None else round(realarm * SECOND),
    )


def reading(seconds: float, value: float) -> Reading:
    at = round(seconds * SECOND)
    return Reading(1, at, at, value, Quality.GOOD, at)


def judged(by: Rule, track: Track, last: Reading | None, new: Reading) -> tuple[Track, Verdicts]:
    since = None if last is None else last.at
    held = new.value if last is None else last.value
    return judge(by, track, held, new, since=since, late=since is not None and new.at < since)


def run(by: Rule, values: Sequence[tuple[float, float]], ticks: Sequence[float] = ()) -> list[tuple[Change, float]]:
    """Verdicts with their seconds; ``ticks`` are looks at the clock in between."""
    state: Track = UNTRACKED
    last: Reading | None = None
    said: list[tuple[Change, float]] = []
    steps = sorted([(at, 1, value) for at, value in values] + [(at, 0, 0.0) for at in ticks])
    for at, is_reading, value in steps:
        if is_reading:
            state, verdicts = judged(by, state, last, reading(at, value))
            last = reading(at, value)
        elif last is not None:
            # just before: at the instant itself the reading has the word
            state, verdicts = elapse(by, state, last.value, round(at * SECOND) - 1)
        else:
            verdicts = ()
        said += [(verdict.change, verdict.at / SECOND) for verdict in verdicts]
    return said


def test_raises_at_once_without_a_delay() -> None:
    assert run(rule(), [(0, 70), (10, 80), (20, 80.1)]) == [(RAISED, 20.0)]


def test_returns_only_beyond_the_deadband() -> None:
    assert run(rule(), [(0, 81), (10, 79), (20, 75.1), (30, 75)]) == [(RAISED, 0.0), (RETURNED, 30.0)]


@pytest.mark.parametrize("level", [Level.LOW, Level.LOW_LOW])
def test_low_limits_are_crossed_downwards(level: Level) -> None:
    low = rule(level, value=20, deadband=2)
    assert run(low, [(0, 20), (10, 19.9), (20, 21.9), (30, 22)]) == [(RAISED, 10.0), (RETURNED, 30.0)]


def test_a_delay_counts_from_the_first_crossing() -> None:
    assert run(rule(on=60), [(0, 81), (30, 90), (59, 82), (60, 82), (90, 82)]) == [(RAISED, 60.0)]


def test_a_crossing_shorter_than_the_delay_is_nothing() -> None:
    assert run(rule(on=60), [(0, 81), (30, 90), (60, 79), (90, 81), (149, 81), (150, 70)]) == []


def test_a_value_holds_until_the_next_one_comes() -> None:
    assert run(rule(on=60), [(0, 81), (300, 70)]) == [(RAISED, 60.0), (RETURNED, 300.0)]


def test_an_off_delay_that_is_interrupted_begins_anew() -> None:
    values = [(0, 81), (10, 70), (30, 78), (40, 70), (69, 70), (70, 70)]
    assert run(rule(off=30), values) == [(RAISED, 0.0), (RETURNED, 70.0)]


def test_the_clock_alone_ends_a_delay() -> None:
    high = rule(on=60)
    state, verdicts = judged(high, UNTRACKED, None, reading(0, 85))
    assert verdicts == ()
    assert elapse(high, state, 85, 60 * SECOND - 1) == (state, ())
    assert elapse(high, state, 85, 500 * SECOND) == (
        Track(Timer(Phase.ACTIVE, 60 * SECOND)),
        (Verdict(RAISED, 60 * SECOND, 85),),
    )


def test_a_late_reading_moves_no_timer_and_ends_nothing() -> None:
    delayed = rule(on=60, off=30)
    pending, _ = judged(delayed, UNTRACKED, None, reading(100, 85))
    assert judged(delayed, pending, reading(100, 85), reading(50, 60)) == (pending, ())
    active = Track(Timer(Phase.ACTIVE, 0))
    assert judged(delayed, active, reading(100, 85), reading(50, 60)) == (active, ())
    assert judged(delayed, UNTRACKED, reading(100, 60), reading(50, 99)) == (UNTRACKED, ())
    state, verdicts = judged(rule(), UNTRACKED, reading(100, 60), reading(50, 99))
    assert (state.timer.phase, [(v.change, v.at) for v in verdicts]) == (Phase.ACTIVE, [(RAISED, 50 * SECOND)])


def test_the_same_state_object_where_nothing_changed() -> None:
    high = rule(on=60, off=60)
    for phase, value in ((Phase.NORMAL, 70.0), (Phase.PENDING, 85.0), (Phase.ACTIVE, 85.0), (Phase.RETURNING, 70.0)):
        state = Track(Timer(phase, 0))
        assert judged(high, state, reading(0, value), reading(1, value))[0] is state


def test_a_single_misread_is_no_alarm_and_a_second_reading_confirms() -> None:
    values = [(0, 70), (10, 999), (20, 70), (30, 85), (40, 86), (50, 70)]
    assert run(rule(confirm=True), values) == [(RAISED, 40.0), (RETURNED, 50.0)]
    assert run(rule(confirm=True), [(0, 85)], ticks=[1000]) == []


def test_a_delay_counts_from_the_reading_that_was_confirmed() -> None:
    assert run(rule(confirm=True, on=60), [(0, 85), (30, 85), (90, 85)]) == [(RAISED, 60.0)]
    assert run(rule(confirm=True, on=60), [(0, 85), (90, 85)]) == [(RAISED, 90.0)]


def test_an_alarm_that_stays_is_told_again_after_its_time() -> None:
    said = [(RAISED, 0.0), (REALARMED, 100.0), (REALARMED, 200.0), (RETURNED, 250.0)]
    assert run(rule(realarm=100), [(0, 85), (130, 86), (250, 70)], ticks=[170]) == said


histories = st.lists(
    st.tuples(st.integers(1, 100), st.sampled_from([70.0, 75.0, 75.5, 80.0, 80.5, 90.0])), min_size=1, max_size=40
)
delays = st.sampled_from([0, 1, 7, 30, 100])


def timeline(steps: list[tuple[int, float]]) -> list[tuple[float, float]]:
    at, values = 0, []
    for gap, value in steps:
        at += gap
        values.append((float(at), value))
    return values


@given(histories, delays, delays, st.lists(st.integers(0, 4000), max_size=60))
def test_looking_at_the_clock_changes_no_verdict(
    steps: list[tuple[int, float]], on: int, off: int, looks: list[int]
) -> None:
    values = timeline(steps)
    end = values[-1][0]
    by = rule(on=on, off=off)
    assert run(by, values, [float(look) for look in looks if look <= end]) == run(by, values)


@given(histories, delays, delays)
def test_agrees_with_the_definition_second_by_second(steps: list[tuple[int, float]], on: int, off: int) -> None:
    """The reference walks every second with the held value and counts how long the condition has lasted."""
    values = timeline(steps)
    by = rule(on=on, off=off)
    expected: list[tuple[Change, float]] = []
    active, crossed_since, left_since = False, None, None
    sent = dict(values)
    held = None
    for second in range(int(values[0][0]), int(values[-1][0]) + 1):
        held = sent.get(float(second), held)
        assert held is not None
        crossed, left = held > 80, held <= 75
        crossed_since = (crossed_since if crossed_since is not None else second) if crossed and not active else None
        left_since = (left_since if left_since is not None else second) if left and active else None
        if crossed_since is not None and second - crossed_since >= on:
            active, crossed_since = True, None
            expected.append((RAISED, float(second)))
            left_since = None
        elif left_since is not None and second - left_since >= off:
            active, left_since = False, None
            expected.append((RETURNED, float(second)))
    assert run(by, values) == expected


@given(histories, delays, delays)
def test_raised_and_returned_take_turns(steps: list[tuple[int, float]], on: int, off: int) -> None:
    verdicts = run(rule(on=on, off=off), timeline(steps))
    assert all(a[0] is not b[0] and a[1] <= b[1] for a, b in pairwise(verdicts))
    assert not verdicts or verdicts[0][0] is RAISED
