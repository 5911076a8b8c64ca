"""The outbox: every message to a person or a system, from the transaction that caused it until it has left.

A message is taken under a lease. The lease's end is its token: no two leases of one message end at the same moment,
since the later one is only given once the earlier has run out or was given back. Who is too slow to settle in time
changes nothing any more; somebody else has the message then, and sends it again under the same id.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import func, select, text, update

from facility_monitor.store.database import Tx
from facility_monitor.store.tables import channel, outbox, sending_count

ERROR_LENGTH = 500
"""Longest error text that is kept, in characters."""


class State(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    """the other side has taken it"""
    DELIVERED = "delivered"
    """it is on the person's screen"""
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    """the person has answered"""
    FAILED = "failed"
    """refused for good, or given up"""
    FOLDED = "folded"
    """told in a summary instead"""


class Draft(NamedTuple):
    """A message to add. ``ledger_id`` is None for a message that no transition caused (a test)."""

    ledger_id: int | None
    alarm_id: int | None
    person_id: int | None
    channel_id: int
    urgency: int
    notice: Mapping[str, Any]
    ticket_id: int | None = None


class Lease(NamedTuple):
    """The right to send one message and to settle it. ``until`` is its end and its token."""

    outbox_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """One message under a lease, with all that sending needs. ``attempts`` counts the tries before this one.

    ``folded`` are the first notices that a summary stands for, and ``folded_count`` how many there are; None for a
    message that is no summary. ``person_*`` are None where the channel belongs to nobody. ``enabled`` is False where
    the channel was switched off, or its person disabled, since the message was queued.
    """

    lease: Lease
    urgency: int
    attempts: int
    created_at: datetime
    ledger_id: int | None
    alarm_id: int | None
    person_id: int | None
    channel_id: int
    notice: dict[str, Any]
    folded: list[dict[str, Any]] | None
    folded_count: int
    kind: str
    address: str = field(repr=False)
    secret: str | None = field(repr=False)
    enabled: bool
    person_name: str | None
    person_locale: str | None


class Settlement(NamedTuple):
    """What became of a claimed message; made by ``sent``, ``later``, ``failed`` and ``released``."""

    lease: Lease
    state: State
    tries: int
    due_at: datetime | None = None
    sent_at: datetime | None = None
    error: str | None = None
    channel_ended: bool = False


def sent(lease: Lease, at: datetime) -> Settlement:
    """The receiver has it."""
    return Settlement(lease, State.SENT, 1, sent_at=at)


def later(lease: Lease, due_at: datetime, error: str) -> Settlement:
    """It did not get through this time; try again at ``due_at``."""
    return Settlement(lease, State.QUEUED, 1, due_at=due_at, error=error)


def failed(lease: Lease, error: str, *, channel_ended: bool = False) -> Settlement:
    """Refused for good, or given up; ``channel_ended`` where the channel is no more: it is switched off."""
    return Settlement(lease, State.FAILED, 1, error=error, channel_ended=channel_ended)


def released(lease: Lease) -> Settlement:
    """Not tried at all: given back as it was."""
    return Settlement(lease, State.QUEUED, 0)


_ADD = text("""
INSERT INTO outbox (ledger_id, alarm_id, ticket_id, person_id, channel_id, urgency, notice, created_at, due_at)
SELECT ledger_id, alarm_id, ticket_id, person_id, channel_id, urgency, notice, :now, :now
FROM jsonb_to_recordset(CAST(:drafts AS jsonb)) AS draft (ledger_id bigint, alarm_id bigint, ticket_id bigint,
    person_id integer, channel_id integer, urgency smallint, notice jsonb)
ON CONFLICT (ledger_id, channel_id) DO NOTHING
RETURNING id
""")


def add(tx: Tx, drafts: Sequence[Draft], now: datetime) -> list[int]:
    """Queue ``drafts``, due at once, in one statement; returns the ids of those that were not queued before.

    A message is known by its ledger entry and channel. The insert wakes the workers when the transaction commits.
    """
    if not drafts:
        return []
    rows = tx.execute(_ADD, {"drafts": json.dumps([draft._asdict() for draft in drafts]), "now": now})
    return list(rows.scalars())


_CLAIM = text("""
WITH due AS MATERIALIZED (
    SELECT id, channel_id, urgency, due_at FROM outbox
    WHERE state = 'queued' AND due_at <= :now AND (leased_until IS NULL OR leased_until <= :now)
        AND urgency BETWEEN :most_urgent AND :least_urgent AND channel_id <> ALL (CAST(:without AS integer[]))
    ORDER BY urgency, due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
), numbered AS (
    SELECT id, row_number() OVER (PARTITION BY channel_id ORDER BY urgency, due_at, id) AS turn FROM due
), claimed AS (
    UPDATE outbox SET leased_until = :until FROM numbered WHERE outbox.id = numbered.id AND turn <= :run
    RETURNING outbox.*
)
SELECT claimed.id, claimed.urgency, claimed.attempts, claimed.created_at, claimed.ledger_id, claimed.alarm_id,
    claimed.person_id, claimed.channel_id, claimed.notice,
    CASE WHEN claimed.fold_key IS NOT NULL THEN (
        SELECT jsonb_agg(notice ORDER BY id) FROM (
            SELECT id, notice FROM outbox WHERE folded_into = claimed.id ORDER BY id LIMIT 10) AS few) END,
    CASE WHEN claimed.fold_key IS NULL THEN 0 ELSE (SELECT count(*) FROM outbox WHERE folded_into = claimed.id) END,
    channel.kind, channel.address, channel.secret,
    channel.enabled AND NOT coalesce(person.disabled, false), person.name, person.locale
FROM claimed JOIN channel ON channel.id = claimed.channel_id LEFT JOIN person ON person.id = claimed.person_id
ORDER BY claimed.urgency, claimed.due_at, claimed.id
""")


def claim(
    tx: Tx, urgencies: range, *, without: Collection[int], run: int, limit: int, lease: timedelta, now: datetime
) -> list[Claimed]:
    """Take messages of ``urgencies`` that are due, most urgent first, under leases that end at ``now + lease``.

    At most ``run`` of one channel and ``limit`` in all; none of the channels ``without``. Rows that another claim holds
    are passed over, not waited for. The leases stand once the transaction commits.
    """
    until = now + lease
    rows = tx.execute(
        _CLAIM,
        {
            **_urgencies(urgencies),
            "without": list(without),
            "run": run,
            "limit": limit,
            "until": until,
            "now": now,
        },
    )
    return [Claimed(Lease(outbox_id, until), *rest) for outbox_id, *rest in rows]


_NEXT_DUE = text("""
SELECT min(greatest(due_at, leased_until)) FROM outbox
WHERE state = 'queued' AND urgency BETWEEN :most_urgent AND :least_urgent
    AND channel_id <> ALL (CAST(:without AS integer[]))
""")


def next_due(tx: Tx, urgencies: range, *, without: Collection[int]) -> datetime | None:
    """When the next message of ``urgencies`` can be claimed: it comes due, or its lease runs out. None without any."""
    moment: datetime | None = tx.execute(_NEXT_DUE, {**_urgencies(urgencies), "without": list(without)}).scalar_one()
    return moment


# A phone may say that it has the message before the push service's answer is settled: then that stands.
_SETTLE = text("""
WITH settled AS (
    SELECT * FROM jsonb_to_recordset(CAST(:settled AS jsonb)) AS settled (id bigint, until timestamptz, state text,
        tries integer, due_at timestamptz, sent_at timestamptz, error text, channel_ended boolean)
), ended AS (
    UPDATE channel SET enabled = false, ended = settled.error, version = version + 1
    FROM settled JOIN outbox ON outbox.id = settled.id
    WHERE settled.channel_ended AND channel.id = outbox.channel_id AND channel.enabled
)
UPDATE outbox SET
    state = CASE outbox.state WHEN 'queued' THEN settled.state ELSE outbox.state END,
    attempts = outbox.attempts + settled.tries,
    due_at = coalesce(settled.due_at, outbox.due_at),
    sent_at = coalesce(settled.sent_at, outbox.sent_at),
    error = CASE WHEN settled.tries = 0 OR outbox.state <> 'queued' THEN outbox.error ELSE settled.error END,
    leased_until = NULL
FROM settled
WHERE outbox.id = settled.id AND outbox.leased_until = settled.until
RETURNING outbox.id
""")


def settle(tx: Tx, settlements: Iterable[Settlement]) -> set[int]:
    """Write what became of claimed messages, in one statement; returns the ids of those whose lease still stood.

    A message that somebody else has claimed or settled since is left as it is.
    """
    settled = [
        {**each._asdict(), "id": each.lease.outbox_id, "until": each.lease.until, "error": _bounded(each.error)}
        for each in settlements
    ]
    if not settled:
        return set()
    rows = tx.execute(_SETTLE, {"settled": json.dumps(settled, default=datetime.isoformat)})
    return set(rows.scalars())


def queue_again(tx: Tx, number: int, now: datetime) -> bool:
    """Queue a failed message anew, as if it had just been; False where it has not failed. Wakes the workers."""
    again = (
        update(outbox)
        .where(outbox.c.id == number, outbox.c.state == State.FAILED)
        .values(state=State.QUEUED, due_at=now, created_at=now, attempts=0)
    )
    found = tx.execute(again).rowcount > 0
    if found:
        tx.execute(select(func.pg_notify("outbox", "")))
    return found


def hurry(tx: Tx) -> None:
    """Let this transaction's commit not wait for the disk.

    Only for claims and settlements: should the machine fail right then, messages are sent once more under the same id.
    """
    tx.execute(text("SET LOCAL synchronous_commit TO off"))


def counts(tx: Tx) -> dict[State, int]:
    """How many messages are in each state. Reads the whole table: not for every request."""
    rows = tx.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    return dict.fromkeys(State, 0) | {State(state): count for state, count in rows}


def waiting(tx: Tx) -> dict[str, int]:
    """How many messages are queued, by kind of channel."""
    rows = tx.execute(
        select(channel.c.kind, func.count().label("number"))
        .join(channel, channel.c.id == outbox.c.channel_id)
        .where(outbox.c.state == State.QUEUED)
        .group_by(channel.c.kind)
    )
    return {row.kind: row.number for row in rows}


_COUNT = text("""
INSERT INTO sending_count (channel_kind, outcome, count)
SELECT kind, outcome, count(*) FROM unnest(CAST(:channels AS integer[]), CAST(:outcomes AS text[]))
    AS happened (channel_id, outcome) JOIN channel ON channel.id = channel_id
GROUP BY kind, outcome ORDER BY kind, outcome
ON CONFLICT (channel_kind, outcome) DO UPDATE SET count = sending_count.count + excluded.count
""")


def count(tx: Tx, outcomes: Sequence[tuple[int, str]]) -> None:
    """Add to the counts of what became of messages: one outcome for each (channel_id, outcome)."""
    if outcomes:
        channels, words = zip(*outcomes, strict=True)
        tx.execute(_COUNT, {"channels": list(channels), "outcomes": [str(word) for word in words]})


def counted(tx: Tx) -> list[tuple[str, str, int]]:
    """What became of messages since there are any: (kind of channel, outcome, count)."""
    rows = tx.execute(
        select(sending_count.c.channel_kind, sending_count.c.outcome, sending_count.c.count).order_by(
            sending_count.c.channel_kind, sending_count.c.outcome
        )
    )
    return [(kind, outcome, number) for kind, outcome, number in rows]


def oldest_due(tx: Tx, now: datetime) -> timedelta:
    """For how long the queued message that has been due longest has waited; zero where none is due."""
    due: datetime | None = tx.execute(
        select(func.min(outbox.c.due_at)).where(outbox.c.state == State.QUEUED)
    ).scalar_one()
    return timedelta() if due is None else max(timedelta(), now - due)


def _urgencies(urgencies: range) -> dict[str, int]:
    return {"most_urgent": urgencies[0], "least_urgent": urgencies[-1]}


def _bounded(error: str | None) -> str | None:
    """``error`` as PostgreSQL can hold it: one text that it refuses would keep all others from being settled."""
    if error is None:
        return None
    return error[:ERROR_LENGTH].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
