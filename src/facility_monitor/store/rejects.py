"""Dead letters: what arrived and is no reading, with its bytes and the reason."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert

from facility_monitor.domain.instant import moment
from facility_monitor.domain.telemetry import Reject
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import reject


def put(tx: Tx, rejects: Sequence[Reject]) -> None:
    """Keep ``rejects``. A NUL, which PostgreSQL's text cannot hold, is shown as U+FFFD in topic and detail."""
    if rejects:
        tx.execute(
            insert(reject),
            [
                {
                    "received_at": moment(each.packet.received_at),
                    "topic": each.packet.topic.replace("\0", "\ufffd"),
                    "payload": each.packet.payload,
                    "reason": each.reason,
                    "detail": each.detail.replace("\0", "\ufffd"),
                }
                for each in rejects
            ],
        )
