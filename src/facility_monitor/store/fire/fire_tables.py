"""The tables of the fire compliance log: what is asked for (dated rows), what is due, what was done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from facility_monitor.store.columns import id_column, reference, table, time_column, version_column


def _basis() -> list[Column[Any]]:
    return [
        *(Column[Any](name, Text, nullable=False) for name in ("standard", "clause", "grade")),
        Column("effective_from", Date, nullable=False),
        Column("effective_to", Date, nullable=True),
    ]


service_rule = table(
    "service_rule",
    Column("code", Text, primary_key=True),
    Column("kind", ForeignKey("equipment_kind.code"), nullable=False),
    Column("subtype", Text, nullable=True),
    Column("step", Text, nullable=False),
    Column("months", Integer, nullable=False),
    Column("name", JSONB, nullable=False),
    *_basis(),
)
upkeep_plan = table(
    "upkeep_plan",
    Column("code", Text, primary_key=True),
    Column("name", JSONB, nullable=False),
    Column("kind", ForeignKey("equipment_kind.code"), nullable=False),
    Column("form", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("places", ARRAY(Text), nullable=False),
    Column("elsewhere", Boolean, nullable=False),
    Column("shifts", Boolean, nullable=False),
    Column("remind_days", Integer, nullable=False),
    *_basis(),
)
check_form = table(
    "check_form",
    Column("code", Text, primary_key=True),
    Column("effective_from", Date, primary_key=True),
    Column("effective_to", Date, nullable=True),
    Column("definition", JSONB, nullable=False),
)
holiday = table("holiday", Column("day", Date, primary_key=True), Column("name", JSONB, nullable=False))
impairment = table(
    "impairment",
    id_column(),
    reference("site_id"),
    reference("equipment_id"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=True),
    Column("reason", Text, nullable=False),
    Column("measure", Text, nullable=False),
    reference("submitted_by"),
    version_column(),
    Index("impairment_equipment", "equipment_id", "starts_on"),
)
"""Equipment out of service, with the measure that stands in for it (GB 29837-2013 3.1.4: no bare masking)."""
equipment_check = table(
    "equipment_check",
    id_column(BigInteger),
    reference("site_id"),
    reference("equipment_id"),
    Column("client_id", Uuid, nullable=False, unique=True),
    Column("form", Text, nullable=False),
    Column("form_from", Date, nullable=False),
    Column("sheet", Text, nullable=False),
    time_column("performed_at"),
    time_column("received_at"),
    Column("late_entry", Boolean, nullable=False),
    reference("submitted_by"),
    Column("content", JSONB, nullable=False),
    Column("verdicts", JSONB, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("passed", Boolean, nullable=True),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=True),
    Column("corrects", BigInteger, ForeignKey("equipment_check.id"), nullable=True, unique=True),
    Column("reason", Text, nullable=True),
    ForeignKeyConstraint(["form", "form_from"], ["check_form.code", "check_form.effective_from"]),
    Index("equipment_check_newest", "equipment_id", "performed_at", "id"),
    Index("equipment_check_site", "site_id", "performed_at", "id"),
)
"""Append-only. ``client_id`` was made where the check was: what is sent twice is kept once."""
technical_file = table(
    "technical_file",
    id_column(BigInteger),
    reference("site_id"),
    reference("equipment_id", nullable=True),
    Column("content", JSONB, nullable=False),
    Column("replaces", BigInteger, ForeignKey("technical_file.id"), nullable=True, unique=True),
    Column("reason", Text, nullable=True),
    time_column("submitted_at"),
    reference("submitted_by"),
    Index("technical_file_site", "site_id", "equipment_id"),
)
"""Append-only: a paper stands until another row ``replaces`` it. ``content`` is all that was written of it."""
technical_file_reminder = table(
    "technical_file_reminder",
    Column("file_id", ForeignKey("technical_file.id"), primary_key=True),
    time_column("reminded_at"),
)
"""Of which papers the managers were told that they end."""
upkeep_task = table(
    "upkeep_task",
    Column("plan", ForeignKey("upkeep_plan.code"), primary_key=True),
    Column("equipment_id", ForeignKey("equipment.id"), primary_key=True),
    Column("first", Date, primary_key=True),
    Column("last", Date, nullable=False),
    Column("until", Date, nullable=False),
    time_column("reminded_at", nullable=True),
    time_column("missed_at", nullable=True),
    time_column("waived_at", nullable=True),
    reference("waived_by", nullable=True),
    Column("waived_for", Text, nullable=True),
    Index("upkeep_task_last", "last"),
)
"""The calendar made ahead; that somebody was reminded, and that it was missed, is done once. One that was waived stays
missed."""
inspection_link = table(
    "inspection_link",
    id_column(),
    reference("site_id"),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("purpose", Text, nullable=False),
    reference("submitted_by"),
    time_column("created_at"),
    time_column("expires_at"),
    time_column("revoked_at", nullable=True),
    Index("inspection_link_site", "site_id"),
)
