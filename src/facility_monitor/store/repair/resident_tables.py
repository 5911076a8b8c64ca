"""The tables of residents' reports: the labels that they scan, and what is kept of who reported."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from facility_monitor.store.columns import id_column, reference, table, time_column

report_place = table(
    "report_place",
    id_column(),
    reference("site_id"),
    reference("equipment_id"),
    Column("name", JSONB, nullable=False),
    reference("submitted_by"),
    time_column("created_at"),
    time_column("revoked_at", nullable=True),
    Index("report_place_site", "site_id"),
)
"""A label. ``equipment_id`` is what its reports are about, since residents name none."""
resident_report = table(
    "resident_report",
    id_column(BigInteger),
    reference("report_place_id"),
    reference("ticket_id"),
    time_column("received_at"),
    Column("digest", LargeBinary, nullable=False),
    Column("sender", LargeBinary, nullable=True),
    Column("phone", Text, nullable=True),
    UniqueConstraint("ticket_id"),
    Index("resident_report_recent", "received_at"),
    Index("resident_report_private", "id", postgresql_where=text("phone IS NOT NULL OR sender IS NOT NULL")),
)
"""``digest`` is of what was said. ``sender`` is a mark of the address that it came from, ``phone`` whom to call: both
stand here alone, and are forgotten in time."""
