"""Shapes that several views have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facility_monitor.store.tables import equipment, site


def named(number: int | None, name: str | None) -> dict[str, Any] | None:
    """Somebody by id and name; None for nobody."""
    return None if number is None else {"id": number, "name": name}


LOCATED = (
    site.c.code.label("site_code"),
    site.c.name.label("site_name"),
    equipment.c.code.label("equipment_code"),
    equipment.c.name.label("equipment_name"),
    equipment.c.kind.label("equipment_kind"),
)
"""What ``located`` reads, besides the row's own ``site_id`` and ``equipment_id``."""


def located(row: Mapping[str, Any]) -> dict[str, Any]:
    """The site and the equipment of a row."""
    return {
        "site": {"id": row["site_id"], "code": row["site_code"], "name": row["site_name"]},
        "equipment": {
            "id": row["equipment_id"],
            "code": row["equipment_code"],
            "name": row["equipment_name"],
            "kind": row["equipment_kind"],
        },
    }
