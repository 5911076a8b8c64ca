"""An alarm: ISA-18.2 states as two orthogonal bits (OPC UA Part 9), changed only by the verbs here.

::

                     raise                     acknowledge
    (none, cleared) ───────> active, unacked ──────────────> active, acked
                                │   ^                            │
                     return     │   │ raise again         return │
                                v   │                            v
                            returned, unacked ───────────────> cleared
                                               acknowledge
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from facility_monitor.domain.rule import Severity


class AlarmState(StrEnum):
    ACTIVE_UNACKNOWLEDGED = "active_unacknowledged"
    ACTIVE_ACKNOWLEDGED = "active_acknowledged"
    RETURNED_UNACKNOWLEDGED = "returned_unacknowledged"
    CLEARED = "cleared"


LIVE = (
    AlarmState.ACTIVE_UNACKNOWLEDGED,
    AlarmState.ACTIVE_ACKNOWLEDGED,
    AlarmState.RETURNED_UNACKNOWLEDGED,
)
"""States in which an alarm needs somebody."""


class AlarmEvent(StrEnum):
    """What the ledger records, in the past tense."""

    RAISED = "alarm_raised"
    RERAISED = "alarm_reraised"
    ACKNOWLEDGED = "alarm_acknowledged"
    RETURNED = "alarm_returned"
    CLEARED = "alarm_cleared"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One live alarm of one rule at one point. ``value`` is the worst-known cause: that of the last raise."""

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

    @property
    def state(self) -> AlarmState:
        if self.active:
            return AlarmState.ACTIVE_ACKNOWLEDGED if self.acknowledged else AlarmState.ACTIVE_UNACKNOWLEDGED
        return AlarmState.CLEARED if self.acknowledged else AlarmState.RETURNED_UNACKNOWLEDGED


Step = tuple[Alarm, tuple[AlarmEvent, ...]]
"""The alarm after a verb, the same object where nothing changed, and what happened, in order."""


def raise_again(alarm: Alarm, value: float) -> Step:
    """The condition came back before the alarm was cleared: it needs a fresh acknowledgement."""
    if alarm.active or alarm.cleared_at is not None:
        return alarm, ()
    again = replace(
        alarm,
        active=True,
        acknowledged=False,
        acknowledged_at=None,
        acknowledged_by=None,
        raise_count=alarm.raise_count + 1,
        value=value,
        returned_at=None,
        version=alarm.version + 1,
    )
    return again, (AlarmEvent.RERAISED,)


def return_to_normal(alarm: Alarm, at: datetime) -> Step:
    """The condition ended. An alarm that somebody has acknowledged is thereby cleared."""
    if not alarm.active:
        return alarm, ()
    returned = replace(alarm, active=False, returned_at=at, version=alarm.version + 1)
    if not returned.acknowledged:
        return returned, (AlarmEvent.RETURNED,)
    return replace(returned, cleared_at=at), (AlarmEvent.RETURNED, AlarmEvent.CLEARED)


def acknowledge(alarm: Alarm, person_id: int, now: datetime) -> Step:
    """Somebody has seen it and takes it. An alarm whose condition has ended is thereby cleared."""
    if alarm.acknowledged:
        return alarm, ()
    taken = replace(alarm, acknowledged=True, acknowledged_at=now, acknowledged_by=person_id, version=alarm.version + 1)
    if taken.active:
        return taken, (AlarmEvent.ACKNOWLEDGED,)
    return replace(taken, cleared_at=now), (AlarmEvent.ACKNOWLEDGED, AlarmEvent.CLEARED)
