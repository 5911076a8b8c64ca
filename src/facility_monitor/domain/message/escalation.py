"""Escalation: who is told next of an alarm that nobody has taken, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from facility_monitor.domain.message.rota import Position

ESCALATED = "alarm_escalated"
"""What the ledger records: nobody has taken it in time, somebody else was told."""


class Step(NamedTuple):
    """``after`` is the time since the alarm called."""

    after: timedelta
    to: Position


@dataclass(frozen=True, slots=True)
class Policy:
    """Holds for the alarms that fit all of its narrowing fields (None fits all). After its last step that one comes
    again every ``repeat_every``, until somebody takes the alarm; None for never."""

    id: int
    steps: tuple[Step, ...]
    repeat_every: timedelta | None = None
    site_id: int | None = None
    equipment_kind: str | None = None
    severity: str | None = None
    life_safety: bool | None = None

    def fits(self, site_id: int, equipment_kind: str, severity: str, *, life_safety: bool) -> bool:
        asked = (
            (self.site_id, site_id),
            (self.equipment_kind, equipment_kind),
            (self.severity, severity),
            (self.life_safety, life_safety),
        )
        return all(own is None or own == given for own, given in asked)


def chosen(
    policies: Iterable[Policy], site_id: int, equipment_kind: str, severity: str, *, life_safety: bool
) -> Policy | None:
    """The policy that fits most narrowly: by site before kind, kind before life safety, that before severity."""
    fitting = [each for each in policies if each.fits(site_id, equipment_kind, severity, life_safety=life_safety)]
    return max(fitting, key=_narrowness, default=None)


def _narrowness(policy: Policy) -> tuple[bool, bool, bool, bool, int]:
    fields = (policy.site_id, policy.equipment_kind, policy.life_safety, policy.severity)
    site, kind, safety, severity = (field is not None for field in fields)
    return site, kind, safety, severity, -policy.id


class Next(NamedTuple):
    """``round`` counts how often the last step was repeated."""

    step: int
    round: int
    due_at: datetime


def first(policy: Policy, now: datetime) -> Next | None:
    """The first step of an alarm that called at ``now``."""
    return Next(0, 0, now + policy.steps[0].after) if policy.steps else None


def following(policy: Policy, step: int, rounds: int, now: datetime) -> Next | None:
    """The step after ``step``, which was taken at ``now``: however late that was, the wait for the next is a whole one,
    so that what was missed while nobody was there does not come all at once."""
    if step + 1 < len(policy.steps):
        return Next(step + 1, 0, now + policy.steps[step + 1].after - policy.steps[step].after)
    if policy.repeat_every is None or step >= len(policy.steps):
        return None
    return Next(step, rounds + 1, now + policy.repeat_every)
