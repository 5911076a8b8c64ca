"""A slow change that is on its way to a limit: found early, never in one outlier, and not in a step.

Measurements of one thing, weeks apart, are followed over the latest few to the latest many of them. What fits them best
is taken: a line (the slope is the median of those between all pairs, Theil 1950, Sen 1968), or a level that turns into
a line when wear begins, by least absolute residuals, so that all that was before says where it began. Both are not
moved by a quarter of wild values. Such a course counts only where

* its slope stands clear of what the scatter alone would make in so many looks (``CLEAR`` standard errors),
* it fits better than a step does, as of an adjustment, a repair or another sensor,
* it would be seen without any one, and without any two, of its measurements,
* the latest measurement has not left it for the better, and
* the line, not a single value, reaches the limit within the horizon.

The scatter is that about the course or that between neighbours in time, whichever is less, so that neither wear nor a
wild value every month counts as scatter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean, median
from typing import NamedTuple

from facility_monitor.domain.instant import SECOND, Instant

DAY: Instant = 86_400 * SECOND
LEAST = 6
"""Fewer measurements than this tell no trend."""
SPANS = (8, 12, 18, 26)
"""Over how many of the latest measurements a course is fitted."""
CLEAR = 5.0
"""How many standard errors a slope must stand clear of zero. An elevator of 20 floors is looked at about 15,000 times a
year (series x weeks x spans, which are not independent), each time for the best of many courses; what is left after it
is for scatter that is not Gaussian."""
CLEAR_WITHOUT = 2.0
"""The same without the two measurements that speak for it most."""
LEAST_WORN = 3
"""Fewer measurements than this after a level make no line."""
BETTER = 1.0
"""By so many standard deviations of the scatter, all residuals together, a course must fit better than a step does."""
LEFT = 3.0
"""So many standard deviations of the scatter off the line, to the better, the latest measurement has left it."""
BAND = 1.96
"""Standard errors to either side of the band: 95 % for Gaussian scatter."""
_NORMAL = 0.6745
"""Median absolute deviation of a standard normal."""


class Sample(NamedTuple):
    """One measurement, in the unit of its quantity."""

    at: Instant
    value: float


class Trend(NamedTuple):
    """A straight line through the latest ``fitted`` measurements: ``level`` at ``at``, slopes per day."""

    at: Instant
    level: float
    slope: float
    slope_error: float
    scatter: float
    fitted: int

    def value(self, at: Instant) -> float:
        """The line at ``at``."""
        return self.level + self.slope * (at - self.at) / DAY


class Crossing(NamedTuple):
    """When a line reaches a limit: at the fitted slope, at the steepest of the band, and at the flattest.

    ``latest`` is None where the flattest line never gets there.
    """

    expected: Instant
    earliest: Instant
    latest: Instant | None


class Forecast(NamedTuple):
    """A trend and when it crosses ``limit``."""

    trend: Trend
    limit: float
    crossing: Crossing


def forecast(
    samples: Sequence[Sample],
    low: float | None,
    high: float | None,
    resolution: float,
    horizon: Instant,
    spans: Sequence[int] = SPANS,
) -> Forecast | None:
    """The soonest crossing of ``low`` or ``high`` within ``horizon`` of the last sample that can be relied on.

    ``samples`` are in order of time. ``resolution`` is the least difference that the measurement can tell, in its unit:
    no scatter is taken to be smaller. The soonest of several ``spans`` is early rather than right, as a warning should
    be; a single span over all samples is for what wears steadily. Returns None where there is no such trend, or the
    limit is crossed already by the line: then it is no forecast but a fault.
    """
    if len(samples) < LEAST:
        return None
    between = max(_between(samples), resolution / 2)
    if not _moved(samples[-max(spans) :], between):
        return None
    longest = _course(samples[-max(spans) :])
    scatter = max(min(between, _about(longest)), resolution / 2)
    soonest: Forecast | None = None
    for recent in _spans(samples, spans):
        course = _course(recent)
        limit = high if course.slope > 0 else low
        if limit is None or _beyond(course.level, limit, course.slope) or not _stands(recent, course, scatter):
            continue
        slope_error = scatter * course.error
        trend = Trend(recent[-1].at, course.level, course.slope, slope_error, scatter, course.worn)
        crossing = _crossing(trend, limit)
        if crossing.expected - trend.at > horizon:
            continue
        if soonest is None or crossing.expected < soonest.crossing.expected:
            soonest = Forecast(trend, limit, crossing)
    return soonest


class _Course(NamedTuple):
    """What measurements follow: in the latest ``worn`` of them a line of ``slope`` per day up to ``level`` at the last,
    before it the level at which it begins; and how far each of them is ``off``.

    ``error`` is the standard error of the slope for a scatter of one.
    """

    level: float
    slope: float
    error: float
    worn: int
    off: Sequence[float]

    @property
    def cost(self) -> float:
        return sum(map(abs, self.off))


def _spans(samples: Sequence[Sample], spans: Sequence[int]) -> Iterator[Sequence[Sample]]:
    for count in spans:
        yield samples[-count:]
        if count >= len(samples):
            return


def _between(samples: Sequence[Sample]) -> float:
    """The standard deviation of the values about their course, from the second differences of neighbours.

    Of a straight line they are zero however steep it is; of independent values they have six times the variance.
    """
    values = [sample.value for sample in samples]
    seconds = [abs(a - 2 * b + c) for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    return median(seconds) / _NORMAL / math.sqrt(6)


def _about(course: _Course) -> float:
    """The standard deviation of the values about a course that two numbers of it were fitted to."""
    count = len(course.off)
    return median(map(abs, course.off)) / _NORMAL * math.sqrt(count / (count - 2))


def _moved(samples: Sequence[Sample], scatter: float) -> bool:
    """Whether the latest are off the middle of all by the scatter at least: most are not, and cost no fit."""
    latest = median(sample.value for sample in samples[-LEAST_WORN:])
    return abs(latest - median(sample.value for sample in samples)) >= scatter


def _course(samples: Sequence[Sample]) -> _Course:
    """The course with the least absolute residuals, of at least two instants."""
    days = [(sample.at - samples[-1].at) / DAY for sample in samples]
    values = [sample.value for sample in samples]
    turned = (_turned(days, values, last) for last in range(2, len(values) - LEAST_WORN))
    return min((_line(days, values), *turned), key=lambda course: course.cost)


def _line(days: Sequence[float], values: Sequence[float]) -> _Course:
    slopes = [
        (values[after] - values[before]) / (days[after] - days[before])
        for after in range(len(days))
        for before in range(after)
        if days[after] > days[before]
    ]
    slope = median(slopes) if slopes else 0.0
    level = median(value - slope * day for value, day in zip(values, days, strict=True))
    centre = fmean(days)
    moment = sum((day - centre) ** 2 for day in days)
    off = [value - level - slope * day for value, day in zip(values, days, strict=True)]
    return _Course(level, slope, 1 / math.sqrt(moment) if moment else math.inf, len(days), off)


def _turned(days: Sequence[float], values: Sequence[float], last: int) -> _Course:
    """A level up to the measurement ``last``, and from there a line."""
    level = median(values[: last + 1])
    since = [max(day - days[last], 0.0) for day in days]
    worn = [((value - level) / day, day) for value, day in zip(values, since, strict=True) if day > 0]
    if not worn:
        return _Course(level, 0.0, math.inf, 1, [value - level for value in values])
    slope = _weighted_median(worn)
    squares = sum(day * day for day in since)
    error = math.sqrt(1 / squares + (sum(since) / squares) ** 2 / (last + 1))
    off = [value - level - slope * day for value, day in zip(values, since, strict=True)]
    return _Course(level + slope * since[-1], slope, error, len(days) - last, off)


def _weighted_median(weighted: Iterable[tuple[float, float]]) -> float:
    """Of (value, weight): the value on both sides of which is half of the weight."""
    ordered = sorted(weighted)
    half = sum(weight for _, weight in ordered) / 2
    passed = 0.0
    for value, weight in ordered:
        passed += weight
        if passed >= half:
            return value
    raise ValueError("no values")


def _stands(samples: Sequence[Sample], course: _Course, scatter: float) -> bool:
    """Whether a course is none of what scatter, a step, or one or two wild values make."""
    sign = math.copysign(1, course.slope)
    if abs(course.slope) < CLEAR * scatter * course.error or -course.off[-1] * sign > LEFT * scatter:
        return False
    if _cost_of_step([sample.value for sample in samples]) - course.cost < BETTER * scatter:
        return False
    rest = _course(_without_strongest(samples, sign))
    return rest.slope * sign >= CLEAR_WITHOUT * scatter * rest.error


def _cost_of_step(values: Sequence[float]) -> float:
    """The least absolute residuals about a level that becomes another at once."""
    return min(_about_level(values[:count]) + _about_level(values[count:]) for count in range(1, len(values)))


def _about_level(values: Sequence[float]) -> float:
    level = median(values)
    return sum(abs(value - level) for value in values)


def _without_strongest(samples: Sequence[Sample], sign: float) -> Sequence[Sample]:
    """All but the two farthest out along the slope: the highest above the middle late, or below it early."""
    middle = median(sample.value for sample in samples)
    centre = sorted(sample.at for sample in samples)[len(samples) // 2]
    weight = [(sample.value - middle) * (sample.at - centre) * sign for sample in samples]
    strongest = set(sorted(range(len(samples)), key=weight.__getitem__)[-2:])
    return [sample for index, sample in enumerate(samples) if index not in strongest]


def _beyond(value: float, limit: float, slope: float) -> bool:
    return value >= limit if slope > 0 else value <= limit


def _crossing(trend: Trend, limit: float) -> Crossing:
    """When the line, and the lines at both edges of the slope's band, are at ``limit``."""
    margin = BAND * trend.slope_error
    sign = 1 if trend.slope > 0 else -1
    distance = (limit - trend.level) * sign

    def at(slope: float) -> Instant:
        return trend.at + round(distance / slope * DAY)

    steepness = abs(trend.slope)
    flattest = steepness - margin
    return Crossing(at(steepness), at(steepness + margin), at(flattest) if flattest > 0 else None)
