"""What an elevator's own readings tell of each day, from their rollups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from facility_monitor.domain.elevator.trend import Sample
from facility_monitor.domain.instant import instant
from facility_monitor.store.database import Tx

WEEK, WEEKS = timedelta(weeks=1), 26
"""How far back: a trend is fitted to so many weeks at most."""
LEAST_TRIPS = 20
"""On a day with fewer nothing can be said of how often the car levels again."""

_DAYS = """
WITH own AS (
    SELECT point.id, point.equipment_id, point.metric FROM point
    WHERE point.equipment_id = ANY (%(ids)s)
      AND point.metric IN ('motor_temperature', 'door_open_time', 'door_close_time', 'present_counter_value',
                           'level_trigger_count')
), day AS (
    SELECT own.equipment_id, own.metric, kept.at, kept.max, kept.mean,
           kept.last - lag(kept.last) OVER before AS grown, kept.at - lag(kept.at) OVER before AS since
    FROM own JOIN rollup_day AS kept ON kept.point_id = own.id AND kept.at >= %(since)s
    WINDOW before AS (PARTITION BY own.id ORDER BY kept.at)
), hour AS (
    SELECT own.equipment_id, kept.at, kept.last - lag(kept.last) OVER before AS grown,
           kept.at - lag(kept.at) OVER before AS since
    FROM own JOIN rollup_hour AS kept ON kept.point_id = own.id AND kept.at >= %(since)s
    WHERE own.metric = 'present_counter_value'
    WINDOW before AS (PARTITION BY own.id ORDER BY kept.at)
)
SELECT equipment_id, metric AS quantity, at, CASE metric WHEN 'motor_temperature' THEN max ELSE mean END AS value
FROM day WHERE metric IN ('motor_temperature', 'door_open_time', 'door_close_time')
UNION ALL
SELECT equipment_id, 'starts_per_hour', date_bin('1 day', at, 'epoch'), max(grown) FROM hour
WHERE grown >= 0 AND since = interval '1 hour' GROUP BY 1, 3
UNION ALL
SELECT trips.equipment_id, 'relevels_per_100_trips', trips.at, 100 * (levels.grown / trips.grown - 1)
FROM day AS trips JOIN day AS levels USING (equipment_id, at)
WHERE trips.metric = 'present_counter_value' AND levels.metric = 'level_trigger_count' AND trips.grown >= %(least)s
  AND levels.grown >= trips.grown AND trips.since = interval '1 day' AND levels.since = interval '1 day'
ORDER BY 1, 2, 3
"""
# A counter that went back was replaced or set back: that day is left out.


def daily(tx: Tx, elevator_ids: Collection[int], now: datetime) -> dict[int, dict[str, list[Sample]]]:
    """By elevator and quantity of ``early_warning.TELEMETRY``, a sample for each day of ``WEEKS``, in order of time."""
    found: dict[int, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    asked = {"ids": list(elevator_ids), "since": now - WEEKS * WEEK, "least": LEAST_TRIPS}
    for elevator_id, quantity, at, value in tx.exec_driver_sql(_DAYS, asked):
        found[elevator_id][quantity].append(Sample(instant(at), value))
    return found
