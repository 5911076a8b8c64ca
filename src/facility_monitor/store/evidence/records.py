"""Rows that the ledger tells of: where an entry says what stands in which column, and what it holds by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import rfc8785
from sqlalchemy import ColumnElement, Table, case, func, literal, select
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
    equipment_check,
    impairment,
    part_inspection,
    technical_file,
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


class Kept(NamedTuple):
    """A row as it is kept; its values as JSON says them."""

    id: int
    site_id: int
    values: Mapping[str, Any]


class Told(NamedTuple):
    """Rows of one table, as entries tell of them.

    ``id``: where the body, else the entry, holds the row's id. ``columns``: by the row's column, where the entry says
    the same; what stands in its body follows on "body.".
    ``once``: one entry tells of a row, which is never changed; else the newest one tells how it stands.
    """

    table: Table
    id: str
    columns: Mapping[str, str]
    once: bool = True
    made: Mapping[str, ColumnElement[Any]] = MappingProxyType({})
    """columns that the table has not, made of those that it has"""


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

_CHECKS = Told(equipment_check, "check_id", {**_TESTED, **_body("form", "form_from", "sheet")})
_TESTS = Told(elevator_test, "test_id", {**_TESTED, **_body("fingerprint")})
_PARTS = Told(elevator_part, "part_id", {**_ENTERED, "kind": "body.part_kind", **_body("installed_on", "replaces")})
_INSPECTIONS = Told(
    part_inspection,
    "inspection_id",
    {**_ENTERED, **_body("part_id", "inspected_on", "passed", "corrects")},
)
_COUNTERS = Told(
    counter_reading,
    "reading_id",
    {
        **{name: told for name, told in _WHO.items() if name != "reason"},
        "recorded_at": "at",
        **_body("counter", "read_on", "value"),
    },
)
_PAPERS = Told(
    technical_file,
    "file_id",
    {**_WHO, "submitted_at": "at", HASHED: f"body.{HASHED}", **_body("replaces")},
)
_IMPAIRMENTS = Told(
    impairment,
    "impairment_id",
    {**_body("starts_on", "ends_on", "measure"), "site_id": "site_id", "equipment_id": "equipment_id"},
    once=False,
)
_ALARMS = Told(
    alarm,
    "alarm_id",
    {**_body("state", "severity", "raise_count"), "site_id": "site_id", "equipment_id": "equipment_id"},
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
_RAISED = _ALARMS._replace(columns={**_ALARMS.columns, "raised_at": "occurred_at"})
TELLING: Mapping[str, Told] = {
    "check_recorded": _CHECKS,
    "elevator_test_recorded": _TESTS,
    **dict.fromkeys((PartEvent.INSTALLED, PartEvent.REPLACED, PartEvent.CORRECTED), _PARTS),
    PartEvent.INSPECTED: _INSPECTIONS,
    PartEvent.COUNTER_READ: _COUNTERS,
    TechnicalEvent.ADDED: _PAPERS,
    **dict.fromkeys((UpkeepEvent.IMPAIRED, UpkeepEvent.IMPAIRMENT_CHANGED), _IMPAIRMENTS),
    **dict.fromkeys(AlarmEvent, _ALARMS),
    AlarmEvent.RAISED: _RAISED,
}
"""By the kind of an entry: which row it tells of, and how."""


def said(told: Told, entry: Mapping[str, Any]) -> tuple[int, dict[str, Any]] | None:
    """The id of the row that an entry tells of, and what it says of its columns; None where it tells of none."""
    body = entry["body"]
    number = body.get(told.id, entry.get(told.id))
    if not isinstance(number, int):
        return None
    found = {}
    for column, where in told.columns.items():
        inner = where.removeprefix("body.")
        of = entry if inner == where else body
        if inner in of:
            found[column] = of[inner]
    return number, found


def kept(tx: Tx, told: Told, ids: Iterable[int] | None = None) -> Iterator[Kept]:
    """The rows with these ids, or all."""
    table = told.table
    made = dict(told.made)
    columns = [made[name].label(name) if name in made else table.c[name] for name in told.columns if name != HASHED]
    if HASHED in told.columns:
        verdicts = table.c.verdicts if "verdicts" in table.c else literal([], JSONB)
        columns += [table.c.content, verdicts.label("verdicts")]
    asked = select(table.c.id.label("row_id"), table.c.site_id.label("row_site"), *columns)
    if ids is not None:
        asked = asked.where(table.c.id == func.any(list(ids)))
    for row in tx.execute(asked, execution_options={"yield_per": _AT_ONCE}).mappings():
        values = {name: _plain(row[name]) for name in told.columns if name != HASHED}
        if HASHED in told.columns:
            values[HASHED] = _hash(row["content"], row["verdicts"])
        yield Kept(row["row_id"], row["row_site"], values)


def corrected(tx: Tx, table: Table, number: int | None) -> list[tuple[int, int | None]]:
    """A check or test with those that it corrects, one after the other: id and ticket of each."""
    chain = select(table.c.id, table.c.corrects, table.c.ticket_id).where(table.c.id == number).cte(recursive=True)
    older = select(table.c.id, table.c.corrects, table.c.ticket_id).join(chain, chain.c.corrects == table.c.id)
    chain = chain.union(older)
    return [(row.id, row.ticket_id) for row in tx.execute(select(chain.c.id, chain.c.ticket_id))]


def ids(tx: Tx, table: Table) -> Iterator[tuple[int, int]]:
    """Id and site of every row."""
    asked = select(table.c.id, table.c.site_id).order_by(table.c.id)
    for row in tx.execute(asked, execution_options={"yield_per": _AT_ONCE}):
        yield row.id, row.site_id


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
