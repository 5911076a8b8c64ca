"""Points by their names: what is measured, at which equipment, at which site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from facility_monitor.domain import code
from facility_monitor.store import codes
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import equipment, metric, point, site
from facility_monitor.store.views.devices import MEASURED


def named(tx: Tx, sight: Sight, point_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The points of ``point_ids`` that are seen, in the order of their ids."""
    rows = tx.execute(
        select(
            *(point.c.id, point.c.key, point.c.metric),
            *(metric.c[name] for name in MEASURED),
            *(of.c[name].label(f"{of.name}_{name}") for of in (site, equipment) for name in ("id", "code", "name")),
            *(equipment.c.kind, equipment.c.attributes),
        )
        .join(metric, metric.c.code == point.c.metric)
        .join(equipment, equipment.c.id == point.c.equipment_id)
        .join(site, site.c.id == equipment.c.site_id)
        .where(point.c.id == func.any(list(point_ids)), sight.thing(equipment.c.site_id, equipment.c.id))
        .order_by(point.c.id)
    ).mappings()
    known = codes.newest(tx)
    return [
        {
            **{name: row[name] for name in ("id", "key", "metric", *MEASURED)},
            "codes": code.words(known, row["attributes"], row["metric"], row["kind"]),
            "site": {name: row[f"site_{name}"] for name in ("id", "code", "name")},
            "equipment": {
                **{name: row[f"equipment_{name}"] for name in ("id", "code", "name")},
                "kind": row["kind"],
            },
        }
        for row in rows
    ]
