"""How each slot stands, in its holder's own words."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from facility_monitor.store.database import Tx
from facility_monitor.store.tables import site


@dataclass(slots=True)
class Report:
    """Counts are of messages since the holder took the slot.

    ``in_flight`` are those that arrived and are neither committed nor given back to the broker, ``difference`` is what
    nobody can account for. ``broker`` is what the broker says of itself, by name; ``sites`` are those to whose topics
    the slot is subscribed.
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
    sites: Collection[str] = ()


_PUT = """
INSERT INTO ingest_slot AS standing (slot, holder, since, reported_at, connected, arrived, committed, abandoned,
    in_flight, connections, stuck, settled, broker, difference, sites)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s::text[])
ON CONFLICT (slot) DO UPDATE SET
    (holder, since, reported_at, connected, arrived, committed, abandoned, in_flight, connections, stuck, settled,
     broker, difference, sites)
    = (excluded.holder, excluded.since, excluded.reported_at, excluded.connected, excluded.arrived, excluded.committed,
       excluded.abandoned, excluded.in_flight, excluded.connections, excluded.stuck,
       greatest(standing.settled, excluded.settled), excluded.broker, excluded.difference, excluded.sites)
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
            sorted(report.sites),
        ),
    )


class Last(NamedTuple):
    """When a slot's holder last said something, what the broker then said of itself, and the sites subscribed to."""

    at: datetime
    broker: Mapping[str, int]
    sites: Collection[str]


def last_report(tx: Tx, slot: int) -> Last | None:
    """What the slot's holder last said; None where it has never had one."""
    asked = "SELECT reported_at, broker, sites FROM ingest_slot WHERE slot = %s"
    row = tx.exec_driver_sql(asked, (slot,)).one_or_none()
    return None if row is None else Last(*row)


def subscribed(tx: Tx, slot: int) -> set[tuple[int, str]]:
    """(slot, site) of what the other slots are subscribed to, by their last word."""
    rows = tx.exec_driver_sql("SELECT slot, unnest(sites) FROM ingest_slot WHERE slot <> %s", (slot,))
    return {(row[0], row[1]) for row in rows}


def in_use(tx: Tx) -> set[int]:
    """The slots that there must be workers for: those of sites, and the first, which has all else."""
    return {0, *tx.execute(select(site.c.slot).distinct()).scalars()}


def difference_elsewhere(tx: Tx, slot: int) -> int:
    """What the other slots cannot account for."""
    asked = "SELECT coalesce(sum(difference), 0) FROM ingest_slot WHERE slot <> %s"
    total: int = tx.exec_driver_sql(asked, (slot,)).scalar_one()
    return int(total)
