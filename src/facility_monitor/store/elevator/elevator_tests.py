"""Elevators as they are tested, and their tests: added, never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, insert, select, tuple_

from facility_monitor.domain.elevator.elevator import KIND
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Condition, Sight
from facility_monitor.store.tables import elevator_test, equipment, site

Key = tuple[int, datetime, bytes]
"""(equipment_id, performed_at, fingerprint): what makes two tests the same."""


class Elevator(NamedTuple):
    """``timezone`` is that of its site: a test's day is the day there."""

    id: int
    site_id: int
    timezone: str
    attributes: Mapping[str, Any]


class Standing(NamedTuple):
    """A test that a correction names. ``corrected_by`` is the one that has replaced it already."""

    equipment_id: int
    organisation_id: int | None
    corrected_by: int | None


def lock_elevators(tx: Tx, sight: Sight, ids: Collection[int]) -> dict[int, Elevator]:
    """Those of ``ids`` that are elevators which the caller sees.

    Until the transaction ends nobody else tests them: whether a test is known or corrected does not change meanwhile.
    """
    asked = (equipment.c.id == func.any(list(ids)), sight.thing(equipment.c.site_id, equipment.c.id))
    return {each.id: each for each in _locked(tx, *asked)}


def all_elevators(tx: Tx) -> list[Elevator]:
    """Every elevator in use; until the transaction ends nobody tests them."""
    return _locked(tx, equipment.c.in_use)


def _locked(tx: Tx, *conditions: Condition) -> list[Elevator]:
    rows = tx.execute(
        select(equipment.c.id, equipment.c.site_id, site.c.timezone, equipment.c.attributes)
        .join(site, site.c.id == equipment.c.site_id)
        .where(equipment.c.kind == KIND, *conditions)
        .order_by(equipment.c.id)
        .with_for_update(key_share=True, of=equipment)
    )
    return [Elevator(*row) for row in rows]


def known(tx: Tx, keys: Collection[Key]) -> dict[Key, int]:
    """The ids of those tests that are stored already."""
    columns = (elevator_test.c.equipment_id, elevator_test.c.performed_at, elevator_test.c.fingerprint)
    rows = tx.execute(select(*columns, elevator_test.c.id).where(tuple_(*columns).in_(keys)))
    return {(row[0], row[1], bytes(row[2])): row[3] for row in rows}


def standing(tx: Tx, ids: Collection[int]) -> dict[int, Standing]:
    """How the tests ``ids`` stand; those that are none are left out."""
    newer = elevator_test.alias("newer")
    rows = tx.execute(
        select(elevator_test.c.id, elevator_test.c.equipment_id, elevator_test.c.organisation_id, newer.c.id)
        .join(newer, and_(newer.c.corrects == elevator_test.c.id), isouter=True)
        .where(elevator_test.c.id == func.any(list(ids)))
    )
    return {row[0]: Standing(*row[1:]) for row in rows}


def add(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert tests; returns their ids, in order."""
    if not rows:
        return []
    made = tx.execute(
        insert(elevator_test).returning(elevator_test.c.id, sort_by_parameter_order=True), [dict(row) for row in rows]
    )
    return list(made.scalars())
