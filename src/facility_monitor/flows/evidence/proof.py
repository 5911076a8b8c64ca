"""Proving the ledger, in the database or in an proof file: all of it holds, or here is the first that does not.

Proved is: every chain from its first entry to its head; that no entry which a checkpoint has seen was rewritten, cut
off or slipped in since; that the checkpoints follow each other and were signed with one key; in the database also that
what entries tell of is kept as they say, and nothing besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from facility_monitor.domain.fire.chain import Broken, Head, Span, Walk
from facility_monitor.flows.evidence import archive
from facility_monitor.flows.evidence.told import Tellings
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import chain, ledger
from facility_monitor.store.evidence.archive import Vault
from facility_monitor.store.evidence.chain import Line
from facility_monitor.store.evidence.checkpoints import BadCheckpoint, Checkpoints, read
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.evidence.proof_file import Reader
from facility_monitor.store.evidence.time_stamps import stamped_at


@dataclass
class Proof:
    """What was looked at, and the first thing that does not hold; None where all of it does."""

    entries: int = 0
    sites: int = 0
    records: int = 0
    checkpoints: int = 0
    sealed_at: datetime | None = None
    """when the newest of them was made; much more than a day ago, and one was taken away or none is made any more"""
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

    ``key`` is the public key that the checkpoints must be signed with; ``files`` keeps photos and files, ``vault``
    what was moved to the archive.
    """
    chain.snapshot(tx)
    proof = Proof()
    spans = _follow_checkpoints(proof, checkpoints.files(), key)
    heads = ledger.heads(tx)
    tellings = Tellings(tx, files, vault)

    def lines() -> Iterator[Line | Broken]:
        for line in archive.everything(tx, vault):
            if isinstance(line, Line):
                tellings.take(line)
            yield line

    starts = dict.fromkeys(heads.keys() | spans.keys(), Head())
    broken = _walk(proof, lines(), spans, starts, heads)
    proof.broken = broken or proof.broken or tellings.broken()
    proof.records = tellings.count
    return proof


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
            proof.sealed_at = checkpoint.at
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
