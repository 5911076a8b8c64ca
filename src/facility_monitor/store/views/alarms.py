"""Alarms as people read them: in one row what, where, by which limit, and who has taken it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, column, func, or_, select, tuple_, values
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, Text

from facility_monitor.domain import code
from facility_monitor.domain.alarm.alarm import LIVE, AlarmState, state_of
from facility_monitor.domain.alarm.condition.kinds import condition
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.code import Codes
from facility_monitor.domain.person import Role
from facility_monitor.store import codes, plant
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import (
    alarm,
    alarm_occurrence,
    equipment,
    metric,
    person,
    point,
    rule,
    rule_version,
    site,
)
from facility_monitor.store.views import quiet
from facility_monitor.store.views.shapes import LOCATED, located, named

Key = tuple[datetime, int]
"""(raised_at, id): newest first."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which alarms are asked for; an empty collection or None asks for all. ``end`` is not included."""

    states: Collection[AlarmState] = ()
    severities: Collection[Severity] = ()
    site_id: int | None = None
    equipment_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None


def alarms(tx: Tx, sight: Sight, wanted: Filter, after: Key | None, limit: int) -> list[dict[str, Any]]:
    """Alarms, newest raise first."""
    return _shown(tx, _newest(sight, wanted, after, limit))


def one(tx: Tx, sight: Sight, alarm_id: int) -> dict[str, Any] | None:
    """One alarm."""
    asked = select(alarm.c.id).where(alarm.c.id == alarm_id, sight.thing(alarm.c.site_id, alarm.c.equipment_id))
    return next(iter(_shown(tx, asked)), None)


def occurrences(tx: Tx, alarm_id: int, after: int, limit: int) -> list[dict[str, Any]]:
    """The raises of an alarm after the number ``after``, in order."""
    occurrence = alarm_occurrence.c
    rows = tx.execute(
        select(alarm_occurrence)
        .where(occurrence.alarm_id == alarm_id, occurrence.number > after)
        .order_by(occurrence.number)
        .limit(limit)
    )
    return [dict(row) for row in rows.mappings()]


_MOST_RELATED = 200


def episode(tx: Tx, sight: Sight, alarm_id: int) -> list[dict[str, Any]]:
    """The alarms of one alarm's episode, itself included, first out first."""
    first = select(func.coalesce(alarm.c.episode_id, alarm.c.id)).where(alarm.c.id == alarm_id).scalar_subquery()
    asked = (
        select(alarm.c.id)
        .where(or_(alarm.c.episode_id == first, alarm.c.id == alarm_id))
        .where(sight.thing(alarm.c.site_id, alarm.c.equipment_id))
        .order_by(alarm.c.raised_at, alarm.c.id)
        .limit(_MOST_RELATED)
    )
    return _shown(tx, asked)[::-1]


def _newest(sight: Sight, wanted: Filter, after: Key | None, limit: int) -> Select[Any]:
    """The ids.

    What is live is few: it is sorted as it comes. Of all else the newest of each piece of equipment, or of each site
    and severity, are fetched by index and merged: who sees little of a long history, or asks for little of it, must
    not wait for the rest to be read and passed over. Conditions that the heads have met already stay out of the
    inner query, where they would only lead the planner to another index.
    """
    common = _conditions(wanted, after)

    def newest(source: Select[Any]) -> Select[Any]:
        return source.where(*common).order_by(alarm.c.raised_at.desc(), alarm.c.id.desc()).limit(limit)

    if wanted.states and set(wanted.states) <= set(LIVE):
        seen = sight.thing(alarm.c.site_id, alarm.c.equipment_id)
        return newest(select(alarm.c.id).where(seen, *_narrowed(wanted)))
    if wanted.equipment_id is not None or sight.person.role is Role.CONTRACTOR:
        heads = _equipment(sight, wanted).subquery("heads")
        by_severity = _narrowed(Filter(severities=wanted.severities))
        of_head = newest(select(alarm.c.id, alarm.c.raised_at).where(alarm.c.equipment_id == heads.c.id, *by_severity))
    elif sight.person.role is Role.ADMIN and wanted.site_id is None and not wanted.severities:
        return newest(select(alarm.c.id))
    else:
        heads = _sites_by_severity(sight, wanted).subquery("heads")
        of_head = newest(
            select(alarm.c.id, alarm.c.raised_at).where(
                alarm.c.site_id == heads.c.site_id, alarm.c.severity == heads.c.severity
            )
        )
    head = of_head.correlate(heads).lateral("head")
    merged = select(head.c.id).select_from(heads.join(head, onclause=head.c.id.is_not(None)))
    return merged.order_by(head.c.raised_at.desc(), head.c.id.desc()).limit(limit)


def _equipment(sight: Sight, wanted: Filter) -> Select[Any]:
    """The equipment that is seen and asked for."""
    found = select(equipment.c.id).where(sight.thing(equipment.c.site_id, equipment.c.id))
    if wanted.equipment_id is not None:
        found = found.where(equipment.c.id == wanted.equipment_id)
    return found if wanted.site_id is None else found.where(equipment.c.site_id == wanted.site_id)


def _sites_by_severity(sight: Sight, wanted: Filter) -> Select[Any]:
    """The sites that are seen and asked for, each with every severity that is."""
    asked = [(each.value,) for each in wanted.severities or Severity]
    severity = values(column("severity", Text), name="weight").data(asked)
    found = select(site.c.id.label("site_id"), severity.c.severity).select_from(
        site.join(severity, sight.at_site(site.c.id))
    )
    return found if wanted.site_id is None else found.where(site.c.id == wanted.site_id)


def _narrowed(wanted: Filter) -> list[ColumnElement[bool]]:
    """By place and severity."""
    found: list[ColumnElement[bool]] = []
    if wanted.severities:
        found.append(alarm.c.severity.in_([each.value for each in wanted.severities]))
    if wanted.site_id is not None:
        found.append(alarm.c.site_id == wanted.site_id)
    if wanted.equipment_id is not None:
        found.append(alarm.c.equipment_id == wanted.equipment_id)
    return found


def _conditions(wanted: Filter, after: Key | None) -> list[ColumnElement[bool]]:
    """By state and time."""
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        if set(wanted.states) <= set(LIVE):
            found.append(alarm.c.cleared_at.is_(None))
        if set(wanted.states) != set(LIVE):
            found.append(or_(*(_in_state(state) for state in wanted.states)))
    if wanted.start is not None:
        found.append(alarm.c.raised_at >= wanted.start)
    if wanted.end is not None:
        found.append(alarm.c.raised_at < wanted.end)
    if after is not None:
        # The first says less than the second, but it is what an index on raised_at alone can use.
        found += [alarm.c.raised_at <= after[0], tuple_(alarm.c.raised_at, alarm.c.id) < after]
    return found


def _in_state(state: AlarmState) -> ColumnElement[bool]:
    if state is AlarmState.CLEARED:
        return alarm.c.cleared_at.is_not(None)
    active = state in (AlarmState.ACTIVE_UNACKNOWLEDGED, AlarmState.ACTIVE_ACKNOWLEDGED)
    acknowledged = state in (AlarmState.ACTIVE_ACKNOWLEDGED, AlarmState.LATCHED)
    return and_(alarm.c.cleared_at.is_(None), alarm.c.active.is_(active), alarm.c.acknowledged.is_(acknowledged))


def _shown(tx: Tx, picked: Select[Any]) -> list[dict[str, Any]]:
    """The API's shape of the alarms whose ids ``picked`` tells, newest raise first; four statements, and at most four
    for what is quiet.
    """
    found = tx.execute(_SHOWN, {"ids": list(tx.execute(picked).scalars())})
    rows = [dict(row) for row in found.mappings()]  # SQLAlchemy's own rows take longer to look a name up
    places = plant.places(tx, {row["equipment_id"] for row in rows}) if rows else {}
    why, known = quiet.why(tx, rows), codes.newest(tx)
    return [{**_alarm(row, places, known), **why[row["id"]]} for row in rows]


_TIMES = ("raised_at", "raise_count", "last_raised_at", "acknowledged_at", "returned_at", "reset_at", "cleared_at")
_MEASURED = ("code", "unit", "display_unit", "display_scale", "decimals", "name")


_TAKEN_BY, _FREED_BY = person.alias("taken_by"), person.alias("freed_by")
_SHOWN = (
    select(
        alarm,
        rule_version.c.definition,
        rule.c.code.label("rule_code"),
        *LOCATED,
        equipment.c.attributes,
        point.c.key.label("point_key"),
        *(metric.c[name].label(f"metric_{name}") for name in _MEASURED),
        _TAKEN_BY.c.name.label("taken_by"),
        _FREED_BY.c.name.label("freed_by"),
    )
    .join(rule_version, and_(rule_version.c.rule_id == alarm.c.rule_id, rule_version.c.version == alarm.c.rule_version))
    .join(rule, rule.c.id == alarm.c.rule_id)
    .join(site, site.c.id == alarm.c.site_id)
    .join(equipment, equipment.c.id == alarm.c.equipment_id)
    .join(point, point.c.id == alarm.c.point_id)
    .join(metric, metric.c.code == point.c.metric)
    .join(_TAKEN_BY, _TAKEN_BY.c.id == alarm.c.acknowledged_by, isouter=True)
    .join(_FREED_BY, _FREED_BY.c.id == alarm.c.reset_by, isouter=True)
    .where(alarm.c.id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(alarm.c.raised_at.desc(), alarm.c.id.desc())
)
"""Made once: to put it together costs more than to ask it."""


def _alarm(row: Mapping[str, Any], places: dict[int, plant.Place], known: Codes) -> dict[str, Any]:
    definition = row["definition"]
    kind = definition.get("kind", "limit")
    same = ("id", "active", "acknowledged", "latched", "severity", "value", "life_safety", "ticket_id", "version")
    return {
        **{name: row[name] for name in (*same, *_TIMES)},
        "state": state_of(row["active"], row["acknowledged"], row["latched"]),
        "title": definition["name"],
        "response": definition["response"],
        "cause": definition.get("cause") or {},
        "respond_within_s": definition.get("respond_within_s"),
        **located(row),
        "place": places[row["equipment_id"]].path,
        "point": {
            "id": row["point_id"],
            "key": row["point_key"],
            "metric": row["metric_code"],
            **{name: row[f"metric_{name}"] for name in _MEASURED[1:]},
            "codes": code.words(known, row["attributes"], row["metric_code"], row["equipment_kind"]),
        },
        "rule": {"id": row["rule_id"], "code": row["rule_code"], "version": row["rule_version"]},
        # what was raised before these were kept is told by the rule alone
        "seen": row["seen"] or condition(kind, definition[kind]).sentence(row["value"]),
        "limit": row["limit"] or _limit(definition),
        "acknowledged_by": named(row["acknowledged_by"], row["taken_by"]),
        "reset_by": named(row["reset_by"], row["freed_by"]),
        "first_out_id": row["episode_id"] or row["id"],
    }


def _limit(definition: dict[str, Any]) -> dict[str, Any] | None:
    """The limit of a rule on the value itself; None where there is none, or where it goes with a set point."""
    limit = definition.get("limit")
    if limit is None or limit.get("relative_to") or limit.get("quantity"):
        return None
    return {"deadband": 0, **limit, "basis": definition.get("basis") or limit.get("basis")}
