"""Failed log-ins of the last minutes, counted over all processes of the service."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, insert, select, text

from facility_monitor.store.database import Tx
from facility_monitor.store.tables import sign_in_failure

_ADDRESSES, _USERNAMES = 0x5349_4741, 0x5349_474E
"""First halves of the advisory locks by which tries from one address, and for one name, go one after the other."""


class Failures(NamedTuple):
    """When the failures within the window happened, newest first."""

    of_username: list[datetime]
    of_address: list[datetime]


def username_hash(username: str) -> bytes:
    """What is kept of a user name that somebody tried: it may be a password in the wrong field."""
    return hashlib.sha256(username.encode("utf-8", "surrogatepass")).digest()


def since(tx: Tx, username: str, address: str, start: datetime) -> Failures:
    """The failures after ``start``. Until the transaction ends nobody else counts for this name or address."""
    for lock, key in ((_ADDRESSES, address.encode()), (_USERNAMES, username_hash(username))):
        number = int.from_bytes(hashlib.sha256(key).digest()[:4], signed=True)
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock, :key)"), {"lock": lock, "key": number})
    tx.execute(delete(sign_in_failure).where(sign_in_failure.c.at <= start))
    return Failures(
        _times(tx, sign_in_failure.c.username_hash == username_hash(username)),
        _times(tx, sign_in_failure.c.address == address),
    )


def _times(tx: Tx, condition: ColumnElement[bool]) -> list[datetime]:
    rows = tx.execute(select(sign_in_failure.c.at).where(condition).order_by(sign_in_failure.c.at.desc()).limit(50))
    return list(rows.scalars())


def add(tx: Tx, username: str, address: str, now: datetime) -> int:
    """Count a try as failed, before its outcome is known: tries at the same time must not slip through."""
    values = {"at": now, "username_hash": username_hash(username), "address": address}
    number: int = tx.execute(insert(sign_in_failure).values(**values).returning(sign_in_failure.c.id)).scalar_one()
    return number


def forgive(tx: Tx, username: str) -> None:
    """The owner of the name has signed in: the failures before no longer count, this try included."""
    tx.execute(delete(sign_in_failure).where(sign_in_failure.c.username_hash == username_hash(username)))
