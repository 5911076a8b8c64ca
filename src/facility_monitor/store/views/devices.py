"""Devices, their points with the latest readings and the limits in force, and payload mappings, as people read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from facility_monitor.domain.clock import OFF_S
from facility_monitor.domain.instant import moment
from facility_monitor.domain.reading import Reading
from facility_monitor.store import readings
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import device, device_clock, equipment, metric, payload_mapping, point, rule, site

MEASURED = ("unit", "display_unit", "display_scale", "decimals", "name")
"""What a point takes from its metric."""


def devices(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1
) -> list[dict[str, Any]]:
    """Devices in the order of their ids: the row's columns, ``site`` (the code), ``last_seen_at``, its clock."""
    asked = (
        select(device, site.c.code.label("site"), device_clock.c.ahead_s.label("clock_ahead_s"))
        .join(site, site.c.id == device.c.site_id)
        .outerjoin(device_clock, device_clock.c.device_id == device.c.id)
        .where(sight.device(), device.c.id > after, *conditions)
    )
    rows = tx.execute(asked.order_by(device.c.id).limit(limit)).mappings().all()
    seen = _last_seen(tx, [row["id"] for row in rows])
    return [
        {**row, "last_seen_at": seen.get(row["id"]), "clock_off": abs(row["clock_ahead_s"] or 0.0) > OFF_S}
        for row in rows
    ]


def _last_seen(tx: Tx, device_ids: Sequence[int]) -> dict[int, datetime]:
    of_point = {
        row.id: row.device_id
        for row in tx.execute(
            select(point.c.id, point.c.device_id).where(point.c.device_id == func.any(list(device_ids)))
        )
    }
    latest: dict[int, int] = {}
    for point_id, reading in readings.latest(tx, of_point).items():
        device_id = of_point[point_id]
        latest[device_id] = max(reading.received_at, latest.get(device_id, 0))
    return {device_id: moment(at) for device_id, at in latest.items()}


def points(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1
) -> list[dict[str, Any]]:
    """Points in the order of their ids: the row's columns, those of the metric, ``latest``, ``limits``."""
    asked = (
        select(point, *(metric.c[name] for name in MEASURED))
        .join(equipment, equipment.c.id == point.c.equipment_id)
        .join(metric, metric.c.code == point.c.metric)
        .where(sight.thing(equipment.c.site_id, equipment.c.id), point.c.id > after, *conditions)
    )
    rows = tx.execute(asked.order_by(point.c.id).limit(limit)).mappings().all()
    ids = [row["id"] for row in rows]
    latest, limits = readings.latest(tx, ids), _limits(tx, ids)
    return [{**row, "latest": _shown(latest.get(row["id"])), "limits": limits[row["id"]]} for row in rows]


def _shown(reading: Reading | None) -> dict[str, Any] | None:
    if reading is None:
        return None
    return {
        "at": moment(reading.at),
        "value": reading.value,
        "quality": reading.quality.name.lower(),
        "received_at": moment(reading.received_at),
    }


def _limits(tx: Tx, point_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    scope, limit = rule.c.definition["scope"], rule.c.definition["limit"]
    site_id, kind, point_id = scope["site_id"].as_integer(), scope["equipment_kind"].as_string(), scope["point_id"]
    relative_to = limit["relative_to"].as_string()
    set_point = equipment.c.attributes[relative_to]
    value = limit["value"].as_float() + case(
        (relative_to.is_(None), 0.0), (func.jsonb_typeof(set_point) == "number", set_point.as_float())
    )
    rows = tx.execute(
        select(
            point.c.id.label("point_id"),
            rule.c.id.label("rule_id"),
            limit["level"].as_string().label("level"),
            value.label("value"),
            rule.c.definition["severity"].as_string().label("severity"),
            func.coalesce(rule.c.definition["basis"], limit["basis"]).label("basis"),
        )
        .join(equipment, equipment.c.id == point.c.equipment_id)
        .join(
            rule,
            and_(
                rule.c.enabled,
                scope["metric"].as_string() == point.c.metric,
                or_(site_id.is_(None), site_id == equipment.c.site_id),
                or_(kind.is_(None), kind == equipment.c.kind),
                or_(point_id.as_integer().is_(None), point_id.as_integer() == point.c.id),
            ),
        )
        .where(point.c.id == func.any(list(point_ids)), value.is_not(None))
        .order_by(point.c.id, value, rule.c.id)
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.mappings():
        found[row["point_id"]].append({name: row[name] for name in row if name != "point_id"})
    return found


def mappings(tx: Tx, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1) -> list[dict[str, Any]]:
    """Payload mappings in the order of their ids. They hold for every site."""
    asked = select(payload_mapping).where(payload_mapping.c.id > after, *conditions)
    return [dict(row) for row in tx.execute(asked.order_by(payload_mapping.c.id).limit(limit)).mappings()]
