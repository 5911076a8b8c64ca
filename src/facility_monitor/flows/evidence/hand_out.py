"""Handing the ledger out: one file for somebody who has to be able to prove it without us."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from facility_monitor.domain.fire.chain import Head
from facility_monitor.errors import NotFound
from facility_monitor.flows.evidence import archive
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import chain, ledger
from facility_monitor.store.evidence.archive import Vault
from facility_monitor.store.evidence.checkpoints import Checkpoints
from facility_monitor.store.evidence.proof_file import Chain, Writer
from facility_monitor.store.evidence.signing_key import SigningKey
from facility_monitor.store.tables import site


def export_ledger(
    tx: Tx,
    target: Path,
    checkpoints: Checkpoints,
    key: SigningKey,
    codes: Collection[str],
    now: datetime,
    vault: Vault | None = None,
) -> int:
    """Write the whole ledger of the sites ``codes``, of all where there are none, to ``target``; returns the entries.

    Must be first in its transaction. What lies in the archive is read from ``vault``. Raises NotFound for a site that
    there is not, Conflict for what cannot be read.
    """
    chain.snapshot(tx)
    known = {row.code: row.id for row in tx.execute(select(site.c.id, site.c.code).order_by(site.c.id))}
    for code in codes:
        if code not in known:
            raise NotFound(f"site {code}")
    heads = ledger.heads(tx)
    chains = [
        Chain(number, code, Head(), heads[number])
        for code, number in known.items()
        if number in heads and (not codes or code in codes)
    ]
    writer = Writer(target, key, now)
    writer.add_entries(line for each in chains for line in archive.whole(archive.everything(tx, vault, each.site_id)))
    add_checkpoints(writer, checkpoints)
    writer.close(chains)
    return sum(each.head.position - each.start.position for each in chains)


def add_checkpoints(writer: Writer, checkpoints: Checkpoints) -> None:
    """All checkpoints with their time stamps: each names the one before, so that none can be left out."""
    for name, data, stamp in checkpoints.files():
        writer.add(f"checkpoints/{name}", data)
        if stamp is not None:
            writer.add(f"checkpoints/{name}.tsr", stamp)
