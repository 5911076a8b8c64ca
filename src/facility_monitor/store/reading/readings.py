"""Readings: written in batches, each once."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from psycopg.errors import UniqueViolation

from facility_monitor.domain.instant import Instant, instant
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.store.database import Tx, driver_cursor

Identity = tuple[int, int, int]
"""(point_id, at, sequence)"""

_COPY = """
COPY reading (point_id, at, sequence, value, quality, received_at) FROM STDIN (FORMAT binary)
"""
# https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format": the header, and rows of six fields, each after
# its length; instants count from 2000.
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = b"\xff\xff"
_ROW = struct.Struct(">hiiiqiqidihiq")
_AT_ONCE = 1000
"""Rows that are encoded while the server works on those before."""
_YEAR_2000: Instant = 946_684_800_000_000

# The lock comes before the mark is read: whoever advances it waits for us (see ``rollups``).
_BEFORE_COPY = """
LOCK TABLE rollup_late IN ROW EXCLUSIVE MODE;
SELECT late_before FROM rollup_progress;
SAVEPOINT before_copy
"""
_NOTE_LATE = """
INSERT INTO rollup_late (point_id, at)
SELECT DISTINCT point_id, date_bin(interval '1 minute', 'epoch'::timestamptz + at * interval '1 microsecond', 'epoch')
FROM unnest(%s::int[], %s::bigint[]) AS arrived (point_id, at)
"""


def append(tx: Tx, readings: Sequence[Reading]) -> list[Reading]:
    """What ``insert`` does, several times faster where really none of ``readings`` is stored, and slower otherwise."""
    if not readings:
        return []
    with driver_cursor(tx) as cursor:
        cursor.execute(_BEFORE_COPY)
        cursor.nextset()
        late_before = instant(cursor.fetchall()[0][0])
        try:
            with cursor.copy(_COPY) as copy:
                copy.write(_COPY_HEADER)
                for start in range(0, len(readings), _AT_ONCE):
                    copy.write(_rows(readings[start : start + _AT_ONCE]))
                copy.write(_COPY_END)
        except UniqueViolation:
            cursor.execute("ROLLBACK TO SAVEPOINT before_copy; RELEASE SAVEPOINT before_copy")
            return insert(tx, readings)
        cursor.execute("RELEASE SAVEPOINT before_copy")
        late = [each for each in readings if each.at < late_before]
        if late:
            cursor.execute(_NOTE_LATE, (_array(each.point_id for each in late), _array(each.at for each in late)))
    return list(readings)


def _rows(readings: Iterable[Reading]) -> bytes:
    pack, epoch = _ROW.pack, _YEAR_2000
    return b"".join(
        [
            pack(6, 4, point_id, 8, at - epoch, 8, sequence, 8, value, 2, quality, 8, received_at - epoch)
            for point_id, at, sequence, value, quality, received_at in readings
        ]
    )


# Arrays travel as text literals: to join numbers is several times cheaper than to adapt each of them.
_INSERT = """
WITH fresh AS (
    INSERT INTO reading (point_id, at, sequence, value, quality, received_at)
    SELECT point_id, 'epoch'::timestamptz + at * interval '1 microsecond', sequence, value, quality,
           'epoch'::timestamptz + received_at * interval '1 microsecond'
    FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::float8[], %s::smallint[], %s::bigint[])
         AS arrived (point_id, at, sequence, value, quality, received_at)
    ON CONFLICT DO NOTHING
    RETURNING point_id, at, sequence
), counted AS (SELECT count(*) AS n FROM fresh
), noted AS (
    INSERT INTO rollup_late (point_id, at)
    SELECT DISTINCT point_id, date_bin(interval '1 minute', at, 'epoch') FROM fresh, rollup_progress
    WHERE at < late_before
)
SELECT point_id, (extract(epoch FROM at) * 1000000)::bigint, sequence FROM fresh, counted WHERE n < %s
UNION ALL SELECT NULL, n, NULL FROM counted
"""


def _array(numbers: Iterable[object]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def insert(tx: Tx, readings: Sequence[Reading]) -> list[Reading]:
    """Store ``readings``, of which no two have the same identity; returns those that were not stored before.

    One statement, whatever the number; the usual case, all of them new, sends nothing back. Minutes that come too late
    to be summed up with the others are noted (see ``rollups``).
    """
    if not readings:
        return []
    points, times, sequences, values, qualities, received = zip(*readings, strict=True)
    rows = tx.exec_driver_sql(
        _INSERT,
        (
            _array(points),
            _array(times),
            _array(sequences),
            _array(map(repr, values)),
            _array(map(int, qualities)),
            _array(received),
            len(readings),
        ),
    ).all()
    count = next(row[1] for row in rows if row[0] is None)
    if count == len(readings):
        return list(readings)
    fresh = {(row[0], row[1], row[2]) for row in rows if row[0] is not None}
    return [reading for reading in readings if reading[:3] in fresh]


_LATEST = """
SELECT point.id, latest.at, latest.sequence, latest.value, latest.quality, latest.received_at
FROM unnest(%s::int[]) AS point (id), LATERAL (
    SELECT * FROM reading WHERE point_id = point.id ORDER BY at DESC, received_at DESC, sequence DESC LIMIT 1
) AS latest
"""


def latest(tx: Tx, point_ids: Iterable[int]) -> dict[int, Reading]:
    """The newest reading by event time of each of ``point_ids`` that has one; of several, the last to arrive."""
    rows = tx.exec_driver_sql(_LATEST, (_array(point_ids),))
    return {row[0]: _reading(row) for row in rows}


def _reading(row: Sequence[Any]) -> Reading:
    return Reading(row[0], instant(row[1]), row[2], row[3], Quality(row[4]), instant(row[5]))


_SINCE = """
SELECT point_id, at, sequence, value, quality, received_at
FROM unnest(%s::int[], %s::bigint[]) AS asked (id, since) JOIN reading
     ON point_id = id AND at >= 'epoch'::timestamptz + since * interval '1 microsecond'
ORDER BY received_at, at, point_id, sequence
"""

arrival = itemgetter(5, 1, 0, 2)
"""The order in which readings are judged: as they arrived, those of one message by event time."""


def since(tx: Tx, starts: Mapping[int, Instant]) -> Iterator[Reading]:
    """All readings of each point of ``starts`` from that instant on, in the order of arrival."""
    rows = tx.exec_driver_sql(_SINCE, (_array(starts), _array(starts.values())))
    return map(_reading, rows)


_BETWEEN = """
SELECT point_id, (extract(epoch FROM at) * 1000000)::bigint, sequence, value, quality,
       (extract(epoch FROM received_at) * 1000000)::bigint
FROM reading
WHERE point_id = ANY (%s::int[]) AND at >= 'epoch'::timestamptz + %s * interval '1 microsecond'
      AND at < 'epoch'::timestamptz + %s * interval '1 microsecond'
ORDER BY received_at, at, point_id, sequence
LIMIT %s
"""


def between(tx: Tx, point_ids: Iterable[int], start: Instant, end: Instant, limit: int) -> list[Reading]:
    """The readings of points from ``start`` to before ``end``, in the order of arrival, at most ``limit``."""
    rows = tx.exec_driver_sql(_BETWEEN, (_array(point_ids), start, end, limit))
    qualities = list(Quality)
    return [Reading(row[0], row[1], row[2], row[3], qualities[row[4]], row[5]) for row in rows]


_NUMBERED = """
SELECT point.id, recent.sequence, recent.value
FROM unnest(%s::int[]) AS point (id), LATERAL (
    SELECT sequence, value FROM reading WHERE point_id = point.id ORDER BY at DESC LIMIT 2000
) AS recent
WHERE recent.sequence = ANY (%s::bigint[])
"""


def numbered(tx: Tx, points: Iterable[int], sequences: Iterable[int]) -> dict[tuple[int, int], float]:
    """The values stored under (point_id, sequence) of these among each point's newest 2,000 readings.

    That many are more than a broker has in flight to one client, so that a redelivery is always recognised.
    """
    asked = list(points)
    if not asked:
        return {}
    rows = tx.exec_driver_sql(_NUMBERED, (_array(asked), _array(sequences)))
    return {(row[0], row[1]): row[2] for row in rows}
