"""Judging a rule in event time: pure, and the same whether live, replayed or after a restart.

One machine for all kinds of conditions. What a condition says holds until its next word. Abnormal for as long as the
on-delay raises, normal for as long as the off-delay ends it; both instants are when the delay ran out, not when
somebody looked. (Same scheme as BACnet's event algorithms, ASHRAE 135 clause 13.3, with time-delay and
time-delay-normal.)

::

              abnormal            again, at once or on-delay over
      NORMAL ─────────> SUSPECT? ──> PENDING ──────────────────> ACTIVE  ──┐ re-alarm time over
        ^                  │            │                         │   ^  <─┘
        │ not abnormal     │            │                  normal │   │ not normal
        ├──────────────────┴────────────┘                         v   │
        └────────────────────────────────────────────────────── RETURNING
                                   off-delay over
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from facility_monitor.domain.alarm.condition import ABNORMAL, Seen, Signal
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.reading import Quality, Reading


class Phase(StrEnum):
    NORMAL = "normal"
    SUSPECT = "suspect"
    """abnormal by a single reading, which may be a misread: the next one confirms it"""
    PENDING = "pending"
    """abnormal, the on-delay is running"""
    ACTIVE = "active"
    RETURNING = "returning"
    """normal again, the off-delay is running"""


class Timer(NamedTuple):
    """Where a rule stands at a point, and since when; in ACTIVE since the alarm was last told."""

    phase: Phase
    since: Instant


NORMAL = Timer(Phase.NORMAL, 0)
_AT_REST, _BAD = Phase.NORMAL, Quality.BAD


class Track(NamedTuple):
    """All that a rule remembers of a point: its timer, and what its condition saw last, if it remembers anything."""

    timer: Timer = NORMAL
    seen: Seen | None = None


UNTRACKED = Track()
"""The track of a point never judged."""


class Change(StrEnum):
    RAISED = "raised"
    RETURNED = "returned"
    REALARMED = "realarmed"
    """still there after the re-alarm time"""


class Verdict(NamedTuple):
    """A rule's condition began, is still there, or ended at ``at``; ``value`` is what the condition went by."""

    change: Change
    at: Instant
    value: float


Verdicts = tuple[Verdict, ...]
_NONE: Verdicts = ()


def judge(
    rule: Rule, track: Track, held: float, reading: Reading, metric: str = "", *, since: Instant | None, late: bool
) -> tuple[Track, Verdicts]:
    """Judge ``reading``, the next that the rule is shown, after ``held`` was the value until it came.

    ``since`` is the instant of the newest reading so far, None at the first. A ``late`` reading (older than that) may
    raise a rule on the single value that waits for nothing; it never ends an alarm, moves a timer or is remembered.
    Returns the same track object where nothing changed.
    """
    condition, timer, at = rule.condition, track.timer, reading.at
    if reading.quality is _BAD and not condition.takes_bad:
        return track, _NONE
    if late:
        if (
            timer.phase is _AT_REST
            and not (condition.remembers or rule.on_delay or rule.misread_filter)
            and condition.signal(reading) is ABNORMAL
        ):
            return Track(Timer(Phase.ACTIVE, at)), (Verdict(Change.RAISED, at, condition.measured(reading.value)),)
        return track, _NONE

    if condition.remembers:
        passed, before = _NONE, track.seen
        quiet = timer.phase is _AT_REST and (before is None or before.due is None or before.due >= at)
        if since is not None and not quiet:
            # up to just before: at the very end of a delay the new reading has the word, not the old one
            track, passed = elapse(rule, track, held, at - 1)
            timer, before = track
        seen = condition.see(condition.begin() if before is None else before.memory, reading, metric)
        if seen.signal is not ABNORMAL and timer.phase is _AT_REST:
            return Track(timer, seen), passed
        timer, now = _step(rule, timer, seen.signal, at, seen.value)
        return Track(timer, seen), passed + now

    signal = condition.signal(reading)
    phase = timer.phase
    if phase is _AT_REST:
        if signal is not ABNORMAL:
            return track, _NONE
        passed = _NONE
    else:
        passed = _NONE
        if since is not None:
            track, passed = elapse(rule, track, held, at - 1)
    after, now = _step(rule, track.timer, signal, at, condition.measured(reading.value))
    return (track if after is track.timer else Track(after)), passed + now


def judge_together(
    rule: Rule, track: Track, readings: Sequence[tuple[Reading, str]], *, since: Instant | None
) -> tuple[Track, Verdicts]:
    """Judge ``readings`` of one message and one instant, of several points, each with its metric: what counts is the
    condition's word after the last of them.
    """
    condition, at, passed = rule.condition, readings[0][0].at, _NONE
    if since is not None:
        track, passed = elapse(rule, track, 0.0, at - 1)
    seen = track.seen
    for reading, metric in readings:
        if reading.quality is not Quality.BAD or condition.takes_bad:
            seen = condition.see(condition.begin() if seen is None else seen.memory, reading, metric)
    if seen is None or seen is track.seen:
        return track, passed
    timer, now = _step(rule, track.timer, seen.signal, at, seen.value)
    return Track(timer, seen), passed + now


def elapse(rule: Rule, track: Track, held: float, until: Instant) -> tuple[Track, Verdicts]:
    """The passing of time up to ``until`` while nothing came and the value stayed at ``held``.

    Returns the same track object where nothing changed.
    """
    timer, seen = track
    if timer.phase is _AT_REST and (seen is None or seen.due is None or seen.due > until):
        return track, _NONE
    verdicts = _NONE
    while True:
        end = _end(rule, timer)
        due = None if seen is None else seen.due
        if seen is not None and due is not None and due <= until and (end is None or due <= end):
            seen = rule.condition.at(seen.memory, due)
            if due > timer.since:  # else it was taken before a restart
                timer, said = _step(rule, timer, seen.signal, due, seen.value, by_reading=False)
                verdicts += said
        elif end is not None and end <= until:
            timer, said = _ripen(timer, rule.condition.measured(held) if seen is None else seen.value, end)
            verdicts += said
        else:
            break
    if timer is track.timer and seen is track.seen:
        return track, _NONE
    return Track(timer, seen), verdicts


def next_change(rule: Rule, track: Track) -> Instant | None:
    """The instant of event time at which something happens though nothing more arrives; None for never."""
    end = _end(rule, track.timer)
    due = None if track.seen is None else track.seen.due
    if end is None or due is None:
        return end if due is None else due
    return min(end, due)


def interrupt(rule: Rule, track: Track, at: Instant, value: float) -> tuple[Track, Verdicts]:
    """Something else than a reading tells that the condition holds at ``at``, such as a gateway's will."""
    timer, verdicts = _step(rule, track.timer, Signal.ABNORMAL, at, value, by_reading=False)
    return (track if timer is track.timer else track._replace(timer=timer)), verdicts


def _end(rule: Rule, timer: Timer) -> Instant | None:
    """When the phase ends by the passing of time alone."""
    if timer.phase is _AT_REST:
        return None
    if timer.phase is Phase.PENDING:
        return timer.since + rule.on_delay
    if timer.phase is Phase.RETURNING:
        return timer.since + rule.off_delay
    if timer.phase is Phase.ACTIVE and rule.realarm is not None:
        return timer.since + rule.realarm
    return None


def _ripen(timer: Timer, value: float, end: Instant) -> tuple[Timer, Verdicts]:
    """The phase that follows at its ``end``."""
    if timer.phase is Phase.PENDING:
        return Timer(Phase.ACTIVE, end), (Verdict(Change.RAISED, end, value),)
    if timer.phase is Phase.ACTIVE:
        return Timer(Phase.ACTIVE, end), (Verdict(Change.REALARMED, end, value),)
    return Timer(Phase.NORMAL, end), (Verdict(Change.RETURNED, end, value),)


def _step(
    rule: Rule, timer: Timer, signal: Signal, at: Instant, value: float, *, by_reading: bool = True
) -> tuple[Timer, Verdicts]:
    """The phase after the condition's word at ``at``; the same timer object where it stays.

    What the passing of time tells is no misread, and confirms none.
    """
    phase = timer.phase
    if phase is Phase.NORMAL:
        if signal is not Signal.ABNORMAL:
            return timer, _NONE
        timer = Timer(Phase.SUSPECT if rule.misread_filter and by_reading else Phase.PENDING, at)
    elif phase is Phase.SUSPECT:
        if signal is not Signal.ABNORMAL:
            return Timer(Phase.NORMAL, at), _NONE
        if not by_reading:
            return timer, _NONE
        if timer.since + rule.on_delay <= at:
            return Timer(Phase.ACTIVE, at), (Verdict(Change.RAISED, at, value),)
        return Timer(Phase.PENDING, timer.since), _NONE
    elif phase is Phase.PENDING:
        if signal is not Signal.ABNORMAL:
            return Timer(Phase.NORMAL, at), _NONE
    elif phase is Phase.ACTIVE:
        if signal is not Signal.NORMAL:
            return timer, _NONE
        timer = Timer(Phase.RETURNING, at)
    elif signal is not Signal.NORMAL:
        return Timer(Phase.ACTIVE, at), _NONE
    end = _end(rule, timer)
    if end is not None and end <= at:
        return _ripen(timer, value, end)
    return timer, _NONE
