"""Devices, their points with the latest readings and the limits in force, and payload mappings, as people read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, select

from facility_monitor.domain import code
from facility_monitor.domain.code import Code
from facility_monitor.domain.instant import Instant, instant, moment
from facility_monitor.domain.reading.clock import OFF_S
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.store import codes, plant
from facility_monitor.store.database import Tx
from facility_monitor.store.reading import readings
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import (
    device,
    device_clock,
    equipment,
    equipment_kind,
    metric,
    payload_mapping,
    point,
    site,
)
from facility_monitor.store.views.hearing import device_state, point_state

MEASURED = ("unit", "display_unit", "display_scale", "decimals", "name")
"""What a point takes from its metric."""


def devices(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1
) -> list[dict[str, Any]]:
    """Devices in the order of their ids: the row's columns, ``site`` (the code), ``last_seen_at``, its clock.

    ``state`` is as it is heard now.
    """
    heard = device_state(sight.now).label("heard")
    asked = (
        select(device, site.c.code.label("site"), device_clock.c.ahead_s.label("clock_ahead_s"), heard)
        .join(site, site.c.id == device.c.site_id)
        .outerjoin(device_clock, device_clock.c.device_id == device.c.id)
        .where(sight.device(), device.c.id > after, *conditions)
    )
    rows = tx.execute(asked.order_by(device.c.id).limit(limit)).mappings().all()
    seen = _last_seen(tx, [row["id"] for row in rows])
    return [
        {
            **row,
            **_standing(row, seen.get(row["id"])),
            "last_seen_at": seen.get(row["id"]),
            "clock_off": abs(row["clock_ahead_s"] or 0.0) > OFF_S,
        }
        for row in rows
    ]


def _standing(row: RowMapping, seen: datetime | None) -> dict[str, Any]:
    """The state as it is heard, and since when, where that is known: of a silent device, when it was last heard."""
    heard = row["heard"]
    since = row["state_at"] if heard == row["state"] else seen if heard == "offline" else None
    return {"state": heard, "state_at": since}


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
    """Points in the order of their ids: the row's columns, those of the metric, ``state``, ``latest``, ``limits``."""
    asked = (
        select(
            point,
            point_state(sight.now).label("state"),
            *(metric.c[name] for name in MEASURED),
            equipment.c.attributes,
            equipment.c.kind.label("equipment_kind"),
        )
        .join(device, device.c.id == point.c.device_id)
        .join(equipment, equipment.c.id == point.c.equipment_id)
        .join(equipment_kind, equipment_kind.c.code == equipment.c.kind)
        .join(metric, metric.c.code == point.c.metric)
        .where(sight.thing(equipment.c.site_id, equipment.c.id), point.c.id > after, *conditions)
    )
    rows = tx.execute(asked.order_by(point.c.id).limit(limit)).mappings().all()
    ids = [row["id"] for row in rows]
    latest, limits, known = readings.latest(tx, ids), _limits(tx, ids, instant(sight.now)), codes.newest(tx)
    return [
        {
            **row,
            "latest": _shown(
                latest.get(row["id"]), code.of(known, row["attributes"], row["metric"], row["equipment_kind"])
            ),
            "codes": code.words(known, row["attributes"], row["metric"], row["equipment_kind"]),
            "limits": limits[row["id"]],
        }
        for row in rows
    ]


def _shown(reading: Reading | None, meanings: Mapping[float, Code]) -> dict[str, Any] | None:
    if reading is None:
        return None
    means = meanings.get(reading.value)
    return {
        "name": None if means is None else means.name,
        "at": moment(reading.at),
        "value": reading.value,
        "quality": reading.quality.name.lower(),
        "received_at": moment(reading.received_at),
    }


def _limits(tx: Tx, point_ids: Sequence[int], at: Instant) -> dict[int, list[dict[str, Any]]]:
    """The limits on the value itself by which a reading of that instant is judged, the lowest first."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for each in plant.watched(tx, point_ids):
        for by in each.rules:
            limit, basis = by.limit_at(at), by.basis_at(at)
            if limit is not None:
                shown = {"rule_id": by.id, "level": limit.level, "value": limit.value, "severity": by.severity}
                found[each.id].append({**shown, "basis": None if basis is None else asdict(basis)})
        found[each.id].sort(key=lambda limit: (limit["value"], limit["rule_id"]))
    return found


def mappings(tx: Tx, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1) -> list[dict[str, Any]]:
    """Payload mappings in the order of their ids. They hold for every site."""
    asked = select(payload_mapping).where(payload_mapping.c.id > after, *conditions)
    return [dict(row) for row in tx.execute(asked.order_by(payload_mapping.c.id).limit(limit)).mappings()]
