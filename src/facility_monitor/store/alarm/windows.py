"""Windows out of service, as they begin and end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from facility_monitor.store.database import Tx
from facility_monitor.store.tables import equipment, space
from facility_monitor.store.tables import service_window as window


def elsewhere(tx: Tx, site_id: int, space_id: int | None, equipment_id: int | None) -> list[str]:
    """Which of the two does not stand at the site, by its field."""
    named = {"space_id": (space, space_id), "equipment_id": (equipment, equipment_id)}
    return [
        field
        for field, (table, number) in named.items()
        if number is not None
        and tx.execute(select(table.c.site_id).where(table.c.id == number)).scalar_one_or_none() != site_id
    ]


def begin(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """Note that windows have begun that were due; returns their rows."""
    due = window.c.starts_at <= now, window.c.begun_at.is_(None), window.c.ended_at.is_(None)
    rows = tx.execute(update(window).where(*due).values(begun_at=now).returning(*window.c))
    return [dict(row) for row in rows.mappings()]


def end(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """Note that windows have ended that were due; returns their rows."""
    due = window.c.ends_at <= now, window.c.ended_at.is_(None)
    rows = tx.execute(update(window).where(*due).values(ended_at=now).returning(*window.c))
    return [dict(row) for row in rows.mappings()]
