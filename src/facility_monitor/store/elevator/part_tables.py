"""The tables of elevators' parts: their lives (dated rows), what is built in, what was measured and read."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Double, ForeignKey, Index, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from facility_monitor.store.columns import id_column, reference, table, time_column

part_kind = table("part_kind", Column("code", Text, primary_key=True), Column("name", JSONB, nullable=False))
part_life = table(
    "part_life",
    Column("code", Text, primary_key=True),
    Column("part_kind", ForeignKey("part_kind.code"), nullable=False),
    *(Column(name, Text, nullable=True) for name in ("maker", "model", "construction")),
    Column("aspect", Text, nullable=False),
    Column("quantity", Text, nullable=True),
    Column("line", Text, nullable=False),
    *(Column(name, Double, nullable=False) for name in ("lowest", "expected", "highest")),
    Column("unit", Text, nullable=False),
    Column("name", JSONB, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("standard", "clause", "grade")),
    Column("effective_from", Date, nullable=False),
    Column("effective_to", Date, nullable=True),
)
elevator_part = table(
    "elevator_part",
    id_column(),
    reference("site_id"),
    reference("equipment_id"),
    Column("kind", ForeignKey("part_kind.code"), nullable=False),
    Column("installed_on", Date, nullable=False),
    time_column("recorded_at"),
    reference("submitted_by"),
    Column("content", JSONB, nullable=False),
    Column("replaces", Integer, ForeignKey("elevator_part.id"), nullable=True, unique=True),
    Column("correction", Boolean, nullable=False, server_default="false"),
    Column("reason", Text, nullable=True),
    Index("elevator_part_equipment", "equipment_id", "kind"),
)
"""Append-only: a part stands until another row ``replaces`` it, as the new part or as a ``correction`` of what was
written. ``content`` is all that was entered."""
part_inspection = table(
    "part_inspection",
    id_column(BigInteger),
    reference("site_id"),
    reference("equipment_id"),
    Column("part_id", ForeignKey("elevator_part.id"), nullable=False),
    Column("inspected_on", Date, nullable=False),
    time_column("recorded_at"),
    reference("submitted_by"),
    Column("content", JSONB, nullable=False),
    Column("verdicts", JSONB, nullable=False),
    Column("passed", Boolean, nullable=True),
    Column("corrects", BigInteger, ForeignKey("part_inspection.id"), nullable=True, unique=True),
    Column("reason", Text, nullable=True),
    Index("part_inspection_part", "part_id", "inspected_on", "id"),
)
"""Append-only. ``verdicts`` hold each line as it stood; ``passed`` says whether the part may run on."""
counter_reading = table(
    "counter_reading",
    id_column(BigInteger),
    reference("site_id"),
    reference("equipment_id"),
    Column("counter", Text, nullable=False),
    Column("read_on", Date, nullable=False),
    Column("value", BigInteger, nullable=False),
    time_column("recorded_at"),
    reference("submitted_by"),
    Index("counter_reading_newest", "equipment_id", "counter", "read_on", "id"),
)
"""Append-only; of several of one day the last entered counts."""
part_warning = table(
    "part_warning",
    Column("part_id", ForeignKey("elevator_part.id"), primary_key=True, autoincrement=False),
    time_column("warned_at"),
    Column("due_on", Date, nullable=False),
    Column("order_by", Date, nullable=False),
)
"""Whose time to order was told, once."""
