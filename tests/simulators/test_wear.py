"""Warnings judged on simulated histories whose truth is known: early enough, and hardly ever for nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import median

import pytest

from facility_monitor.domain.elevator import early_warning
from facility_monitor.domain.elevator.trend import DAY, Sample, forecast
from simulators.wear import QUANTITIES, TELEMETRY, WEEK_S, History, Quantity, days, history

START = 1_767_225_600.0
HORIZON = 56 * DAY


def first_warning(history: History) -> float | None:
    """When somebody who looks after every measurement is warned first, in Unix seconds."""
    what = history.quantity
    assert isinstance(what, Quantity)
    samples: list[Sample] = []
    for at, value in history.samples:
        samples.append(Sample(int(at * 1e6), value))
        if forecast(samples, what.low, what.high, what.step, HORIZON) is not None:
            return at
    return None


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_of_wear_that_crosses_within_8_weeks_nine_in_ten_are_warned_of_2_weeks_ahead(quantity: str) -> None:
    histories = [history(seed, "worn", quantity, START, 52, 8) for seed in range(40)]
    warned = [(first_warning(each), each) for each in histories]
    early = [
        at for at, each in warned if at is not None and each.crosses is not None and at <= each.crosses - 2 * WEEK_S
    ]
    assert len(early) >= 36


def test_a_healthy_elevator_of_20_floors_is_warned_of_less_than_once_a_year() -> None:
    years = 2
    warnings = [
        first_warning(history(car, f"floor {floor}", quantity, START, 52))
        for car in range(years)
        for floor in range(20)
        for quantity in QUANTITIES
    ]
    assert sum(at is not None for at in warnings) < years


def test_a_repair_ends_the_trend_that_led_to_it() -> None:
    """Each wear is mended a week before it would cross: of the looks at what follows, back at the old level, fewer than
    one in fifty still forecasts."""
    told = []
    for quantity, what in QUANTITIES.items():
        for seed in range(20):
            worn = history(seed, "worn", quantity, START, 52, 8)
            assert worn.onset is not None
            assert worn.crosses is not None
            mended = worn.crosses - WEEK_S
            level = median(value for at, value in worn.samples if at < worn.onset)
            samples = [Sample(int(at * 1e6), value) for at, value in worn.samples if at < mended]
            for at, value in history(seed, "mended", quantity, mended, 12).samples:
                samples.append(Sample(int((at + WEEK_S / 2) * 1e6), level + value - what.usual))
                found = forecast(samples, what.low, what.high, what.step, HORIZON)
                told.append(found is not None)
    assert len(told) > 600
    assert sum(told) <= len(told) / 50


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_step_that_stays_is_no_wear(quantity: str) -> None:
    """An adjustment, another sensor: at once half the way to the limit, and no further. One in ten may be warned of."""
    what = QUANTITIES[quantity]
    assert what.high is not None
    step = (what.high - what.usual) / 2
    told = [first_warning(_changed(seed, quantity, lambda week: step if week > 20 else 0.0)) for seed in range(40)]
    assert sum(at is not None for at in told) <= 4


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_wild_value_every_month_hides_no_wear(quantity: str) -> None:
    """Three of four are still warned of before they cross the limit, and what does not wear is not."""
    what = QUANTITIES[quantity]
    assert what.high is not None
    wild, a_week = 8 * what.scatter, (what.high - what.usual) / 12

    def course(week: int) -> float:
        return (a_week * max(week - 20, 0)) + (wild * (-1) ** (week // 4) if week % 4 == 1 else 0.0)

    told = [first_warning(_changed(seed, quantity, course)) for seed in range(40)]
    assert sum(at is not None and START + 20 * WEEK_S < at < START + 32 * WEEK_S for at in told) >= 30
    calm = [first_warning(_changed(seed, quantity, lambda week: course(week % 16))) for seed in range(40)]
    assert sum(at is not None for at in calm) <= 2


def _changed(seed: int, quantity: str, course: Callable[[int], float]) -> History:
    """A sound history, and ``course`` by the week on top of it."""
    sound = history(seed, "changed", quantity, START, 52)
    samples = tuple((at, value + course(round((at - START) / WEEK_S))) for at, value in sound.samples)
    return replace(sound, samples=samples)


def first_warning_of_days(name: str, history: History) -> float | None:
    """When somebody who looks at the end of every week at what its days told is warned first, in Unix seconds."""
    of = next(each for each in early_warning.TELEMETRY if each.quantity == name)
    samples = [Sample(int(at * 1e6), value) for at, value in history.samples]
    weeks = early_warning.weekly(samples)
    for count in range(1, len(weeks) + 1):
        if forecast(weeks[:count], None, TELEMETRY[name].limit, of.resolution, HORIZON) is not None:
            return weeks[count - 1].at / 1e6 + WEEK_S / 2
    return None


@pytest.mark.parametrize("quantity", TELEMETRY)
def test_of_wear_that_readings_show_nine_in_ten_are_warned_of_2_weeks_ahead(quantity: str) -> None:
    found = [(first_warning_of_days(quantity, each), each) for each in _worn(quantity)]
    early = [at for at, each in found if at is not None and each.crosses and at <= each.crosses - 2 * WEEK_S]
    assert len(early) >= 36


def _worn(quantity: str) -> list[History]:
    return [days(seed, "worn", quantity, START, 52, 8) for seed in range(40)]


def test_the_readings_of_a_healthy_elevator_warn_less_than_once_a_year() -> None:
    years = 20
    warnings = [
        first_warning_of_days(quantity, days(car, "sound", quantity, START, 52))
        for car in range(years)
        for quantity in TELEMETRY
    ]
    assert sum(at is not None for at in warnings) < years


def main() -> None:
    """Print the figures of docs/early-warning.md; takes some minutes."""
    seeds = [*range(60), *range(1000, 1060)]
    for weeks in (6, 8, 10, 20):
        found = {
            **{name: [_seen(history(seed, "worn", name, START, 52, weeks)) for seed in seeds] for name in QUANTITIES},
            **{
                f"{name} (readings)": [_seen(days(s, "worn", name, START, 52, weeks), name) for s in seeds]
                for name in TELEMETRY
            },
        }
        print(weeks, {name: f"{sum(early) / len(seeds):.0%}" for name, early in found.items()}, flush=True)
    cars = [*range(6), *range(1000, 1006), *range(2000, 2012)]
    sound = [
        history(car, f"floor {floor}", name, START, 52) for car in cars for floor in range(20) for name in QUANTITIES
    ]
    print("false in", len(cars), "elevator-years:", sum(first_warning(each) is not None for each in sound))
    calm = [(name, days(car, "sound", name, START, 52)) for car in range(60) for name in TELEMETRY]
    print("of readings, in 60:", sum(first_warning_of_days(*each) is not None for each in calm))


def _seen(worn: History, reading: str | None = None) -> bool:
    at = first_warning(worn) if reading is None else first_warning_of_days(reading, worn)
    return at is not None and worn.crosses is not None and at <= worn.crosses - 2 * WEEK_S


if __name__ == "__main__":
    main()
