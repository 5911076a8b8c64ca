"""The tables of rollups and retention: readings summed up by minute, hour and day, and how long each is kept."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, Double, Index, Integer, Table, Text, text

from facility_monitor.domain.reading.rollup import Tier
from facility_monitor.store.columns import id_column, table, time_column


def _rollup(tier: Tier) -> Table:
    return table(
        f"rollup_{tier.label}",
        Column("at", DateTime(timezone=True), primary_key=True),
        time_column("last_at"),
        Column("min", Double, nullable=False),
        Column("max", Double, nullable=False),
        Column("mean", Double, nullable=False),
        Column("last", Double, nullable=False),
        Column("point_id", Integer, primary_key=True, autoincrement=False),
        Column("count", Integer, nullable=False),
    )


rollup_minute = _rollup(Tier.MINUTE)
"""``at`` is where the minute begins. A minute without a reading has no row."""
rollup_hour = _rollup(Tier.HOUR)
rollup_day = _rollup(Tier.DAY)
"""Days of UTC."""

rollup_progress = table(
    "rollup_progress",
    Column("one", Boolean, CheckConstraint("one"), primary_key=True, server_default=text("true")),
    time_column("late_before"),
    time_column("folded_before"),
)
"""One row. A reading of a time before ``late_before`` is noted when it is stored; all before ``folded_before`` is
summed up, but for what is noted."""
rollup_late = table(
    "rollup_late",
    Column("point_id", Integer, nullable=False),
    time_column("at"),
    Index("rollup_late_point", "point_id", "at"),
)
"""Minutes that have got a reading late and must be summed up again; any number of times the same."""
# SQLAlchemy takes a table without a key, the database has none: to look for the same minute would cost the ingest more
# than to note it twice.

retained = table(
    "retained",
    Column("tier", Text, primary_key=True),
    time_column("since"),
)
"""What is older than ``since`` may be gone from a tier."""
retention_policy = table(
    "retention_policy",
    id_column(),
    time_column("effective_from"),
    Column("reading_days", Integer, nullable=False),
    Column("minute_days", Integer, nullable=False),
    Column("hour_days", Integer, nullable=False),
    Column("day_days", Integer, nullable=False),
    Column("late_days", Integer, nullable=False),
    Column("reject_days", Integer, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    time_column("changed_at", default=True),
    Index("retention_policy_effective_from", "effective_from", "id"),
)
"""How many days each tier and the dead letters are kept, and how late a reading may come; the newest row in effect
holds."""
