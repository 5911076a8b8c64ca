"""What each batch did: written in its own transaction, so that it is exact whatever dies afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.balance import Holder, Sheet
from facility_monitor.store.database import Tx


class Unidentified(NamedTuple):
    """A message that tells neither a time nor a number, or is a reject: only the broker knows whether it is new.

    ``digest`` is made of its topic and payload, ``received_at`` is when it came for the first time.
    """

    message_id: int
    digest: int
    received_at: Instant


_PUT = """
INSERT INTO ingest_batch
    (slot, holder, received, stored, duplicate, rejected, missing, message_id, digest, received_at)
VALUES (%s, %s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::bigint[], %s::bigint[])
RETURNING id
"""


def put(tx: Tx, slot: int, sheet: Sheet, unidentified: Sequence[Unidentified]) -> int:
    """Enter a batch; returns its number, which rises."""
    holders = sheet.holders()
    usual = sheet.stored == sheet.received
    columns = zip(*unidentified, strict=True) if unidentified else (None, None, None)
    row = tx.exec_driver_sql(
        _PUT,
        (
            slot,
            _array(holders),
            _counts(sheet.received, holders),
            None if usual else _counts(sheet.stored, holders),
            *(
                _counts(counts, holders) if counts else None
                for counts in (sheet.duplicate, sheet.rejected, sheet.missing)
            ),
            *(None if column is None else _array(column) for column in columns),
        ),
    ).one()
    number: int = row[0]
    return number


def _counts(counts: Mapping[Holder, int], holders: Sequence[Holder]) -> str:
    return _array([counts.get(each, 0) for each in holders])


def _array(numbers: Sequence[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


_OPEN = """
SELECT id, message_id, digest, received_at FROM ingest_batch
WHERE slot = %s AND message_id IS NOT NULL
    AND id > coalesce((SELECT settled FROM ingest_slot WHERE slot = %s), 0)
ORDER BY id
"""


def unsettled(tx: Tx, slot: int) -> list[tuple[int, list[Unidentified]]]:
    """The slot's batches, by number, with messages that the broker may send again, the oldest first."""
    rows = tx.exec_driver_sql(_OPEN, (slot, slot))
    return [(row[0], [Unidentified(*each) for each in zip(*row[1:], strict=True)]) for row in rows]
