"""The readings' partitions on plain PostgreSQL: one a week, made ahead. TimescaleDB makes its own chunks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from facility_monitor.store.database import Tx

WEEK = timedelta(days=7)
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
AHEAD = 4
"""How many weeks beyond the current one stand ready."""


def prepare(tx: Tx, now: datetime) -> list[str]:
    """Make the partitions of this week and the next ones where they are missing; returns the names of the new.

    A partition is filled from the default one with what has come for its week, then attached: attaching takes no
    lock that an insert into another partition would wait for.
    """
    plain = tx.execute(text("SELECT relkind = 'p' FROM pg_class WHERE oid = 'reading'::regclass")).scalar_one()
    if not plain:
        return []
    made = []
    this_week = MONDAY + (now - MONDAY) // WEEK * WEEK
    for ahead in range(AHEAD + 1):
        start = this_week + ahead * WEEK
        name = f"reading_{start:%Y_%m_%d}"
        if tx.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() is not None:
            continue
        span = f"at >= '{start:%Y-%m-%d} 00:00+00' AND at < '{start + WEEK:%Y-%m-%d} 00:00+00'"
        bounds = f"FROM ('{start:%Y-%m-%d} 00:00+00') TO ('{start + WEEK:%Y-%m-%d} 00:00+00')"
        for statement in (
            f"CREATE TABLE {name} (LIKE reading INCLUDING ALL, CONSTRAINT {name}_week CHECK ({span}))",
            f"WITH moved AS (DELETE FROM reading_unplanned WHERE {span} RETURNING *) INSERT INTO {name} TABLE moved",  # noqa: S608
            f"ALTER TABLE reading ATTACH PARTITION {name} FOR VALUES {bounds}",
            f"ALTER TABLE {name} DROP CONSTRAINT {name}_week",
        ):
            tx.exec_driver_sql(statement)
        made.append(name)
    return made
