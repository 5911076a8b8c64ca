"""Sessions: tokens that a log-in has given out, kept as hashes only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from facility_monitor.domain.person import Person
from facility_monitor.store.database import Tx
from facility_monitor.store.people import accounts
from facility_monitor.store.tables import person, session


def add(tx: Tx, token_hash: bytes, person_id: int, now: datetime, expires_at: datetime) -> None:
    """Begin a session."""
    tx.execute(
        insert(session).values(token_hash=token_hash, person_id=person_id, created_at=now, expires_at=expires_at)
    )


def prune(tx: Tx, now: datetime) -> int:
    """Forget the sessions that have expired; returns how many."""
    return tx.execute(delete(session).where(session.c.expires_at <= now)).rowcount


_SIGNED_IN = accounts.COLUMNS.join(session, session.c.person_id == person.c.id).where(
    session.c.token_hash == bindparam("hash"), session.c.expires_at > bindparam("now"), ~person.c.disabled
)
"""Made once: every request asks it."""


def signed_in(tx: Tx, token_hash: bytes, now: datetime) -> Person | None:
    """Whose session it is; None where it has expired or ended, or the person is disabled."""
    row = tx.execute(_SIGNED_IN, {"hash": token_hash, "now": now}).one_or_none()
    return None if row is None else accounts.person_of(row)


def expires_at(tx: Tx, token_hash: bytes) -> datetime | None:
    """When a session ends by itself."""
    return tx.execute(select(session.c.expires_at).where(session.c.token_hash == token_hash)).scalar_one_or_none()


def end(tx: Tx, token_hash: bytes) -> None:
    tx.execute(delete(session).where(session.c.token_hash == token_hash))


def end_all(tx: Tx, person_id: int, keep: bytes | None = None) -> None:
    """End a person's sessions, but for the one whose token hash is ``keep``."""
    others = delete(session).where(session.c.person_id == person_id)
    tx.execute(others if keep is None else others.where(session.c.token_hash != keep))
