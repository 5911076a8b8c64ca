"""What alarms went through, as people read it: across all of them, newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from facility_monitor.domain.alarm.alarm import AlarmEvent, AlarmState, state_of
from facility_monitor.domain.alarm.condition.kinds import condition
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import alarm, equipment, ledger, metric, person, point, rule, rule_version, site
from facility_monitor.store.views.shapes import LOCATED, located, named

Key = tuple[datetime, int]
"""(at, id): newest first."""
_STATE, _SEVERITY = ledger.c.body["state"].as_string(), ledger.c.body["severity"].as_string()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which transitions are asked for; an empty collection or None asks for all. ``end`` is not included.

    ``states`` are those that the alarm was in afterwards.
    """

    events: Collection[AlarmEvent] = ()
    states: Collection[AlarmState] = ()
    severities: Collection[Severity] = ()
    site_id: int | None = None
    equipment_id: int | None = None
    actor_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None


def transitions(tx: Tx, sight: Sight, wanted: Filter, after: Key | None, limit: int) -> list[dict[str, Any]]:
    """Transitions, by when they were written down."""
    picked = (
        select(ledger.c.id)
        .where(sight.thing(ledger.c.site_id, ledger.c.equipment_id), *_conditions(wanted, after))
        .order_by(ledger.c.at.desc(), ledger.c.id.desc())
        .limit(limit)
    )
    rows = tx.execute(_SHOWN, {"ids": list(tx.execute(picked).scalars())})
    return [_shown(dict(row)) for row in rows.mappings()]


_SHOWN = (
    select(
        ledger,
        rule_version.c.definition,
        rule.c.code.label("rule"),
        *(alarm.c[name] for name in ("severity", "value", "raise_count", "active", "acknowledged", "latched")),
        *LOCATED,
        point.c.key.label("point_key"),
        metric.c.unit,
        person.c.name.label("actor"),
    )
    .join(alarm, alarm.c.id == ledger.c.alarm_id)
    .join(rule, rule.c.id == alarm.c.rule_id)
    .join(rule_version, (rule_version.c.rule_id == rule.c.id) & (rule_version.c.version == alarm.c.rule_version))
    .join(site, site.c.id == ledger.c.site_id)
    .join(equipment, equipment.c.id == ledger.c.equipment_id)
    .join(point, point.c.id == alarm.c.point_id)
    .join(metric, metric.c.code == point.c.metric)
    .join(person, person.c.id == ledger.c.actor_id, isouter=True)
    .where(ledger.c.id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(ledger.c.at.desc(), ledger.c.id.desc())
)
"""Made once: to put it together costs more than to ask it."""


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    body, definition = _known(row) | row["body"], row["definition"]
    kind = definition["kind"]
    return {
        **{name: row[name] for name in ("id", "at", "occurred_at", "kind", "alarm_id", "ticket_id", "reason")},
        **{name: body[name] for name in ("rule", "severity", "state", "quiet", "value", "raise_count")},
        "title": definition["name"],
        "seen": body["seen"] or condition(kind, definition[kind]).sentence(body["value"]),
        **located(row),
        "point": {"id": body.get("point_id"), "key": row["point_key"], "unit": row["unit"]},
        "actor": named(row["actor_id"], row["actor"]),
    }


def _known(row: dict[str, Any]) -> dict[str, Any]:
    """What the alarm tells today, for entries that older versions wrote with less in them."""
    return {
        **{name: row[name] for name in ("rule", "severity", "value", "raise_count")},
        "state": state_of(row["active"], row["acknowledged"], row["latched"]),
        "quiet": None,
        "seen": None,
    }


def _conditions(wanted: Filter, after: Key | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [ledger.c.alarm_id.is_not(None)]
    found.append(ledger.c.kind.in_([each.value for each in wanted.events or AlarmEvent]))
    for column, values in ((_STATE, wanted.states), (_SEVERITY, wanted.severities)):
        if len(values) == 1:
            (value,) = values
            found.append(column == value.value)
        elif values:
            found.append(column.in_([value.value for value in values]))
    for column, number in (
        (ledger.c.site_id, wanted.site_id),
        (ledger.c.equipment_id, wanted.equipment_id),
        (ledger.c.actor_id, wanted.actor_id),
    ):
        if number is not None:
            found.append(column == number)
    if wanted.start is not None:
        found.append(ledger.c.at >= wanted.start)
    if wanted.end is not None:
        found.append(ledger.c.at < wanted.end)
    if after is not None:
        found += [ledger.c.at <= after[0], tuple_(ledger.c.at, ledger.c.id) < after]
    return found
