"""Rows that the ledger tells of: where an entry says what stands in which column, and what it holds by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import rfc8785
from sqlalchemy import ColumnElement, Select, Table, case, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from facility_monitor.domain.alarm.alarm import AlarmEvent, state_of
from facility_monitor.domain.elevator.part import PartEvent
from facility_monitor.domain.fire.chain import written
from facility_monitor.domain.fire.technical_file import TechnicalEvent
from facility_monitor.domain.fire.upkeep import UpkeepEvent
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import (
    alarm,
    counter_reading,
    elevator_part,
    elevator_test,
    equipment,
    equipment_check,
    impairment,
    inspection_link,
    part_inspection,
    technical_file,
    upkeep_task,
)

HASHED = "record_sha256"
"""Where the body of an entry holds the hash of its record."""
_AT_ONCE = 5000


def canonical(content: Mapping[str, Any], verdicts: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """What was recorded and how it was judged, if it is something to be judged, as canonical JSON (RFC 8785)."""
    return rfc8785.dumps({"content": dict(content), "verdicts": list(verdicts)})


def digest(content: Mapping[str, Any], verdicts: Sequence[Mapping[str, Any]] = ()) -> str:
    """The SHA-256 of that, as entries refer to it."""
    return hashlib.sha256(canonical(content, verdicts)).hexdigest()


Key = tuple[Any, ...]
"""By what a row is known, as JSON says it."""


class Kept(NamedTuple):
    """A row as it is kept; its values as JSON says them."""

    key: Key
    site_id: int
    values: Mapping[str, Any]


class Told(NamedTuple):
    """Rows of one table, as entries tell of them.

    ``key``: by the columns by which the row is known, where the entry says them; ``columns``: those that it tells
    besides. What stands in its body follows on "body.".
    ``once``: one entry tells of a row, which is never changed; else the newest one tells how it stands.
    """

    table: Table
    key: Mapping[str, str]
    columns: Mapping[str, str]
    once: bool = True
    made: Mapping[str, ColumnElement[Any]] = MappingProxyType({})
    """columns that the table has not, made of those that it has"""
    implied: Mapping[str, Any] = MappingProxyType({})
    """what stands in columns of which the entry says nothing"""
    name: str = ""
    """where entries tell of some rows alone: what these are"""
    where: ColumnElement[bool] | None = None
    """which rows these are"""

    @property
    def rows(self) -> str:
        """What it tells of."""
        return self.name or self.table.name


def _body(*names: str) -> dict[str, str]:
    return {name: f"body.{name}" for name in names}


_WHO = {"site_id": "site_id", "equipment_id": "equipment_id", "submitted_by": "actor_id", "reason": "reason"}
_TESTED = {
    **_WHO,
    "performed_at": "occurred_at",
    "received_at": "at",
    "ticket_id": "ticket_id",
    HASHED: f"body.{HASHED}",
    **_body("late_entry", "passed", "failures", "corrects"),
}
_ENTERED = {**_WHO, "recorded_at": "at", HASHED: f"body.{HASHED}"}


def _id(where: str) -> dict[str, str]:
    return {"id": where}


_CHECKS = Told(equipment_check, _id("body.check_id"), {**_TESTED, **_body("form", "form_from", "sheet")})
_TESTS = Told(elevator_test, _id("body.test_id"), {**_TESTED, **_body("fingerprint")})
_PARTS = Told(
    elevator_part, _id("body.part_id"), {**_ENTERED, "kind": "body.part_kind", **_body("installed_on", "replaces")}
)
_INSPECTIONS = Told(
    part_inspection,
    _id("body.inspection_id"),
    {**_ENTERED, **_body("part_id", "inspected_on", "passed", "corrects")},
)
_COUNTERS = Told(
    counter_reading,
    _id("body.reading_id"),
    {
        **{name: told for name, told in _WHO.items() if name != "reason"},
        "recorded_at": "at",
        **_body("counter", "read_on", "value"),
    },
)
_PAPERS = Told(
    technical_file,
    _id("body.file_id"),
    {**_WHO, "submitted_at": "at", HASHED: f"body.{HASHED}", **_body("replaces")},
)
_AT = {"site_id": "site_id", "equipment_id": "equipment_id"}
_IMPAIRMENTS = Told(
    impairment,
    _id("body.impairment_id"),
    {**_body("starts_on", "ends_on", "measure"), **_AT, "reason": "reason"},
    once=False,
)
_ALARMS = Told(
    alarm,
    _id("alarm_id"),
    {**_body("state", "severity", "raise_count"), **_AT},
    once=False,
    made={
        "state": case(
            *(
                (
                    alarm.c.active.is_(active) & alarm.c.acknowledged.is_(known) & alarm.c.latched.is_(latched),
                    state_of(active, known, latched).value,
                )
                for active in (True, False)
                for known in (True, False)
                for latched in (True, False)
            )
        )
    },
)
_TASK = {"plan": "body.plan", "equipment_id": "equipment_id", "first": "body.first"}
_SITE_OF_TASK = select(equipment.c.site_id).where(equipment.c.id == upkeep_task.c.equipment_id).scalar_subquery()
_WAIVERS = Told(
    upkeep_task,
    _TASK,
    {"last": "body.last", "waived_at": "at", "waived_by": "actor_id", "waived_for": "reason", "site_id": "site_id"},
    once=False,
    made={"site_id": _SITE_OF_TASK},
    name="waiver of upkeep_task",
    where=upkeep_task.c.waived_at.is_not(None) | upkeep_task.c.waived_for.is_not(None),
)
_LINKS = Told(
    inspection_link,
    _id("body.link_id"),
    {
        **_body("first", "last"),
        "site_id": "site_id",
        "submitted_by": "actor_id",
        "purpose": "reason",
        "created_at": "at",
        "revoked_at": "body.revoked_at",
    },
    once=False,
    implied={"revoked_at": None},
)
_REVOKED = _LINKS._replace(columns={"site_id": "site_id", "revoked_at": "at"}, implied={})
_RAISED = _ALARMS._replace(columns={**_ALARMS.columns, "raised_at": "occurred_at"})
TELLING: Mapping[str, Told] = {
    "check_recorded": _CHECKS,
    "elevator_test_recorded": _TESTS,
    **dict.fromkeys((PartEvent.INSTALLED, PartEvent.REPLACED, PartEvent.CORRECTED), _PARTS),
    PartEvent.INSPECTED: _INSPECTIONS,
    PartEvent.COUNTER_READ: _COUNTERS,
    TechnicalEvent.ADDED: _PAPERS,
    **dict.fromkeys((UpkeepEvent.IMPAIRED, UpkeepEvent.IMPAIRMENT_CHANGED), _IMPAIRMENTS),
    UpkeepEvent.WAIVED: _WAIVERS,
    "inspection_link_made": _LINKS,
    "inspection_link_revoked": _REVOKED,
    **dict.fromkeys(AlarmEvent, _ALARMS),
    AlarmEvent.RAISED: _RAISED,
}
"""By the kind of an entry: which row it tells of, and how."""


def said(told: Told, entry: Mapping[str, Any]) -> tuple[Key, dict[str, Any]] | None:
    """The key of the row that an entry tells of, and what it says of its columns; None where it tells of none."""
    key = _said(told.key, entry)
    if len(key) < len(told.key) or None in key.values():
        return None
    return tuple(key.values()), {**told.implied, **_said(told.columns, entry)}


def _said(columns: Mapping[str, str], entry: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for column, where in columns.items():
        inner = where.removeprefix("body.")
        of = entry if inner == where else entry["body"]
        if inner in of:
            found[column] = of[inner]
    return found


def kept(tx: Tx, told: Told, keys: Iterable[Key] | None = None) -> Iterator[Kept]:
    """The rows with these keys, which are their ids, or all."""
    table = told.table
    made = dict(told.made)
    columns = [made[name].label(name) if name in made else table.c[name] for name in told.columns if name != HASHED]
    if HASHED in told.columns:
        verdicts = table.c.verdicts if "verdicts" in table.c else literal([], JSONB)
        columns += [table.c.content, verdicts.label("verdicts")]
    asked = _identified(told, *columns)
    if keys is not None:
        asked = asked.where(table.c.id == func.any([number for (number,) in keys]))
    for row in tx.execute(asked, execution_options={"yield_per": _AT_ONCE}).mappings():
        values = {name: _plain(row[name]) for name in told.columns if name != HASHED}
        if HASHED in told.columns:
            values[HASHED] = _hash(row["content"], row["verdicts"])
        yield Kept(_key(told, row), row["row_site"], values)


def corrected(tx: Tx, table: Table, number: int | None) -> list[tuple[int, int | None]]:
    """A check or test with those that it corrects, one after the other: id and ticket of each."""
    chain = select(table.c.id, table.c.corrects, table.c.ticket_id).where(table.c.id == number).cte(recursive=True)
    older = select(table.c.id, table.c.corrects, table.c.ticket_id).join(chain, chain.c.corrects == table.c.id)
    chain = chain.union(older)
    return [(row.id, row.ticket_id) for row in tx.execute(select(chain.c.id, chain.c.ticket_id))]


def keys(tx: Tx, told: Told) -> Iterator[tuple[Key, int]]:
    """Key and site of every row."""
    asked = _identified(told).order_by(*(told.table.c[name] for name in told.key))
    for row in tx.execute(asked, execution_options={"yield_per": _AT_ONCE}).mappings():
        yield _key(told, row), row["row_site"]


def _identified(told: Told, *columns: ColumnElement[Any]) -> Select[Any]:
    """The rows that entries tell of, with what they are known by."""
    table = told.table
    site_id = {**table.c, **told.made}["site_id"]
    asked = select(*(table.c[name].label(f"key_{name}") for name in told.key), site_id.label("row_site"), *columns)
    return asked if told.where is None else asked.where(told.where)


def _key(told: Told, row: Mapping[Any, Any]) -> Key:
    return tuple(_plain(row[f"key_{name}"]) for name in told.key)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


def _hash(content: Any, verdicts: Any) -> str | None:
    try:
        return digest(content, verdicts)
    except (rfc8785.CanonicalizationError, TypeError, ValueError):
        return None
