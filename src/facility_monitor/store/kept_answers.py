"""Answers kept under an Idempotency-Key, so that a request that is sent again is answered again and not done again."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, insert, select, text

from facility_monitor.store.database import Tx
from facility_monitor.store.tables import kept_answer

KEPT = timedelta(days=7)
"""For so long the same request is known again."""
_LOCK = 0x4B45_5054
"""First half of the advisory locks by which requests of one person under one key go one after the other."""


class Answer(NamedTuple):
    """What was answered to the request with ``request_hash``."""

    request_hash: bytes
    status: int
    location: str | None
    body: str


def find(tx: Tx, person_id: int, key: str, now: datetime) -> Answer | None:
    """The answer under this key. Until the transaction ends nobody else looks for or keeps one under it.

    Call it before any row is locked.
    """
    digest = hashlib.sha256(f"{person_id}:{key}".encode()).digest()
    number = int.from_bytes(digest[:4], signed=True)
    tx.execute(text("SELECT pg_advisory_xact_lock(:lock, :key)"), {"lock": _LOCK, "key": number})
    row = tx.execute(
        select(*(kept_answer.c[name] for name in Answer._fields)).where(
            kept_answer.c.person_id == person_id, kept_answer.c.key == key, kept_answer.c.created_at > now - KEPT
        )
    ).one_or_none()
    return None if row is None else Answer(*row)


def keep(tx: Tx, person_id: int, key: str, answer: Answer, now: datetime) -> None:
    """Keep an answer under a key for which ``find`` has found none."""
    tx.execute(delete(kept_answer).where(kept_answer.c.person_id == person_id, kept_answer.c.key == key))
    tx.execute(insert(kept_answer).values(person_id=person_id, key=key, created_at=now, **answer._asdict()))


def prune(tx: Tx, now: datetime) -> int:
    """Forget the answers that nobody may ask for any more; returns how many."""
    return tx.execute(delete(kept_answer).where(kept_answer.c.created_at <= now - KEPT)).rowcount
