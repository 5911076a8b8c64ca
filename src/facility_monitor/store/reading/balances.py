"""The ingest's balance: batches summed up by holder."""

from __future__ import annotations

from datetime import datetime

from facility_monitor.store.database import Database

MOST_BATCHES = 200
"""How many are summed up in one transaction."""

BY_BATCH = """
SELECT entry.holder, entry.received, coalesce(entry.stored, entry.received) AS stored,
       coalesce(entry.duplicate, 0) AS duplicate, coalesce(entry.rejected, 0) AS rejected,
       coalesce(entry.missing, 0) AS missing
FROM {batches} AS batch,
     unnest(batch.holder, batch.received, batch.stored, batch.duplicate, batch.rejected, batch.missing)
     AS entry (holder, received, stored, duplicate, rejected, missing)
"""
"""The entries of some batches, a row for each holder in each."""

_SUMS = ", ".join(f"sum({column})" for column in ("received", "stored", "duplicate", "rejected", "missing"))

_FOLD = f"""
WITH settled AS (
    SELECT id FROM ingest_batch JOIN ingest_slot USING (slot) WHERE id <= settled ORDER BY id LIMIT %s
), gone AS (
    DELETE FROM ingest_batch WHERE id IN (SELECT id FROM settled) RETURNING *
), moved AS (
    INSERT INTO ingest_balance AS balance (holder, received, stored, duplicate, rejected, missing)
    SELECT holder, {_SUMS} FROM ({BY_BATCH.format(batches="gone")}) AS entries GROUP BY holder
    ON CONFLICT (holder) DO UPDATE SET
        received = balance.received + excluded.received, stored = balance.stored + excluded.stored,
        duplicate = balance.duplicate + excluded.duplicate, rejected = balance.rejected + excluded.rejected,
        missing = balance.missing + excluded.missing
)
SELECT count(*) FROM gone
"""  # noqa: S608


def fold(database: Database, _now: datetime) -> int:
    """Sum up the batches that are settled; returns how many. One process at a time; the ingest never waits for it."""
    folded = 0
    while True:
        with database.transaction() as tx:
            count: int = tx.exec_driver_sql(_FOLD, (MOST_BATCHES,)).scalar_one()
        folded += count
        if count < MOST_BATCHES:
            return folded
