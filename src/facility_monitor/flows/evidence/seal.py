"""Sealing: the chains' heads and Merkle roots, signed, in a file where the database's owner cannot rewrite them."""

from __future__ import annotations

import logging
from datetime import datetime

from facility_monitor.domain.fire.chain import Head, Span, Tree
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.evidence import chain, ledger
from facility_monitor.store.evidence.checkpoints import Checkpoint, Checkpoints
from facility_monitor.store.evidence.signing_key import SigningKey

log = logging.getLogger(__name__)


def seal(database: Database, checkpoints: Checkpoints, key: SigningKey, now: datetime) -> Checkpoint:
    """Write a checkpoint of all that the ledger holds; returns it.

    A chain that has lost what the last checkpoint has seen keeps its old span, so that the proof fails for good; this
    is logged as an error, and the others are sealed nevertheless. Raises BadCheckpoint where the last file is damaged.
    """
    while True:
        last = checkpoints.last()
        with database.transaction() as tx:
            chain.snapshot(tx)
            before = {} if last is None else dict(last.spans)
            heads = ledger.heads(tx)
            number = 1 if last is None else last.number + 1
            spans = {
                site_id: _span(tx, site_id, number, before.get(site_id), heads.get(site_id, Head()))
                for site_id in sorted(before.keys() | heads.keys())
            }
        made = Checkpoint(number, now, None if last is None else last.digest(), spans)
        if checkpoints.add(made, key):
            return made


def seal_daily(database: Database, checkpoints: Checkpoints, key: SigningKey, now: datetime) -> Checkpoint | None:
    """Seal once on each day (UTC); None where that was done, or nothing was ever entered."""
    last = checkpoints.last()
    if last is not None and last.at.date() >= now.date():
        return None
    with database.transaction() as tx:
        if not ledger.heads(tx):
            return None
    return seal(database, checkpoints, key, now)


def _span(tx: Tx, site_id: int, number: int, before: Span | None, head: Head) -> Span:
    sealed = Head() if before is None else Head(before.last, before.head)
    if chain.hash_at(tx, site_id, sealed.position) != sealed.hash or head.position < sealed.position:
        log.error("ledger of site %d: entry %d is not what was sealed; run ledger verify", site_id, sealed.position)
        return Span(number, sealed.position + 1, sealed.position, sealed.hash, Tree().root())
    tree = Tree()
    for each in chain.hashes(tx, site_id, sealed.position + 1, head.position):
        tree.add(each)
    return Span(number, sealed.position + 1, head.position, head.hash, tree.root())
