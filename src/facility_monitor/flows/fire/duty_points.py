"""Where the calendar's own alarms and tickets stand: a piece of equipment of each site, with a point for each duty."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from facility_monitor.domain.plant import Point
from facility_monitor.flows.plant.commission import commission
from facility_monitor.store.database import Tx
from facility_monitor.store.fire import duties, upkeep
from facility_monitor.store.tables import site

CODE = "upkeep-calendar"
Duty = tuple[int, str]
"""(site_id, plan)"""


def points(tx: Tx, wanted: Collection[Duty], now: datetime) -> Mapping[Duty, Point]:
    """The points of the calendars; those of ``wanted`` are made where they are not there yet."""
    known = duties.points(tx)
    missing = {site_id for site_id, plan in wanted if (site_id, plan) not in known}
    if not missing:
        return known
    plans = [plan.code for plan in upkeep.plans(tx)]
    for row in tx.execute(select(site).where(site.c.id.in_(missing))).mappings():
        commission(tx, _document(row, plans), "service", now)
    return duties.points(tx)


def _document(row: Mapping[Any, Any], plans: Collection[str]) -> dict[str, Any]:
    name = {"zh-CN": "维保日历", "en": "Upkeep calendar"}
    return {
        **{column: row[column] for column in ("code", "name", "timezone", "latitude", "longitude")},
        "equipment": [{"code": CODE, "kind": duties.KIND, "name": name}],
        "devices": [
            {
                "code": f"upkeep-{row['id']}",
                "equipment": CODE,
                "name": name,
                "points": [{"key": plan, "metric": duties.METRIC} for plan in plans],
            }
        ],
    }
