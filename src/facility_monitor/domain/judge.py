"""Judging a limit rule in event time: pure, and the same whether live, replayed or after a restart.

A value holds until the next one comes. A crossing that lasts for the on-delay raises, a return beyond the deadband
that lasts for the off-delay ends it; both instants are when the delay ran out, not when somebody looked.
(Same scheme as BACnet's OUT_OF_RANGE algorithm, ASHRAE 135 clause 13.3.6, with time-delay and time-delay-normal.)
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading import Reading
from facility_monitor.domain.rule import Rule


class Phase(StrEnum):
    NORMAL = "normal"
    PENDING = "pending"
    """beyond the limit, the on-delay is running"""
    ACTIVE = "active"
    RETURNING = "returning"
    """back beyond the deadband, the off-delay is running"""


class LimitState(NamedTuple):
    """All that a limit rule remembers of a point: its phase and since when."""

    phase: Phase
    since: Instant


NORMAL = LimitState(Phase.NORMAL, 0)
"""The state of a point never judged."""


class Change(StrEnum):
    RAISED = "raised"
    RETURNED = "returned"


class Verdict(NamedTuple):
    """A rule's condition began (RAISED) or ended (RETURNED) at ``at``, by ``value``."""

    change: Change
    at: Instant
    value: float


Judged = tuple[LimitState, tuple[Verdict, ...]]


def ripen(rule: Rule, state: LimitState, held: float, until: Instant) -> Judged:
    """The passing of time up to ``until`` while the value stayed at ``held``.

    Returns the same state object where nothing changed.
    """
    if state.phase is Phase.PENDING and state.since + rule.on_delay <= until:
        raised_at = state.since + rule.on_delay
        return LimitState(Phase.ACTIVE, raised_at), (Verdict(Change.RAISED, raised_at, held),)
    if state.phase is Phase.RETURNING and state.since + rule.off_delay <= until:
        returned_at = state.since + rule.off_delay
        return LimitState(Phase.NORMAL, returned_at), (Verdict(Change.RETURNED, returned_at, held),)
    return state, ()


def judge(rule: Rule, state: LimitState, last: Reading | None, reading: Reading) -> Judged:
    """Judge ``reading``, after ``last``, the newest of this point so far (None at the first).

    A late reading (older than ``last``) may raise a rule that has no on-delay; it never ends an alarm and never
    moves a timer. Returns the same state object where nothing changed.
    """
    value, at = reading.value, reading.at
    limit = rule.limit
    if last is not None and at < last.at:
        if state.phase is Phase.NORMAL and rule.on_delay == 0 and limit.crossed_by(value):
            return LimitState(Phase.ACTIVE, at), (Verdict(Change.RAISED, at, value),)
        return state, ()

    passed: tuple[Verdict, ...] = ()
    if last is not None and state.phase in (Phase.PENDING, Phase.RETURNING):
        # up to just before: at the very end of a delay the new value has the word, not the old one
        state, passed = ripen(rule, state, last.value, at - 1)

    phase = state.phase
    if phase is Phase.NORMAL:
        if not limit.crossed_by(value):
            return state, passed
        state = LimitState(Phase.PENDING, at)
    elif phase is Phase.PENDING:
        if not limit.crossed_by(value):
            return LimitState(Phase.NORMAL, at), passed
    elif phase is Phase.ACTIVE:
        if not limit.left_by(value):
            return state, passed
        state = LimitState(Phase.RETURNING, at)
    elif not limit.left_by(value):
        return LimitState(Phase.ACTIVE, at), passed

    state, now = ripen(rule, state, value, at)
    return state, passed + now
