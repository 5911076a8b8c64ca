"""What is normal for one signal: learned once, followed slowly, and not led astray by what is abnormal.

Learning takes samples, evenly spread over the learning time. Of these the tightest seven eighths count: their mean is
the centre, their width, scaled as for a normal distribution, the spread. So up to an eighth of the samples may be
anything without an effect on either. Where that is far wider than the tightest half lets expect, more was abnormal
while learning, and the half counts alone. (The shortest interval that holds a share of the sample, "shorth", after
Rousseeuw and Leroy, Robust Regression and Outlier Detection, 1987.)

From then on the centre follows with a time constant of its own, but only while nothing is abnormal; the spread stays.
All weights are quotients of whole numbers of microseconds: exactly the same wherever they are computed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from facility_monitor.domain.alarm.condition import ABNORMAL, NORMAL, UNDECIDED, Signal
from facility_monitor.domain.instant import SECOND, Instant

SAMPLES = 24
MOST_WEIGHT = 1 / SAMPLES
"""No single reading weighs more than a sample did, however long nothing came before it."""
MOST, MOST_IS = 7 / 8, 2 * 1.5341
HALF, HALF_IS = 1 / 2, 2 * 0.6745
"""A share of a sample, and the width of that share of a normal distribution, in standard deviations."""
TAIL = 3.0
"""How much wider than the half lets expect the seven eighths may be: half of the sample can do no more harm."""
FARTHEST = 99.0
"""No deviation counts for more than so many times what is allowed."""

HOUR: Instant = 3600 * SECOND
HOURS = 24

Normal = list[Any]
"""A signal's memory, as JSON keeps it. Learned once ``SPREAD`` is a number; until then ``SAMPLES_TAKEN`` is a list."""
AT, LEVEL, CENTRE, SPREAD, HOURLY, BEGUN, COUNT, SAMPLES_TAKEN = range(8)


@dataclass(frozen=True, slots=True)
class Learning:
    """How the normal of a signal is learned and followed. Times are in microseconds; 0 is none.

    Learning ends with the first reading that makes as many as ``readings`` and is ``period`` after the first of them.
    ``smooth`` and ``follow`` are the time constants of the level that is judged, and of the centre.
    With ``by_hour`` every hour of the day (of UTC; only the period matters) has a centre of its own.
    """

    readings: int
    period: Instant = 0
    smooth: Instant = 0
    follow: Instant = 0
    by_hour: bool = False

    def begin(self, at: Instant, value: float) -> Normal:
        """The memory after the first reading."""
        hourly = [[0.0, 0] for _ in range(HOURS)] if self.by_hour else None
        return self._learn([at, value, 0.0, None, hourly, at, 0, []], at, value)

    def level(self, normal: Normal, at: Instant, value: float) -> float:
        """The level after the next reading, which is what is judged."""
        if not self.smooth:
            return value
        level: float = normal[LEVEL]
        passed = at - normal[AT]
        return level + (value - level) * (passed / (self.smooth + passed)) if passed else level

    def after(self, normal: Normal, at: Instant, level: float, follows: bool) -> Normal:
        """The memory after a reading that brought the ``level``; where it ``follows``, the centre followed that."""
        before, _, centre, spread, hourly = normal
        if follows and self.follow and at > before:
            passed = at - before
            weight = passed / (self.follow + passed)
            if weight > MOST_WEIGHT:
                weight = MOST_WEIGHT
            off = level - self.centre(normal, at)
            if hourly is not None:
                hour = at // HOUR % HOURS
                hourly = [*hourly[:hour], hourly[hour] + off * weight, *hourly[hour + 1 :]]
            centre += off * weight
        return [at, level, centre, spread, hourly]

    def centre(self, normal: Normal, at: Instant) -> float:
        """What is normal at that time, as far as it is learned."""
        centre: float = normal[CENTRE]
        hourly = normal[HOURLY]
        return centre if hourly is None else centre + hourly[at // HOUR % HOURS]

    def learn(self, normal: Normal, at: Instant, value: float) -> Normal:
        """The memory after the next reading while nothing is learned yet."""
        return self._learn(normal, at, self.level(normal, at, value))

    def _learn(self, normal: Normal, at: Instant, level: float) -> Normal:
        _, _, _, _, hourly, begun, count, samples = normal
        count += 1
        progress = count / self.readings
        if self.period:
            progress = min(progress, (at - begun) / self.period)
        off, sampled = level, progress
        if hourly is not None:
            # the first half of the time tells what the hours are, the second how far from that it goes
            hour = at // HOUR % HOURS
            mean, seen = hourly[hour]
            off, sampled = level - mean if seen else 0.0, 2 * progress - 1
            if sampled < 0 or not seen:
                hourly = [*hourly[:hour], [mean + (level - mean) / (seen + 1), seen + 1], *hourly[hour + 1 :]]
        if sampled * SAMPLES >= len(samples) < SAMPLES:
            samples = [*samples, float(f"{off:.7g}")]
        if progress < 1:
            return [at, level, 0.0, None, hourly, begun, count, samples]
        centre, spread = usual(samples)
        return [at, level, centre, spread, None if hourly is None else _means(hourly)]


def _means(hourly: list[list[Any]]) -> list[float]:
    """Of every hour; one of which nothing was seen is like the others on the whole."""
    known = [mean for mean, seen in hourly if seen]
    whole = math.fsum(known) / len(known)
    return [mean if seen else whole for mean, seen in hourly]


def usual(samples: list[float]) -> tuple[float, float]:
    """The centre and the spread of ``samples``, of which there is at least one."""
    ordered = sorted(samples)
    centre, width = _tightest(ordered, MOST)
    core, core_width = _tightest(ordered, HALF)
    spread, widest = width / MOST_IS, TAIL * core_width / HALF_IS
    return (core, widest) if spread > widest > 0 else (centre, spread)


def _tightest(ordered: list[float], share: float) -> tuple[float, float]:
    """The mean and the width of the shortest interval that holds ``share`` of the values."""
    held = max(1, math.ceil(len(ordered) * share))
    width, first = min((ordered[at + held - 1] - ordered[at], at) for at in range(len(ordered) - held + 1))
    return math.fsum(ordered[first : first + held]) / held, width


@dataclass(frozen=True, slots=True)
class Allowance:
    """How far a signal may be from its normal: the widest of ``spreads`` learned spreads, ``tolerance`` in the
    signal's ``unit``, and ``tolerance_share`` of its centre.
    """

    spreads: float
    tolerance: float = 0.0
    tolerance_share: float = 0.0
    unit: str = ""

    def of(self, centre: float, spread: float) -> float:
        """In the signal's unit."""
        allowed, share = self.spreads * spread, self.tolerance_share * abs(centre)
        if allowed < self.tolerance:  # twice as fast as ``max``, and done with every reading
            allowed = self.tolerance
        if allowed < share:
            allowed = share
        return allowed

    def used(self, level: float, centre: float, spread: float) -> float:
        """How far ``level`` is from ``centre``, as a multiple of what is allowed, with its sign: 1 is just allowed."""
        off, allowed = level - centre, self.of(centre, spread)
        if abs(off) < FARTHEST * allowed:
            return off / allowed
        return math.copysign(FARTHEST, off) if off else 0.0


@dataclass(frozen=True, slots=True)
class Watch:
    """When a deviation, in multiples of what is allowed, is abnormal: beyond 1, until it is below ``return_at``.

    While it is abnormal the normal stays as it was. If ``relearn_after`` microseconds pass so, what is normal has
    changed for good, and is learned anew.
    """

    return_at: float = 0.6
    relearn_after: Instant | None = None

    def since(self, since: Instant | None, off: float, at: Instant) -> Instant | None:
        """Since when it is abnormal, after a deviation of ``off`` at ``at``; None while it is not."""
        if off > 1:
            return at if since is None else since
        return None if off < self.return_at else since

    def outdated(self, since: Instant | None, at: Instant) -> bool:
        """Whether what was learned is given up at ``at``."""
        return since is not None and self.relearn_after is not None and at - since > self.relearn_after

    def signal(self, off: float) -> Signal:
        """What a condition says of a deviation of ``off``."""
        if off > 1:
            return ABNORMAL
        return NORMAL if off < self.return_at else UNDECIDED
