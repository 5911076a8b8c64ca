"""The tables of evidence: the files by their hash, the uploads of them, and what they are evidence of."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from facility_monitor.store.columns import id_column, reference, table, time_column

evidence_file = table(
    "evidence_file",
    Column("sha256", LargeBinary, primary_key=True),
    Column("size_bytes", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("width", Integer, nullable=True),
    Column("height", Integer, nullable=True),
    Column("exif_local", DateTime(timezone=False), nullable=True),
    Column("exif_offset_s", Integer, nullable=True),
    Column("exif_latitude", Double, nullable=True),
    Column("exif_longitude", Double, nullable=True),
    Column("fingerprint", BigInteger, nullable=True),
    time_column("stored_at"),
)
"""What the bytes themselves say: of a picture its size in pixels, what the camera wrote into it (``exif_local`` is its
clock, without a zone), and the fingerprint of what it shows."""
evidence = table(
    "evidence",
    id_column(BigInteger),
    Column("sha256", ForeignKey("evidence_file.sha256"), nullable=False),
    reference("site_id"),
    reference("equipment_id", nullable=True),
    time_column("taken_at", nullable=True),
    time_column("device_at", nullable=True),
    Column("latitude", Double, nullable=True),
    Column("longitude", Double, nullable=True),
    Column("source", Text, nullable=False),
    Column("file_name", Text, nullable=True),
    time_column("received_at"),
    reference("uploaded_by", nullable=True),
    Column("doubts", JSONB, nullable=False),
    UniqueConstraint("sha256", "site_id", "equipment_id", "uploaded_by", postgresql_nulls_not_distinct=True),
    Index("evidence_received_at", "received_at"),
)
"""An upload: who sent the bytes (null: a resident, whom nobody knows) from where, when, by which clock. ``taken_at`` is
the camera's time at the site's zone, the place that of the device."""
evidence_use = table(
    "evidence_use",
    id_column(BigInteger),
    Column("evidence_id", BigInteger, ForeignKey("evidence.id"), nullable=False),
    Column("sha256", ForeignKey("evidence_file.sha256"), nullable=False),
    reference("site_id"),
    reference("equipment_id", nullable=True),
    Column("record_kind", Text, nullable=False),
    Column("record_id", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    time_column("used_at"),
    reference("used_by", nullable=True),
    Column("doubts", JSONB, nullable=False),
    UniqueConstraint("record_kind", "record_id", "purpose", "sha256"),
    Index("evidence_use_evidence", "evidence_id"),
    Index("evidence_use_sha256", "sha256"),
)
"""Append-only: what a photo is evidence of. Its ``doubts`` are those that came with this use."""
evidence_rule = table(
    "evidence_rule",
    Column("record_kind", Text, primary_key=True),
    Column("record_class", Text, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("effective_from", Date, primary_key=True),
    Column("minimum", Integer, nullable=False),
    Column("basis", Text, nullable=False),
)
"""How many photos a record of a kind and class needs, from which day on."""
