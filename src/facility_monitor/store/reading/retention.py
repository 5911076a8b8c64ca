"""Retention: what is older than the policy allows goes, whole partitions or chunks at a time.

Nothing goes that a rollup does not hold yet, nor a dead letter that waits to be read again. Before anything goes,
``retained`` says from when on a tier is whole; rollups of what is older are never computed again from what is left. No
insert waits for long: what cannot be locked in time is left to the next run.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from facility_monitor.domain.instant import Instant, instant, moment
from facility_monitor.domain.reading.rollup import Tier
from facility_monitor.store import partitions
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.reading import letters, retention_policies, rollups

log = logging.getLogger(__name__)

LOCK_MS = 200
"""How long a lock is waited for. To drop a partition takes three in turn, and inserts wait for the first."""
PAGES = 250
"""How many pages (of 8 kB) of a default partition are searched and cleared in one transaction."""

LETTERS = 5_000
"""Dead letters that are deleted in one transaction."""


def apply(database: Database, now: datetime) -> list[str]:
    """Carry out the policy in force; returns the names of the partitions or chunks that went. Called now and then."""
    gone: list[str] = []
    with database.transaction() as tx:
        policy = retention_policies.in_force(tx, now)
        hyper = partitions.is_hypertable(tx)
        before = {tier: _announce(tx, tier, now - timedelta(days=policy.days(tier))) for tier in Tier}
    for tier, until in before.items():
        gone += _chunks(database, tier, until) if hyper else _partitions(database, tier, until)
    if hyper:
        compress(database, now - timedelta(days=policy.late_days))
    _forget_letters(database, now - timedelta(days=policy.reject_days))
    return gone


def _announce(tx: Tx, tier: Tier, until: datetime) -> datetime:
    """Before when ``tier`` may go: whole days up to ``until``, as far as they are summed up. Says so to all others."""
    stands = rollups.progress(tx)
    oldest = tx.exec_driver_sql("SELECT min(at) FROM rollup_late").scalar()
    noted = stands.folded_before if oldest is None else instant(oldest)
    whole: Instant = Tier.DAY.begin(min(instant(until), stands.folded_before, noted))
    tx.execute(
        text("UPDATE retained SET since = :until WHERE tier = :tier AND since < :until"),
        {"until": moment(whole), "tier": tier.label},
    )
    return moment(whole)


_CHILDREN = """
SELECT child.relname, pg_get_expr(child.relpartbound, child.oid) FROM pg_inherits JOIN pg_class AS child
    ON child.oid = inhrelid WHERE inhparent = '{table}'::regclass ORDER BY 1
"""
_END = re.compile(r"TO \('([^']+)'\)")


def _partitions(database: Database, tier: Tier, until: datetime) -> list[str]:
    """Drop the partitions that end before ``until``; delete what is older out of the default one."""
    table = partitions.PLANS[tier].table
    with database.transaction() as tx:
        children = tx.exec_driver_sql(_CHILDREN.format(table=table)).all()
    old = [
        name for name, bounds in children if (end := _END.search(bounds)) and datetime.fromisoformat(end[1]) <= until
    ]
    # DETACH ... CONCURRENTLY is refused where there is a default partition. A plain DROP locks the whole table, but
    # only for the catalogue's sake: the files go after the lock.
    gone = [name for name in old if _try(database, f"DROP TABLE {name}")]
    _clear(database, f"{table}_unplanned", until)
    return gone


def _clear(database: Database, table: str, until: datetime) -> None:
    """Delete what is older, page by page: each page is read once, and no transaction grows with the table."""
    with database.transaction() as tx:
        asked = text("SELECT pg_relation_size(:table) / current_setting('block_size')::int")
        pages: int = tx.execute(asked, {"table": table}).scalar_one()
    statement = f"DELETE FROM {table} WHERE ctid >= %s::tid AND ctid < %s::tid AND at < %s"  # noqa: S608
    for first in range(0, pages, PAGES):
        with database.transaction() as tx:
            tx.exec_driver_sql(statement, (f"({first},0)", f"({first + PAGES},0)", until))


def _forget_letters(database: Database, until: datetime) -> None:
    """In portions, so that neither the log nor a lock grows with a flood of them."""
    gone = LETTERS
    while gone == LETTERS:
        with database.transaction() as tx:
            gone = letters.forget(tx, until, LETTERS)


def _chunks(database: Database, tier: Tier, until: datetime) -> list[str]:
    table = partitions.PLANS[tier].table
    asked = "SELECT show_chunks(%s, older_than => %s)::text"
    with database.transaction() as tx:
        old = [row[0] for row in tx.exec_driver_sql(asked, (table, until))]
    # One at a time, so that a chunk which is being read does not keep the others.
    return [name for name in old if _drop_chunk(database, table, name)]


def _drop_chunk(database: Database, table: str, name: str) -> bool:
    with database.transaction() as tx:
        asked = (
            "SELECT range_start, range_end FROM timescaledb_information.chunks"
            " WHERE hypertable_name = %s AND format('%%I.%%I', chunk_schema, chunk_name) = %s"
        )
        span = tx.exec_driver_sql(asked, (table, name)).one()
    return _try(database, "SELECT drop_chunks(%s, newer_than => %s, older_than => %s)", (table, *span))


def compress(database: Database, until: datetime) -> list[str]:
    """Compress the chunks that end before ``until``, into which nothing is inserted any more; returns their names.

    Without TimescaleDB's own licence, which compression needs, it does nothing.
    """
    asked = (
        "SELECT format('%%I.%%I', chunk_schema, chunk_name) FROM timescaledb_information.chunks"
        " JOIN timescaledb_information.hypertables USING (hypertable_schema, hypertable_name)"
        " WHERE compression_enabled AND NOT is_compressed AND range_end <= %s ORDER BY range_end"
    )
    with database.transaction() as tx:
        waiting = [row[0] for row in tx.exec_driver_sql(asked, (until,))]
    return [name for name in waiting if _try(database, "SELECT compress_chunk(%s::regclass)", (name,))]


def _try(database: Database, statement: str, values: Sequence[Any] = ()) -> bool:
    """Whether the statement could have its locks in time."""
    with database.transaction() as tx:
        tx.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_MS}")
        try:
            with tx.begin_nested():
                tx.exec_driver_sql(statement, tuple(values))
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
            log.info("retention: in use, next time then: %s %s", statement, values)
            return False
    return True
