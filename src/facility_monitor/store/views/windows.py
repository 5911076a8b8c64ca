"""Windows out of service as people read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, tuple_

from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import alarm, person, service_window
from facility_monitor.store.views.shapes import named


def _state(now: datetime) -> ColumnElement[str]:
    window = service_window.c
    return case((window.ends_at <= now, "ended"), (window.starts_at > now, "scheduled"), else_="open")


def in_state(state: str, now: datetime) -> ColumnElement[bool]:
    """Windows that are scheduled, open or ended at ``now``."""
    return _state(now) == state


def windows(
    tx: Tx,
    sight: Sight,
    *conditions: ColumnElement[bool],
    after: tuple[datetime, int] | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Windows that are seen, the latest start first."""
    window, author, confirmer = service_window.c, person.alias("author"), person.alias("confirmer")
    later = [] if after is None else [tuple_(window.starts_at, window.id) < after]
    quiet = select(func.count()).where(alarm.c.window_id == window.id, alarm.c.cleared_at.is_(None))
    rows = tx.execute(
        select(
            service_window,
            author.c.name.label("author"),
            confirmer.c.name.label("confirmer"),
            _state(sight.now).label("state"),
            quiet.scalar_subquery().label("quiet_alarms"),
        )
        .join(author, author.c.id == window.author_id)
        .join(confirmer, confirmer.c.id == window.confirmed_by, isouter=True)
        .where(and_(sight.window(), *conditions, *later))
        .order_by(window.starts_at.desc(), window.id.desc())
        .limit(limit)
    )
    return [
        {
            **row,
            "author": named(row["author_id"], row["author"]),
            "confirmed_by": named(row["confirmed_by"], row["confirmer"]),
        }
        for row in rows.mappings()
    ]
