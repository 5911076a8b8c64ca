"""Devices that nobody has told the service about, by the names under which they were heard."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import text

from facility_monitor.domain.instant import moment
from facility_monitor.domain.reading.telemetry import Reason, Reject, Telemetry
from facility_monitor.store.database import Tx

MOST = 1000
"""Names that are kept. A flood of others goes, but who was heard again and again stays (see ``prune``)."""
SOME_MORE = 2000
"""Names until the next ``prune``; beyond that no new one is taken down."""
MOST_KEYS = 64
LONGEST_NAME = 200
_KEYS_BYTES = 8000

_NOTE = """
INSERT INTO unknown_device AS known (site, device, topic, first_seen_at, last_seen_at, messages, keys)
SELECT site, device, topic, first_seen_at, last_seen_at, messages, keys
FROM jsonb_populate_recordset(NULL::unknown_device, %s::jsonb) AS heard
WHERE (SELECT count(*) FROM unknown_device) < %s
    OR EXISTS (SELECT FROM unknown_device AS before WHERE (before.site, before.device) = (heard.site, heard.device))
ON CONFLICT (site, device) DO UPDATE SET
    topic = excluded.topic, last_seen_at = excluded.last_seen_at, messages = known.messages + excluded.messages,
    keys = CASE WHEN pg_column_size(known.keys) < %s THEN known.keys || excluded.keys ELSE known.keys END
"""


def note(tx: Tx, rejects: Iterable[Reject]) -> None:
    """Take down the unknown devices that ``rejects`` come from, in one statement; those of known ones are passed over.

    The newest value of each key is kept with its unit, of so many keys as are reasonable.
    """
    heard: dict[tuple[str, str], dict[str, Any]] = {}
    for each in rejects:
        site, device = each.speaker
        if each.reason is not Reason.UNKNOWN_DEVICE or not device or len(device) + len(site or "") > LONGEST_NAME:
            continue
        at = moment(each.packet.received_at).isoformat()
        row = heard.setdefault((site or "", device), {"first_seen_at": at, "messages": 0, "keys": {}})
        row |= {"topic": each.packet.topic, "last_seen_at": at, "messages": row["messages"] + 1}
        for told in each.of:
            if isinstance(told, Telemetry):
                units = told.units or {}
                row["keys"] |= {
                    key: {"value": value, "unit": units.get(key)}
                    for key, value in list(told.values.items())[:MOST_KEYS]
                    if len(key) <= LONGEST_NAME
                }
    if heard:
        rows = [{"site": site, "device": device, **row} for (site, device), row in sorted(heard.items())]
        document = json.dumps(rows).replace("\\u0000", "\\ufffd")
        tx.exec_driver_sql(_NOTE, (document, SOME_MORE, _KEYS_BYTES))


_PRUNE = text("""
DELETE FROM unknown_device WHERE id IN (
    SELECT id FROM unknown_device ORDER BY messages > 1 DESC, last_seen_at DESC OFFSET :most
)
""")


def prune(tx: Tx, _now: datetime) -> None:
    """Forget all names but ``MOST``: those heard once only go first, then those not heard for longest."""
    tx.execute(_PRUNE, {"most": MOST})
