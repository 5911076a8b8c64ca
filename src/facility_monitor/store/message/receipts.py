"""Receipts: what people's devices and people themselves say about messages that were sent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from facility_monitor.store.database import Tx


class Sent(NamedTuple):
    """A message to a person, with what it takes to judge an answer to it.

    ``outdated``: the alarm has come again since, and calls anew.
    """

    id: int
    person_id: int
    alarm_id: int | None
    channel_kind: str
    acknowledged_at: datetime | None
    outdated: bool


_SENT = text("""
SELECT outbox.id, outbox.person_id, outbox.alarm_id, channel.kind, outbox.acknowledged_at, EXISTS (
    SELECT FROM ledger WHERE ledger.alarm_id = outbox.alarm_id AND ledger.id > outbox.ledger_id
        AND ledger.kind IN ('alarm_reraised', 'alarm_realarmed')
) FROM outbox JOIN channel ON channel.id = outbox.channel_id
WHERE outbox.id = :number AND outbox.person_id IS NOT NULL
""")


def sent(tx: Tx, number: int) -> Sent | None:
    """The message to a person of that id."""
    row = tx.execute(_SENT, {"number": number}).one_or_none()
    return None if row is None else Sent(*row)


# Whoever has seen it has it; a report may overtake the answer of the push service.
_SEEN = text("""
UPDATE outbox SET
    delivered_at = coalesce(delivered_at, :now),
    opened_at = CASE WHEN :opened THEN coalesce(opened_at, :now) ELSE opened_at END,
    sent_at = coalesce(sent_at, :now),
    state = CASE
        WHEN state = 'acknowledged' OR state = 'opened' THEN state
        WHEN :opened THEN 'opened'
        ELSE 'delivered' END
WHERE id = :number AND state <> 'folded'
""")


def seen(tx: Tx, number: int, now: datetime, *, opened: bool) -> None:
    """The message is on the person's screen; ``opened``: the person has opened it."""
    tx.execute(_SEEN, {"number": number, "now": now, "opened": opened})


_ANSWERED = text("""
UPDATE outbox SET state = 'acknowledged', acknowledged_at = :now, delivered_at = coalesce(delivered_at, :now),
    sent_at = coalesce(sent_at, :now)
WHERE id = :number AND acknowledged_at IS NULL
""")


def answered(tx: Tx, number: int, now: datetime) -> bool:
    """The person has answered by this very message; False where that was said before."""
    return tx.execute(_ANSWERED, {"number": number, "now": now}).rowcount > 0


_TAKEN = text("""
UPDATE outbox SET state = 'acknowledged', acknowledged_at = :now FROM alarm
WHERE alarm.id = ANY (CAST(:alarms AS bigint[])) AND outbox.alarm_id = alarm.id
    AND outbox.person_id = alarm.acknowledged_by AND outbox.state IN ('sent', 'delivered', 'opened')
""")


def taken(tx: Tx, alarm_ids: Collection[int], now: datetime) -> None:
    """These alarms were acknowledged: what whoever did so had been sent about them is answered."""
    tx.execute(_TAKEN, {"alarms": list(alarm_ids), "now": now})
