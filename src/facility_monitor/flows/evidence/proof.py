"""Proving the ledger, in the database or in an proof file: all of it holds, or here is the first that does not.

Proved is: every chain from its first entry to its head; that no entry which a checkpoint has seen was rewritten, cut
off or slipped in since; that the checkpoints follow each other and were signed with one key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from facility_monitor.domain.fire.chain import Broken, Head, Link, Place, Span, Walk
from facility_monitor.flows.evidence import archive
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import archive as archived
from facility_monitor.store.evidence import chain, ledger, records
from facility_monitor.store.evidence.archive import Vault
from facility_monitor.store.evidence.checkpoints import BadCheckpoint, Checkpoints, read
from facility_monitor.store.evidence.files import Damaged, Files
from facility_monitor.store.evidence.proof_file import Line, Reader
from facility_monitor.store.evidence.time_stamps import stamped_at

_AT_ONCE = 1000


@dataclass
class Proof:
    """What was looked at, and the first thing that does not hold; None where all of it does."""

    entries: int = 0
    sites: int = 0
    records: int = 0
    checkpoints: int = 0
    stamps: int = 0
    parts: int = 0
    keys: set[str] = field(default_factory=set)
    broken: Broken | None = None


def prove(
    tx: Tx,
    checkpoints: Checkpoints,
    key: str | None = None,
    files: Files | None = None,
    vault: Vault | None = None,
) -> Proof:
    """Prove the whole ledger of a database, against the checkpoints outside of it. Must be first in its transaction.

    ``key`` is the public key that the checkpoints must be signed with; ``files`` are where photos are kept, ``vault``
    holds what was moved to the archive.
    """
    chain.snapshot(tx)
    proof = Proof()
    spans = _follow_checkpoints(proof, checkpoints.files(), key)
    heads = ledger.heads(tx)
    referred = _Referred(tx, files)

    def lines() -> Iterator[Line | Broken]:
        for part in archived.parts(tx):
            if vault is None:
                yield Broken(part.site_id, part.first, "lies in the archive, whose key is not at hand")
                return
            yield from archive.lines(vault, part)
        for link, stored in chain.entries(tx):
            try:
                line = Line(Place(link.site_id, link.position, link.prev, link.id), link.canonical(), stored)
            except (TypeError, AttributeError):
                yield Broken(link.site_id, link.position, "has been altered: a part of it is gone")
                return
            referred.note(link)
            yield line

    starts = dict.fromkeys(heads.keys() | spans.keys(), Head())
    broken = _walk(proof, lines(), spans, starts, heads)
    proof.broken = broken or proof.broken or referred.broken()
    proof.records = referred.count
    return proof


class _Referred:
    """The records and photos that entries refer to by their hash."""

    def __init__(self, tx: Tx, files: Files | None) -> None:
        self.count = 0
        self._files = files
        self._seen: set[str] = set()
        self._tx = tx
        self._waiting: dict[str, dict[int, tuple[Link, str]]] = {kind: {} for kind in records.RECORDS}
        self._broken: Broken | None = None

    def note(self, link: Link) -> None:
        if self._files is not None and '"photos":[{' in link.body:
            self._look_at_photos(link, self._files)
        if link.kind not in records.RECORDS:
            return
        try:
            body = json.loads(link.body)
            number, expected = body.get(records.RECORDS[link.kind][1]), body.get(records.HASHED)
        except (ValueError, AttributeError, RecursionError):
            return  # it was altered, which is found by its hash
        if isinstance(number, int) and isinstance(expected, str):
            self._waiting[link.kind][number] = (link, expected)
            self.count += 1
            if len(self._waiting[link.kind]) >= _AT_ONCE:
                self._look(link.kind)

    def _look_at_photos(self, link: Link, files: Files) -> None:
        try:
            named = {str(each["sha256"]) for each in json.loads(link.body)["photos"]} - self._seen
            for digest in sorted(named):
                files.read(bytes.fromhex(digest))
        except Damaged as error:
            self._broken = self._broken or Broken(link.site_id, link.position, f"holds, but of its photos {error}")
        except (ValueError, KeyError, TypeError, RecursionError):
            return  # it was altered, which is found by its hash
        else:
            self._seen |= named
            self.count += len(named)

    def broken(self) -> Broken | None:
        """The first entry whose record is gone or was altered."""
        for kind in records.RECORDS:
            self._look(kind)
        return self._broken

    def _look(self, kind: str) -> None:
        waiting, self._waiting[kind] = self._waiting[kind], {}
        table = records.RECORDS[kind][0]
        expected = {number: digest for number, (_, digest) in waiting.items()}
        for number in records.altered(self._tx, table, expected) if expected else ():
            link = waiting[number][0]
            what = f"holds, but its record {table.name} {number} has been altered or deleted"
            self._broken = self._broken or Broken(link.site_id, link.position, what)


def prove_file(path: Path, key: str | None = None) -> Proof:
    """Prove an proof file; nothing else is needed. Raises InvalidInput where ``path`` is none."""
    with Reader(path) as reader:
        proof = Proof()
        spans = _follow_checkpoints(proof, _checkpoints_in(reader), key)
        starts = {each.site_id: each.start for each in reader.chains}
        heads = {each.site_id: each.head for each in reader.chains}
        # a file may end before the newest checkpoint: that it ends there is what its manifest is signed for
        here = {
            site_id: [span for span in spans.get(site_id, ()) if span.last <= head.position]
            for site_id, head in heads.items()
        }
        broken = _walk(proof, reader.lines(), here, starts, heads) or proof.broken
        if (broken is None and (key or reader.key) != reader.key) or proof.keys - {reader.key}:
            broken = Broken(None, None, f"the file is signed with another key: {reader.key}")
        if broken is None and not reader.manifest_signed():
            broken = Broken(None, None, "manifest.json is not as it was signed")
        if broken is None:
            proof.parts = len(reader.files)
            broken = next((Broken(None, None, what) for what in reader.altered()), None)
        proof.keys.add(reader.key)
        proof.broken = broken
        return proof


def _checkpoints_in(reader: Reader) -> Iterator[tuple[str, bytes, bytes | None]]:
    for name in sorted(reader.files):
        if name.startswith("checkpoints/") and name.endswith(".json"):
            stamp = f"{name}.tsr"
            yield name, reader.part(name), reader.part(stamp) if stamp in reader.files else None


def _follow_checkpoints(
    proof: Proof, files: Iterable[tuple[str, bytes, bytes | None]], key: str | None
) -> dict[int, list[Span]]:
    """The spans of all checkpoints by site; what is wrong with a checkpoint itself goes into ``proof``."""
    spans: dict[int, list[Span]] = {}
    before = None
    try:
        for name, data, stamp in files:
            try:
                checkpoint, by = read(data)
                if stamp is not None:
                    stamped_at(stamp, data)
                    proof.stamps += 1
            except BadCheckpoint as error:
                raise BadCheckpoint(f"{name} {error}") from None
            for site_id, span in checkpoint.spans.items():
                spans.setdefault(site_id, []).append(span)
            expected = 1 if before is None else before.number + 1
            if checkpoint.number != expected:
                raise BadCheckpoint(f"checkpoint {expected} is missing")
            if checkpoint.previous != (None if before is None else before.digest()):
                raise BadCheckpoint(f"{name} does not follow the checkpoint before it")
            proof.keys.add(by)
            if len(proof.keys) > 1 or (key is not None and by != key):
                raise BadCheckpoint(f"{name} is signed with another key: {by}")
            proof.checkpoints += 1
            before = checkpoint
    except ValueError as error:
        proof.broken = Broken(None, None, str(error))
    return spans


def _walk(
    proof: Proof,
    lines: Iterable[Line | Broken],
    spans: dict[int, list[Span]],
    starts: dict[int, Head],
    heads: dict[int, Head],
) -> Broken | None:
    """Walk each chain from its start to its head; the first thing that is broken, the lower site first."""
    walks = {site_id: Walk(site_id, start, spans.get(site_id, ())) for site_id, start in starts.items()}
    broken: list[Broken] = []
    current: int | None = None
    for line in lines:
        if isinstance(line, Broken):
            broken.append(line)
            break
        site_id, position, prev, number = line.place
        if site_id not in walks:
            broken.append(Broken(site_id, position, "belongs to a site that has no head"))
            break
        if site_id != current:
            proof.sites += 1
            current = site_id
        found = walks[site_id].take(position, prev, number, line.canonical, line.hash)
        if found is not None:
            broken.append(found)
            break
        proof.entries += 1
    ended = _ends(walks, heads) if not broken else ()
    return next(iter([*broken, *ended]), None)


def _ends(walks: dict[int, Walk], heads: dict[int, Head]) -> Iterator[Broken]:
    for site_id in sorted(walks):
        found = walks[site_id].end(heads.get(site_id, Head()))
        if found is not None:
            yield found
