"""The plant: what the ingest needs of it, and where things stand."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, func, select, text, update

from facility_monitor.domain.alarm.condition import Circumstances, Condition
from facility_monitor.domain.alarm.rule import Rule, Scope
from facility_monitor.domain.code import Codes
from facility_monitor.domain.instant import SECOND, Instant
from facility_monitor.domain.limit import DatedLimit, by_quantity
from facility_monitor.domain.plant import Device, Plant, Point
from facility_monitor.domain.reading.mapping import mapping
from facility_monitor.domain.reading.telemetry import Status
from facility_monitor.domain.text import LOCALES, Text, said
from facility_monitor.store import codes, limits
from facility_monitor.store.alarm import rules
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import (
    configuration,
    device,
    equipment,
    equipment_kind,
    metric,
    payload_mapping,
    point,
    site,
)


def revision(tx: Tx) -> int:
    """The configuration's revision, which no one can raise until this transaction ends."""
    number: int = tx.execute(select(configuration.c.revision).with_for_update(read=True)).scalar_one()
    return number


_POINTS = (
    select(
        *(point.c.id, point.c.device_id, point.c.key, point.c.metric, point.c.report_period_s),
        *(point.c.equipment_id, equipment.c.site_id, equipment.c.kind, equipment.c.attributes),
        *(metric.c.unit, site.c.timezone, equipment_kind.c.life_safety),
    )
    .join(equipment, equipment.c.id == point.c.equipment_id)
    .join(equipment_kind, equipment_kind.c.code == equipment.c.kind)
    .join(site, site.c.id == equipment.c.site_id)
    .join(metric, metric.c.code == point.c.metric)
)
"""The rows that ``_Watching`` makes points of."""


def load(tx: Tx, revision: int) -> Plant:
    """All devices with their points and the rules in force for each point."""
    watching = _watching(tx, rules.enabled(tx))
    points: dict[int, dict[str, Point]] = defaultdict(dict)
    for row in tx.execute(_POINTS):
        points[row.device_id][row.key] = watching.point(row)
    devices: dict[str, Device] = {}
    for device_id, code, address, of_site, slot in tx.execute(
        select(device.c.id, device.c.code, device.c.address, site.c.code, site.c.slot).join(site)
    ):
        known = Device(device_id, code, of_site, points.get(device_id, {}), slot)
        devices[code] = known
        if address is not None:
            devices[address] = known
    mappings = tx.execute(
        select(payload_mapping.c.topic_filter, payload_mapping.c.definition).order_by(payload_mapping.c.id)
    )
    of_site = tx.execute(select(site.c.code, site.c.id, site.c.slot)).all()
    sites, slots = {row[0]: row[1] for row in of_site}, {row[0]: row[2] for row in of_site}
    return Plant(revision, devices, sites, slots, tuple(mapping(*each) for each in mappings))


def site_of_point(tx: Tx, point_id: int) -> int:
    """The site of a point that there is."""
    asked = (
        select(equipment.c.site_id).join(point, point.c.equipment_id == equipment.c.id).where(point.c.id == point_id)
    )
    number: int = tx.execute(asked).scalar_one()
    return number


def tried(tx: Tx, asked: Sequence[Rule], *conditions: ColumnElement[bool]) -> list[list[Point]]:
    """The points at which the rules ``asked`` would watch, whether they are in force or not, and those that they would
    be shown there: of one piece of equipment after the other, as far as ``conditions`` let them be seen.
    """
    watching = _watching(tx, asked)
    metrics = {name for rule in asked for name in (rule.scope.metric, *rule.condition.inputs)}
    rows = tx.execute(_POINTS.where(point.c.metric.in_(metrics), *conditions).order_by(equipment.c.id, point.c.id))
    at_equipment: dict[int, list[Point]] = defaultdict(list)
    for row in rows:
        at_equipment[row.equipment_id].append(watching.point(row))
    return [points for points in at_equipment.values() if any(each.rules for each in points)]


def watched(tx: Tx, point_ids: Sequence[int]) -> list[Point]:
    """Points by id, with the rules in force for each."""
    watching = _watching(tx, rules.enabled(tx))
    return [watching.point(row) for row in tx.execute(_POINTS.where(point.c.id == func.any(list(point_ids))))]


def points_in(tx: Tx, scope: Scope) -> set[int]:
    """The ids of the points that ``scope`` covers."""
    asked = select(point.c.id).join(equipment).where(point.c.metric == scope.metric)
    if scope.point_id is not None:
        asked = asked.where(point.c.id == scope.point_id)
    if scope.site_id is not None:
        asked = asked.where(equipment.c.site_id == scope.site_id)
    if scope.equipment_kind is not None:
        asked = asked.where(equipment.c.kind == scope.equipment_kind)
    return set(tx.execute(asked).scalars())


def _watching(tx: Tx, enabled: Sequence[Rule]) -> _Watching:
    names = {row.code: row.name for row in tx.execute(select(metric.c.code, metric.c.name))}
    return _Watching(enabled, limits.known(tx), codes.newest(tx), names)


class _Watching:
    """The rules of each point, bound to it; points in the same circumstances share them, for the sake of memory."""

    def __init__(
        self, enabled: Sequence[Rule], dated: Iterable[DatedLimit], meanings: Codes, names: Mapping[str, Text]
    ) -> None:
        self._dated = by_quantity(dated)
        self._codes = meanings
        self._names = names
        self._by_metric: dict[str, list[Rule]] = defaultdict(list)
        for rule in enabled:
            self._by_metric[rule.scope.metric].append(rule)
        self._bound: dict[tuple[int, Condition], Rule] = {}
        self._together: dict[tuple[int, ...], tuple[Rule, ...]] = {}
        self._of_one_point = {rule.scope.metric for rule in enabled if rule.scope.point_id is not None}
        self._alike: dict[tuple[str, int, int | None], tuple[Rule, ...]] = {}

    def point(self, row: Row[*tuple[Any, ...]]) -> Point:
        return Point(row.id, row.equipment_id, row.site_id, self.at(row), sys.intern(row.unit), sys.intern(row.metric))

    def at(self, row: Row[*tuple[Any, ...]]) -> tuple[Rule, ...]:
        """The rules of a point; of points of one metric at one piece of equipment they are worked out once."""
        if row.metric in self._of_one_point:
            return self._found(row)
        key = (row.metric, row.equipment_id, row.report_period_s)
        rules = self._alike.get(key)
        if rules is None:
            rules = self._alike[key] = self._found(row)
        return rules

    def _found(self, row: Row[*tuple[Any, ...]]) -> tuple[Rule, ...]:
        period = None if row.report_period_s is None else row.report_period_s * SECOND
        to = Circumstances(
            row.attributes,
            period,
            limits=self._dated,
            zone=ZoneInfo(row.timezone),
            metric=row.metric,
            metric_names=self._names,
            equipment_kind=row.kind,
            codes=self._codes,
        )
        found = []
        for rule in self._by_metric[row.metric]:
            if rule.scope.covers(row.id, row.site_id, row.kind):
                condition = rule.condition.bound(replace(to, life_safety=rule.life_safety or row.life_safety))
                if condition is not None:
                    found.append(self._one(rule, condition))
        return self._together.setdefault(tuple(map(id, found)), tuple(found))

    def _one(self, rule: Rule, condition: Condition) -> Rule:
        if condition is rule.condition:
            return rule
        key = (rule.id, condition)
        if key not in self._bound:
            self._bound[key] = replace(rule, condition=condition)
        return self._bound[key]


def save_states(tx: Tx, statuses: Mapping[int, Sequence[Status]]) -> list[tuple[Instant, int]]:
    """Note each device's births and wills, by device id; a state that stands already keeps its time.

    Returns when which device went offline, by the order of arrival.
    """
    if not statuses:
        return []
    asked = select(device.c.id, device.c.state).where(device.c.id == func.any(list(statuses)))
    before = {row.id: row.state for row in tx.execute(asked)}
    for state in ("online", "offline"):
        ids = [key for key, told in statuses.items() if told[-1].online == (state == "online")]
        if ids:
            tx.execute(
                update(device)
                .where(device.c.id == func.any(ids), device.c.state != state)
                .values(state=state, state_at=func.now())
            )
    gone = []
    for key, told in statuses.items():
        here = before.get(key) != "offline"
        for status in told:
            if here and not status.online:
                gone.append((status.packet.received_at, key))
            here = status.online
    return sorted(gone)


def today(tx: Tx, site_id: int, now: datetime) -> date:
    """The day that ``now`` is at a site that there is."""
    zone: str = tx.execute(select(site.c.timezone).where(site.c.id == site_id)).scalar_one()
    return now.astimezone(ZoneInfo(zone)).date()


class Shown(NamedTuple):
    """How people see the values of a metric: times ``scale``, in ``unit``, with so many ``decimals``.

    ``equipment_kind`` is at what it is measured.
    """

    unit: str
    scale: float
    decimals: int
    equipment_kind: str


_SHOWN = text("""
SELECT alarm.id, display_unit, display_scale, decimals, kind
FROM alarm JOIN point ON point.id = alarm.point_id JOIN equipment ON equipment.id = alarm.equipment_id
JOIN metric ON metric.code = point.metric
WHERE alarm.id = ANY (:alarms)
""")


def shown(tx: Tx, alarm_ids: Iterable[int]) -> dict[int, Shown]:
    """How the metric that each alarm watches is shown."""
    return {number: Shown(*rest) for number, *rest in tx.execute(_SHOWN, {"alarms": list(alarm_ids)})}


class Place(NamedTuple):
    """Where a piece of equipment stands and what it is called."""

    site_id: int
    name: Text
    path: Text

    @property
    def full(self) -> Text:
        """Path and name in one."""
        return {locale: f"{self.path[locale]} / {said(self.name, locale)}" for locale in LOCALES}


_PLACES = text("""
WITH RECURSIVE up (equipment_id, parent_id, depth, name) AS (
    SELECT equipment.id, space.parent_id, 1, space.name
    FROM equipment JOIN space ON space.id = equipment.space_id WHERE equipment.id = ANY (:ids)
    UNION ALL
    SELECT up.equipment_id, space.parent_id, up.depth + 1, space.name FROM up JOIN space ON space.id = up.parent_id
)
SELECT equipment.id, equipment.site_id, equipment.name, site.name,
       (SELECT jsonb_agg(up.name ORDER BY up.depth DESC) FROM up WHERE up.equipment_id = equipment.id)
FROM equipment JOIN site ON site.id = equipment.site_id WHERE equipment.id = ANY (:ids)
""")


def places(tx: Tx, equipment_ids: Iterable[int]) -> dict[int, Place]:
    """Site, spaces from the outermost in, and name of each piece of equipment."""
    found = {}
    for equipment_id, site_id, name, site_name, spaces in tx.execute(_PLACES, {"ids": list(equipment_ids)}):
        path = {locale: " / ".join(said(part, locale) for part in (site_name, *(spaces or ()))) for locale in LOCALES}
        found[equipment_id] = Place(site_id, name, path)
    return found
