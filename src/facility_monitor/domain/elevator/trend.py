"""A slow change that is on its way to a limit: found early, and never in one outlier.

Measurements of one thing, weeks apart, are fitted by straight lines over the latest few to the latest many of them:
wear that began a month ago is hidden in a fit over a year. The slope is the median of the slopes between all pairs
(Theil 1950, Sen 1968), which a quarter of wild values does not move. A line counts only where

* its slope stands clear of what the scatter alone would make in so many looks (``CLEAR`` standard errors),
* it would stand without any one, and without any two, of its measurements,
* the latest measurement has not left it for the better, and most of it was no single step, as after a repair, and
* the line, not a single value, reaches the limit within the horizon.

The scatter is that between neighbours in time, over all that is known, so that wear itself does not count as scatter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from facility_monitor.domain.instant import SECOND, Instant

DAY: Instant = 86_400 * SECOND
LEAST = 6
"""Fewer measurements than this tell no trend."""
SPANS = (6, 8, 12, 18, 26)
"""Over how many of the latest measurements a line is fitted."""
CLEAR = 4.5
"""How many standard errors a slope must stand clear of zero. An elevator of 20 floors is looked at about 15,000 times a
year (series x weeks x spans, which are not independent); 4.5 leaves about 0.1 false warnings for Gaussian scatter, and
room for scatter that is not."""
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
    scatter = max(_scatter(samples), resolution / 2)
    soonest: Forecast | None = None
    for recent in _spans(samples, spans):
        trend = _fit(recent, scatter)
        if trend is None or abs(trend.slope) < CLEAR * trend.slope_error:
            continue
        if (trend.level - samples[-1].value) * math.copysign(1, trend.slope) > CLEAR * scatter:
            continue
        if _is_a_step(recent, trend.slope):
            continue
        limit = high if trend.slope > 0 else low
        if limit is None or _beyond(trend.level, limit, trend.slope) or not _stands(recent, trend):
            continue
        crossing = _crossing(trend, limit)
        if crossing.expected - trend.at > horizon:
            continue
        if soonest is None or crossing.expected < soonest.crossing.expected:
            soonest = Forecast(trend, limit, crossing)
    return soonest


def _spans(samples: Sequence[Sample], spans: Sequence[int]) -> Iterator[Sequence[Sample]]:
    for count in spans:
        yield samples[-count:]
        if count >= len(samples):
            return


def _scatter(samples: Sequence[Sample]) -> float:
    """The standard deviation of the values about their course, from the second differences of neighbours.

    Of a straight line they are zero however steep it is; of independent values they have six times the variance.
    """
    values = [sample.value for sample in samples]
    seconds = [abs(a - 2 * b + c) for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    return median(seconds) / _NORMAL / math.sqrt(6)


def _fit(samples: Sequence[Sample], scatter: float) -> Trend | None:
    slope = _slope(samples)
    if slope is None:
        return None
    last = samples[-1].at
    level = median(sample.value - slope * (sample.at - last) / DAY for sample in samples)
    days = [sample.at / DAY for sample in samples]
    centre = sum(days) / len(days)
    moment = math.sqrt(sum((day - centre) ** 2 for day in days))
    return Trend(last, level, slope, scatter / moment, scatter, len(samples))


def _slope(samples: Sequence[Sample]) -> float | None:
    """The median slope between all pairs, per day; None where all are of one instant."""
    slopes = [
        (after.value - before.value) * DAY / (after.at - before.at)
        for index, after in enumerate(samples)
        for before in samples[:index]
        if after.at > before.at
    ]
    return median(slopes) if slopes else None


def _stands(samples: Sequence[Sample], trend: Trend) -> bool:
    """Whether most of the slope is still there without the two values that speak for it most.

    They are those farthest out along the slope: the highest above the middle late, or below it early.
    """
    middle = median(sample.value for sample in samples)
    times = sorted(sample.at for sample in samples)
    centre = times[len(times) // 2]
    sign = 1 if trend.slope > 0 else -1
    weight = [(sample.value - middle) * (sample.at - centre) * sign for sample in samples]
    strongest = set(sorted(range(len(samples)), key=weight.__getitem__)[-2:])
    rest = _slope([sample for index, sample in enumerate(samples) if index not in strongest])
    return rest is not None and rest * sign >= abs(trend.slope) / 2


def _is_a_step(samples: Sequence[Sample], slope: float) -> bool:
    """Whether all values before some moment are so far from all after it, beyond what the line itself moves meanwhile,
    that it makes up half of the change."""
    values = [sample.value * math.copysign(1, slope) for sample in samples]
    per_day = abs(slope) / DAY
    change = per_day * (samples[-1].at - samples[0].at)
    return any(
        min(values[count:]) - max(values[:count]) - per_day * (samples[count].at - samples[count - 1].at) > change / 2
        for count in range(1, len(values))
    )


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
