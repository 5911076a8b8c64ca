"""Shelving: a person puts an alarm away for a while, with a reason, and it comes back by itself.

It belongs to a rule at a point, not to one alarm of it: what clears and comes back meanwhile is put away too.

::

    request ──> (of life safety: until a second person confirms) ──> in force ──┬── unshelve: a person ends it
                          │                                                     ├── expire: its time is over
                          └── lapse: nobody has confirmed in time               └── return: one-shot, condition ended
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST = timedelta(hours=24)
"""The longest that an alarm may be shelved at a time, one-shot too: ISA-18.2 wants a limit and names none (basis P)."""
LONGEST_LIFE_SAFETY = timedelta(hours=4)
"""The same for life safety: about half a shift, so that who confirmed it is still there when it ends (basis P)."""


class ShelvingKind(StrEnum):
    TIMED = "timed"
    ONE_SHOT = "one_shot"
    """until the condition ends, at most until it expires"""


class ShelvingEnd(StrEnum):
    UNSHELVED = "unshelved"
    EXPIRED = "expired"
    RETURNED = "returned"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Shelving:
    """``alarm_id`` is the alarm at which it was asked for, ``expires_at`` when it is due to end, whatever happens."""

    id: int
    site_id: int
    equipment_id: int
    point_id: int
    rule_id: int
    alarm_id: int
    kind: ShelvingKind
    reason: str
    requested_by: int
    requested_at: datetime
    expires_at: datetime
    life_safety: bool = False
    confirmed_by: int | None = None
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: int | None = None
    ended_how: ShelvingEnd | None = None

    @property
    def in_force(self) -> bool:
        return self.ended_at is None and (self.confirmed_by is not None or not self.life_safety)


def longest(life_safety: bool) -> timedelta:
    """How long an alarm may be shelved at most."""
    return LONGEST_LIFE_SAFETY if life_safety else LONGEST


def confirm(shelving: Shelving, person_id: int, now: datetime) -> Shelving | None:
    """``person_id`` confirms the request of another; None where that is not the way it stands."""
    if shelving.ended_at is not None or shelving.in_force or person_id == shelving.requested_by:
        return None
    return replace(shelving, confirmed_by=person_id, confirmed_at=now)


def unshelve(shelving: Shelving, person_id: int, now: datetime) -> Shelving:
    """A person takes the alarm back, or the request."""
    return replace(shelving, ended_at=now, ended_by=person_id, ended_how=ShelvingEnd.UNSHELVED)


def expire(shelving: Shelving) -> Shelving:
    """Its time is over: the end is when it was due, however late that is carried out."""
    how = ShelvingEnd.EXPIRED if shelving.in_force else ShelvingEnd.LAPSED
    return replace(shelving, ended_at=shelving.expires_at, ended_how=how)


def condition_ended(shelving: Shelving, at: datetime) -> Shelving | None:
    """The condition has ended: so does a one-shot shelving in force; None for any other."""
    if shelving.kind is not ShelvingKind.ONE_SHOT or not shelving.in_force:
        return None
    return replace(shelving, ended_at=max(at, shelving.requested_at), ended_how=ShelvingEnd.RETURNED)
