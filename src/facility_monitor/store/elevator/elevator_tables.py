"""The tables of elevator tests: the dated limits, the tests themselves, and the answers kept for repeated requests."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from facility_monitor.store.columns import id_column, reference, table, time_column

limit_row = table(
    "limit_row",
    Column("code", Text, primary_key=True),
    Column("quantity", Text, nullable=False),
    Column("name", JSONB, nullable=False),
    Column("door_type", Text, nullable=True),
    Column("clear_width_up_to_mm", Integer, nullable=True),
    Column("direction", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("unit", Text, nullable=False),
    Column("standard", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("effective_to", Date, nullable=True),
    Column("added_by", Text, nullable=False, server_default="catalogue"),
    time_column("added_at", default=True),
    Column("reason", Text, nullable=True),
    Index("limit_row_quantity", "quantity", "effective_from"),
)
"""What values are judged by, each row with its standard and the days on which it was in force."""
value_code = table(
    "value_code",
    Column("code_set", Text, primary_key=True),
    Column("metric", ForeignKey("metric.code"), primary_key=True),
    Column("code", Integer, primary_key=True, autoincrement=False),
    Column("effective_from", Date, primary_key=True),
    Column("meaning", Text, nullable=True),
    Column("name", JSONB, nullable=False),
    Column("standard", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("added_by", Text, nullable=False, server_default="catalogue"),
    time_column("added_at", default=True),
)
"""What coded values of a metric mean, by code set, each row from a day on."""
elevator_test = table(
    "elevator_test",
    id_column(BigInteger),
    reference("site_id"),
    reference("equipment_id"),
    time_column("performed_at"),
    time_column("received_at"),
    Column("late_entry", Boolean, nullable=False),
    reference("submitted_by"),
    reference("organisation_id", nullable=True),
    Column("api_key_id", Text, nullable=True),
    Column("content", JSONB, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("verdicts", JSONB, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("passed", Boolean, nullable=True),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=True),
    Column("corrects", BigInteger, ForeignKey("elevator_test.id"), nullable=True, unique=True),
    Column("reason", Text, nullable=True),
    UniqueConstraint("equipment_id", "performed_at", "fingerprint"),
    Index("elevator_test_newest", "equipment_id", "performed_at", "id"),
)
"""Append-only: a correction is a row of its own that names the one it ``corrects``. ``verdicts`` hold the limits as
they stood; ``passed`` is null where none was in force."""
kept_answer = table(
    "kept_answer",
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("location", Text, nullable=True),
    Column("body", Text, nullable=False),
    time_column("created_at"),
    Index("kept_answer_created_at", "created_at"),
)
"""What was answered under an Idempotency-Key, for as long as the same request may come again."""
