"""Sites and their spaces, as people read them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import site, space


def sites(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1
) -> list[dict[str, Any]]:
    """Sites in the order of their ids."""
    asked = select(site).where(sight.at_site(site.c.id), site.c.id > after, *conditions)
    return [dict(row) for row in tx.execute(asked.order_by(site.c.id).limit(limit)).mappings()]


def spaces(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1
) -> list[dict[str, Any]]:
    """Spaces in the order of their ids: a parent does not always come before its children."""
    asked = select(space).where(sight.space(), space.c.id > after, *conditions)
    return [dict(row) for row in tx.execute(asked.order_by(space.c.id).limit(limit)).mappings()]
