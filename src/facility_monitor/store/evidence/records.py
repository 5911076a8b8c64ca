"""Records that the ledger refers to by their hash: kept in tables of their own, and as unalterable as the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import rfc8785
from sqlalchemy import Table, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from facility_monitor.store.database import Tx
from facility_monitor.store.tables import elevator_part, elevator_test, equipment_check, part_inspection

HASHED = "record_sha256"
"""Where the body of an entry holds the hash of its record."""
RECORDS: Mapping[str, tuple[Table, str]] = {
    "elevator_test_recorded": (elevator_test, "test_id"),
    "check_recorded": (equipment_check, "check_id"),
    **dict.fromkeys(
        ("elevator_part_installed", "elevator_part_replaced", "elevator_part_corrected"), (elevator_part, "part_id")
    ),
    "part_inspected": (part_inspection, "inspection_id"),
}
"""By the kind of an entry: the table of its record, and where the body holds the record's id."""


def canonical(content: Mapping[str, Any], verdicts: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """What was recorded and how it was judged, if it is something to be judged, as canonical JSON (RFC 8785)."""
    return rfc8785.dumps({"content": dict(content), "verdicts": list(verdicts)})


def digest(content: Mapping[str, Any], verdicts: Sequence[Mapping[str, Any]] = ()) -> str:
    """The SHA-256 of that, as entries refer to it."""
    return hashlib.sha256(canonical(content, verdicts)).hexdigest()


def altered(tx: Tx, table: Table, expected: Mapping[int, str]) -> Collection[int]:
    """Those of the records, by id, that are gone or whose hash is not the ``expected``."""
    verdicts = table.c.verdicts if "verdicts" in table.c else literal([], JSONB)
    rows = tx.execute(
        select(table.c.id, table.c.content, verdicts.label("verdicts")).where(table.c.id == func.any(list(expected)))
    )
    good = {row.id for row in rows if _holds(row.content, row.verdicts, expected[row.id])}
    return sorted(expected.keys() - good)


def _holds(content: Any, verdicts: Any, expected: str) -> bool:
    try:
        return digest(content, verdicts) == expected
    except (rfc8785.CanonicalizationError, TypeError, ValueError):
        return False
