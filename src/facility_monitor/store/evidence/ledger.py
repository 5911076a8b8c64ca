"""The ledger of what happened: append-only, in the order of the commits, a hash chain at each site."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import rfc8785
from sqlalchemy import func, select, text

from facility_monitor.domain.fire.chain import Head, Link, digest, written
from facility_monitor.store.database import LEDGER_LOCK, Tx
from facility_monitor.store.tables import ledger_head


class Entry(NamedTuple):
    """One transition. ``occurred_at`` is when it happened, by the event's own clock; ``at`` when it was recorded.

    ``body`` holds what JSON can say exactly: finite floats, and whole numbers below 2^53.
    """

    kind: str
    at: datetime
    occurred_at: datetime
    site_id: int
    equipment_id: int | None
    alarm_id: int | None
    ticket_id: int | None
    actor_id: int | None
    reason: str | None
    body: Mapping[str, Any]


# The lock is of all sites: one of each would keep the chains in order, but not the ids.
_NUMBERS = text("""
WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(:lock))
SELECT nextval('ledger_id_seq') FROM locked, generate_series(1, :count)
""")
_ENTRIES = """
    INSERT INTO ledger (id, site_id, position, prev, hash, kind, at, occurred_at, equipment_id, alarm_id, ticket_id,
                        actor_id, reason, body)
    OVERRIDING SYSTEM VALUE
    SELECT id, site_id, position, decode(prev, 'hex'), decode(hash, 'hex'), kind, at, occurred_at, equipment_id,
           alarm_id, ticket_id, actor_id, reason, body::json
    FROM json_to_recordset(CAST(:entries AS json))
        AS new (id bigint, site_id integer, position bigint, prev text, hash text, kind text, at timestamptz,
                occurred_at timestamptz, equipment_id integer, alarm_id bigint, ticket_id bigint, actor_id integer,
                reason text, body text)
"""
_WRITE = text(f"""
WITH written AS ({_ENTRIES})
INSERT INTO ledger_head (site_id, position, hash)
SELECT * FROM unnest(CAST(:sites AS integer[]), CAST(:positions AS bigint[]), CAST(:hashes AS bytea[]))
ON CONFLICT (site_id) DO UPDATE SET position = excluded.position, hash = excluded.hash
""")  # noqa: S608 - of two constants


def append(tx: Tx, entries: Sequence[Entry]) -> list[int]:
    """Append ``entries``, each to the chain of its site; returns their ids, in the same order.

    Ids stand in the order of commits, because whoever appends holds a lock until it commits: a reader that has seen
    an id has seen all below it, and no two chain to the same head. Take other row locks before, never after. The
    number of statements does not depend on the number of entries.
    """
    if not entries:
        return []
    numbers = list(tx.execute(_NUMBERS, {"lock": LEDGER_LOCK, "count": len(entries)}).scalars())
    ends = heads(tx, {entry.site_id for entry in entries})
    rows = []
    for number, entry in zip(numbers, entries, strict=True):
        before = ends.get(entry.site_id, Head())
        body = rfc8785.dumps(dict(entry.body)).decode()
        hashed = {"at": written(entry.at), "occurred_at": written(entry.occurred_at), "body": body}
        place = {"id": number, "position": before.position + 1, "prev": before.hash}
        link = Link(**{**entry._asdict(), **hashed, **place})
        ends[entry.site_id] = Head(link.position, digest(link.canonical()))
        rows.append({**link._asdict(), "prev": link.prev.hex(), "hash": ends[entry.site_id].hash.hex()})
    # as one document: arrays of texts cost several times as much on the way
    written_heads = {
        "sites": list(ends),
        "positions": [head.position for head in ends.values()],
        "hashes": [head.hash for head in ends.values()],
    }
    tx.execute(_WRITE, {"entries": orjson.dumps(rows).decode(), **written_heads})
    return numbers


def put_back(tx: Tx, entries: str) -> None:
    """Insert entries that stood in the ledger before, as a JSON list of their columns, hashes in hexadecimal digits."""
    tx.execute(text(_ENTRIES), {"entries": entries})


def heads(tx: Tx, site_ids: Collection[int] | None = None) -> dict[int, Head]:
    """Where the chains stand, of some sites or of all that have one."""
    asked = select(ledger_head).order_by(ledger_head.c.site_id)
    if site_ids is not None:
        asked = asked.where(ledger_head.c.site_id == func.any(list(site_ids)))
    return {row.site_id: Head(row.position, bytes(row.hash)) for row in tx.execute(asked)}
