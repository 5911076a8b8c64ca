"""Shelvings: the open one of each rule and point, and all there were."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, update

from facility_monitor.domain.alarm.shelving import Shelving, ShelvingEnd, ShelvingKind
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import shelving


def _shelving(row: Row[Any]) -> Shelving:
    fields = dict(row._mapping)
    how = fields["ended_how"]
    return Shelving(
        **{**fields, "kind": ShelvingKind(fields["kind"]), "ended_how": None if how is None else ShelvingEnd(how)}
    )


def _locked(tx: Tx, *conditions: ColumnElement[bool]) -> list[Shelving]:
    asked = select(shelving).where(*conditions, shelving.c.ended_at.is_(None)).order_by(shelving.c.id)
    return [_shelving(row) for row in tx.execute(asked.with_for_update())]


def lock_open(tx: Tx, point_id: int, rule_id: int) -> Shelving | None:
    """The one that has not ended, in force or only asked for, locked until the transaction ends."""
    return next(iter(_locked(tx, shelving.c.point_id == point_id, shelving.c.rule_id == rule_id)), None)


def lock_many(tx: Tx, numbers: set[int]) -> list[Shelving]:
    """Those of ``numbers`` that have not ended, locked until the transaction ends."""
    return _locked(tx, shelving.c.id.in_(numbers)) if numbers else []


def lock_due(tx: Tx, now: datetime) -> list[Shelving]:
    """Those whose time is over, locked until the transaction ends."""
    return _locked(tx, shelving.c.expires_at <= now)


def add(tx: Tx, new: Shelving) -> int:
    """Insert a new one, whose own id does not count; returns its id."""
    values = asdict(new)
    del values["id"]
    number: int = tx.execute(insert(shelving).values(values).returning(shelving.c.id)).scalar_one()
    return number


def save(tx: Tx, known: Shelving) -> None:
    """Write back one that was locked."""
    names = ("confirmed_by", "confirmed_at", "ended_at", "ended_by", "ended_how")
    values = {name: getattr(known, name) for name in names}
    tx.execute(update(shelving).where(shelving.c.id == known.id).values(values))
