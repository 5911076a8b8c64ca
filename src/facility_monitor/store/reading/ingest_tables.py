"""The tables of the ingest's own books: what each batch did, the balance, and how each slot stands."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from facility_monitor.store.columns import id_column, table, time_column

ingest_batch = table(
    "ingest_batch",
    id_column(BigInteger),
    Column("slot", SmallInteger, nullable=False),
    Column("holder", ARRAY(Integer), nullable=False),
    Column("received", ARRAY(Integer), nullable=False),
    Column("stored", ARRAY(Integer), nullable=True),
    Column("duplicate", ARRAY(Integer), nullable=True),
    Column("rejected", ARRAY(Integer), nullable=True),
    Column("missing", ARRAY(Integer), nullable=True),
    Column("message_id", ARRAY(Integer), nullable=True),
    Column("digest", ARRAY(BigInteger), nullable=True),
    Column("received_at", ARRAY(BigInteger), nullable=True),
)
"""One row a batch, written in the batch's own transaction: values by holder, and the messages that do not identify
themselves. It is summed up into ``ingest_balance`` once its acknowledgements are safe. Where ``stored`` is null, all
that was received was stored; the other nulls are noughts."""

ingest_balance = table(
    "ingest_balance",
    Column("holder", Integer, primary_key=True, autoincrement=False),
    Column("received", BigInteger, nullable=False),
    Column("stored", BigInteger, nullable=False),
    Column("duplicate", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("missing", BigInteger, nullable=False),
)
"""Values since the beginning, without the batches that are not summed up yet. ``holder`` as in ``domain.balance``."""

ingest_slot = table(
    "ingest_slot",
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("holder", Text, nullable=False),
    time_column("since"),
    time_column("reported_at"),
    Column("connected", Boolean, nullable=False),
    Column("arrived", BigInteger, nullable=False),
    Column("committed", BigInteger, nullable=False),
    Column("abandoned", BigInteger, nullable=False),
    Column("in_flight", Integer, nullable=False),
    Column("connections", Integer, nullable=False),
    Column("stuck", Integer, nullable=False),
    Column("settled", BigInteger, nullable=False),
    Column("broker", JSONB, nullable=False),
    Column("difference", BigInteger, nullable=False, server_default="0"),
    Column("sites", ARRAY(Text), nullable=False, server_default=text("'{}'")),
)
"""What the holder of each slot last said of itself: messages since it took the slot, and what the broker says of
itself. ``difference`` is what it cannot account for, ``sites`` those it is subscribed to. Batches up to ``settled``
have nothing that the broker could send again."""

unknown_device = table(
    "unknown_device",
    id_column(),
    Column("site", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("topic", Text, nullable=False),
    time_column("first_seen_at"),
    time_column("last_seen_at"),
    Column("messages", BigInteger, nullable=False),
    Column("keys", JSONB, nullable=False),
    UniqueConstraint("site", "device"),
)
"""Who has spoken and is none of ours: ``site`` is empty where the topic tells none, ``keys`` has the newest value of
each key with its unit."""

device_clock = table(
    "device_clock",
    Column("device_id", ForeignKey("device.id", ondelete="CASCADE"), primary_key=True),
    Column("ahead_s", Double, nullable=False),
    time_column("measured_at"),
)
"""How far a device's clock was ahead of ours (below zero: behind) when that last changed."""
