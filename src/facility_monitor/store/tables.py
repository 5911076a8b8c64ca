"""The tables as SQLAlchemy Core sees them; ``migrations/`` is what makes them, and a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from facility_monitor.store.alarm.alarm_tables import alarm as alarm
from facility_monitor.store.alarm.alarm_tables import alarm_occurrence as alarm_occurrence
from facility_monitor.store.alarm.alarm_tables import flood as flood
from facility_monitor.store.alarm.alarm_tables import service_window as service_window
from facility_monitor.store.alarm.alarm_tables import shelving as shelving
from facility_monitor.store.alarm.alarm_tables import suppression_rule as suppression_rule
from facility_monitor.store.columns import id_column as _id
from facility_monitor.store.columns import metadata as metadata
from facility_monitor.store.columns import reference as _to
from facility_monitor.store.columns import table as _table
from facility_monitor.store.columns import time_column as _time
from facility_monitor.store.columns import version_column as _version
from facility_monitor.store.elevator.elevator_tables import elevator_test as elevator_test
from facility_monitor.store.elevator.elevator_tables import kept_answer as kept_answer
from facility_monitor.store.elevator.elevator_tables import limit_row as limit_row
from facility_monitor.store.elevator.elevator_tables import value_code as value_code
from facility_monitor.store.elevator.part_tables import counter_reading as counter_reading
from facility_monitor.store.elevator.part_tables import elevator_part as elevator_part
from facility_monitor.store.elevator.part_tables import part_inspection as part_inspection
from facility_monitor.store.elevator.part_tables import part_kind as part_kind
from facility_monitor.store.elevator.part_tables import part_life as part_life
from facility_monitor.store.elevator.part_tables import part_warning as part_warning
from facility_monitor.store.elevator.warning_tables import elevator_warning as elevator_warning
from facility_monitor.store.evidence.evidence_tables import evidence as evidence
from facility_monitor.store.evidence.evidence_tables import evidence_file as evidence_file
from facility_monitor.store.evidence.evidence_tables import evidence_rule as evidence_rule
from facility_monitor.store.evidence.evidence_tables import evidence_use as evidence_use
from facility_monitor.store.evidence.ledger_tables import ledger as ledger
from facility_monitor.store.evidence.ledger_tables import ledger_archive as ledger_archive
from facility_monitor.store.evidence.ledger_tables import ledger_head as ledger_head
from facility_monitor.store.evidence.ledger_tables import record_retention as record_retention
from facility_monitor.store.fire.fire_tables import check_form as check_form
from facility_monitor.store.fire.fire_tables import equipment_check as equipment_check
from facility_monitor.store.fire.fire_tables import holiday as holiday
from facility_monitor.store.fire.fire_tables import impairment as impairment
from facility_monitor.store.fire.fire_tables import inspection_link as inspection_link
from facility_monitor.store.fire.fire_tables import service_rule as service_rule
from facility_monitor.store.fire.fire_tables import technical_file as technical_file
from facility_monitor.store.fire.fire_tables import technical_file_reminder as technical_file_reminder
from facility_monitor.store.fire.fire_tables import upkeep_plan as upkeep_plan
from facility_monitor.store.fire.fire_tables import upkeep_task as upkeep_task
from facility_monitor.store.message.message_tables import channel as channel
from facility_monitor.store.message.message_tables import outbox as outbox
from facility_monitor.store.message.message_tables import robot_allowance as robot_allowance
from facility_monitor.store.message.message_tables import sending_count as sending_count
from facility_monitor.store.message.message_tables import service_key as service_key
from facility_monitor.store.people.duty_tables import duty as duty
from facility_monitor.store.people.duty_tables import duty_swap as duty_swap
from facility_monitor.store.people.duty_tables import escalation as escalation
from facility_monitor.store.people.duty_tables import escalation_policy as escalation_policy
from facility_monitor.store.people.duty_tables import rota as rota
from facility_monitor.store.reading.ingest_tables import device_clock as device_clock
from facility_monitor.store.reading.ingest_tables import ingest_balance as ingest_balance
from facility_monitor.store.reading.ingest_tables import ingest_slot as ingest_slot
from facility_monitor.store.reading.ingest_tables import unknown_device as unknown_device
from facility_monitor.store.reading.rollup_tables import rollup_progress as rollup_progress
from facility_monitor.store.repair.resident_tables import report_place as report_place
from facility_monitor.store.repair.resident_tables import resident_report as resident_report
from facility_monitor.store.repair.ticket_tables import calendar_day as calendar_day
from facility_monitor.store.repair.ticket_tables import follow_up as follow_up
from facility_monitor.store.repair.ticket_tables import person_skill as person_skill
from facility_monitor.store.repair.ticket_tables import ticket as ticket
from facility_monitor.store.repair.ticket_tables import ticket_class as ticket_class
from facility_monitor.store.repair.ticket_tables import ticket_hold as ticket_hold
from facility_monitor.store.repair.ticket_tables import ticket_mark as ticket_mark
from facility_monitor.store.repair.ticket_tables import ticket_term as ticket_term
from facility_monitor.store.repair.ticket_tables import ticket_work as ticket_work

# --- the plant ------------------------------------------------------------------------------------------------

configuration = _table(
    "configuration",
    Column("one", Boolean, CheckConstraint("one"), primary_key=True, server_default=text("true")),
    Column("revision", BigInteger, nullable=False, server_default="0"),
)
"""One row; triggers raise ``revision`` when sites, devices, points, mappings or rules change."""

site = _table(
    "site",
    _id(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", JSONB, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("latitude", Double, nullable=True),
    Column("longitude", Double, nullable=True),
    Column("slot", SmallInteger, CheckConstraint("slot BETWEEN 0 AND 31"), nullable=False, server_default="0"),
    _version(),
)
"""``slot`` takes in what its devices send."""
space = _table(
    "space",
    _id(),
    _to("site_id"),
    _to("parent_id", nullable=True),
    Column("kind", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", JSONB, nullable=False),
    _version(),
    UniqueConstraint("site_id", "code"),
)
equipment_kind = _table(
    "equipment_kind",
    Column("code", Text, primary_key=True),
    Column("name", JSONB, nullable=False),
    Column("life_safety", Boolean, nullable=False, server_default=text("false")),
)
metric = _table(
    "metric",
    Column("code", Text, primary_key=True),
    Column("name", JSONB, nullable=False),
    Column("unit", Text, nullable=False),
    Column("display_unit", Text, nullable=False),
    Column("display_scale", Double, nullable=False, server_default="1"),
    Column("decimals", SmallInteger, nullable=False, server_default="1"),
)
equipment = _table(
    "equipment",
    _id(),
    _to("site_id"),
    _to("space_id", nullable=True),
    Column("kind", ForeignKey("equipment_kind.code"), nullable=False),
    Column("code", Text, nullable=False),
    Column("name", JSONB, nullable=False),
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("in_use", Boolean, nullable=False, server_default=text("true")),
    _version(),
    UniqueConstraint("site_id", "code"),
)
device = _table(
    "device",
    _id(),
    _to("site_id"),
    _to("equipment_id", nullable=True),
    Column("code", Text, nullable=False, unique=True),
    Column("address", Text, nullable=True, unique=True),
    Column("name", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="unknown"),
    _time("state_at", nullable=True),
    _version(),
)
point = _table(
    "point",
    _id(),
    _to("device_id"),
    _to("equipment_id"),
    Column("key", Text, nullable=False),
    Column("metric", ForeignKey("metric.code"), nullable=False),
    Column("report_period_s", Integer, nullable=True),
    _version(),
    UniqueConstraint("device_id", "key"),
    Index("point_equipment", "equipment_id"),
)
payload_mapping = _table(
    "payload_mapping",
    _id(),
    Column("topic_filter", Text, nullable=False, unique=True),
    Column("definition", JSONB, nullable=False),
    _version(),
)

# --- what arrives ---------------------------------------------------------------------------------------------

reading = _table(
    "reading",
    Column("point_id", Integer, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Double, nullable=False),
    Column("quality", SmallInteger, nullable=False),
    _time("received_at"),
)
reject = _table(
    "reject",
    _id(BigInteger),
    _time("received_at"),
    Column("topic", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("site", Text, nullable=True),
    Column("device", Text, nullable=True),
    Column("holder", Integer, nullable=False, server_default="0"),
    Column("told", JSONB, nullable=True),
    Column("digest", BigInteger, nullable=False),
    Column("slot", SmallInteger, nullable=False, server_default="0"),
    _time("requested_at", nullable=True),
    Column("requested_by", Text, nullable=True),
    _time("replayed_at", nullable=True),
    Column("outcome", JSONB, nullable=True),
    Index("reject_once", "received_at", "digest", unique=True),
    Index("reject_device", "device", "id"),
    Index("reject_pending", "slot", "id", postgresql_where=text("requested_at IS NOT NULL AND replayed_at IS NULL")),
)
"""``told`` and ``holder`` are what a replay needs besides the bytes; ``outcome`` is what came of the last one."""

# --- rules and alarms -----------------------------------------------------------------------------------------

rule = _table(
    "rule",
    _id(),
    Column("code", Text, nullable=False, unique=True),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    Column("definition", JSONB, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _time("changed_at", default=True),
    _version(),
)
rule_version = _table(
    "rule_version",
    Column("rule_id", ForeignKey("rule.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("definition", JSONB, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _time("changed_at"),
)
rule_state = _table(
    "rule_state",
    Column("rule_id", ForeignKey("rule.id"), primary_key=True),
    Column("point_id", ForeignKey("point.id"), primary_key=True),
    Column("phase", Text, nullable=False),
    _time("since"),
    Column("memory_of", Text, nullable=True),
    Column("memory", Text, nullable=True),
    _time("folded_at", nullable=True),
    _time("heard_at", nullable=True),
)
"""``memory`` is JSON, kept as text: it must come back to the last bit."""

# --- people ---------------------------------------------------------------------------------------------------

organisation = _table(
    "organisation",
    _id(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", JSONB, nullable=False),
    Column("phone", Text, nullable=True),
    _version(),
)
person = _table(
    "person",
    _id(),
    Column("username", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("locale", Text, nullable=False),
    _to("organisation_id", nullable=True),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
    _version(),
)
site_access = _table(
    "site_access",
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("site_id", ForeignKey("site.id"), primary_key=True),
)
"""Which sites a person sees; an admin sees all, a contractor what its contracts cover."""
contract = _table(
    "contract",
    _id(),
    _to("organisation_id"),
    _to("site_id"),
    Column("equipment_kind", ForeignKey("equipment_kind.code"), nullable=True),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=True),
    _version(),
    Index("contract_organisation", "organisation_id"),
)
"""Covers the site's equipment of a kind, or all of it where the kind is null, from ``starts_on`` to ``ends_on``."""
session = _table(
    "session",
    Column("token_hash", LargeBinary, primary_key=True),
    _to("person_id"),
    _time("created_at"),
    _time("expires_at"),
    Index("session_person", "person_id"),
)
api_key = _table(
    "api_key",
    Column("id", Text, primary_key=True),
    Column("secret_hash", LargeBinary, nullable=False),
    _to("person_id"),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    _time("created_at"),
    _time("expires_at", nullable=True),
    _time("last_used_at", nullable=True),
    _time("revoked_at", nullable=True),
    Index("api_key_person", "person_id"),
)
sign_in_failure = _table(
    "sign_in_failure",
    _id(BigInteger),
    _time("at"),
    Column("username_hash", LargeBinary, nullable=False),
    Column("address", Text, nullable=False),
    Index("sign_in_failure_username", "username_hash", "at"),
    Index("sign_in_failure_address", "address", "at"),
)
"""The failed log-ins of the last minutes. The user name is hashed: people type passwords there."""
