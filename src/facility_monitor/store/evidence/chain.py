"""The chains of the ledger as they stand in the database, read for sealing, proving and exporting them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Text, cast, func, select, text

from facility_monitor.domain.fire.chain import GENESIS, Broken, Link, Place
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import ledger, ledger_archive


def _written(name: str) -> ColumnElement[str]:
    # as a text from the database: what somebody has put there need not be a time that Python knows
    shown = func.to_char(func.timezone("UTC", ledger.c[name]), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    return func.coalesce(shown, cast(ledger.c[name], Text)).label(name)


_AS_HASHED = {"at": _written("at"), "occurred_at": _written("occurred_at"), "body": cast(ledger.c.body, Text)}
_LINK = [_AS_HASHED.get(name, ledger.c[name]) for name in Link._fields]
_AT_ONCE = 5000


class Line(NamedTuple):
    """An entry as it is proved: its place, the bytes that were hashed, and the hash kept beside them."""

    place: Place
    canonical: bytes
    hash: bytes


def snapshot(tx: Tx) -> None:
    """Let all that ``tx`` reads be of one moment. Must be its first statement."""
    tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


def entries(tx: Tx, site_id: int | None = None, first: int = 1, last: int | None = None) -> Iterator[Line | Broken]:
    """Entries in the order of their sites and positions, as many as memory need not hold at once; a Broken for one of
    which a part is gone."""
    asked = select(*_LINK, ledger.c.hash).where(ledger.c.position >= first)
    if site_id is not None:
        asked = asked.where(ledger.c.site_id == site_id)
    if last is not None:
        asked = asked.where(ledger.c.position <= last)
    rows = tx.execute(
        asked.order_by(ledger.c.site_id, ledger.c.position, ledger.c.id), execution_options={"yield_per": _AT_ONCE}
    )
    for row in rows:
        link = Link(*row[:-1])
        try:
            yield Line(Place(link.site_id, link.position, link.prev, link.id), link.canonical(), row[-1])
        except (TypeError, AttributeError):
            yield Broken(link.site_id, link.position, "has been altered: a part of it is gone")


def hashes(tx: Tx, site_id: int, first: int, last: int) -> Iterator[bytes]:
    """The hashes of a site's entries ``first`` to ``last``."""
    asked = select(ledger.c.hash).where(ledger.c.site_id == site_id, ledger.c.position.between(first, last))
    yield from tx.execute(asked.order_by(ledger.c.position), execution_options={"yield_per": _AT_ONCE}).scalars()


def hash_at(tx: Tx, site_id: int, position: int) -> bytes | None:
    """The hash of one entry, or what stands before the first; None where there is no such entry.

    Of those in the archive the last of each part is known.
    """
    if position == 0:
        return GENESIS
    here = select(ledger.c.hash).where(ledger.c.site_id == site_id, ledger.c.position == position)
    archived = select(ledger_archive.c.head).where(
        ledger_archive.c.site_id == site_id, ledger_archive.c.last == position
    )
    return tx.execute(here.union_all(archived)).scalar_one_or_none()


class Sealed(NamedTuple):
    """The hash of an entry, and when it was made."""

    hash: bytes
    at: datetime


def entry_at(tx: Tx, site_id: int, position: int) -> Sealed | None:
    """One entry of a site; None where there is no such, or it lies in the archive."""
    asked = select(ledger.c.hash, ledger.c.at).where(ledger.c.site_id == site_id, ledger.c.position == position)
    row = tx.execute(asked).one_or_none()
    return None if row is None else Sealed(bytes(row.hash), row.at)
