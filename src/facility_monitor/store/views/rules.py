"""Rules and their versions as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, select

from facility_monitor.domain.alarm.condition.kinds import KINDS
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import rule, rule_version

_DEFAULTS: Mapping[str, Any] = {
    "kind": "limit",
    "life_safety": False,
    "on_delay_s": 0,
    "off_delay_s": 0,
    "realarm_s": None,
    "misread_filter": False,
    "shadow": False,
    **dict.fromkeys(KINDS),
    "opens_ticket": False,
    "cause": {},
    "respond_within_s": None,
}


def shown(row: RowMapping) -> dict[str, Any]:
    """A rule of the API from a row with id, code, version, enabled, definition, changed_at, changed_by, reason."""
    definition = row["definition"]
    kind, scope = definition.get("kind", "limit"), definition["scope"]
    spec = definition[kind]
    return {
        **_DEFAULTS,
        "latched": definition.get("life_safety", False),
        **definition,
        kind: {name: value for name, value in spec.items() if name != "basis"},
        **{name: value for name, value in row.items() if name != "definition"},
        "scope": {"metric": None, "site_id": None, "equipment_kind": None, "point_id": None, **scope},
        "basis": definition.get("basis") or spec.get("basis"),
    }


def rules(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1
) -> list[dict[str, Any]]:
    """Rules in the order of their ids."""
    asked = select(rule).where(sight.rule(), rule.c.id > after, *conditions)
    return [shown(row) for row in tx.execute(asked.order_by(rule.c.id).limit(limit)).mappings()]


def versions(tx: Tx, sight: Sight, rule_id: int, *, before: int | None, limit: int) -> list[dict[str, Any]]:
    """All that a rule has been, newest first."""
    asked = (
        select(rule_version, rule.c.code, rule.c.id)
        .join(rule, rule.c.id == rule_version.c.rule_id)
        .where(sight.rule(), rule.c.id == rule_id)
    )
    if before is not None:
        asked = asked.where(rule_version.c.version < before)
    rows = tx.execute(asked.order_by(rule_version.c.version.desc()).limit(limit)).mappings()
    return [shown(row) for row in rows]
