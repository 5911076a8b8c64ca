"""The car of an elevator as people see it: where it is, its mode, its counters, its last faults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, select

from facility_monitor.domain import code as meanings
from facility_monitor.domain.code import Code
from facility_monitor.domain.elevator import car
from facility_monitor.domain.elevator.car import Coded, Fault
from facility_monitor.domain.elevator.elevator import KIND, register
from facility_monitor.domain.instant import instant, moment
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.domain.reading.rollup import Tier
from facility_monitor.store import codes
from facility_monitor.store.database import Tx
from facility_monitor.store.reading import readings, rollups
from facility_monitor.store.tables import equipment, metric, point
from facility_monitor.store.views.devices import MEASURED

FAULTS_OF = timedelta(days=30)
LAST_FAULTS = 10
_DAY = timedelta(days=1)


def state(tx: Tx, elevator_id: int, now: datetime) -> dict[str, Any]:
    """How the car stands by the newest reading of each of its points; what it does not send is null."""
    attributes, points, newest = _heard(tx, elevator_id)
    known = codes.newest(tx)
    heard_at = max((reading.received_at for reading in newest.values()), default=None)
    periods = [row["report_period_s"] for row in points.values() if row["report_period_s"] is not None]
    said: dict[str, Coded] = {
        name: car.coded(newest[name], meanings.of(known, attributes, name, KIND))
        for name in (*car.STATES, car.FAULT)
        if name in newest
    }
    fault = said.get(car.FAULT)
    return {
        "elevator_id": elevator_id,
        "heard_at": None if heard_at is None else moment(heard_at),
        "silent": car.silent(heard_at, max(periods, default=None), instant(now)),
        "floors": register(attributes).floors,
        "position": _position(newest.get(car.POSITION), register(attributes).floors),
        **{name: _coded(said.get(name)) for name in car.STATES},
        "fault": None if car.meant(fault) == car.NO_FAULT else _coded(fault),
        "entrapment": car.meant(fault) == car.ENTRAPMENT,
        "counters": [_measured(name, points[name], newest[name]) for name in car.COUNTERS if name in newest],
        "conditions": [_measured(name, points[name], newest[name]) for name in car.CONDITIONS if name in newest],
    }


def history(tx: Tx, elevator_id: int, now: datetime) -> dict[str, Any]:
    """What the car has been through: its ``faults``, the newest first, and by how much each counter grew in a day."""
    attributes, points, newest = _heard(tx, elevator_id)
    named = meanings.of(codes.newest(tx), attributes, car.FAULT, KIND)
    counted = {name: row["id"] for name, row in points.items() if name in car.COUNTERS and name in newest}
    before = _values_at(tx, counted, now - _DAY)
    grown = {name: newest[name].value - value for name, value in before.items()}
    changes = [] if car.FAULT not in points else _changes(tx, points[car.FAULT]["id"], now)
    return {
        "faults": [_fault(each, named) for each in car.faults(changes)[:LAST_FAULTS]],
        # a counter that went back was replaced: what it did in that day nobody knows
        "last_day": {name: value for name, value in grown.items() if value >= 0},
    }


def _heard(tx: Tx, elevator_id: int) -> tuple[Mapping[str, Any], dict[str, RowMapping], dict[str, Reading]]:
    """Attributes, points and newest readings by metric; of two points of one metric that which was heard last."""
    rows = tx.execute(
        select(
            *(point.c.id, point.c.metric, point.c.report_period_s, equipment.c.attributes),
            *(metric.c[name] for name in MEASURED),
        )
        .select_from(equipment)
        .join(point, point.c.equipment_id == equipment.c.id, isouter=True)
        .join(metric, metric.c.code == point.c.metric, isouter=True)
        .where(equipment.c.id == elevator_id)
    )
    asked = [row for row in rows.mappings() if row["metric"] in car.METRICS or row["metric"] is None]
    latest = readings.latest(tx, [row["id"] for row in asked if row["id"] is not None])
    points: dict[str, RowMapping] = {}
    newest: dict[str, Reading] = {}
    for row in asked:
        reading, name = latest.get(row["id"]), row["metric"]
        if name is not None and (name not in newest or (reading is not None and reading.at > newest[name].at)):
            points[name] = row
            if reading is not None:
                newest[name] = reading
    return asked[0]["attributes"] if asked else {}, points, newest


def _position(reading: Reading | None, floors: tuple[str, ...] | None) -> dict[str, Any] | None:
    if reading is None:
        return None
    return {"value": reading.value, "floor": car.floor(reading.value, floors), "at": moment(reading.at)}


def _coded(value: Coded | None) -> dict[str, Any] | None:
    return None if value is None else {**_named(value.value, value.code), "at": moment(value.at)}


def _named(value: float, known: Code | None) -> dict[str, Any]:
    return {
        "code": value,
        "name": None if known is None else known.name,
        "meaning": None if known is None else known.meaning,
    }


def _fault(fault: Fault, named: Mapping[float, Code]) -> dict[str, Any]:
    ended = None if fault.ended_at is None else moment(fault.ended_at)
    return {**_named(fault.value, named.get(fault.value)), "began_at": moment(fault.began_at), "ended_at": ended}


def _measured(name: str, row: RowMapping, reading: Reading) -> dict[str, Any]:
    measured = {each: row[each] for each in MEASURED}
    return {"metric": name, **measured, "point_id": row["id"], "value": reading.value, "at": moment(reading.at)}


_AT = """
SELECT asked.name, before.value FROM unnest(%(names)s::text[], %(points)s::int[]) AS asked (name, point), LATERAL (
    SELECT value FROM reading WHERE point_id = asked.point AND at <= %(at)s AND at > %(at)s - interval '1 day'
    ORDER BY at DESC LIMIT 1
) AS before
"""


def _values_at(tx: Tx, points: Mapping[str, int], at: datetime) -> dict[str, float]:
    asked = {"names": list(points), "points": list(points.values()), "at": at}
    return {row[0]: row[1] for row in tx.exec_driver_sql(_AT, asked)}


_CHANGES = """
WITH span AS (
    (SELECT at AS start, at + interval '65 minutes' AS stop FROM rollup_hour
     WHERE point_id = %(point)s AND at >= %(since)s AND at < %(live)s AND (min <> 0 OR max <> 0)
     ORDER BY at DESC LIMIT 168)
    UNION ALL SELECT %(live)s, 'infinity'
)
SELECT point_id, at, sequence, value, quality, received_at FROM (
    SELECT kept.*, lag(value) OVER (ORDER BY at, received_at) AS before FROM span, LATERAL (
        SELECT * FROM reading WHERE point_id = %(point)s AND at >= span.start AND at < span.stop
            AND at >= %(since)s AND quality < %(bad)s
    ) AS kept
) AS every WHERE before IS DISTINCT FROM value ORDER BY at, received_at
"""
# An hour that held nothing but "no fault" is passed over by its rollup. Five minutes more than the hour: a fault that
# ends with the next hour's first reading.


def _changes(tx: Tx, point_id: int, now: datetime) -> list[Reading]:
    """The readings with which a fault code became another, within ``FAULTS_OF``."""
    since = now - FAULTS_OF
    # An hour more than is not folded yet: what came a little late may not be in its rollup so far.
    live = max(moment(Tier.HOUR.begin(rollups.progress(tx).folded_before)) - timedelta(hours=1), since)
    asked = {"point": point_id, "since": since, "live": live, "bad": Quality.BAD.value}
    rows = tx.exec_driver_sql(_CHANGES, asked)
    return [Reading(row[0], instant(row[1]), row[2], row[3], Quality(row[4]), instant(row[5])) for row in rows]
