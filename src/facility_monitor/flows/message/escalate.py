"""Escalate: an alarm that nobody takes goes on to the next one, until somebody does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from facility_monitor.domain.message import escalation
from facility_monitor.domain.message.escalation import ESCALATED
from facility_monitor.domain.message.notice import Notice
from facility_monitor.flows.message.announce import Matter, announce
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.message import escalations

AT_ONCE = 200
"""Steps of one transaction."""


def take_due_steps(tx: Tx, now: datetime) -> int:
    """Tell whoever is next of the alarms whose time is over; returns of how many.

    Each step is taken once, however late; the next one of its alarm comes after a whole wait.
    """
    due = escalations.take_due(tx, now, AT_ONCE)
    policies = escalations.policies(tx) if due else {}
    entries, notices, following = [], [], []
    for each in due:
        policy, pending = policies.get(each.pending.policy_id), each.pending
        if policy is None or pending.step >= len(policy.steps):
            continue  # the policy was switched off or shortened meanwhile
        to = policy.steps[pending.step].to
        entries.append(_entry(each, to, now))
        notices.append((replace(Notice.from_json(dict(pending.notice)), kind=ESCALATED), pending, to))
        if (then := escalation.following(policy, pending.step, pending.round, now)) is not None:
            following.append(pending.then(then))
    numbers = ledger.append(tx, entries)
    announce(
        tx,
        [
            Matter(number, pending.site_id, pending.alarm_id, notice, position=to)
            for number, (notice, pending, to) in zip(numbers, notices, strict=True)
        ],
        now,
    )
    escalations.put(tx, following)
    return len(entries)


def _entry(due: escalations.Due, to: str, now: datetime) -> Entry:
    pending = due.pending
    return Entry(
        kind=ESCALATED,
        at=now,
        occurred_at=now,
        site_id=pending.site_id,
        equipment_id=due.equipment_id,
        alarm_id=pending.alarm_id,
        ticket_id=None,
        actor_id=None,
        reason=None,
        body={"to": to, "step": pending.step + 1, "round": pending.round, "due_at": pending.due_at.isoformat()},
    )
