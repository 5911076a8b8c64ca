"""Occurrences: every raise of an alarm, a row each."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, text

from facility_monitor.domain.alarm.alarm import Quiet
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import alarm_occurrence


class Occurrence(NamedTuple):
    """See the table. ``number`` counts the raises of one alarm from 1."""

    alarm_id: int
    number: int
    site_id: int
    raised_at: datetime
    value: float
    returned_at: datetime | None = None
    returned_value: float | None = None
    quiet: Quiet | None = None
    announced_at: datetime | None = None
    acknowledged_at: datetime | None = None


_SAVE = text("""
INSERT INTO alarm_occurrence AS known
SELECT * FROM jsonb_populate_recordset(NULL::alarm_occurrence, CAST(:rows AS jsonb))
ON CONFLICT (alarm_id, number) DO UPDATE SET
    returned_at = coalesce(excluded.returned_at, known.returned_at),
    returned_value = coalesce(excluded.returned_value, known.returned_value),
    announced_at = coalesce(known.announced_at, excluded.announced_at),
    acknowledged_at = coalesce(known.acknowledged_at, excluded.acknowledged_at)
""")


def save(tx: Tx, occurrences: Sequence[Occurrence]) -> None:
    """Insert new ones; of known ones note how they ended, when they were first announced, and first acknowledged."""
    if occurrences:
        rows = [each._asdict() for each in occurrences]
        tx.execute(_SAVE, {"rows": json.dumps(rows, default=datetime.isoformat)})


def announced(tx: Tx, site_ids: Collection[int], since: datetime) -> dict[int, int]:
    """How many were announced at each site after ``since``, those of a flood's summary included."""
    counted = (
        select(alarm_occurrence.c.site_id, func.count())
        .where(alarm_occurrence.c.site_id == func.any(list(site_ids)), alarm_occurrence.c.announced_at > since)
        .group_by(alarm_occurrence.c.site_id)
    )
    return {row[0]: row[1] for row in tx.execute(counted)}
