"""What people can repair, and on which days a site works otherwise than Monday to Friday."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from facility_monitor.store.database import Tx
from facility_monitor.store.tables import calendar_day, person_skill


def skills(tx: Tx, person_id: int) -> list[str]:
    """The kinds of equipment that somebody can repair."""
    asked = select(person_skill.c.equipment_kind).where(person_skill.c.person_id == person_id)
    return list(tx.execute(asked.order_by(person_skill.c.equipment_kind)).scalars())


def set_skills(tx: Tx, person_id: int, kinds: Sequence[str]) -> None:
    """Replace what somebody can repair."""
    tx.execute(delete(person_skill).where(person_skill.c.person_id == person_id))
    if kinds:
        rows = [{"person_id": person_id, "equipment_kind": kind} for kind in dict.fromkeys(kinds)]
        tx.execute(insert(person_skill), rows)


def calendar(tx: Tx, site_id: int) -> list[dict[str, Any]]:
    """A site's own days, in order."""
    columns = (calendar_day.c.day, calendar_day.c.working, calendar_day.c.name)
    asked = select(*columns).where(calendar_day.c.site_id == site_id).order_by(calendar_day.c.day)
    return [dict(row) for row in tx.execute(asked).mappings()]


def set_calendar(tx: Tx, site_id: int, days: Sequence[Mapping[str, Any]]) -> None:
    """Replace a site's own days."""
    tx.execute(delete(calendar_day).where(calendar_day.c.site_id == site_id))
    if days:
        tx.execute(insert(calendar_day), [{"site_id": site_id, **day} for day in days])
