"""Moving what is old out of the database, into encrypted files that prove and restore; nothing is ever deleted."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime

import orjson
from sqlalchemy import select, text

from facility_monitor.domain.calendar_month import add_months
from facility_monitor.domain.fire.chain import GENESIS, Broken, Head
from facility_monitor.errors import Conflict
from facility_monitor.store.database import LEDGER_LOCK, Tx
from facility_monitor.store.evidence import archive, chain, ledger
from facility_monitor.store.evidence.archive import Damaged, Part, Vault
from facility_monitor.store.evidence.checkpoints import Checkpoints
from facility_monitor.store.evidence.proof_file import Chain, Line, Reader, Writer
from facility_monitor.store.evidence.signing_key import SigningKey
from facility_monitor.store.tables import site

AT_ONCE = 50_000
"""Entries of one file."""


def move_old(tx: Tx, vault: Vault, checkpoints: Checkpoints, key: SigningKey, now: datetime) -> list[Part]:
    """Move what is older than its retention, and under a checkpoint, to the archive; returns the parts.

    The files are on the disk, and were read back, before the rows go. Raises Conflict where one does not read back.
    """
    tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LEDGER_LOCK})
    months, last = archive.retention(tx, archive.LEDGER, now.date()).keep_months, checkpoints.last()
    if months is None or last is None:
        return []
    before = datetime.combine(add_months(now.date(), -months), now.timetz())
    found = []
    for number, code in tx.execute(select(site.c.id, site.c.code).order_by(site.c.id)).all():
        span = last.spans.get(number)
        upto = archive.older(tx, number, before, 0 if span is None else span.last)
        start = _start(tx, number)
        while start.position < upto:
            part = _put(tx, vault, key, number, code, start, min(upto, start.position + AT_ONCE), now)
            archive.move_out(tx, part, now)
            found.append(part)
            start = archive.end_of(part)
    return found


def _start(tx: Tx, site_id: int) -> Head:
    parts = [each for each in archive.parts(tx) if each.site_id == site_id]
    return archive.end_of(parts[-1]) if parts else Head()


def _put(tx: Tx, vault: Vault, key: SigningKey, site_id: int, code: str, start: Head, upto: int, now: datetime) -> Part:
    head = chain.hash_at(tx, site_id, upto) or GENESIS
    plain = io.BytesIO()
    writer = Writer(plain, key, now)
    writer.add_entries(chain.entries(tx, site_id, start.position + 1, upto))
    writer.close([Chain(site_id, code, start, Head(upto, head))])
    name = f"{code}-{start.position + 1:09d}-{upto:09d}-{now:%Y%m%dT%H%M%S}.fma"
    sha256 = vault.put(name, plain.getvalue())
    part = Part(site_id, start.position + 1, upto, start.hash, head, name, sha256)
    whole = [line for line in lines(vault, part) if isinstance(line, Line)]
    if [line.place.position for line in whole] != list(range(part.first, part.last + 1)):
        raise Conflict(f"archive {name} does not read back: nothing was moved")
    return part


def lines(vault: Vault, part: Part) -> Iterator[Line | Broken]:
    """The entries of a part; a Broken where it cannot be read."""
    try:
        with Reader(io.BytesIO(vault.read(part))) as reader:
            yield from reader.lines()
    except Damaged as error:
        yield Broken(part.site_id, part.first, f"cannot be read: {error}")


def restore(tx: Tx, vault: Vault) -> int:
    """Bring all archived entries back into the table; returns how many. Raises Conflict where one is not as it was."""
    tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LEDGER_LOCK})
    count = 0
    for part in archive.parts(tx):
        whole = []
        for line in lines(vault, part):
            if isinstance(line, Broken):
                raise Conflict(line.what)
            whole.append(line)
        try:
            ledger.put_back(tx, orjson.dumps(list(archive.rows(whole))).decode())
        except Damaged as error:
            raise Conflict(str(error)) from None
        archive.forget(tx, part)
        count += len(whole)
    return count
