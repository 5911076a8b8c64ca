"""API keys: secrets of programs, kept as hashes only."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, insert, or_, select, update

from facility_monitor.domain.person import Person
from facility_monitor.store.database import Tx
from facility_monitor.store.people import accounts
from facility_monitor.store.tables import api_key, person

USE_NOTED_EVERY = timedelta(minutes=1)
"""``last_used_at`` is written at most so often: a busy key must not write a row at each request."""


class Key(NamedTuple):
    """A key that was found by its id: the caller compares the hash and checks the dates."""

    person: Person
    secret_hash: bytes
    scopes: frozenset[str]
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


def add(
    tx: Tx,
    key_id: str,
    secret_hash: bytes,
    person_id: int,
    name: str,
    scopes: Collection[str],
    now: datetime,
    expires_at: datetime | None,
) -> None:
    tx.execute(
        insert(api_key).values(
            id=key_id,
            secret_hash=secret_hash,
            person_id=person_id,
            name=name,
            scopes=sorted(scopes),
            created_at=now,
            expires_at=expires_at,
        )
    )


def find(tx: Tx, key_id: str, now: datetime) -> Key | None:
    """The key with this id, of a person that is not disabled."""
    row = tx.execute(
        accounts.COLUMNS.add_columns(*(api_key.c[name] for name in Key._fields[1:]))
        .join(api_key, api_key.c.person_id == person.c.id)
        .where(api_key.c.id == key_id, ~person.c.disabled),
        {"now": now},
    ).one_or_none()
    if row is None:
        return None
    return Key(
        accounts.person_of(row),
        row.secret_hash,
        frozenset(row.scopes),
        row.expires_at,
        row.revoked_at,
        row.last_used_at,
    )


def note_use(tx: Tx, key_id: str, now: datetime) -> None:
    """Write ``last_used_at``, unless another request has done so within the minute."""
    tx.execute(
        update(api_key)
        .where(
            api_key.c.id == key_id,
            or_(api_key.c.last_used_at.is_(None), api_key.c.last_used_at <= now - USE_NOTED_EVERY),
        )
        .values(last_used_at=now)
    )


def shown(tx: Tx, condition: ColumnElement[bool]) -> list[dict[str, Any]]:
    """The keys of ``condition``, newest first, without their secrets: the rows of the API."""
    names = ("id", "person_id", "name", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at")
    rows = tx.execute(
        select(*(api_key.c[name] for name in names))
        .where(condition)
        .order_by(api_key.c.created_at.desc(), api_key.c.id)
    )
    return [dict(row) for row in rows.mappings()]


def revoke(tx: Tx, key_id: str, now: datetime) -> None:
    """The key stops at once; one that is revoked already keeps its time."""
    tx.execute(update(api_key).where(api_key.c.id == key_id, api_key.c.revoked_at.is_(None)).values(revoked_at=now))
