"""The tables of alarms: the alarm, each occurrence of it, and what keeps it quiet."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from facility_monitor.store.columns import id_column as _id
from facility_monitor.store.columns import reference as _to
from facility_monitor.store.columns import table as _table
from facility_monitor.store.columns import time_column as _time
from facility_monitor.store.columns import version_column as _version


def _flag(name: str, default: str = "false") -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text(default))


def _person(name: str, *, nullable: bool = True) -> Column[int]:
    return Column(name, ForeignKey("person.id"), nullable=nullable)


_WORDS = JSONB(none_as_null=True)
_OPEN = text("ended_at IS NULL")

alarm = _table(
    "alarm",
    _id(BigInteger),
    _to("site_id"),
    _to("equipment_id"),
    _to("point_id"),
    Column("rule_id", Integer, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("severity", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("acknowledged", Boolean, nullable=False),
    Column("value", Double, nullable=False),
    _time("raised_at"),
    Column("raise_count", Integer, nullable=False),
    _time("acknowledged_at", nullable=True),
    _to("acknowledged_by", nullable=True),
    _time("returned_at", nullable=True),
    _time("cleared_at", nullable=True),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=True),
    _version(),
    _flag("life_safety"),
    _flag("latched"),
    _time("reset_at", nullable=True),
    _person("reset_by"),
    _flag("shadow"),
    Column("shelving_id", BigInteger, ForeignKey("shelving.id", use_alter=True), nullable=True),
    Column("suppressed_by", Text, nullable=True),
    Column("suppressor_id", Integer, nullable=True),
    Column("window_id", ForeignKey("service_window.id"), nullable=True),
    _flag("folded"),
    _flag("waiting"),
    _time("last_raised_at"),
    Column("episode_id", BigInteger, ForeignKey("alarm.id"), nullable=True),
    Column("seen", _WORDS, nullable=True),
    Column("limit", _WORDS, nullable=True),
    ForeignKeyConstraint(["rule_id", "rule_version"], ["rule_version.rule_id", "rule_version.version"]),
    Index("alarm_live", "point_id", "rule_id", unique=True, postgresql_where=text("cleared_at IS NULL")),
    Index("alarm_raised_at", "raised_at", "id"),
    Index("alarm_equipment", "equipment_id", "raised_at"),
    Index("alarm_ticket", "ticket_id"),
    Index("alarm_site_severity", "site_id", "severity", "raised_at", "id"),
    Index("alarm_live_raised_at", "raised_at", "id", postgresql_where=text("cleared_at IS NULL")),
    Index("alarm_live_equipment", "equipment_id", postgresql_where=text("cleared_at IS NULL")),
    Index("alarm_episode", "episode_id"),
)
alarm_occurrence = _table(
    "alarm_occurrence",
    Column("alarm_id", BigInteger, ForeignKey("alarm.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    _to("site_id"),
    _time("raised_at"),
    Column("value", Double, nullable=False),
    _time("returned_at", nullable=True),
    Column("returned_value", Double, nullable=True),
    Column("quiet", Text, nullable=True),
    _time("announced_at", nullable=True),
    _time("acknowledged_at", nullable=True),
    Index("alarm_occurrence_announced_at", "site_id", "announced_at"),
    Index("alarm_occurrence_raised_at", "site_id", "raised_at"),
)
"""One raise of an alarm: when its condition began and ended, and by which values. ``quiet`` is why nobody was called at
first; ``announced_at`` is when people were, by itself or by a flood's summary, null where they never were."""
shelving = _table(
    "shelving",
    _id(BigInteger),
    _to("site_id"),
    _to("equipment_id"),
    _to("point_id"),
    _to("rule_id"),
    _to("alarm_id"),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _person("requested_by", nullable=False),
    _time("requested_at"),
    _time("expires_at"),
    Column("life_safety", Boolean, nullable=False),
    _person("confirmed_by"),
    _time("confirmed_at", nullable=True),
    _time("ended_at", nullable=True),
    _person("ended_by"),
    Column("ended_how", Text, nullable=True),
    Index("shelving_open", "point_id", "rule_id", unique=True, postgresql_where=_OPEN),
    Index("shelving_due", "expires_at", postgresql_where=_OPEN),
    Index("shelving_alarm", "alarm_id"),
    Index("shelving_site", "site_id", "requested_at"),
)
service_window = _table(
    "service_window",
    _id(),
    _to("site_id"),
    _to("space_id", nullable=True),
    Column("equipment_kind", ForeignKey("equipment_kind.code"), nullable=True),
    _to("equipment_id", nullable=True),
    Column("purpose", Text, nullable=False),
    _time("starts_at"),
    _time("ends_at"),
    Column("reason", Text, nullable=False),
    _flag("life_safety"),
    Column("substitute", Text, nullable=True),
    _person("author_id", nullable=False),
    _time("created_at"),
    _person("confirmed_by"),
    _time("confirmed_at", nullable=True),
    _time("begun_at", nullable=True),
    _time("ended_at", nullable=True),
    _version(),
    Index("service_window_site", "site_id", "starts_at", "id"),
    Index("service_window_open", "starts_at", postgresql_where=_OPEN),
)
"""Out of service from ``starts_at`` to ``ends_at``; ``begun_at`` and ``ended_at`` are when that was carried out."""
suppression_rule = _table(
    "suppression_rule",
    _id(),
    _to("site_id"),
    _to("point_id"),
    Column("name", JSONB, nullable=False),
    Column("cause", Text, nullable=False),
    Column("compare", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("reach", Text, nullable=False),
    Column("equipment_kind", ForeignKey("equipment_kind.code"), nullable=True),
    _flag("enabled", "true"),
    Column("reason", Text, nullable=False),
    _person("changed_by", nullable=False),
    _time("changed_at"),
    _version(),
    Index("suppression_rule_site", "site_id"),
)
flood = _table(
    "flood",
    _id(BigInteger),
    _to("site_id"),
    _time("started_at"),
    _time("ended_at", nullable=True),
    _time("told_at"),
    Column("first_out_id", BigInteger, ForeignKey("alarm.id"), nullable=False),
    Index("flood_open", "site_id", unique=True, postgresql_where=_OPEN),
    Index("flood_site", "site_id", "started_at"),
)
