"""Equipment as people read it: with its place, its live alarms and its open tickets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, case, cast, func, or_, select

from facility_monitor.domain import code
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.errors import InvalidInput
from facility_monitor.store import codes, plant
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import alarm, equipment, equipment_kind, metric, space, ticket

BY_WEIGHT = tuple(Severity)
"""Severities, worst first."""


def pieces(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1
) -> list[dict[str, Any]]:
    """Equipment in the order of its ids: the row's columns, place, worst_severity, live_alarms, open_tickets."""
    asked = select(equipment).where(
        sight.thing(equipment.c.site_id, equipment.c.id), equipment.c.id > after, *conditions
    )
    rows = tx.execute(asked.order_by(equipment.c.id).limit(limit)).mappings().all()
    ids = [row["id"] for row in rows]
    places, alarms, tickets = plant.places(tx, ids), _live_alarms(tx, ids), _open_tickets(tx, ids)
    found = []
    for row in rows:
        number = row["id"]
        live, worst = alarms.get(number, (0, None))
        found.append(
            {
                **row,
                "place": places[number].path,
                "worst_severity": worst,
                "live_alarms": live,
                "open_tickets": tickets.get(number, 0),
            }
        )
    return found


def within(space_id: int) -> ColumnElement[bool]:
    """Whether the row of ``equipment`` stands in a space or in any space inside of it."""
    inside = select(space.c.id).where(space.c.id == space_id).cte("inside", recursive=True)
    inner = space.alias("inner_space")
    inside = inside.union(select(inner.c.id).where(inner.c.parent_id == inside.c.id))
    return equipment.c.space_id.in_(select(inside.c.id))


def named_like(words: str) -> ColumnElement[bool]:
    """Whether the code or a name of the row of ``equipment`` contains ``words``, upper and lower case alike."""
    pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return or_(
        equipment.c.code.ilike(pattern),
        equipment.c.name["zh-CN"].as_string().ilike(pattern),
        equipment.c.name["en"].as_string().ilike(pattern),
    )


def _live_alarms(tx: Tx, ids: Sequence[int]) -> dict[int, tuple[int, str | None]]:
    weight = func.array_position(cast(list(BY_WEIGHT), ARRAY(Text)), alarm.c.severity)
    rows = tx.execute(
        select(alarm.c.equipment_id, func.count(), func.min(weight))
        .where(alarm.c.equipment_id == func.any(ids), alarm.c.cleared_at.is_(None))
        .group_by(alarm.c.equipment_id)
    )
    return {number: (count, BY_WEIGHT[worst - 1]) for number, count, worst in rows}


def _open_tickets(tx: Tx, ids: Sequence[int]) -> dict[int, int]:
    rows = tx.execute(
        select(ticket.c.equipment_id, func.count())
        .where(ticket.c.equipment_id == func.any(ids), ticket.c.closed_at.is_(None))
        .group_by(ticket.c.equipment_id)
    )
    return {row[0]: row[1] for row in rows}


def kinds(tx: Tx) -> list[dict[str, Any]]:
    """The kinds of equipment there are, for everybody: life safety first, then by code."""
    first = case((equipment_kind.c.life_safety, 0), else_=1)
    rows = tx.execute(select(equipment_kind).order_by(first, equipment_kind.c.code))
    return [dict(row) for row in rows.mappings()]


def metrics(tx: Tx) -> list[dict[str, Any]]:
    """What can be measured, for everybody, by code; what coded values mean is that of the standard's set."""
    rows, known = tx.execute(select(metric).order_by(metric.c.code)).mappings(), codes.newest(tx)
    return [{**row, "codes": code.words(known, {}, row["code"], None)} for row in rows]


def must_be_kind(tx: Tx, kind: str | None, name: str) -> None:
    """Raises InvalidInput naming the field ``name`` where there is no such ``kind``; None passes."""
    found = select(equipment_kind.c.code).where(equipment_kind.c.code == kind)
    if kind is not None and tx.execute(found).scalar_one_or_none() is None:
        raise InvalidInput({name: "no such kind of equipment"})


def metric_unit(tx: Tx, of: str, name: str) -> str:
    """The SenML unit of the metric ``of``. Raises InvalidInput naming the field ``name`` where there is none."""
    unit: str | None = tx.execute(select(metric.c.unit).where(metric.c.code == of)).scalar_one_or_none()
    if unit is None:
        raise InvalidInput({name: "no such metric"})
    return unit
