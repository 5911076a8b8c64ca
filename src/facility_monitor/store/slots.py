"""How each slot stands, in its holder's own words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from facility_monitor.store.database import Tx


@dataclass(slots=True)
class Report:
    """Counts are of messages since the holder took the slot.

    ``in_flight`` are those that arrived and are neither committed nor given back to the broker, ``difference`` is what
    nobody can account for. ``broker`` is what the broker says of itself, by name.
    """

    slot: int
    holder: str
    since: datetime
    connected: bool = False
    arrived: int = 0
    committed: int = 0
    abandoned: int = 0
    in_flight: int = 0
    connections: int = 0
    stuck: int = 0
    settled: int = 0
    difference: int = 0
    broker: Mapping[str, int] = field(default_factory=dict)


_PUT = """
INSERT INTO ingest_slot AS standing (slot, holder, since, reported_at, connected, arrived, committed, abandoned,
    in_flight, connections, stuck, settled, broker, difference)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)
ON CONFLICT (slot) DO UPDATE SET
    (holder, since, reported_at, connected, arrived, committed, abandoned, in_flight, connections, stuck, settled,
     broker, difference)
    = (excluded.holder, excluded.since, excluded.reported_at, excluded.connected, excluded.arrived, excluded.committed,
       excluded.abandoned, excluded.in_flight, excluded.connections, excluded.stuck,
       greatest(standing.settled, excluded.settled), excluded.broker, excluded.difference)
"""


def put(tx: Tx, report: Report, now: datetime) -> None:
    """Say how a slot stands."""
    tx.exec_driver_sql(
        _PUT,
        (
            report.slot,
            report.holder,
            report.since,
            now,
            report.connected,
            report.arrived,
            report.committed,
            report.abandoned,
            report.in_flight,
            report.connections,
            report.stuck,
            report.settled,
            json.dumps(dict(report.broker)),
            report.difference,
        ),
    )


def last_report(tx: Tx, slot: int) -> tuple[datetime, dict[str, int]] | None:
    """When the slot's holder last said something, and what the broker then said of itself; None where nobody has."""
    asked = "SELECT reported_at, broker FROM ingest_slot WHERE slot = %s"
    row = tx.exec_driver_sql(asked, (slot,)).one_or_none()
    return None if row is None else (row[0], row[1])


def difference_elsewhere(tx: Tx, slot: int) -> int:
    """What the other slots cannot account for."""
    asked = "SELECT coalesce(sum(difference), 0) FROM ingest_slot WHERE slot <> %s"
    total: int = tx.exec_driver_sql(asked, (slot,)).scalar_one()
    return int(total)
