"""Suppression rules as people read them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select

from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import alarm, person, suppression_rule
from facility_monitor.store.views.shapes import named


def suppression_rules(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int = 0, limit: int | None = None
) -> list[dict[str, Any]]:
    """Suppression rules of the sites that are seen as a whole, in the order of their ids."""
    rule = suppression_rule.c
    quiet = select(func.count()).where(
        alarm.c.suppressor_id == rule.id, alarm.c.suppressed_by == rule.cause, alarm.c.cleared_at.is_(None)
    )
    rows = tx.execute(
        select(suppression_rule, person.c.name.label("changer"), quiet.scalar_subquery().label("quiet_alarms"))
        .join(person, person.c.id == rule.changed_by)
        .where(sight.at_site(rule.site_id), rule.id > after, *conditions)
        .order_by(rule.id)
        .limit(limit)
    )
    return [{**row, "changed_by": named(row["changed_by"], row["changer"])} for row in rows.mappings()]
