"""The tables behind tickets: classes with their dated times, the clock's marks, holds, work, follow-ups, calendars."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Double, ForeignKey, Index, Integer, Interval, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from facility_monitor.store.columns import id_column, reference, table, time_column, version_column

ticket_class = table(
    "ticket_class",
    Column("code", Text, primary_key=True),
    Column("name", JSONB, nullable=False),
)
ticket_term = table(
    "ticket_term",
    Column("class", ForeignKey("ticket_class.code"), primary_key=True),
    Column("effective_from", Date, primary_key=True),
    Column("repair_within", Interval, nullable=False),
    Column("answer_within", Interval, nullable=True),
    Column("follow_up_within", Interval, nullable=True),
    Column("normal_for", Interval, nullable=False),
    Column("basis", Text, nullable=False),
)
"""The times of a class, from a day on."""
ticket = table(
    "ticket",
    id_column(BigInteger),
    reference("site_id"),
    reference("equipment_id"),
    Column("cause", Text, nullable=False),
    Column("class", ForeignKey("ticket_class.code"), nullable=False),
    Column("title", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    time_column("opened_at"),
    time_column("due_at"),
    time_column("answer_due_at", nullable=True),
    reference("opened_by", nullable=True),
    Column("contact", Text, nullable=True),
    reference("assignee_id", nullable=True),
    time_column("accepted_at", nullable=True),
    time_column("arrived_at", nullable=True),
    time_column("held_since", nullable=True),
    time_column("held_until", nullable=True),
    Column("held", Interval, nullable=False, server_default=text("'00:00:00'::interval")),
    time_column("repaired_at", nullable=True),
    reference("repaired_by", nullable=True),
    time_column("verified_at", nullable=True),
    reference("verified_by", nullable=True),
    Column("exception", Text, nullable=True),
    time_column("closed_at", nullable=True),
    Column("closing_note", Text, nullable=True),
    Column("reopened", Integer, nullable=False, server_default="0"),
    version_column(),
    Index(
        "ticket_open",
        "equipment_id",
        "cause",
        unique=True,
        postgresql_where=text("closed_at IS NULL AND cause <> 'report'"),
    ),
    Index("ticket_due_at", "due_at", "id"),
    Index("ticket_open_due_at", "due_at", "id", postgresql_where=text("closed_at IS NULL")),
    Index("ticket_open_equipment", "equipment_id", postgresql_where=text("closed_at IS NULL")),
    Index("ticket_closed", "equipment_id", "cause", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    Index("ticket_opened_at", "opened_at", "id"),
)
ticket_mark = table(
    "ticket_mark",
    Column("ticket_id", ForeignKey("ticket.id"), primary_key=True),
    Column("mark", Text, primary_key=True),
    Column("due_at", time_column("due_at").type, primary_key=True),
    Column("idle", Boolean, nullable=False, server_default=text("false")),
    time_column("recorded_at", nullable=True),
    Index("ticket_mark_due", "due_at", postgresql_where=text("recorded_at IS NULL AND NOT idle")),
)
"""When each mark of a ticket's clock is reached, and when that was recorded; ``idle`` while the ticket is closed."""
ticket_hold = table(
    "ticket_hold",
    id_column(BigInteger),
    reference("ticket_id"),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("substitute", Text, nullable=False),
    time_column("until"),
    reference("asked_by"),
    time_column("asked_at"),
    reference("decided_by", nullable=True),
    time_column("decided_at", nullable=True),
    Column("approved", Boolean, nullable=True),
    time_column("held_until", nullable=True),
    time_column("ended_at", nullable=True),
    Index("ticket_hold_ticket", "ticket_id"),
)
"""A hold as it was asked for, what another person decided, and from when to when it was."""
ticket_work = table(
    "ticket_work",
    id_column(BigInteger),
    reference("ticket_id"),
    reference("person_id"),
    time_column("at"),
    Column("hours", Double, nullable=False),
    Column("parts", JSONB, nullable=False),
    Column("note", Text, nullable=True),
    Index("ticket_work_ticket", "ticket_id"),
)
"""Append-only: hours worked, and parts used as ``[{name, quantity, unit}]``."""
follow_up = table(
    "follow_up",
    id_column(BigInteger),
    reference("ticket_id"),
    time_column("due_at"),
    time_column("done_at", nullable=True),
    reference("done_by", nullable=True),
    Column("satisfied", Boolean, nullable=True),
    Column("result", Text, nullable=True),
    version_column(),
    Index("follow_up_ticket", "ticket_id"),
    Index("follow_up_due", "due_at", postgresql_where=text("done_at IS NULL")),
)
"""The call after a closing, and what was said."""
calendar_day = table(
    "calendar_day",
    Column("site_id", ForeignKey("site.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("name", JSONB, nullable=False),
)
"""What differs from Monday to Friday: holidays, and the days that are worked instead."""
person_skill = table(
    "person_skill",
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("equipment_kind", ForeignKey("equipment_kind.code"), primary_key=True),
)
"""Which kinds of equipment somebody can repair."""
