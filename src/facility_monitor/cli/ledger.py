"""``ledger``: prove the ledger, seal it, hand it out."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from facility_monitor import settings
from facility_monitor.domain.fire.chain import Broken, written
from facility_monitor.errors import FacilityMonitorError, InvalidInput
from facility_monitor.flows.evidence import archive, hand_out, proof, seal
from facility_monitor.settings import Settings
from facility_monitor.store.database import Database
from facility_monitor.store.evidence import signing_key
from facility_monitor.store.evidence.archive import Vault
from facility_monitor.store.evidence.checkpoints import BadCheckpoint, Checkpoints
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.evidence.proof_file import Reader
from facility_monitor.store.tables import site


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("ledger", help="prove the ledger, seal it in a checkpoint, hand it out as a file")
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)
    words = "prove the ledger, or name the first entry that does not hold; exit code 0 proved, 1 broken, 2 bad input"
    verify = verbs.add_parser("verify", help=words, description=words)
    verify.add_argument("--export", type=Path, metavar="FILE", help="prove this file; needs no database")
    verify.add_argument("--key", type=Path, metavar="PEM", help="the public key that it must be signed with")
    verify.set_defaults(run=run_verify)
    words = "write the ledger with its checkpoints to a file that anybody can prove with `ledger verify --export`"
    export = verbs.add_parser("export", help=words, description=words)
    export.add_argument("file", type=Path)
    export.add_argument("--site", metavar="CODE", action="append", default=[], help="may be repeated; default: all")
    export.set_defaults(run=run_export)
    words = "write a checkpoint of all that there is now; the worker does so once a day"
    verbs.add_parser("checkpoint", help=words, description=words).set_defaults(run=run_checkpoint)
    words = "move what is older than its retention to the encrypted archive, which `ledger verify` still reads"
    verbs.add_parser("archive", help=words, description=words).set_defaults(run=run_archive)
    words = "bring back what was archived"
    verbs.add_parser("restore", help=words, description=words).set_defaults(run=run_restore)
    words = "print the public key that checkpoints and files are signed with"
    verbs.add_parser("key", help=words, description=words).set_defaults(run=run_key)


def run_verify(options: argparse.Namespace) -> int:
    """Raises InvalidInput where file or key is none."""
    chosen = None if options.export else settings.load()
    key = None if options.key is None else signing_key.public_of(_read(options.key))
    names: dict[int, str] = {}
    if chosen is None:
        with Reader(options.export) as reader:
            names = {each.site_id: each.code for each in reader.chains}
        found = proof.prove_file(options.export, key)
    else:
        if key is None and chosen.signing_key.exists():
            key = signing_key.kept(chosen.signing_key).public
        with Database(chosen.database_url, pool=1).transaction() as tx:
            found = proof.prove(
                tx, Checkpoints(chosen.checkpoints), key, Files(chosen.evidence_dir), Vault(*chosen.archive)
            )
            names = {row.id: row.code for row in tx.execute(select(site.c.id, site.c.code))}
    if found.broken is not None:
        print(f"broken: {_said(found.broken, names)}")
        return 1
    print(
        f"proved: {found.entries} entries of {found.sites} sites, {found.records or found.parts}"
        f" {'parts' if options.export else 'records and photos'}, {found.checkpoints} checkpoints"
        f" ({found.stamps} with a time stamp)"
    )
    for each in sorted(found.keys):
        print(f"signed with: {each}")
    if found.sealed_at is not None:
        print(f"newest checkpoint: {written(found.sealed_at)}")
    else:
        print("no checkpoint: what was cut off at the end, or rewritten as a whole, would not be missed")
    return 0


def _said(broken: Broken, names: dict[int, str]) -> str:
    """One line, whatever names a forged file brings along."""
    said = broken.what
    if broken.site_id is not None:
        place = "" if broken.position is None else f", position {broken.position}"
        said = f"site {names.get(broken.site_id, broken.site_id)}{place}: {said}"
    return "".join(each if each.isprintable() else "?" for each in said)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput({str(path): error.strerror or "cannot be read"}) from None


def run_export(options: argparse.Namespace) -> int:
    """Seals first, so that the file is under a checkpoint as a whole. Raises NotFound, InvalidInput."""
    chosen = settings.load()
    database, checkpoints, key = _parts(chosen)
    if not options.file.parent.is_dir():
        raise InvalidInput({str(options.file): "there is no such folder"})
    now = datetime.now(UTC)
    _seal(database, checkpoints, key, now)
    draft = options.file.with_name(f".{options.file.name}.part")
    try:
        with database.transaction() as tx:
            vault = Vault(*chosen.archive)
            written = hand_out.export_ledger(tx, draft, checkpoints, key, options.site, now, vault)
        draft.replace(options.file)
    except OSError as error:
        raise InvalidInput({str(options.file): error.strerror or "cannot be written"}) from None
    finally:
        draft.unlink(missing_ok=True)
    print(f"{options.file}: {written} entries, signed with {key.public}")
    return 0


def run_checkpoint(_options: argparse.Namespace) -> int:
    """Print the name of the file that was written."""
    chosen = settings.load()
    database, checkpoints, key = _parts(chosen)
    print(chosen.checkpoints / _seal(database, checkpoints, key, datetime.now(UTC)))
    return 0


def run_archive(_options: argparse.Namespace) -> int:
    """Print the files that were written."""
    chosen = settings.load()
    database, checkpoints, key = _parts(chosen)
    vault, now = Vault(*chosen.archive), datetime.now(UTC)
    with database.transaction() as tx:
        moved = archive.move_old(tx, vault, checkpoints, key, now)
    for part in moved:
        print(f"{chosen.archive[0] / part.file}: {part.last - part.first + 1} entries")
    with database.transaction() as tx:
        print(f"{archive.move_old_exhibits(tx, vault, Files(chosen.evidence_dir), now)} photos and files moved")
    return 0


def run_restore(_options: argparse.Namespace) -> int:
    """Print how much came back."""
    chosen = settings.load()
    vault = Vault(*chosen.archive)
    exhibits = archive.restore_exhibits(vault, Files(chosen.evidence_dir))
    with Database(chosen.database_url, pool=1).transaction() as tx:
        print(f"{archive.restore(tx, vault)} entries, {exhibits} photos and files restored")
    return 0


def run_key(_options: argparse.Namespace) -> int:
    """The key in PEM."""
    print(signing_key.kept(settings.load().signing_key).public_pem().decode(), end="")
    return 0


def _parts(chosen: Settings) -> tuple[Database, Checkpoints, signing_key.SigningKey]:
    return (
        Database(chosen.database_url, pool=1),
        Checkpoints(chosen.checkpoints),
        signing_key.kept(chosen.signing_key),
    )


def _seal(database: Database, checkpoints: Checkpoints, key: signing_key.SigningKey, now: datetime) -> str:
    try:
        return seal.seal(database, checkpoints, key, now).file_name
    except BadCheckpoint as error:
        raise FacilityMonitorError(str(error)) from None
