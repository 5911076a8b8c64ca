"""A trend on its way to a limit, and what is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.domain.elevator.trend import DAY, Forecast, Sample, forecast

WEEK = 7 * DAY
HORIZON = 56 * DAY
_SCATTER = (0.3, -0.5, 0.1, 0.6, -0.2, -0.6, 0.4, 0.0, -0.3, 0.5)


def weekly(course: Callable[[int], float], weeks: int = 20, scatter: float = 1.0) -> list[Sample]:
    return [Sample(week * WEEK, course(week) + scatter * _SCATTER[week % 10]) for week in range(weeks)]


def found(samples: list[Sample]) -> Forecast | None:
    return forecast(samples, -10.0, 10.0, 0.5, HORIZON)


def test_a_straight_course_is_foretold_to_the_week_with_a_band_around_it() -> None:
    forecast = found(weekly(lambda week: 0.45 * week - 1))
    assert forecast is not None
    truth = (11 / 0.45) * WEEK
    assert forecast.limit == 10.0
    assert abs(forecast.crossing.expected - truth) < 7 * DAY
    assert forecast.crossing.latest is not None
    assert forecast.crossing.earliest < truth < forecast.crossing.latest


def test_wear_that_began_a_few_weeks_ago_is_not_hidden_by_a_healthy_year() -> None:
    forecast = found(weekly(lambda week: max(0, week - 46) * -1.1, weeks=52))
    assert forecast is not None
    assert forecast.limit == -10.0
    assert forecast.trend.fitted <= 8
    assert forecast.trend.slope * 7 == pytest.approx(-1.1, rel=0.15)
    assert abs(forecast.crossing.expected - (46 + 10 / 1.1) * WEEK) < 14 * DAY


@pytest.mark.parametrize(
    "course",
    [
        lambda _: 4.0,
        lambda week: 9.0 if week == 19 else 0.0,
        lambda week: 8.0 if week in (18, 19) else 0.0,
        lambda week: -9.0 if week == 12 else 1.0,
        lambda week: 0.02 * week,
        lambda week: 3.0 - 0.1 * week,
    ],
    ids=["level", "one outlier", "two outliers", "an old outlier", "far from its limit", "towards zero"],
)
def test_no_warning_without_a_trend_that_reaches_the_limit_soon(course: Callable[[int], float]) -> None:
    assert found(weekly(course)) is None


def test_what_is_beyond_the_limit_already_is_a_fault_and_no_forecast() -> None:
    assert found(weekly(lambda week: week - 5.0)) is None


def test_few_measurements_tell_no_trend() -> None:
    assert found(weekly(lambda week: 1.5 * week, weeks=5)) is None


def test_measurements_of_one_instant_are_no_trend() -> None:
    assert found([Sample(0, float(n)) for n in range(10)]) is None


def test_a_scatter_finer_than_the_instrument_makes_no_trend_of_its_steps() -> None:
    steps = [Sample(week * WEEK, 9.0 if week < 15 else 9.1) for week in range(20)]
    assert forecast(steps, None, 9.15, 0.1, HORIZON) is None


@given(
    st.lists(st.floats(-9, 9, allow_subnormal=False), min_size=6, max_size=30),
    st.floats(0.01, 1000),
    st.integers(-(10**6), 10**6),
)
def test_the_answer_does_not_depend_on_the_unit_or_the_calendar(values: list[float], scale: float, shift: int) -> None:
    samples = [Sample(week * WEEK, value) for week, value in enumerate(values)]
    moved = [Sample(each.at + shift * DAY, each.value * scale) for each in samples]
    one, other = found(samples), forecast(moved, -10 * scale, 10 * scale, 0.5 * scale, HORIZON)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert abs(other.crossing.expected - one.crossing.expected - shift * DAY) < DAY
