"""Suppression rules: each change with its author and reason, in the ledger of the site."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from facility_monitor.domain.person import Person
from facility_monitor.store import plant, versioned
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.tables import suppression_rule

ADDED, CHANGED = "suppression_rule_added", "suppression_rule_changed"


def add(tx: Tx, values: Mapping[str, Any], person: Person, now: datetime) -> int:
    """Add a rule about a point that there is; returns its id."""
    site_id = plant.site_of_point(tx, values["point_id"])
    row = {**values, "site_id": site_id, "changed_by": person.id, "changed_at": now}
    number = versioned.add(tx, suppression_rule, row)
    ledger.append(tx, [_entry(ADDED, {**row, "id": number}, now)])
    return number


def change(tx: Tx, number: int, version: int, changes: Mapping[str, Any], person: Person, now: datetime) -> None:
    """Change a rule. Raises NotFound, Stale."""
    before = versioned.lock(tx, suppression_rule, number, version)
    changes = {**changes, "changed_by": person.id, "changed_at": now}
    versioned.change(tx, suppression_rule, number, version, changes)
    ledger.append(tx, [_entry(CHANGED, {**before, **changes}, now)])


def _entry(kind: str, row: Mapping[str, Any], now: datetime) -> Entry:
    shown = ("point_id", "name", "cause", "compare", "value", "reach", "equipment_kind", "enabled")
    return Entry(
        kind=kind,
        at=now,
        occurred_at=now,
        site_id=row["site_id"],
        equipment_id=None,
        alarm_id=None,
        ticket_id=None,
        actor_id=row["changed_by"],
        reason=row["reason"],
        body={"suppression_rule_id": row["id"], **{name: row[name] for name in shown}},
    )
