"""The service watches itself like any plant: as a site with a device whose points its own rules judge."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.telemetry import Packet, Telemetry
from facility_monitor.flows.plant.commission import commission
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import device

SITE = "monitoring-system"
DEVICE = "monitoring-ingest"
PERIOD_S = 60
DIFFERENCE, DROPPED, CLOCKS = "ingest_difference", "broker_dropped", "clocks_off"

_DOCUMENT: dict[str, Any] = {
    "code": SITE,
    "name": {"zh-CN": "监控系统", "en": "Monitoring system"},
    "timezone": "UTC",
    "equipment": [
        {"code": "ingest", "kind": "monitoring_system", "name": {"zh-CN": "数据接入", "en": "Ingest"}},
    ],
    "devices": [
        {
            "code": DEVICE,
            "equipment": "ingest",
            "name": {"zh-CN": "数据接入自检", "en": "Ingest, watching itself"},
            "points": [{"key": key, "report_period_s": PERIOD_S} for key in (DIFFERENCE, DROPPED, CLOCKS)],
        }
    ],
}


def is_installed(tx: Tx) -> bool:
    """Whether there is such a site."""
    return tx.execute(select(device.c.id).where(device.c.code == DEVICE)).scalar_one_or_none() is not None


def install(tx: Tx, now: datetime) -> None:
    """Have the site, where it is not there yet. Whoever is on duty at it is told; nobody has to be, then admins are."""
    if not is_installed(tx):
        commission(tx, _DOCUMENT, "service", now)


def told(difference: int, dropped: int, clocks: int, at: Instant) -> Telemetry:
    """What the ingest says of itself at ``at``: values and messages unaccounted for, messages that the broker dropped
    within the last minute, and devices whose clock is off."""
    values = {DIFFERENCE: float(difference), DROPPED: float(dropped), CLOCKS: float(clocks)}
    return Telemetry(SITE, DEVICE, at, None, values, Packet(f"{SITE}/{DEVICE}", b"", at))
