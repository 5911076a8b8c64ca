"""Dead letters as people read them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import reject


def rejects(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int | None, limit: int
) -> list[dict[str, Any]]:
    """Rejects, newest first."""
    asked = select(reject).where(sight.reject(), *conditions)
    if after is not None:
        asked = asked.where(reject.c.id < after)
    return [dict(row) for row in tx.execute(asked.order_by(reject.c.id.desc()).limit(limit)).mappings()]
