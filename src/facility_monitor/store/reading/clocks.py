"""How far each device's clock is off, as it was last measured."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from facility_monitor.store.database import Tx
from facility_monitor.store.tables import device_clock

_PUT = """
INSERT INTO device_clock (device_id, ahead_s, measured_at)
SELECT device_id, ahead_s, %s FROM unnest(%s::int[], %s::float8[]) AS measured (device_id, ahead_s)
JOIN device ON device.id = device_id
ON CONFLICT (device_id) DO UPDATE SET (ahead_s, measured_at) = (excluded.ahead_s, excluded.measured_at)
"""


def load(tx: Tx) -> dict[int, float]:
    """Seconds ahead of ours, by device."""
    return {row[0]: row[1] for row in tx.execute(select(device_clock.c.device_id, device_clock.c.ahead_s))}


def put(tx: Tx, ahead: Mapping[int, float], now: datetime) -> None:
    """Note clocks that have changed."""
    if ahead:
        tx.exec_driver_sql(_PUT, (now, list(ahead), list(ahead.values())))
