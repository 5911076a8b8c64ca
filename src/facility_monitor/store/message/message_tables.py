"""Tables of telling people: channels, the outbox, and what sending has to remember."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from facility_monitor.store.columns import id_column, reference, table, time_column, version_column

channel = table(
    "channel",
    id_column(),
    reference("person_id", nullable=True),
    reference("site_id", nullable=True),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("secret", Text, nullable=True),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    Column("preference", SmallInteger, nullable=False, server_default="1"),
    Column("ended", Text, nullable=True),
    Column("session_hash", LargeBinary, nullable=True),
    version_column(),
    Index("channel_web_push", "address", unique=True, postgresql_where=text("kind = 'web_push'")),
)
"""A person's channel, or nobody's (another system's): then every matter of ``site``, or of all sites, goes there.

``preference`` 1 is used first, the next where all before have failed. ``ended`` is why the other side has ended it.
``session_hash`` is that of the token of the session in which a phone has subscribed, which may have expired since.
"""
outbox = table(
    "outbox",
    id_column(BigInteger),
    Column("ledger_id", BigInteger, ForeignKey("ledger.id"), nullable=True),
    Column("alarm_id", BigInteger, ForeignKey("alarm.id"), nullable=True),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=True),
    reference("person_id", nullable=True),
    reference("channel_id"),
    Column("notice", JSONB, nullable=False),
    Column("urgency", SmallInteger, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    time_column("created_at"),
    time_column("due_at"),
    time_column("leased_until", nullable=True),
    time_column("sent_at", nullable=True),
    time_column("delivered_at", nullable=True),
    time_column("opened_at", nullable=True),
    time_column("acknowledged_at", nullable=True),
    Column("error", Text, nullable=True),
    Column("handed_on", Boolean, nullable=False, server_default=text("false")),
    Column("fold_key", Text, nullable=True, unique=True),
    Column("folded_into", BigInteger, ForeignKey("outbox.id"), nullable=True),
    UniqueConstraint("ledger_id", "channel_id"),
    Index("outbox_due", "urgency", "due_at", postgresql_where=text("state = 'queued'")),
    Index("outbox_alarm", "alarm_id"),
    Index("outbox_ticket", "ticket_id"),
    Index("outbox_folded", "folded_into", postgresql_where=text("folded_into IS NOT NULL")),
    Index("outbox_failed", "id", postgresql_where=text("state = 'failed'")),
    Index("outbox_waiting", "created_at", postgresql_where=text("state = 'queued'")),
)
"""``handed_on``: another channel of the person took over. ``folded_into``: the summary that tells of it instead."""
service_key = table(
    "service_key",
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    time_column("made_at"),
)
"""Keys that the service made for itself, once, and all of its processes share."""
robot_allowance = table(
    "robot_allowance",
    Column("robot", LargeBinary, primary_key=True),
    Column("tokens", Double, nullable=False),
    time_column("at"),
)
"""The token bucket of each chat robot, known by the hash of its address."""
sending_count = table(
    "sending_count",
    Column("channel_kind", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)
"""What became of all messages that ever were tried, counted: for metrics."""
