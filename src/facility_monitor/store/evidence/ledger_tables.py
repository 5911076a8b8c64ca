"""The tables of the ledger: its entries, chained at each site, and where each chain stands."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSON

from facility_monitor.store.columns import id_column, reference, table, time_column

_OF_ALARMS = text("alarm_id IS NOT NULL")
OF_WARNINGS = literal_column("kind LIKE 'elevator_warning_%'", Boolean)
"""What became of early warnings of elevators; an index has these apart."""

ledger = table(
    "ledger",
    id_column(BigInteger),
    time_column("at"),
    time_column("occurred_at"),
    Column("kind", Text, nullable=False),
    reference("site_id"),
    reference("equipment_id", nullable=True),
    Column("alarm_id", BigInteger, ForeignKey("alarm.id"), nullable=True),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=True),
    reference("actor_id", nullable=True),
    Column("reason", Text, nullable=True),
    Column("body", JSON, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("site_id", "position"),
    Index("ledger_alarm", "alarm_id"),
    Index("ledger_ticket", "ticket_id"),
    Index("ledger_alarms_at", "at", "id", postgresql_where=_OF_ALARMS),
    Index(
        "ledger_alarms_site",
        *("site_id", "at", "id", text("(body ->> 'severity')"), text("(body ->> 'state')")),
        postgresql_where=_OF_ALARMS,
    ),
    Index("ledger_alarms_equipment", "equipment_id", "at", "id", postgresql_where=_OF_ALARMS),
    Index("ledger_alarms_actor", "actor_id", "at", "id", postgresql_where=_OF_ALARMS),
    Index("ledger_alarms_state", text("(body ->> 'state')"), "at", "id", postgresql_where=_OF_ALARMS),
    Index("ledger_alarms_kind", "kind", "at", "id", postgresql_where=_OF_ALARMS),
    Index("ledger_warnings", "equipment_id", "id", postgresql_where=OF_WARNINGS),
    Index("ledger_calendars", "id", postgresql_where=text("kind = 'upkeep_calendar_changed'")),
    Index("ledger_alarms_severity", text("(body ->> 'severity')"), "at", "id", postgresql_where=_OF_ALARMS),
)
"""Append-only: a trigger refuses all else. ``at`` is the server's clock, ``occurred_at`` the event's. ``body`` is kept
letter by letter as it was hashed, which JSONB would not do. See ``domain.chain``."""
ledger_head = table(
    "ledger_head",
    Column("site_id", ForeignKey("site.id"), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Where each site's chain stands, written with every entry: a tail that is cut off is missed at once."""
ledger_archive = table(
    "ledger_archive",
    Column("site_id", ForeignKey("site.id"), primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("start", LargeBinary, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    time_column("archived_at"),
)
"""The parts of the chains that lie in encrypted files; the table begins after them."""
record_retention = table(
    "record_retention",
    Column("record_type", Text, primary_key=True),
    Column("effective_from", Date, primary_key=True),
    Column("keep_months", Integer, nullable=True),
    Column("standard", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("grade", Text, nullable=False),
)
"""How long records of a type must be kept where they are; null: for ever. What is older may move; none is deleted."""
