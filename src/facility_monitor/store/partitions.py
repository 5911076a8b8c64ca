"""Partitions on plain PostgreSQL, made ahead of time. TimescaleDB makes its own chunks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text

from facility_monitor.domain.reading.rollup import Tier
from facility_monitor.store.database import Tx
from facility_monitor.store.reading import retention_policies

MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


class Plan(NamedTuple):
    """A partition of ``table`` holds ``width``; ``ahead`` of them stand ready beyond the current one."""

    table: str
    width: timedelta
    ahead: int


PLANS = {
    Tier.READING: Plan("reading", timedelta(weeks=1), 4),
    Tier.MINUTE: Plan("rollup_minute", timedelta(weeks=4), 1),
    Tier.HOUR: Plan("rollup_hour", timedelta(weeks=12), 1),
    Tier.DAY: Plan("rollup_day", timedelta(weeks=52), 1),
}


def is_hypertable(tx: Tx) -> bool:
    """Whether TimescaleDB keeps the readings and their rollups."""
    plain = tx.execute(text("SELECT relkind = 'p' FROM pg_class WHERE oid = 'reading'::regclass")).scalar_one()
    return not plain


def prepare(tx: Tx, now: datetime) -> list[str]:
    """Make the partitions that are missing; returns the names of the new.

    They reach back as far as a reading may come late, so that hardly anything ever goes to a default partition, which
    has to be read whenever another is made, and out of which old rows must be deleted one by one.
    """
    if is_hypertable(tx):
        return []
    oldest = now - timedelta(days=retention_policies.in_force(tx, now).late_days)
    made = []
    for plan in PLANS.values():
        start = MONDAY + (oldest - MONDAY) // plan.width * plan.width
        while start <= now + plan.ahead * plan.width:
            name = f"{plan.table}_{start:%Y_%m_%d}"
            if tx.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() is None:
                _make(tx, plan, name, start)
                made.append(name)
            start += plan.width
    return made


def _make(tx: Tx, plan: Plan, name: str, start: datetime) -> None:
    """Make a partition, filled from the default one with what has come for it, then attached.

    Attaching takes no lock that an insert into another partition would wait for.
    """
    table, end = plan.table, start + plan.width
    span = f"at >= '{start:%Y-%m-%d} 00:00+00' AND at < '{end:%Y-%m-%d} 00:00+00'"
    bounds = f"FROM ('{start:%Y-%m-%d} 00:00+00') TO ('{end:%Y-%m-%d} 00:00+00')"
    for statement in (
        f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL, CONSTRAINT {name}_span CHECK ({span}))",
        f"WITH moved AS (DELETE FROM {table}_unplanned WHERE {span} RETURNING *) INSERT INTO {name} TABLE moved",  # noqa: S608
        f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES {bounds}",
        f"ALTER TABLE {name} DROP CONSTRAINT {name}_span",
    ):
        tx.exec_driver_sql(statement)
