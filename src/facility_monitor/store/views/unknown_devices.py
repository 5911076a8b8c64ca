"""Unknown devices as people read them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from facility_monitor.domain.reading.proposal import propose
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import metric, unknown_device

_FORMATS = (
    ("facility/", "house"),
    ("senml/", "senml"),
    ("tb/", "thingsboard"),
    ("v1/", "thingsboard"),
    ("spBv1.0/", "sparkplug"),
)


def unknown_devices(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int | None, limit: int
) -> list[dict[str, Any]]:
    """Unknown devices, the newest name first; each key with a proposal which metric it may be."""
    asked = select(unknown_device).where(sight.unknown_device(), *conditions)
    if after is not None:
        asked = asked.where(unknown_device.c.id < after)
    rows = tx.execute(asked.order_by(unknown_device.c.id.desc()).limit(limit)).mappings().all()
    metrics = {row.code: row.unit for row in tx.execute(select(metric.c.code, metric.c.unit))}
    return [
        {
            **row,
            "site": row["site"] or None,
            "format": next((name for start, name in _FORMATS if row["topic"].startswith(start)), "mapping"),
            "keys": [
                {"key": key, **said, "metric": propose(key, said["unit"], metrics)}
                for key, said in sorted(row["keys"].items())
            ],
        }
        for row in rows
    ]
