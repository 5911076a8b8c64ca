"""Old parts of the ledger, and photos and files as old: encrypted with AES-256-GCM, they restore to the letter.

::

    FMA1                    what it is
    12 bytes                nonce
    rest                    a proof file, or a photo or file as it was sent, encrypted; authenticated with it: FMA1 and
                            the file's own name
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, insert, select, text

from facility_monitor.domain.fire.chain import Head, digest
from facility_monitor.errors import BadSettings
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence.chain import Line
from facility_monitor.store.evidence.files import Damaged, digest_of
from facility_monitor.store.tables import ledger, ledger_archive, record_retention

_MAGIC = b"FMA1"
_NONCE = 12
"""Bytes."""
_EXHIBIT = re.compile(r"([0-9a-f]{64})\.fma")
LEDGER = "ledger"
"""The type of record whose retention holds for the ledger."""


class Part(NamedTuple):
    """Entries ``first`` to ``last`` of a site that lie in ``file``; before them stands ``start``."""

    site_id: int
    first: int
    last: int
    start: bytes
    head: bytes
    file: str
    sha256: bytes


class Vault:
    """The folder of the archives and their key, 32 random bytes as hexadecimal digits in a file of its own."""

    def __init__(self, folder: Path, key_file: Path) -> None:
        self._folder = folder
        self._key_file = key_file

    def put(self, name: str, plain: bytes) -> bytes:
        """Encrypt ``plain`` into a new file; returns the file's SHA-256. Raises BadSettings for a bad key."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = _MAGIC + nonce + AESGCM(self._key(make=True)).encrypt(nonce, plain, _MAGIC + name.encode())
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{name}.part"
        with draft.open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / name)
        return digest_of(sealed)

    def read(self, part: Part) -> bytes:
        """The proof file of ``part``. Raises Damaged, and BadSettings where the key is none or another.

        A file that was altered or exchanged is found by its hash, before the key is tried: what has the right hash and
        does not open was sealed with another key.
        """
        sealed = self._sealed(part.file)
        if digest_of(sealed) != part.sha256:
            raise Damaged(f"archive {part.file} has been altered")
        try:
            return self._opened(part.file, sealed)
        except InvalidTag:
            raise BadSettings(f"{self._key_file}: not the key of archive {part.file}, which is as written") from None

    def put_exhibit(self, content: bytes) -> None:
        """Encrypt a photo or file under the name of its SHA-256, and read it back. Raises Damaged, BadSettings."""
        digest = digest_of(content)
        self.put(_exhibit(digest), content)
        self.exhibit(digest)

    def exhibit(self, digest: bytes) -> bytes:
        """A photo or file by its SHA-256. Raises Damaged, BadSettings where there is no key."""
        name = _exhibit(digest)
        try:
            content = self._opened(name, self._sealed(name))
        except InvalidTag:
            raise Damaged(f"archive {name} has been altered, or its key is another") from None
        if digest_of(content) != digest:
            raise Damaged(f"archive {name} is not what its name says")
        return content

    def exhibits(self) -> list[bytes]:
        """The SHA-256 of each photo and file that lies here."""
        names = sorted(path.name for path in self._folder.glob("*.fma"))
        return [bytes.fromhex(found[1]) for name in names if (found := _EXHIBIT.fullmatch(name))]

    def _sealed(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            raise Damaged(f"archive {name}: {error.strerror}") from None

    def _opened(self, name: str, sealed: bytes) -> bytes:
        """Raises InvalidTag, also for what is too short to hold anything."""
        begin = len(_MAGIC) + _NONCE
        if len(sealed) < begin:
            raise InvalidTag
        return AESGCM(self._key()).decrypt(sealed[len(_MAGIC) : begin], sealed[begin:], _MAGIC + name.encode())

    def _key(self, *, make: bool = False) -> bytes:
        try:
            if make and not self._key_file.exists():
                self._key_file.parent.mkdir(parents=True, exist_ok=True)
                self._key_file.touch(mode=0o600)
                self._key_file.write_text(secrets.token_hex(32) + "\n", "ascii")
            key = bytes.fromhex(self._key_file.read_text("ascii").strip())
        except (OSError, ValueError) as error:
            raise BadSettings(f"{self._key_file}: no archive key: {error}") from None
        if len(key) != 32:
            raise BadSettings(f"{self._key_file}: an archive key is 64 hexadecimal digits")
        return key


def _exhibit(digest: bytes) -> str:
    return f"{digest.hex()}.fma"


class Retention(NamedTuple):
    """For how many months records of a type are kept where they are, None for ever; and who asks for that."""

    keep_months: int | None
    standard: str
    clause: str


def retention(tx: Tx, record_type: str, on: date) -> Retention:
    """How long records of a type are kept, by the row that holds on a day."""
    columns = (record_retention.c[name] for name in Retention._fields)
    asked = select(*columns).where(
        record_retention.c.record_type == record_type, record_retention.c.effective_from <= on
    )
    return Retention(*tx.execute(asked.order_by(record_retention.c.effective_from.desc()).limit(1)).one())


def parts(tx: Tx) -> list[Part]:
    """The archived parts, by site and position."""
    columns = [ledger_archive.c[name] for name in Part._fields]
    return [
        Part(*row) for row in tx.execute(select(*columns).order_by(ledger_archive.c.site_id, ledger_archive.c.first))
    ]


def older(tx: Tx, site_id: int, before: datetime, sealed: int) -> int:
    """The position up to which a site's entries are older than ``before`` and sealed; 0 where none is."""
    young = select(func.min(ledger.c.position)).where(ledger.c.site_id == site_id, ledger.c.at >= before)
    first: int | None = tx.execute(young).scalar_one()
    last: int | None = tx.execute(select(func.max(ledger.c.position)).where(ledger.c.site_id == site_id)).scalar_one()
    return min(sealed, (last or 0) if first is None else first - 1)


def move_out(tx: Tx, part: Part, now: datetime) -> None:
    """Take the entries of ``part``, which lie in its file, out of the table; the database refuses this but here."""
    tx.execute(insert(ledger_archive).values(**part._asdict(), archived_at=now))
    span = {"site": part.site_id, "first": part.first, "last": part.last}
    here = "site_id = :site AND position BETWEEN :first AND :last"
    tx.execute(text("ALTER TABLE ledger DISABLE TRIGGER ledger_append_only"))
    named = f"UPDATE outbox SET ledger_id = NULL WHERE ledger_id IN (SELECT id FROM ledger WHERE {here})"  # noqa: S608
    tx.execute(text(named), span)
    tx.execute(text(f"DELETE FROM ledger WHERE {here}"), span)  # noqa: S608
    tx.execute(text("ALTER TABLE ledger ENABLE TRIGGER ledger_append_only"))


def rows(lines: Sequence[Line]) -> Iterator[dict[str, Any]]:
    """The rows of archived entries, as they were. Raises Damaged where one does not come out to the letter."""
    for line in lines:
        entry = json.loads(line.canonical)
        body = rfc8785.dumps(_exact(entry["body"])).decode()
        if f'"body":{body},"equipment_id"'.encode() not in line.canonical or digest(line.canonical) != line.hash:
            raise Damaged(f"entry {line.place.position} does not come out as it was")
        yield {**entry, "body": body, "prev": line.place.prev.hex(), "hash": line.hash.hex()}


def _exact(value: Any) -> Any:
    """Whole numbers beyond 2^53 were floats."""
    if isinstance(value, dict):
        return {name: _exact(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_exact(each) for each in value]
    large = isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53
    return float(value) if large else value


def forget(tx: Tx, part: Part) -> None:
    """The part lies in the table again; its file stays."""
    tx.execute(
        ledger_archive.delete().where(ledger_archive.c.site_id == part.site_id, ledger_archive.c.first == part.first)
    )


def end_of(part: Part) -> Head:
    return Head(part.last, part.head)
