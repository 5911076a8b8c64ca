"""Dead letters: what arrived and is no reading, with its bytes and the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

from facility_monitor.domain.instant import moment
from facility_monitor.domain.reading.balance import HolderOf, nobody
from facility_monitor.domain.reading.telemetry import Reject
from facility_monitor.store.database import Tx
from facility_monitor.store.reading import letters

_PUT = """
INSERT INTO reject (received_at, topic, payload, reason, detail, site, device, told, holder, digest, slot,
    requested_at)
SELECT *, CASE WHEN reason = 'other_slot' THEN received_at END
FROM unnest(%s::timestamptz[], %s::text[], %s::bytea[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::jsonb[], %s::int[], %s::bigint[], %s::smallint[])
    AS arrived (received_at, topic, payload, reason, detail, site, device, told, holder, digest, slot)
ON CONFLICT (received_at, digest) DO NOTHING
RETURNING received_at, digest
"""


def _first(_device: str | None) -> int:
    return 0


def put(
    tx: Tx, rejects: Sequence[Reject], holder_of: HolderOf = nobody, slot_of: Callable[[str | None], int] = _first
) -> tuple[list[Reject], list[Reject]]:
    """Keep ``rejects``; returns those that are new, and those that were kept before.

    A message is the same where it came at the same instant for the same reason, byte for byte: one that the broker
    sends again is given the instant at which it came first. A NUL, which PostgreSQL's text cannot hold, is shown as
    U+FFFD in topic and detail. What is another slot's waits for that one from the start, as if a replay were asked for.
    """
    if not rejects:
        return [], []
    by_identity: dict[tuple[datetime, int], Reject] = {}
    for each in rejects:
        by_identity[moment(each.packet.received_at), _digest(each)] = each
    rows = [
        (
            at,
            _shown(each.packet.topic),
            each.packet.payload,
            each.reason.value,
            _shown(each.detail),
            *map(_shown, each.speaker),
            letters.told(each.of),
            holder_of(*each.speaker),
            digest,
            slot_of(each.speaker[1]),
        )
        for (at, digest), each in by_identity.items()
    ]
    stored = tx.exec_driver_sql(_PUT, tuple(map(list, zip(*rows, strict=True)))).all()
    new = {id(by_identity[row[0], row[1]]) for row in stored}
    return [each for each in rejects if id(each) in new], [each for each in rejects if id(each) not in new]


def _shown(text: str | None) -> str | None:
    return text.replace("\0", "\ufffd") if text is not None else text


def _digest(each: Reject) -> int:
    packet = each.packet
    parts = (packet.topic.encode("utf-8", "surrogatepass"), each.reason.encode(), packet.payload)
    return int.from_bytes(hashlib.blake2b(b"\0".join(parts), digest_size=8).digest(), "big", signed=True)
