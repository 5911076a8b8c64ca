"""The register of fire equipment as people read it: with its place, and what is due of each piece by which rule."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select

from facility_monitor.domain.fire.service_life import dates_of, due
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.fire import upkeep
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import equipment

FIRE_KINDS = (*("smoke_detector", "gas_detector", "extinguisher", "fire_pump", "hydrant", "fire_door", "fire_panel"),)


def entries(
    tx: Tx, sight: Sight, on: date, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1
) -> list[dict[str, Any]]:
    """Fire equipment in the order of its ids, with what is due by the rules that stand on the day ``on``."""
    asked = select(equipment).where(
        equipment.c.kind.in_(FIRE_KINDS),
        sight.thing(equipment.c.site_id, equipment.c.id),
        equipment.c.id > after,
        *conditions,
    )
    rows = tx.execute(asked.order_by(equipment.c.id).limit(limit)).mappings().all()
    places, rules = plant.places(tx, [row["id"] for row in rows]), upkeep.service_rules(tx)
    return [_entry(row, places[row["id"]], rules, on) for row in rows]


def _entry(row: Any, place: plant.Place, rules: list[Any], on: date) -> dict[str, Any]:
    known = dates_of(row["attributes"])
    said = {name: row["attributes"].get(name) for name in ("subtype", "place_class")}
    said = {name: value if isinstance(value, str) else None for name, value in said.items()}
    return {
        **{name: row[name] for name in ("id", "site_id", "code", "name", "kind")},
        **said,
        **known._asdict(),
        "place": place.path,
        "due": [each.as_json() for each in due(rules, row["kind"], said["subtype"], known, on)],
    }
