"""Checks of equipment: added, never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, insert, or_, select

from facility_monitor.domain.service_window import Purpose
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import alarm, equipment, equipment_check, service_window, site


class Checked(NamedTuple):
    """A piece of equipment as it is checked; ``timezone`` is that of its site."""

    id: int
    site_id: int
    timezone: str
    kind: str


class Known(NamedTuple):
    """A check that there is. ``corrected_by`` is the one that has replaced it."""

    id: int
    equipment_id: int
    form: str
    content: Mapping[str, Any]
    submitted_by: int
    corrected_by: int | None


def lock_equipment(tx: Tx, sight: Sight, equipment_id: int) -> Checked | None:
    """The piece, if the caller sees it; until the transaction ends nobody else enters a check of it."""
    row = tx.execute(
        select(equipment.c.id, equipment.c.site_id, site.c.timezone, equipment.c.kind)
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
    return None if row is None else Known(*row[:5], row[5])


def alarms_of(tx: Tx, equipment_ids: Collection[int], site_id: int, first: datetime, last: datetime) -> set[int]:
    """Alarms raised at a site between two moments."""
    asked = select(alarm.c.id).where(alarm.c.site_id == site_id, alarm.c.raised_at.between(first, last))
    if equipment_ids:
        asked = asked.where(alarm.c.equipment_id == func.any(list(equipment_ids)))
    return set(tx.execute(asked).scalars())


def test_windows(tx: Tx, equipment: Checked, at: datetime) -> list[int]:
    """The announced tests that reach this equipment at ``at``, by id: its alarms call nobody then."""
    reach = (
        or_(service_window.c.equipment_id.is_(None), service_window.c.equipment_id == equipment.id),
        or_(service_window.c.equipment_kind.is_(None), service_window.c.equipment_kind == equipment.kind),
    )
    running = service_window.c.starts_at <= at, func.coalesce(service_window.c.ended_at, service_window.c.ends_at) >= at
    asked = select(service_window.c.id).where(
        service_window.c.site_id == equipment.site_id, service_window.c.purpose == Purpose.TEST, *reach, *running
    )
    return list(tx.execute(asked.order_by(service_window.c.id)).scalars())


def add(tx: Tx, values: Mapping[str, Any]) -> int:
    """Insert a check; returns its id."""
    number: int = tx.execute(insert(equipment_check).values(**values).returning(equipment_check.c.id)).scalar_one()
    return number
