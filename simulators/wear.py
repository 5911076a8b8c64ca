"""Weekly measurements of an elevator over months, with what is really going on behind them.

There is no public recording of elevator wear with its truth; these histories are our own assumption of it, and say so:
leveling errors scatter by about a millimetre, now and then somebody reads the ruler wrong, an adjustment moves all
later values at once, weeks are missed, and one thing in some elevators wears until it crosses its limit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from simulators.noise import OrnsteinUhlenbeck, day_of_year, generator

DAY_S = 86_400.0
WEEK_S = 7 * DAY_S


@dataclass(frozen=True)
class Quantity:
    """What is measured: its usual value, scatter between weeks, the step of the instrument, and its limits."""

    usual: float
    scatter: float
    step: float
    low: float | None
    high: float | None


QUANTITIES: Mapping[str, Quantity] = {
    "leveling": Quantity(0.0, 0.7, 0.5, -10.0, 10.0),
    "door_open_time": Quantity(2.6, 0.06, 0.1, None, 4.0),
    "door_close_time": Quantity(2.9, 0.07, 0.1, None, 4.0),
}


@dataclass(frozen=True)
class Daily:
    """What a car's own readings tell of each day: usual value, scatter of days, rhythm and season, and the limit.

    ``weekend``: by which share Saturdays and Sundays differ. ``season`` is the amplitude over the year and ``weather``
    the slow wandering of about four days, both in the unit.
    """

    usual: float
    scatter: float
    limit: float
    weekend: float = 0.0
    season: float = 0.0
    weather: float = 0.0


TELEMETRY: Mapping[str, Daily] = {
    "motor_temperature": Daily(52.0, 1.2, 80.0, weekend=-0.06, season=4.0, weather=1.5),
    "door_open_time": Daily(2.7, 0.03, 4.0),
    "door_close_time": Daily(3.1, 0.04, 4.0),
    "starts_per_hour": Daily(62.0, 5.0, 180.0, weekend=-0.25, season=4.0),
    "relevels_per_100_trips": Daily(3.0, 1.0, 20.0, season=1.0),
}


@dataclass(frozen=True)
class History:
    """One measured series: (Unix seconds, value) in order, and when the true value crosses its limit, if it does.

    ``onset`` is when the wear begins, in Unix seconds; None where nothing wears.
    """

    quantity: Quantity | Daily
    samples: tuple[tuple[float, float], ...]
    onset: float | None
    crosses: float | None


def history(seed: int, name: str, quantity: str, start: float, weeks: int, wear_weeks: float | None = None) -> History:
    """A history of ``weeks`` weekly measurements from ``start`` (Unix seconds).

    With ``wear_weeks`` the quantity begins to wear at a random time and crosses its limit so many weeks later, within
    the history.
    """
    what = QUANTITIES[quantity]
    rng = generator(seed, "wear", name, quantity)
    base = what.usual + rng.uniform(-2, 2) * what.scatter
    onset = crosses = None
    slope = 0.0
    if wear_weeks is not None:
        limit = rng.choice([limit for limit in (what.low, what.high) if limit is not None])
        onset = start + rng.uniform(8, weeks - wear_weeks) * WEEK_S
        crosses = onset + wear_weeks * WEEK_S
        slope = (limit - base) / (crosses - onset)
    samples = []
    for week in range(weeks):
        at = start + (week + rng.uniform(-0.2, 0.2)) * WEEK_S
        base += _adjusted(rng, what)
        true = base + (slope * (at - onset) if onset is not None and at > onset else 0.0)
        if rng.random() < 0.05:
            continue  # a missed week
        samples.append((at, _measured(rng, what, true)))
    return History(what, tuple(samples), onset, crosses)


def days(seed: int, name: str, quantity: str, start: float, weeks: int, wear_weeks: float | None = None) -> History:
    """The same of every day of so many weeks, as the rollups of a car's readings have it.

    A day in twenty is missing, and one in fifty is far out: a sensor that hung, a day of removals.
    """
    what = TELEMETRY[quantity]
    rng = generator(seed, "wear", "days", name, quantity)
    base = what.usual + rng.uniform(-2, 2) * what.scatter
    weather = OrnsteinUhlenbeck(rng, what.weather, 4 * DAY_S)
    onset = crosses = None
    if wear_weeks is not None:
        onset = start + rng.uniform(8, weeks - wear_weeks) * WEEK_S
        crosses = onset + wear_weeks * WEEK_S
    samples = []
    for day in range(weeks * 7):
        at = start + day * DAY_S
        true = base + what.season * math.sin(2 * math.pi * day_of_year(at) / 365.25)
        if onset is not None and crosses is not None and at > onset:
            true += (what.limit - base) * (at - onset) / (crosses - onset)
        if day % 7 >= 5:
            true *= 1 + what.weekend
        value = true + rng.gauss(0, what.scatter) + weather.step(DAY_S)
        if rng.random() < 0.02:
            value += rng.choice((-1, 1)) * rng.uniform(5, 15) * what.scatter
        if rng.random() >= 0.05:
            samples.append((at, value))
    return History(what, tuple(samples), onset, crosses)


def _adjusted(rng: Random, what: Quantity) -> float:
    """About once in two years somebody adjusts something, and the level moves at once."""
    return rng.uniform(-2, 2) * what.scatter if rng.random() < 0.01 else 0.0


def _measured(rng: Random, what: Quantity, true: float) -> float:
    value = true + rng.gauss(0, what.scatter)
    if rng.random() < 0.02:
        value += rng.choice((-1, 1)) * rng.uniform(4, 8) * what.scatter  # the ruler read wrong
    return round(value / what.step) * what.step
