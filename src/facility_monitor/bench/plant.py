"""The plant of a bench: devices with ten points each, and three rules for every point."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from facility_monitor.bench.stream import HIGH, HIGH_HIGH, KEYS, LOW, SITE
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.store.alarm import rules
from facility_monitor.store.database import Tx

METRIC = "pressure"
PROBE = "probe"
"""A device beside those of the stream, by which we see that the ingest works."""

_PLANT = """
INSERT INTO site (code, name, timezone) VALUES (:site, '{"en": "Bench"}', 'Asia/Shanghai');
"""
_EQUIPMENT = """
INSERT INTO equipment (site_id, kind, code, name)
SELECT site.id, 'pump_room', 'room-' || n, jsonb_build_object('en', 'Room ' || n)
FROM site, generate_series(0, :rooms) AS n WHERE site.code = :site
"""
_DEVICES = """
INSERT INTO device (site_id, equipment_id, code, name)
SELECT equipment.site_id, equipment.id, 'dev-' || n, jsonb_build_object('en', 'Device ' || n)
FROM generate_series(0, :devices - 1) AS n JOIN equipment ON equipment.code = 'room-' || n / 10
UNION ALL
SELECT site_id, id, :probe, '{"en": "Probe"}' FROM equipment WHERE code = 'room-0'
"""
_POINTS = """
INSERT INTO point (device_id, equipment_id, key, metric, report_period_s)
SELECT device.id, device.equipment_id, key, :metric, 60 FROM device, unnest(CAST(:keys AS text[])) AS key
ORDER BY device.id, key
"""


class Delays(NamedTuple):
    """In seconds: the on-delays of the rules for high and for very high values, and the off-delay of both."""

    high: float = 0.0
    high_high: float = 0.0
    off: float = 0.0


def build(tx: Tx, points: int, delays: Delays, now: datetime, severity: Severity = Severity.HIGH) -> None:
    """Fill an empty, migrated database.

    The rules of the catalogue are switched off, so that each point is watched by three and no more.
    """
    devices = points // len(KEYS)
    tx.execute(text("UPDATE rule SET enabled = false"))
    tx.execute(text(_PLANT), {"site": SITE})
    tx.execute(text(_EQUIPMENT), {"site": SITE, "rooms": devices // 10})
    tx.execute(text(_DEVICES), {"devices": devices, "probe": PROBE})
    tx.execute(text(_POINTS), {"metric": METRIC, "keys": list(KEYS)})
    for name, level, value, on, off in (
        ("high", "high", HIGH, delays.high, delays.off),
        ("high-high", "high_high", HIGH_HIGH, delays.high_high, delays.off),
        ("low", "low", LOW, 0.0, 0.0),
    ):
        document = {
            "name": {"zh-CN": name, "en": name},
            "kind": "limit",
            "severity": severity.value,
            "scope": {"metric": METRIC},
            "limit": {"level": level, "value": value, "unit": "Pa", "deadband": 50},
            "on_delay_s": on,
            "off_delay_s": off,
            "opens_ticket": False,
            "response": {"zh-CN": "查管网", "en": "Look for a burst pipe"},
        }
        rules.add(tx, f"bench-{name}", document, enabled=True, changed_by="bench", reason="bench", now=now)
    tx.execute(text("ANALYZE"))
