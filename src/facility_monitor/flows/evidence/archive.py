"""Moving what is old out of the database, into encrypted files that prove and restore; nothing is ever deleted."""

from __future__ import annotations

import heapq
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

import orjson
from sqlalchemy import select, text

from facility_monitor.domain.calendar_month import add_months
from facility_monitor.domain.fire.chain import GENESIS, Broken, Head
from facility_monitor.errors import Conflict
from facility_monitor.store.database import LEDGER_LOCK, Tx
from facility_monitor.store.evidence import archive, chain, evidence, ledger
from facility_monitor.store.evidence.archive import Part, Vault
from facility_monitor.store.evidence.chain import Line
from facility_monitor.store.evidence.checkpoints import Checkpoints
from facility_monitor.store.evidence.files import Damaged, Files
from facility_monitor.store.evidence.proof_file import Chain, Reader, Writer
from facility_monitor.store.evidence.signing_key import SigningKey
from facility_monitor.store.tables import site

AT_ONCE = 50_000
"""Entries of one file."""


def move_old(tx: Tx, vault: Vault, checkpoints: Checkpoints, key: SigningKey, now: datetime) -> list[Part]:
    """Move what is older than its retention, and under a checkpoint, to the archive; returns the parts.

    The files are on the disk, and were read back, before the rows go. Raises Conflict where one does not read back,
    BadSettings where the key is not that of what was moved before.
    """
    tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LEDGER_LOCK})
    before, last = _before(tx, now), checkpoints.last()
    if before is None or last is None:
        return []
    for part in archive.parts(tx)[:1]:
        next(lines(vault, part))
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


def move_old_exhibits(tx: Tx, vault: Vault, files: Files, now: datetime) -> int:
    """Move photos and files of old records to the archive, but not those of technical files; returns how many.

    Each is read back before its bytes go. Raises Conflict where one is not what it was: it stays.
    """
    before = _before(tx, now)
    if before is None:
        return 0
    evidence.lock_files(tx, alone=True)
    old = [digest for digest in evidence.old(tx, before) if files.holds(digest)]
    for digest in old:
        try:
            vault.put_exhibit(files.read(digest))
        except Damaged as error:
            raise Conflict(str(error)) from None
        files.remove(digest)
    return len(old)


def _before(tx: Tx, now: datetime) -> datetime | None:
    """What is older than this may leave; None where nothing may."""
    months = archive.retention(tx, archive.LEDGER, now.date()).keep_months
    return None if months is None else datetime.combine(add_months(now.date(), -months), now.timetz())


def _start(tx: Tx, site_id: int) -> Head:
    parts = [each for each in archive.parts(tx) if each.site_id == site_id]
    return archive.end_of(parts[-1]) if parts else Head()


def _put(tx: Tx, vault: Vault, key: SigningKey, site_id: int, code: str, start: Head, upto: int, now: datetime) -> Part:
    head = chain.hash_at(tx, site_id, upto) or GENESIS
    plain = io.BytesIO()
    writer = Writer(plain, key, now)
    writer.add_entries(whole(chain.entries(tx, site_id, start.position + 1, upto)))
    writer.close([Chain(site_id, code, start, Head(upto, head))])
    name = f"{code}-{start.position + 1:09d}-{upto:09d}-{now:%Y%m%dT%H%M%S}.fma"
    sha256 = vault.put(name, plain.getvalue())
    part = Part(site_id, start.position + 1, upto, start.hash, head, name, sha256)
    back = [line.place.position for line in lines(vault, part) if isinstance(line, Line)]
    if back != list(range(part.first, part.last + 1)):
        raise Conflict(f"archive {name} does not read back: nothing was moved")
    return part


def lines(vault: Vault, part: Part) -> Iterator[Line | Broken]:
    """The entries of a part; a Broken where it cannot be read."""
    try:
        with Reader(io.BytesIO(vault.read(part))) as reader:
            yield from reader.lines()
    except Damaged as error:
        yield Broken(part.site_id, part.first, f"cannot be read: {error}")


def everything(tx: Tx, vault: Vault | None, site_id: int | None = None) -> Iterator[Line | Broken]:
    """The entries of a site, or of all, wherever they lie: in the order of their sites and positions."""
    parts = [part for part in archive.parts(tx) if site_id in (None, part.site_id)]
    return heapq.merge(_archived(vault, parts), chain.entries(tx, site_id), key=_order)


def _archived(vault: Vault | None, parts: Iterable[Part]) -> Iterator[Line | Broken]:
    for part in parts:
        if vault is None:
            yield Broken(part.site_id, part.first, "lies in the archive, which is not at hand")
        else:
            yield from lines(vault, part)


def _order(each: Line | Broken) -> tuple[int, int]:
    place = each.place if isinstance(each, Line) else each
    return place.site_id or 0, place.position or 0


def whole(lines: Iterable[Line | Broken]) -> Iterator[Line]:
    """Raises Conflict at the first that is broken."""
    for line in lines:
        if isinstance(line, Broken):
            raise Conflict(line.what)
        yield line


def restore(tx: Tx, vault: Vault) -> int:
    """Bring all archived entries back into the table; returns how many. Raises Conflict where one is not as it was."""
    tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LEDGER_LOCK})
    count = 0
    for part in archive.parts(tx):
        found = list(whole(lines(vault, part)))
        try:
            ledger.put_back(tx, orjson.dumps(list(archive.rows(found))).decode())
        except Damaged as error:
            raise Conflict(str(error)) from None
        archive.forget(tx, part)
        count += len(found)
    return count


def restore_exhibits(vault: Vault, files: Files) -> int:
    """Bring photos and files back to where they lay; returns how many. Raises Conflict where one is not as it was."""
    digests = vault.exhibits()
    for digest in digests:
        try:
            files.put(vault.exhibit(digest))
        except Damaged as error:
            raise Conflict(str(error)) from None
    return len(digests)
