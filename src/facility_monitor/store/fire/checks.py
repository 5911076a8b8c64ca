"""Checks of equipment: added, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, insert, or_, select

from facility_monitor.domain.alarm.service_window import Purpose
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import alarm, equipment, equipment_check, service_window, site, space


class Checked(NamedTuple):
    """A piece of equipment as it is checked; ``timezone`` is that of its site."""

    id: int
    site_id: int
    timezone: str
    kind: str
    space_id: int | None
    subtype: str | None


class Known(NamedTuple):
    """A check that there is. ``corrected_by`` is the one that has replaced it."""

    id: int
    equipment_id: int
    form: str
    content: Mapping[str, Any]
    submitted_by: int
    late_entry: bool
    corrected_by: int | None


def lock_equipment(tx: Tx, sight: Sight, equipment_id: int) -> Checked | None:
    """The piece, if the caller sees it; until the transaction ends nobody else enters a check of it."""
    row = tx.execute(
        select(
            *(equipment.c.id, equipment.c.site_id, site.c.timezone, equipment.c.kind, equipment.c.space_id),
            equipment.c.attributes["subtype"].astext,
        )
        .join(site, site.c.id == equipment.c.site_id)
        .where(equipment.c.id == equipment_id, sight.thing(equipment.c.site_id, equipment.c.id))
        .with_for_update(key_share=True, of=equipment)
    ).one_or_none()
    return None if row is None else Checked(*row)


def find(tx: Tx, *, client_id: UUID | None = None, check_id: int | None = None) -> Known | None:
    """A check by the id that its maker gave it, or by ours."""
    newer = equipment_check.alias("newer")
    columns = [equipment_check.c[name] for name in Known._fields[:-1]]
    asked = select(*columns, newer.c.id).join(newer, newer.c.corrects == equipment_check.c.id, isouter=True)
    if client_id is not None:
        asked = asked.where(equipment_check.c.client_id == client_id)
    else:
        asked = asked.where(equipment_check.c.id == check_id)
    row = tx.execute(asked).one_or_none()
    return None if row is None else Known(*row[:6], row[6])


def alarms_at(tx: Tx, site_id: int, first: datetime, last: datetime) -> set[int]:
    """Alarms raised at a site between two moments."""
    asked = select(alarm.c.id).where(alarm.c.site_id == site_id, alarm.c.raised_at.between(first, last))
    return set(tx.execute(asked).scalars())


class TestWindow(NamedTuple):
    """An announced test, from when to when."""

    id: int
    starts_at: datetime
    ends_at: datetime


def test_windows(tx: Tx, equipment: Checked, at: datetime) -> list[TestWindow]:
    """The announced tests that reach this equipment at ``at``, by id: its alarms call nobody then."""
    window = service_window.c
    ended = func.coalesce(window.ended_at, window.ends_at)
    asked = select(window.id, window.starts_at, ended).where(
        window.site_id == equipment.site_id,
        window.purpose == Purpose.TEST,
        or_(window.equipment_id.is_(None), window.equipment_id == equipment.id),
        or_(window.equipment_kind.is_(None), window.equipment_kind == equipment.kind),
        or_(window.space_id.is_(None), window.space_id.in_(_around(equipment))),
        window.starts_at <= at,
        ended >= at,
    )
    return [TestWindow(*row) for row in tx.execute(asked.order_by(window.id))]


def _around(equipment: Checked) -> Select[tuple[int]]:
    """The space in which equipment stands, and all around it."""
    here = select(space.c.id, space.c.parent_id).where(space.c.id == equipment.space_id).cte("around", recursive=True)
    outer = select(space.c.id, space.c.parent_id).join(here, here.c.parent_id == space.c.id)
    return select(here.union(outer).c.id)


def own_alarms(tx: Tx, equipment_id: int, windows: Sequence[TestWindow]) -> list[int]:
    """What this equipment itself has raised while a test of it was announced: alarms that called nobody, by id."""
    during = [alarm.c.raised_at.between(each.starts_at, each.ends_at) for each in windows]
    if not during:
        return []
    asked = select(alarm.c.id).where(alarm.c.equipment_id == equipment_id, or_(*during))
    return list(tx.execute(asked.order_by(alarm.c.id)).scalars())


def add(tx: Tx, values: Mapping[str, Any]) -> int:
    """Insert a check; returns its id."""
    number: int = tx.execute(insert(equipment_check).values(**values).returning(equipment_check.c.id)).scalar_one()
    return number
