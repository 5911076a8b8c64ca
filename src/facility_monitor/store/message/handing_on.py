"""Handing on: where a person's channel fails, the next one takes over what it should have told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import text

from facility_monitor.store.database import Tx

PATIENCE = timedelta(seconds=60)
PATIENCE_LIFE_SAFETY = timedelta(seconds=10)
"""How long a message may wait for its channel before the next one gets it too."""

# Nothing is handed on while another message of the same matter got through to the person, or may still do so.
_HAND_ON = text("""
WITH stuck AS (
    SELECT id FROM outbox WHERE id = ANY (CAST(:failed AS bigint[]))
    UNION
    SELECT id FROM outbox WHERE state = 'queued' AND created_at <= CASE urgency WHEN 0 THEN :hasty ELSE :patient END
), message AS (
    SELECT DISTINCT ON (outbox.ledger_id, outbox.person_id) outbox.* FROM outbox JOIN stuck USING (id)
    WHERE NOT handed_on AND person_id IS NOT NULL AND ledger_id IS NOT NULL
), asked AS (
    SELECT message.* FROM message
    WHERE NOT EXISTS (
        SELECT FROM outbox AS other
        WHERE other.ledger_id = message.ledger_id AND other.person_id = message.person_id AND (
            other.state IN ('sent', 'delivered', 'opened', 'acknowledged', 'folded')
            OR other.state = 'queued' AND other.created_at > CASE other.urgency WHEN 0 THEN :hasty ELSE :patient END)
    ) AND NOT EXISTS (
        SELECT FROM alarm WHERE alarm.id = message.alarm_id AND (alarm.acknowledged OR alarm.cleared_at IS NOT NULL)
    )
), next AS (
    SELECT asked.*, channel.id AS next_id, rank() OVER (PARTITION BY asked.id ORDER BY channel.preference) AS turn
    FROM asked JOIN channel ON channel.person_id = asked.person_id AND channel.enabled
    WHERE NOT EXISTS (
        SELECT FROM outbox AS other WHERE other.ledger_id = asked.ledger_id AND other.channel_id = channel.id)
), taken AS (
    INSERT INTO outbox (ledger_id, alarm_id, ticket_id, person_id, channel_id, urgency, notice, created_at, due_at)
    SELECT ledger_id, alarm_id, ticket_id, person_id, next_id, urgency, notice, :now, :now FROM next WHERE turn = 1
    ON CONFLICT (ledger_id, channel_id) DO NOTHING
    RETURNING ledger_id, person_id
)
UPDATE outbox SET handed_on = true FROM taken
WHERE outbox.ledger_id = taken.ledger_id AND outbox.person_id = taken.person_id AND outbox.state IN ('queued', 'failed')
""")


def hand_on(tx: Tx, failed: Collection[int], now: datetime) -> int:
    """Let the next channel of each person take over: of ``failed`` messages, and of those that wait too long.

    Returns for how many messages somebody took over. What is handed on stays queued; should its channel come back, the
    second copy replaces the first.
    """
    given = {
        "failed": list(failed),
        "hasty": now - PATIENCE_LIFE_SAFETY,
        "patient": now - PATIENCE,
        "now": now,
    }
    return tx.execute(_HAND_ON, given).rowcount
