"""Old entries leave the database for encrypted files, prove as before, and come back to the letter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from facility_monitor.errors import BadSettings, Conflict
from facility_monitor.flows.evidence import archive
from facility_monitor.flows.evidence.hand_out import export_ledger
from facility_monitor.flows.evidence.proof import Proof, prove, prove_file
from facility_monitor.flows.evidence.seal import seal
from facility_monitor.store.database import Database
from facility_monitor.store.evidence import ledger, signing_key
from facility_monitor.store.evidence.archive import Part, Vault
from facility_monitor.store.evidence.checkpoints import Checkpoints
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.tables import ledger as table
from facility_monitor.store.tables import site
from tests.people import NOW, new_channel, new_site

OLD = NOW - timedelta(days=5 * 366)
BODY = {"large": 1e22, "whole": 14.0, "third": 1 / 3, "words": '绿 " \u2028', "list": [None, True, {}]}


class Desk:
    """A ledger of two sites, four old entries and two new ones each."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.checkpoints = Checkpoints(folder / "checkpoints")
        self.key = signing_key.kept(folder / "key.pem")
        self.vault = Vault(folder / "archive", folder / "archive-key")
        with database.transaction() as tx:
            self.sites = [new_site(tx), new_site(tx)]
            to = new_channel(tx)
            for at in [OLD] * 4 + [NOW] * 2:
                entries = [Entry("x", at, at, each, None, None, None, None, "why", BODY) for each in self.sites]
                (first, _) = ledger.append(tx, entries)
                tx.execute(
                    text(
                        "INSERT INTO outbox (ledger_id, channel_id, notice, urgency, created_at, due_at)"
                        " VALUES (:entry, :channel, '{}', 4, now(), now())"
                    ),
                    {"entry": first, "channel": to},
                )

    def seal(self) -> None:
        seal(self.database, self.checkpoints, self.key, NOW)

    def move(self) -> list[Part]:
        with self.database.transaction() as tx:
            return archive.move_old(tx, self.vault, self.checkpoints, self.key, NOW)

    def prove(self) -> Proof:
        with self.database.transaction() as tx:
            return prove(tx, self.checkpoints, self.key.public, vault=self.vault)

    def all(self) -> list[tuple[object, ...]]:
        with self.database.transaction() as tx:
            rows = tx.execute(text("SELECT *, body::text FROM ledger ORDER BY id"))
            return [tuple(str(each) for each in row) for row in rows]

    def code(self, site_id: int) -> str:
        with self.database.transaction() as tx:
            return str(tx.execute(select(site.c.code).where(site.c.id == site_id)).scalar_one())

    def count(self) -> int:
        with self.database.transaction() as tx:
            return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    database = Database(database_url, pool=2)
    yield Desk(database, tmp_path)
    database.close()


def test_what_is_old_and_sealed_moves_proves_and_comes_back_as_it_was(desk: Desk) -> None:
    assert desk.move() == []
    desk.seal()
    before = desk.all()
    moved = desk.move()
    assert [(each.site_id, each.first, each.last) for each in moved] == [(number, 1, 4) for number in desk.sites]
    assert (desk.count(), desk.move()) == (4, [])
    found = desk.prove()
    assert (found.broken, found.entries, found.sites) == (None, 12, 2)
    with desk.database.transaction() as tx:
        entry = Entry("x", NOW, NOW, desk.sites[0], None, None, None, None, None, {})
        ledger.append(tx, [entry])
    assert desk.prove().entries == 13
    with pytest.raises(ProgrammingError, match="append-only"), desk.database.transaction() as tx:
        tx.execute(text("DELETE FROM ledger"))
    with desk.database.transaction() as tx:
        assert archive.restore(tx, desk.vault) == 8
    assert desk.all()[:12] == before
    assert desk.prove().broken is None


def test_an_archive_holds_nothing_that_can_be_read_and_nothing_can_be_changed(desk: Desk) -> None:
    desk.seal()
    first, second = desk.move()
    path = desk.folder / "archive" / first.file
    sealed = path.read_bytes()
    assert b"ledger.jsonl" not in sealed
    path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert "has been altered" in str(desk.prove().broken)
    path.unlink()
    assert f"archive {first.file}" in str(desk.prove().broken)
    path.write_bytes(sealed)
    other = desk.folder / "archive" / second.file
    swapped = other.read_bytes()
    path.write_bytes(swapped)
    other.write_bytes(sealed)
    assert desk.prove().broken == (desk.sites[0], 1, f"cannot be read: archive {first.file} has been altered")
    path.write_bytes(sealed)
    other.write_bytes(swapped)
    assert desk.prove().broken is None


def test_another_key_is_said_to_be_one_and_nothing_is_moved_under_it(desk: Desk) -> None:
    desk.seal()
    first, _ = desk.move()
    key = desk.folder / "archive-key"
    for changed, said in (("00" * 32, f"not the key of archive {first.file}"), ("none", "no archive key")):
        key.write_text(changed)
        with pytest.raises(BadSettings, match=said):
            desk.prove()
        with pytest.raises(BadSettings, match=said), desk.database.transaction() as tx:
            archive.restore(tx, desk.vault)
        with pytest.raises(BadSettings, match=said):
            desk.move()
    key.unlink()
    with pytest.raises(BadSettings, match="no archive key"):
        desk.move()
    assert not key.exists()
    assert desk.count() == 4


def test_what_lies_in_the_archive_is_handed_out_with_the_rest(desk: Desk, tmp_path: Path) -> None:
    desk.seal()
    desk.move()
    made, only = tmp_path / "all.zip", tmp_path / "one.zip"
    for path, codes in ((made, []), (only, [desk.code(desk.sites[1])])):
        with desk.database.transaction() as tx:
            export_ledger(tx, path, desk.checkpoints, desk.key, codes, NOW, desk.vault)
    found = prove_file(made, desk.key.public)
    assert (found.broken, found.entries, found.sites) == (None, 12, 2)
    found = prove_file(only, desk.key.public)
    assert (found.broken, found.entries, found.sites) == (None, 6, 1)
    for name in (desk.folder / "archive").glob("*"):
        name.unlink()
    with pytest.raises(Conflict, match="cannot be read"), desk.database.transaction() as tx:
        export_ledger(tx, made, desk.checkpoints, desk.key, [], NOW, desk.vault)


def test_a_chain_that_lies_in_the_archive_as_a_whole_is_sealed_as_before(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.seal()
    with desk.database.transaction() as tx:
        archive.move_old(tx, desk.vault, desk.checkpoints, desk.key, NOW.replace(year=2032))
    assert desk.count() == 0
    desk.seal()
    with desk.database.transaction() as tx:
        ledger.append(tx, [Entry("x", NOW, NOW, desk.sites[0], None, None, None, None, None, {})])
    desk.seal()
    assert caplog.records == []
    found = desk.prove()
    assert (found.broken, found.entries, found.checkpoints) == (None, 13, 3)


def test_rows_taken_out_without_an_archive_are_missed(desk: Desk) -> None:
    desk.seal()
    desk.move()
    with desk.database.transaction() as tx:
        tx.execute(text("DELETE FROM ledger_archive WHERE site_id = :id"), {"id": desk.sites[1]})
    broken = desk.prove().broken
    assert broken is not None
    assert broken[:2] == (desk.sites[1], 1)
    assert "missing" in broken.what


def test_nothing_leaves_before_its_time(desk: Desk) -> None:
    desk.seal()
    with desk.database.transaction() as tx:
        tx.execute(text("UPDATE record_retention SET keep_months = NULL WHERE record_type = 'ledger'"))
    assert (desk.move(), desk.count()) == ([], 12)
    with desk.database.transaction() as tx:
        tx.execute(text("UPDATE record_retention SET keep_months = 72 WHERE record_type = 'ledger'"))
    assert (desk.move(), desk.count()) == ([], 12)
