"""Folding: messages that are told in one summary instead of each by itself, and are kept all the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text

from facility_monitor.domain.message.summary import SummaryKind, frame
from facility_monitor.store.database import Tx
from facility_monitor.store.message.outbox import Draft

STALE = timedelta(minutes=1)
"""What has waited for so long was kept by a channel that is down, or too slow."""

# Inserting a summary that there is already has to return its id, hence the change that changes nothing.
_COLLECT = text("""
WITH draft AS (
    SELECT * FROM jsonb_to_recordset(CAST(:drafts AS jsonb)) AS draft (ledger_id bigint, alarm_id bigint,
        ticket_id bigint, person_id integer, channel_id integer, urgency smallint, notice jsonb, frame jsonb)
), summary AS (
    INSERT INTO outbox (person_id, channel_id, urgency, notice, created_at, due_at, fold_key)
    SELECT DISTINCT ON (channel_id) person_id, channel_id, urgency, frame, :now, :due,
        'digest ' || channel_id || ' ' || CAST(:due AS text) FROM draft
    ON CONFLICT (fold_key) DO UPDATE SET fold_key = excluded.fold_key RETURNING id, channel_id
)
INSERT INTO outbox
    (ledger_id, alarm_id, ticket_id, person_id, channel_id, urgency, notice, created_at, due_at, state, folded_into)
SELECT ledger_id, alarm_id, ticket_id, person_id, channel_id, urgency, notice, :now, :due, 'folded', summary.id
FROM draft JOIN summary USING (channel_id)
ON CONFLICT (ledger_id, channel_id) DO NOTHING
RETURNING id
""")


def collect(tx: Tx, drafts: Sequence[Draft], due: datetime, now: datetime) -> list[int]:
    """Queue ``drafts`` within the digest of each channel that leaves at ``due``; returns the ids of the new ones."""
    if not drafts:
        return []
    rows = [{**each._asdict(), "frame": frame(SummaryKind.DIGEST, each.channel_id).as_json()} for each in drafts]
    return list(tx.execute(_COLLECT, {"drafts": json.dumps(rows), "due": due, "now": now}).scalars())


# Of two messages about one alarm on one channel the older says nothing that the newer does not.
_SUPERSEDE = text("""
WITH waiting AS (
    SELECT id, max(id) OVER (PARTITION BY channel_id, alarm_id) AS newest FROM outbox
    WHERE state = 'queued' AND alarm_id IS NOT NULL AND person_id IS NOT NULL AND leased_until IS NULL
        AND created_at <= :before
), older AS (
    SELECT outbox.id, newest FROM outbox JOIN waiting ON waiting.id = outbox.id AND waiting.id < newest
    FOR UPDATE OF outbox SKIP LOCKED
)
UPDATE outbox SET state = 'folded', folded_into = newest FROM older WHERE outbox.id = older.id AND state = 'queued'
""")
_OVER = text("""
WITH over AS (
    SELECT outbox.id, outbox.person_id, outbox.channel_id FROM outbox
    JOIN channel ON channel.id = outbox.channel_id JOIN alarm ON alarm.id = outbox.alarm_id
    WHERE outbox.state = 'queued' AND outbox.leased_until IS NULL AND outbox.created_at <= :before
        AND (outbox.person_id IS NOT NULL OR channel.kind = 'apprise')
        AND (alarm.acknowledged OR alarm.cleared_at IS NOT NULL)
    FOR UPDATE OF outbox SKIP LOCKED
), standing AS (
    SELECT id, channel_id FROM outbox
    WHERE fold_key LIKE 'over %' AND state = 'queued' AND leased_until IS NULL
        AND channel_id IN (SELECT channel_id FROM over)
    FOR UPDATE SKIP LOCKED
), made AS (
    INSERT INTO outbox (person_id, channel_id, urgency, notice, created_at, due_at, fold_key)
    SELECT min(person_id), channel_id, 3, jsonb_set(jsonb_set(CAST(:frame AS jsonb), '{kind}', '"over"'), '{tag}',
        to_jsonb('over-' || channel_id)), :now, :now, 'over ' || channel_id || ' ' || min(id)
    FROM over WHERE channel_id NOT IN (SELECT channel_id FROM standing) GROUP BY channel_id
    RETURNING id, channel_id
), summary AS (
    SELECT channel_id, min(id) AS id FROM (SELECT * FROM standing UNION ALL SELECT id, channel_id FROM made) AS every
    GROUP BY channel_id
)
UPDATE outbox SET state = 'folded', folded_into = summary.id
FROM over JOIN summary USING (channel_id) WHERE outbox.id = over.id AND outbox.state = 'queued'
""")


def fold_stale(tx: Tx, now: datetime) -> int:
    """Fold what waits for a channel that does not take it: what is over into one summary, doubles into the newest.

    Systems get everything, and in full. Returns how many messages were folded.
    """
    given = {"before": now - STALE, "now": now}
    over = tx.execute(_OVER, given | {"frame": json.dumps(frame(SummaryKind.OVER, 0).as_json())}).rowcount
    return over + tx.execute(_SUPERSEDE, {"before": given["before"]}).rowcount
