"""A small site: one distribution room with a humidity sensor, one smoke detector, a quick pressure rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from facility_monitor.flows.plant.commission import commission
from facility_monitor.store.database import Database, Tx

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

PRESSURE_LOW: dict[str, Any] = {
    "code": "pressure-low",
    "name": {"zh-CN": "压力低", "en": "Pressure low"},
    "kind": "limit",
    "severity": "high",
    "scope": {"metric": "pressure"},
    "limit": {"level": "low", "value": 400_000, "unit": "Pa", "deadband": 10_000},
    "on_delay_s": 30,
    "off_delay_s": 10,
    "opens_ticket": True,
    "response": {"zh-CN": "查管网", "en": "Look for a burst pipe"},
    "cause": {"zh-CN": "爆管", "en": "Burst pipe"},
    "respond_within_s": 600,
}

SITE: dict[str, Any] = {
    "code": "hill",
    "name": {"zh-CN": "山庄", "en": "Hill"},
    "timezone": "Asia/Shanghai",
    "spaces": [
        {"code": "b1", "kind": "building", "name": {"zh-CN": "一号楼", "en": "Building 1"}},
        {"code": "b1-0", "kind": "floor", "parent": "b1", "name": {"zh-CN": "地下一层", "en": "Basement"}},
    ],
    "equipment": [
        {"code": "pr-1", "kind": "pump_room", "name": {"zh-CN": "泵房", "en": "Pump room"}, "space": "b1-0"},
        {"code": "sd-1", "kind": "smoke_detector", "name": {"zh-CN": "烟感", "en": "Detector"}, "space": "b1"},
    ],
    "devices": [
        {
            "code": "plc-1",
            "name": {"en": "PLC"},
            "equipment": "pr-1",
            "points": [{"key": "pressure", "report_period_s": 5}, {"key": "water_level", "report_period_s": 5}],
        },
        {"code": "sd-1", "name": {"en": "SD"}, "equipment": "sd-1", "points": [{"key": "smoke_alarm"}]},
        {
            "code": "foreign-1",
            "name": {"en": "Foreign"},
            "equipment": "pr-1",
            "address": "0e:9c:00",
            "points": [{"key": "temperature"}],
        },
    ],
    "rules": [PRESSURE_LOW],
}


def small_site(tx: Tx) -> int:
    """The small site, watched by its own rule and by the starter rules of detectors alone; returns its id."""
    site_id = commission(tx, SITE, "test", NOW)
    tx.execute(
        text("UPDATE rule SET enabled = false WHERE code LIKE 'pump-room-%' OR definition ->> 'kind' = 'silence'")
    )
    return site_id


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the small site in it."""
    database = Database(database_url, pool=2)
    with database.transaction() as tx:
        small_site(tx)
    yield database
    database.close()
