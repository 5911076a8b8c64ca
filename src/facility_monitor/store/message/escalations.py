"""Escalations: the policies, and of each alarm the step that comes next."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, text, update

from facility_monitor.domain.message.escalation import Next, Policy, Step
from facility_monitor.domain.message.rota import Position
from facility_monitor.store.database import LEDGER_LOCK, Tx
from facility_monitor.store.tables import escalation, escalation_policy


def policies(tx: Tx) -> dict[int, Policy]:
    """All policies that are switched on, by id."""
    return {
        row.id: Policy(
            row.id,
            tuple(Step(timedelta(seconds=each["after_s"]), Position(each["to"])) for each in row.steps),
            None if row.repeat_every_s is None else timedelta(seconds=row.repeat_every_s),
            row.site_id,
            row.equipment_kind,
            row.severity,
            row.life_safety,
        )
        for row in tx.execute(select(escalation_policy).where(escalation_policy.c.enabled))
    }


class Pending(NamedTuple):
    """A step to come. ``notice`` is what called first."""

    alarm_id: int
    site_id: int
    policy_id: int
    step: int
    round: int
    due_at: datetime
    notice: Mapping[str, Any]

    def then(self, following: Next) -> Pending:
        return self._replace(step=following.step, round=following.round, due_at=following.due_at)


_PUT = text("""
INSERT INTO escalation (alarm_id, site_id, policy_id, step, round, due_at, notice)
SELECT alarm_id, site_id, policy_id, step, round, due_at, notice
FROM jsonb_to_recordset(CAST(:steps AS jsonb)) AS step (alarm_id bigint, site_id integer, policy_id integer,
    step smallint, round integer, due_at timestamptz, notice jsonb)
ON CONFLICT (alarm_id) WHERE done_at IS NULL DO UPDATE SET policy_id = excluded.policy_id, step = excluded.step,
    round = excluded.round, due_at = excluded.due_at, notice = excluded.notice
""")


def put(tx: Tx, steps: Sequence[Pending]) -> None:
    """Note the next step of each alarm; it replaces one that was pending."""
    if steps:
        rows = [each._asdict() for each in steps]
        tx.execute(_PUT, {"steps": json.dumps(rows, default=datetime.isoformat)})


def stop(tx: Tx, alarm_ids: Collection[int], now: datetime) -> None:
    """Nobody else has to be told of these alarms."""
    pending = (escalation.c.alarm_id == func.any(list(alarm_ids)), escalation.c.done_at.is_(None))
    tx.execute(update(escalation).where(*pending).values(done_at=now, outcome="stopped"))


# Who is just taking the alarm, or its next step, holds the row: then there is nothing to hasten.
_HASTEN = text("""
UPDATE escalation SET due_at = :now WHERE id IN (
    SELECT escalation.id FROM escalation JOIN outbox USING (alarm_id)
    WHERE outbox.id = ANY (CAST(:failed AS bigint[])) AND done_at IS NULL AND round = 0 AND escalation.due_at > :now
        AND NOT EXISTS (
            SELECT FROM outbox AS other
            WHERE other.ledger_id = outbox.ledger_id AND other.person_id IS NOT NULL AND other.state <> 'failed')
    FOR UPDATE OF escalation SKIP LOCKED
)
""")


def hasten(tx: Tx, failed: Collection[int], now: datetime) -> int:
    """Let the next step come at once where these ``failed`` messages were all that told of it; returns for how many.

    Rounds of the last step keep their time: with every channel dead they would follow each other without a pause.
    """
    return tx.execute(_HASTEN, {"failed": list(failed), "now": now}).rowcount


_DUE = text("""
SELECT escalation.id, alarm_id, escalation.site_id, policy_id, step, round, due_at, notice, alarm.equipment_id
FROM escalation JOIN alarm ON alarm.id = alarm_id
WHERE done_at IS NULL AND due_at <= :now ORDER BY due_at, escalation.id LIMIT :limit
""")


class Due(NamedTuple):
    id: int
    pending: Pending
    equipment_id: int


def take_due(tx: Tx, now: datetime, limit: int) -> list[Due]:
    """The steps that are due, the oldest first, marked as taken.

    Takes the ledger's lock first: whoever acknowledges holds it until the commit, so that no step is taken for an alarm
    that somebody is just taking.
    """
    waiting = select(escalation.c.id).where(escalation.c.done_at.is_(None), escalation.c.due_at <= now).limit(1)
    if tx.execute(waiting).one_or_none() is None:
        return []
    tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LEDGER_LOCK})
    rows = [
        Due(number, Pending(*rest), equipment_id)
        for number, *rest, equipment_id in tx.execute(_DUE, {"now": now, "limit": limit})
    ]
    numbers = [each.id for each in rows]
    taken = update(escalation).where(escalation.c.id == func.any(numbers), escalation.c.done_at.is_(None))
    tx.execute(taken.values(done_at=now, outcome="told"))
    return rows
