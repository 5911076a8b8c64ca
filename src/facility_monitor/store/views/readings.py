"""The readings of a point, as people read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_

from facility_monitor.domain.reading.reading import Quality
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import reading

_QUALITY = {quality.value: quality.name.lower() for quality in Quality}


def readings(
    tx: Tx,
    point_id: int,
    start: datetime | None,
    end: datetime | None,
    *,
    descending: bool,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Readings of a point by event time, ``start`` included, ``end`` not. ``sequence`` below zero is the store's own.

    Whether the caller sees the point has been asked before.
    """
    key = tuple_(reading.c.at, reading.c.sequence)
    asked = select(reading.c.at, reading.c.value, reading.c.quality, reading.c.sequence, reading.c.received_at).where(
        reading.c.point_id == point_id
    )
    if start is not None:
        asked = asked.where(reading.c.at >= start)
    if end is not None:
        asked = asked.where(reading.c.at < end)
    if after is not None:
        # The bound on time alone, which says less, lets the database skip whole partitions.
        asked = asked.where(reading.c.at <= after[0] if descending else reading.c.at >= after[0])
        asked = asked.where(key < after if descending else key > after)
    order = (reading.c.at.desc(), reading.c.sequence.desc()) if descending else (reading.c.at, reading.c.sequence)
    rows = tx.execute(asked.order_by(*order).limit(limit)).mappings()
    return [{**row, "quality": _QUALITY[row["quality"]]} for row in rows]
