"""Rollups: readings summed up by minute, hour and day.

Minutes are summed up once, some time after they have ended. Who stores a reading of an older minute notes that minute
in the same transaction (``readings.insert``), and it is summed up again. All is recomputed from what it sums up, never
added to, so that doing it twice changes nothing; each step is one transaction, so that a crash leaves none half done.

What is older than ``late_before`` gets noted. That mark is advanced under a lock for which every insert of readings
waits: whoever read it before has committed when it moves, and its readings are seen by the sum that follows.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from psycopg.errors import LockNotAvailable
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from facility_monitor.domain.instant import Instant, instant, moment
from facility_monitor.domain.reading.reading import Quality
from facility_monitor.domain.reading.rollup import FINER, Tier
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.reading.rollup_tables import retained, rollup_progress

log = logging.getLogger(__name__)

SETTLE = timedelta(minutes=5)
"""How long after its end a minute is summed up: as far as a device's clock may be off, so that few come late."""
SLICE = Tier.HOUR.width
"""How much time is summed up in one transaction at most, where readings lie behind."""
LATE = 20_000
"""How many notes are worked off in one transaction."""
BUDGET_S = 4.0
"""How long one run may take before it leaves the rest to the next."""
LOCK_MS = 500
"""How long an insert may be held up, at most, by the mark that wants to advance."""

_LARGEST = "1e290"
_SMALLEST = "1e-290"


def total(value: str, count: str = "1") -> str:
    """SQL for the sum of ``value``, each ``count`` times.

    Values near the largest double, which are no measurements, must not stop everything by an overflow.
    """
    return f"sum(least(greatest({value}, -{_LARGEST}), {_LARGEST}) * {count})"


def mean(total: str, count: str, lowest: str, highest: str) -> str:
    """SQL for a mean that rounding does not put outside of its values, and that never underflows."""
    return (
        f"least(greatest(CASE WHEN abs({total}) < {_SMALLEST} THEN 0 ELSE {total} / {count} END, {lowest}), {highest})"
    )


_OF_READINGS = f"""
    min(value) AS min, max(value) AS max, count(*) AS count, {total("value")} AS total,
    (array_agg(value ORDER BY at DESC, sequence DESC))[1] AS last, max(at) AS last_at
"""
_OF_ROLLUPS = f"""
    min(min) AS min, max(max) AS max, sum(count) AS count, {total("mean", "count")} AS total,
    (array_agg(last ORDER BY last_at DESC))[1] AS last, max(last_at) AS last_at
"""
_FOLD = """
INSERT INTO rollup_{tier} AS kept (point_id, at, min, max, mean, count, last, last_at)
SELECT asked.point_id, sums.at, min, max, {mean}, count, last, last_at
FROM ({asked}) AS asked (point_id, start, stop), LATERAL (
    SELECT date_bin(interval '{width} s', at, 'epoch') AS at, {sums}
    FROM {source}
    WHERE point_id = asked.point_id AND at >= asked.start AND at < asked.stop
      AND at >= %(start)s AND at < %(stop)s {only}
    GROUP BY 1
) AS sums
ON CONFLICT (point_id, at) DO UPDATE SET min = excluded.min, max = excluded.max, mean = excluded.mean,
    count = excluded.count, last = excluded.last, last_at = excluded.last_at
WHERE kept.at >= (SELECT since FROM retained WHERE tier = '{finer}')
"""
# Where the finer tier may be gone already, a sum is never replaced by what is left of it.

_ALL_POINTS = "SELECT id, %(start)s::timestamptz, %(stop)s::timestamptz FROM point"
_SOME_UNITS = """
    SELECT point_id, at, at + interval '{width} s'
    FROM unnest(%(points)s::int[], %(units)s::timestamptz[]) AS unit (point_id, at)
"""


def _statement(tier: Tier, asked: str) -> str:
    finer = FINER[tier]
    width = tier.width // 1_000_000
    return _FOLD.format(
        tier=tier.label,
        mean=mean("total", "count", "min", "max"),
        asked=asked.format(width=width),
        width=width,
        sums=_OF_READINGS if finer is Tier.READING else _OF_ROLLUPS,
        source="reading" if finer is Tier.READING else f"rollup_{finer.label}",
        only=f"AND quality < {Quality.BAD.value}" if finer is Tier.READING else "",
        finer=finer.label,
    )


TIERS = (Tier.MINUTE, Tier.HOUR, Tier.DAY)
_FOLD_ALL = {tier: _statement(tier, _ALL_POINTS) for tier in TIERS}
_FOLD_SOME = {tier: _statement(tier, _SOME_UNITS) for tier in TIERS}


class Progress(NamedTuple):
    """What is noted when it comes, and what is summed up: everything of a time before these."""

    late_before: Instant
    folded_before: Instant


def progress(tx: Tx, *, lock: bool = False) -> Progress:
    """Where the rollups stand; with ``lock`` nobody else sums up until this transaction ends."""
    asked = select(rollup_progress.c.late_before, rollup_progress.c.folded_before)
    row = tx.execute(asked.with_for_update() if lock else asked).one()
    return Progress(instant(row[0]), instant(row[1]))


def since(tx: Tx) -> dict[Tier, Instant]:
    """What is older than this may be gone from a tier."""
    rows = {row.tier: row.since for row in tx.execute(select(retained))}
    return {tier: instant(rows[tier.label]) for tier in Tier}


def fold(database: Database, now: datetime) -> None:
    """Sum up what has ended and what has come late. Called every few seconds; it ends after ``BUDGET_S``."""
    until = time.monotonic() + BUDGET_S
    with database.transaction() as tx:
        advance(tx, now)
    for step in (fold_next, fold_late):
        more = True
        while more and time.monotonic() < until:
            with database.transaction() as tx:
                more = step(tx)


def advance(tx: Tx, now: datetime) -> bool:
    """Have readings of minutes that have ended noted from now on; whether the mark has moved.

    Every insert of readings takes a lock on the notes before it reads the mark. Ours waits for those that are under
    way and holds up those that follow; where it would do so for longer than ``LOCK_MS``, it is left to the next run.
    """
    target = moment(Tier.MINUTE.begin(instant(now - SETTLE)))
    if progress(tx).late_before >= instant(target):
        return False
    tx.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_MS}")
    try:
        with tx.begin_nested():
            tx.exec_driver_sql("LOCK TABLE rollup_late IN SHARE MODE")
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        log.info("rollups: readings are being stored all the time, next time then")
        return False
    moved = tx.execute(
        text("UPDATE rollup_progress SET late_before = :target WHERE late_before < :target"), {"target": target}
    )
    return moved.rowcount > 0


def fold_next(tx: Tx) -> bool:
    """Sum up the next ``SLICE`` that is not summed up yet; whether there is more."""
    stands = progress(tx)
    if stands.folded_before >= stands.late_before:
        return False
    stands = progress(tx, lock=True)
    start, stop = stands.folded_before, stands.late_before
    if stop - start > SLICE:
        # After a standstill, or in a database that was filled before: skip the time in which there is nothing.
        following = _first_from(tx, start)
        nothing_before = stop if following is None else Tier.HOUR.begin(following)
        stop = min(stop, max(start + SLICE, nothing_before))
    for tier in TIERS if start < stop else ():
        first, last = tier.begin(start), tier.begin(stop)
        if first < last:
            tx.exec_driver_sql(_FOLD_ALL[tier], {"start": moment(first), "stop": moment(last)})
    tx.exec_driver_sql("UPDATE rollup_progress SET folded_before = %s", (moment(stop),))
    return stop < stands.late_before


def fold_late(tx: Tx) -> bool:
    """Sum up again the minutes of the next ``LATE`` notes, their hours and days too; whether there is more."""
    if not tx.exec_driver_sql("SELECT EXISTS (SELECT FROM rollup_late)").scalar_one():
        return False
    progress(tx, lock=True)
    notes = tx.exec_driver_sql(
        "DELETE FROM rollup_late WHERE ctid = ANY (ARRAY(SELECT ctid FROM rollup_late LIMIT %s))"
        " RETURNING point_id, at",
        (LATE,),
    ).all()
    minutes = {(row[0], instant(row[1])) for row in notes}
    for tier in TIERS if minutes else ():
        units = sorted({(point, tier.begin(at)) for point, at in minutes})
        tx.exec_driver_sql(_FOLD_SOME[tier], _units(units, tier.width))
    return len(notes) == LATE


def _units(units: Iterable[tuple[int, Instant]], width: Instant) -> Mapping[str, object]:
    points, starts = zip(*units, strict=True)
    return {
        "points": list(points),
        "units": [moment(start) for start in starts],
        "start": moment(min(starts)),
        "stop": moment(max(starts) + width),
    }


_FIRST = """
SELECT min(first.at) FROM point, LATERAL (
    SELECT at FROM reading WHERE point_id = point.id AND at >= %s ORDER BY at LIMIT 1
) AS first
"""


def _first_from(tx: Tx, start: Instant) -> Instant | None:
    found = tx.exec_driver_sql(_FIRST, (moment(start),)).scalar()
    return None if found is None else instant(found)


def late(tx: Tx, point_id: int, start: Instant, stop: Instant) -> list[Instant]:
    """The minutes of a point from ``start`` to ``stop`` that are noted, in order."""
    asked = "SELECT DISTINCT at FROM rollup_late WHERE point_id = %s AND at >= %s AND at < %s ORDER BY at"
    first = moment(Tier.MINUTE.begin(start))
    return [instant(row[0]) for row in tx.exec_driver_sql(asked, (point_id, first, moment(stop)))]
