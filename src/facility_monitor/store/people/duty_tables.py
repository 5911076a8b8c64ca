"""Tables of who has to come: shifts, the rotas that make them, and how alarms that nobody takes go on to others."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, SmallInteger, Text, Time, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from facility_monitor.store.columns import id_column, reference, table, time_column, version_column

rota = table(
    "rota",
    id_column(),
    reference("site_id"),
    reference("person_id"),
    Column("position", Text, nullable=False),
    Column("weekdays", ARRAY(SmallInteger), nullable=False),
    Column("starts", Time, nullable=False),
    Column("ends", Time, nullable=False),
    Column("every_weeks", SmallInteger, nullable=False, server_default="1"),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=True),
    Column("holidays", Text, nullable=False, server_default="as_usual"),
    version_column(),
    Index("rota_site", "site_id"),
)
"""A weekly pattern in the local time of the site; ``ends`` not after ``starts`` is on the next day."""
duty = table(
    "duty",
    id_column(),
    reference("site_id"),
    reference("person_id"),
    time_column("starts_at"),
    time_column("ends_at", nullable=True),
    Column("position", Text, nullable=False, server_default="engineer"),
    Column("rota_id", Integer, ForeignKey("rota.id", ondelete="SET NULL"), nullable=True),
    Column("rota_day", Date, nullable=True),
    Column("instead_of", Integer, ForeignKey("person.id"), nullable=True),
    version_column(),
    Index("duty_site", "site_id", "starts_at"),
    Index("duty_rota_day", "rota_id", "rota_day", unique=True),
)
"""A shift. ``rota_day`` is the day of the rota that made it, ``instead_of`` who would have had it."""
duty_swap = table(
    "duty_swap",
    id_column(),
    Column("duty_id", Integer, ForeignKey("duty.id", ondelete="CASCADE"), nullable=False),
    reference("asked_by"),
    reference("person_id"),
    time_column("asked_at"),
    time_column("decided_at", nullable=True),
    Column("outcome", Text, nullable=True),
    Index("duty_swap_open", "duty_id", unique=True, postgresql_where=text("outcome IS NULL")),
)
"""``person_id`` was asked by whoever has the shift to take it; of each shift one request waits at most."""
escalation_policy = table(
    "escalation_policy",
    id_column(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", JSONB, nullable=False),
    reference("site_id", nullable=True),
    Column("equipment_kind", ForeignKey("equipment_kind.code"), nullable=True),
    Column("severity", Text, nullable=True),
    Column("life_safety", Boolean, nullable=True),
    Column("steps", JSONB, nullable=False),
    Column("repeat_every_s", Integer, nullable=True),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    version_column(),
    Index(
        "escalation_policy_scope",
        *("site_id", "equipment_kind", "severity", "life_safety"),
        unique=True,
        postgresql_where=text("enabled"),
        postgresql_nulls_not_distinct=True,
    ),
)
escalation = table(
    "escalation",
    id_column(BigInteger),
    Column("alarm_id", BigInteger, ForeignKey("alarm.id"), nullable=False),
    reference("site_id"),
    Column("policy_id", Integer, ForeignKey("escalation_policy.id"), nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("round", Integer, nullable=False, server_default="0"),
    time_column("due_at"),
    Column("notice", JSONB, nullable=False),
    time_column("done_at", nullable=True),
    Column("outcome", Text, nullable=True),
    Index("escalation_pending", "alarm_id", unique=True, postgresql_where=text("done_at IS NULL")),
    Index("escalation_due", "due_at", postgresql_where=text("done_at IS NULL")),
    Index("escalation_alarm", "alarm_id"),
)
"""Steps that were taken, and of each alarm that nobody has taken the one that comes next."""
