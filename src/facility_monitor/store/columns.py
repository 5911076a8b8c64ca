"""What the tables are made of: their common metadata, and the kinds of column that many have."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKey, Identity, Integer, MetaData, Table, func
from sqlalchemy.schema import SchemaItem

metadata = MetaData()
_PEOPLE = (
    *("acknowledged_by", "submitted_by", "uploaded_by", "used_by", "opened_by", "repaired_by", "verified_by"),
    *("asked_by", "decided_by", "done_by", "waived_by"),
)


def id_column(kind: type[Integer] = Integer) -> Column[int]:
    return Column("id", kind, Identity(always=True), primary_key=True)


def time_column(name: str, *, nullable: bool = False, default: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=func.now() if default else None)


def reference(column: str, *, nullable: bool = False) -> Column[int]:
    """A foreign key named ``<table>_id`` to that table's id."""
    people = dict.fromkeys((*_PEOPLE, "assignee_id", "actor_id"), "person")
    table = {**people, "parent_id": "space"}.get(column, column.removesuffix("_id"))
    return Column(column, ForeignKey(f"{table}.id"), nullable=nullable)


def version_column() -> Column[int]:
    return Column("version", Integer, nullable=False, server_default="1")


def table(name: str, *items: SchemaItem) -> Table:
    return Table(name, metadata, *items)
