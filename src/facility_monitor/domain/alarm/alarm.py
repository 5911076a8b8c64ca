"""An alarm: orthogonal bits as in OPC UA Part 9, the states of ISA-18.2 made of them, changed only by the verbs here.

::

                     raise                     acknowledge
    (none, cleared) ───────> active, unacked ──────────────> active, acked
                                │   ^   ^ <──────────────────── │   │
                     return     │   │   │      re-alarm             │ return
                                v   │   │                           v
                            returned, │unacked ────────────> latched ──────> cleared
                                      │        acknowledge      │    reset
                                      └─────────────────────────┘
                                              raise again

What does not latch passes by *latched* and is cleared at once. Beside these stand the bits that only keep it quiet:
shelved (``domain.shelving``), suppressed by design and out of service (``domain.annunciation``). They move no state: a
quiet alarm goes on being evaluated and logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.text import Text


class AlarmState(StrEnum):
    ACTIVE_UNACKNOWLEDGED = "active_unacknowledged"
    ACTIVE_ACKNOWLEDGED = "active_acknowledged"
    RETURNED_UNACKNOWLEDGED = "returned_unacknowledged"
    LATCHED = "latched"
    """the condition has ended and somebody has acknowledged it, but nobody has reset it"""
    CLEARED = "cleared"


LIVE = (
    AlarmState.ACTIVE_UNACKNOWLEDGED,
    AlarmState.ACTIVE_ACKNOWLEDGED,
    AlarmState.RETURNED_UNACKNOWLEDGED,
    AlarmState.LATCHED,
)
"""States in which an alarm needs somebody."""


class AlarmEvent(StrEnum):
    """What the ledger records, in the past tense."""

    RAISED = "alarm_raised"
    RERAISED = "alarm_reraised"
    REALARMED = "alarm_realarmed"
    """acknowledged, and still there after the rule's re-alarm time"""
    ACKNOWLEDGED = "alarm_acknowledged"
    RETURNED = "alarm_returned"
    RESET = "alarm_reset"
    CLEARED = "alarm_cleared"
    SHELVING_REQUESTED = "alarm_shelving_requested"
    """of life safety: a second person has to confirm it"""
    SHELVED = "alarm_shelved"
    UNSHELVED = "alarm_unshelved"
    SUPPRESSED = "alarm_suppressed"
    UNSUPPRESSED = "alarm_unsuppressed"
    TAKEN_OUT_OF_SERVICE = "alarm_taken_out_of_service"
    RETURNED_TO_SERVICE = "alarm_returned_to_service"
    ANNOUNCED = "alarm_announced"
    """what kept it quiet has ended, and the condition still holds"""


class Quiet(StrEnum):
    """Why nobody is called for an alarm, the strongest reason first."""

    SHADOW = "shadow"
    """its rule only tries itself out"""
    OUT_OF_SERVICE = "out_of_service"
    SHELVED = "shelved"
    PARENT_DOWN = "parent_down"
    """a gateway that the point is read through is offline"""
    POWER_OFF = "power_off"
    EQUIPMENT_OFF = "equipment_off"
    NOT_IN_USE = "not_in_use"
    OUTRANKED = "outranked"
    """the limit beyond its own stands at the same point: low below low-low, high below high-high"""
    FLOOD = "flood"
    """folded into the summary of a flood"""


class Suppression(StrEnum):
    """By which design an alarm is suppressed."""

    PARENT_DOWN = "parent_down"
    POWER_OFF = "power_off"
    EQUIPMENT_OFF = "equipment_off"
    NOT_IN_USE = "not_in_use"
    OUTRANKED = "outranked"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One live alarm of one rule at one point.

    ``value`` is the worst-known cause: that of the last raise, which ``seen`` puts into words; ``limit`` is
    what a limit on the value itself was then. ``latched``: it needs a reset after the condition has ended.
    ``shelving_id``, ``suppressed_by`` with ``suppressor_id``, and ``window_id`` say what keeps it quiet;
    ``suppressor_id`` is a device's id for a parent that is down, else that of a suppression rule. ``folded``: told in a
    flood's summary only. ``waiting``: somebody has to be told as soon as it is no longer quiet. ``episode_id`` is the
    first-out alarm of those that came together at this equipment.
    """

    id: int
    site_id: int
    equipment_id: int
    point_id: int
    rule_id: int
    rule_version: int
    severity: Severity
    active: bool
    acknowledged: bool
    raised_at: datetime
    raise_count: int
    value: float
    acknowledged_at: datetime | None = None
    acknowledged_by: int | None = None
    returned_at: datetime | None = None
    cleared_at: datetime | None = None
    ticket_id: int | None = None
    version: int = 1
    life_safety: bool = False
    latched: bool = False
    reset_at: datetime | None = None
    reset_by: int | None = None
    shadow: bool = False
    shelving_id: int | None = None
    suppressed_by: Suppression | None = None
    suppressor_id: int | None = None
    window_id: int | None = None
    folded: bool = False
    waiting: bool = False
    last_raised_at: datetime | None = None
    episode_id: int | None = None
    seen: Text | None = None
    limit: Mapping[str, Any] | None = None

    @property
    def state(self) -> AlarmState:
        return state_of(self.active, self.acknowledged, self.latched)

    @property
    def quiet(self) -> Quiet | None:
        """Why nobody is called for it; None where people are."""
        if self.shadow:
            return Quiet.SHADOW
        if self.window_id is not None:
            return Quiet.OUT_OF_SERVICE
        if self.shelving_id is not None:
            return Quiet.SHELVED
        if self.suppressed_by is not None:
            return Quiet(self.suppressed_by.value)
        return Quiet.FLOOD if self.folded else None


def state_of(active: bool, acknowledged: bool, latched: bool) -> AlarmState:
    """The state that the bits make."""
    if active:
        return AlarmState.ACTIVE_ACKNOWLEDGED if acknowledged else AlarmState.ACTIVE_UNACKNOWLEDGED
    if not acknowledged:
        return AlarmState.RETURNED_UNACKNOWLEDGED
    return AlarmState.LATCHED if latched else AlarmState.CLEARED


Step = tuple[Alarm, tuple[AlarmEvent, ...]]
"""The alarm after a verb, the same object where nothing changed, and what happened, in order."""


def raise_again(alarm: Alarm, value: float, at: datetime) -> Step:
    """The condition came back before the alarm was cleared: it needs a fresh acknowledgement, and tells again."""
    if alarm.active or alarm.cleared_at is not None:
        return alarm, ()
    again = replace(
        _unacknowledged(alarm),
        active=True,
        raise_count=alarm.raise_count + 1,
        value=value,
        last_raised_at=at,
        returned_at=None,
    )
    return again, (AlarmEvent.RERAISED,)


def realarm(alarm: Alarm, value: float) -> Step:
    """Acknowledged, and still there after the re-alarm time: it needs a fresh acknowledgement, and tells again.

    What nobody has acknowledged needs no second alarm: whoever calls people repeats it until somebody answers.
    """
    if not alarm.active or not alarm.acknowledged:
        return alarm, ()
    return replace(_unacknowledged(alarm), value=value), (AlarmEvent.REALARMED,)


def return_to_normal(alarm: Alarm, at: datetime) -> Step:
    """The condition ended. An alarm that somebody has acknowledged is thereby cleared, unless it is latched.

    Of a rule that only tries itself out nobody knows: there is nobody to acknowledge it.
    """
    if not alarm.active:
        return alarm, ()
    returned = replace(
        alarm,
        active=False,
        acknowledged=alarm.acknowledged or alarm.shadow,
        returned_at=at,
        waiting=False,
        version=alarm.version + 1,
    )
    return _cleared(returned, (AlarmEvent.RETURNED,), at)


def acknowledge(alarm: Alarm, person_id: int, now: datetime) -> Step:
    """Somebody has seen it and takes it: quiet until the condition ends or the re-alarm time is over, and not longer.

    An alarm whose condition has ended is thereby cleared, unless it is latched.
    """
    if alarm.acknowledged:
        return alarm, ()
    taken = replace(
        alarm,
        acknowledged=True,
        acknowledged_at=now,
        acknowledged_by=person_id,
        waiting=False,
        version=alarm.version + 1,
    )
    return _cleared(taken, (AlarmEvent.ACKNOWLEDGED,), now)


def may_be_reset(alarm: Alarm) -> bool:
    """Whether a reset is due: the condition has ended and somebody has acknowledged it (OPC UA Part 9, Reset)."""
    return alarm.state is AlarmState.LATCHED


def reset(alarm: Alarm, person_id: int, now: datetime) -> Step:
    """Somebody has looked at the place itself: a latched alarm is thereby cleared. Any other stays as it is."""
    if not may_be_reset(alarm):
        return alarm, ()
    free = replace(alarm, latched=False, reset_at=now, reset_by=person_id, version=alarm.version + 1)
    return _cleared(free, (AlarmEvent.RESET,), now)


def _unacknowledged(alarm: Alarm) -> Alarm:
    return replace(
        alarm,
        acknowledged=False,
        acknowledged_at=None,
        acknowledged_by=None,
        folded=False,
        version=alarm.version + 1,
    )


def _cleared(alarm: Alarm, events: tuple[AlarmEvent, ...], at: datetime) -> Step:
    if alarm.state is not AlarmState.CLEARED:
        return alarm, events
    return replace(alarm, cleared_at=at), (*events, AlarmEvent.CLEARED)
