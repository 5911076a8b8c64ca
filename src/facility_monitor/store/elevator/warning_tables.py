"""The table of the fault early-warning ledger (故障预警台账)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from facility_monitor.store.columns import id_column, reference, table, time_column, version_column

elevator_warning = table(
    "elevator_warning",
    id_column(BigInteger),
    reference("site_id"),
    reference("equipment_id"),
    Column("quantity", Text, nullable=False),
    Column("floor", Text, nullable=True),
    Column("state", Text, nullable=False),
    time_column("opened_at"),
    time_column("looked_at"),
    time_column("expected_at"),
    Column("forecast", JSONB, nullable=False),
    time_column("ended_at", nullable=True),
    version_column(),
    Index(
        "elevator_warning_live",
        "equipment_id",
        "quantity",
        text("coalesce(floor, '')"),
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("elevator_warning_equipment", "equipment_id", "opened_at"),
)
"""One live warning of each thing measured. ``forecast`` is the newest, its limit as it stood; ``floor`` is null for
the car. Who did what and why stands in the ledger."""
