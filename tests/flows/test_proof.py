"""The ledger is proved, or the first entry that does not hold is named: in the database and in a file."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from facility_monitor.domain.fire.chain import Broken
from facility_monitor.errors import BadSettings, InvalidInput
from facility_monitor.flows.evidence.hand_out import export_ledger
from facility_monitor.flows.evidence.proof import Proof, prove, prove_file
from facility_monitor.flows.evidence.seal import seal, seal_daily
from facility_monitor.store import migrate
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.evidence import ledger, signing_key
from facility_monitor.store.evidence.checkpoints import BadCheckpoint, Checkpoints
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.evidence.proof_file import FORMAT
from facility_monitor.store.tables import ledger as table
from tests.people import NOW, new_site

NUMBERS = {"large": 1e22, "small": 5e-324, "third": 1 / 3, "negative zero": -0.0, "whole": 14.0, "id": 2**53 - 1}


class Desk:
    """A ledger of two sites with seven entries each, and the folder of its checkpoints."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.checkpoints = Checkpoints(folder / "checkpoints")
        self.key = signing_key.kept(folder / "key.pem")
        with database.transaction() as tx:
            self.sites = [new_site(tx), new_site(tx)]
        self.append(*[self.sites[number % 2] for number in range(14)])

    def append(self, *sites: int) -> list[int]:
        at = NOW + timedelta(microseconds=1)
        body: dict[str, Any] = {"values": NUMBERS, "words": 'Grün 绿 \u2028 "\\\n\t', "list": [True, None, []]}
        entries = [Entry("alarm_raised", at, NOW, each, None, None, None, None, 'why "so"', body) for each in sites]
        with self.database.transaction() as tx:
            return ledger.append(tx, entries)

    def seal(self) -> None:
        seal(self.database, self.checkpoints, self.key, NOW)

    def as_owner(self, *statements: str, **values: Any) -> None:
        """What somebody does who may do everything in the database."""
        with self.database.transaction() as tx:
            tx.execute(text("SET session_replication_role = replica"))
            for statement in statements:
                tx.execute(text(statement), values)
            tx.execute(text("SET session_replication_role = DEFAULT"))

    def prove(self) -> Proof:
        with self.database.transaction() as tx:
            return prove(tx, self.checkpoints, self.key.public)

    def export(self, name: str = "out.zip", site: str | None = None) -> Path:
        with self.database.transaction() as tx:
            export_ledger(tx, self.folder / name, self.checkpoints, self.key, [site] if site else [], NOW)
        return self.folder / name


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    database = Database(database_url, pool=2)
    yield Desk(database, tmp_path)
    database.close()


def test_what_was_entered_is_proved_in_the_database_and_in_a_file(desk: Desk) -> None:
    desk.seal()
    desk.append(desk.sites[0])
    found = desk.prove()
    assert (found.broken, found.entries, found.sites, found.checkpoints) == (None, 15, 2, 1)
    in_file = prove_file(desk.export(), desk.key.public)
    assert (in_file.broken, in_file.entries, in_file.sites, in_file.checkpoints) == (None, 15, 2, 1)
    assert in_file.keys == {desk.key.public}


def test_every_letter_and_number_comes_back_as_it_was_hashed(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        row = tx.execute(select(table).limit(1)).one()
    assert {name: repr(value) for name, value in row.body["values"].items()} == {
        **{name: repr(value) for name, value in NUMBERS.items()},
        "negative zero": "0",
        "whole": "14",
    }
    assert (row.position, bytes(row.prev)) == (1, bytes(32))


def test_the_database_refuses_to_change_cut_or_empty_the_ledger(desk: Desk) -> None:
    for statement in (
        "UPDATE ledger SET kind = 'x'",
        "DELETE FROM ledger",
        "TRUNCATE ledger CASCADE",
        "DELETE FROM ledger_head",
        "TRUNCATE ledger_head",
    ):
        with pytest.raises(ProgrammingError, match="append-only"), desk.database.transaction() as tx:
            tx.execute(text(statement))
    assert desk.prove().broken is None


CHAINED = """
    INSERT INTO ledger (id, site_id, position, prev, hash, kind, at, occurred_at, body) OVERRIDING SYSTEM VALUE
    SELECT 99, site_id, {position}, {prev}, sha256('forged'), kind, at, occurred_at, body FROM ledger
    WHERE site_id = :site AND position = 3
"""


def fourth(change: str) -> str:
    return f"UPDATE ledger SET {change} WHERE site_id = :site AND position = 4"  # noqa: S608


DELETE_FOURTH = "DELETE FROM ledger WHERE site_id = :site AND position = 4"

TAMPERED: dict[str, tuple[tuple[str, ...], int, str]] = {
    **{
        f"altered: {change}": ((fourth(change),), 4, "altered")
        for change in (
            "kind = 'alarm_cleared'",
            "at = at + interval '1 microsecond'",
            "occurred_at = 'infinity'",
            "reason = NULL",
            "actor_id = 1",
            "equipment_id = 1",
            "alarm_id = 1",
            "ticket_id = 1",
            "body = jsonb_set(body::jsonb, '{values,third}', '0.3333333333333334')::json",
            "body = body::jsonb::json",
            "prev = sha256('x')",
            "hash = sha256('x')",
        )
    },
    "a part gone": (("ALTER TABLE ledger ALTER kind DROP NOT NULL", fourth("kind = NULL")), 4, "altered"),
    "altered id": (("ALTER TABLE ledger ALTER id DROP IDENTITY", fourth("id = 99")), 4, "altered"),
    "deleted": ((DELETE_FOURTH,), 4, "missing"),
    "deleted, the rest moved up": (
        (
            DELETE_FOURTH,
            "UPDATE ledger SET position = position + 100 WHERE site_id = :site AND position > 4",
            "UPDATE ledger SET position = position - 101 WHERE site_id = :site AND position > 100",
        ),
        4,
        "altered",
    ),
    "slipped in": (
        (
            "ALTER TABLE ledger DROP CONSTRAINT ledger_site_id_position_key",
            CHAINED.format(position=4, prev="hash"),
        ),
        4,
        "again",
    ),
    "added at the end": ((CHAINED.format(position=8, prev="sha256('x')"),), 8, "altered"),
    "two exchanged": (
        (
            fourth("position = 100"),
            "UPDATE ledger SET position = 4 WHERE site_id = :site AND position = 5",
            "UPDATE ledger SET position = 5 WHERE site_id = :site AND position = 100",
        ),
        4,
        "altered",
    ),
    "moved to another site": ((fourth("site_id = :other, position = 8"),), 4, "missing"),
    "the tail cut off": (("DELETE FROM ledger WHERE site_id = :site AND position > 6",), 7, "missing"),
    "all of it": (("DELETE FROM ledger WHERE site_id = :site",), 1, "missing"),
    "the head forgotten": (("DELETE FROM ledger_head WHERE site_id = :site",), 1, "head"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_whatever_the_owner_of_the_database_does_is_found(desk: Desk, how: str) -> None:
    statements, position, what = TAMPERED[how]
    desk.as_owner(*statements, site=desk.sites[0], other=desk.sites[1])
    broken = desk.prove().broken
    assert broken is not None
    assert (broken.site_id, broken.position) == (desk.sites[0], position), broken
    assert what in broken.what


def rewrite(desk: Desk, site: int, upto: int) -> None:
    """As the owner, who knows the scheme: forget what came after ``upto`` and the head, then go on."""
    desk.as_owner(
        "DELETE FROM ledger WHERE site_id = :site AND position > :upto",
        "UPDATE ledger_head AS head SET position = ledger.position, hash = ledger.hash FROM ledger"
        " WHERE head.site_id = :site AND ledger.site_id = :site AND ledger.position = :upto",
        site=site,
        upto=upto,
    )


def test_a_tail_that_is_cut_off_with_its_head_is_missed_by_the_checkpoint(desk: Desk) -> None:
    desk.seal()
    rewrite(desk, desk.sites[0], 5)
    assert desk.prove().broken == Broken(desk.sites[0], 6, "is missing: checkpoint 1 has seen 7 entries")


def test_a_history_written_anew_in_good_form_is_not_the_one_that_was_sealed(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.seal()
    rewrite(desk, desk.sites[0], 5)
    desk.append(*[desk.sites[0]] * 4)
    broken = desk.prove().broken
    assert broken is not None
    assert (broken.site_id, broken.position) == (desk.sites[0], 7)
    assert "checkpoint 1" in broken.what
    # sealing it once more does not heal it, and is heard
    desk.seal()
    assert "is not what was sealed" in caplog.text
    assert desk.prove().broken == broken


def test_checkpoints_follow_each_other_and_cannot_be_changed_or_left_out(desk: Desk) -> None:
    for _ in range(3):
        desk.append(*desk.sites)
        desk.seal()
    assert desk.prove().checkpoints == 3
    second = desk.checkpoints.folder / "checkpoint-000002.json"
    data = second.read_bytes()
    second.write_bytes(data.replace(b'"last":9', b'"last":8'))
    assert "checkpoint-000002.json is not as it was signed" in str(desk.prove().broken)
    for rubbish in (b"[[", data.replace(b'"last":9', b'"last":1e999')):
        second.write_bytes(rubbish)
        assert "checkpoint-000002.json is no checkpoint" in str(desk.prove().broken)
    second.unlink()
    assert "checkpoint 2 is missing" in str(desk.prove().broken)
    second.write_bytes(data)
    assert desk.prove().broken is None
    other = signing_key.kept(desk.folder / "other.pem")
    with desk.database.transaction() as tx:
        assert "another key" in str(prove(tx, desk.checkpoints, other.public).broken)


def test_a_damaged_newest_checkpoint_stops_the_sealing(desk: Desk) -> None:
    desk.seal()
    (desk.checkpoints.folder / "checkpoint-000001.json").write_text("{}")
    with pytest.raises(BadCheckpoint, match=r"checkpoint-000001\.json"):
        desk.seal()


def test_a_day_is_sealed_once(desk: Desk) -> None:
    assert seal_daily(desk.database, desk.checkpoints, desk.key, NOW) is not None
    assert seal_daily(desk.database, desk.checkpoints, desk.key, NOW + timedelta(hours=15)) is None
    assert seal_daily(desk.database, desk.checkpoints, desk.key, NOW + timedelta(hours=17)) is not None


def test_a_file_in_place_of_the_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no key")
    with pytest.raises(BadSettings, match=r"key\.pem"):
        signing_key.kept(tmp_path / "key.pem")


# --- files ----------------------------------------------------------------------------------------------------


def repack(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same zip with other contents."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return path


def on_lines(change: Callable[[list[bytes]], None]) -> Callable[[dict[str, bytes]], None]:
    def at(parts: dict[str, bytes]) -> None:
        lines = parts["ledger.jsonl"].splitlines(keepends=True)
        change(lines)
        parts["ledger.jsonl"] = b"".join(lines)

    return at


def alter(lines: list[bytes]) -> None:
    lines[3] = lines[3].replace(b"alarm_raised", b"alarm_closed")


def drop(lines: list[bytes]) -> None:
    del lines[3]


def shorten(lines: list[bytes]) -> None:
    del lines[-1]


def swap(lines: list[bytes]) -> None:
    lines[2], lines[3] = lines[3], lines[2]


def garble(lines: list[bytes]) -> None:
    lines[0] = b"{}\n"


@pytest.mark.parametrize(
    ("change", "site", "position"),
    [
        (on_lines(alter), 0, 4),
        (on_lines(drop), 0, 4),
        (on_lines(swap), 0, 3),
        (on_lines(shorten), 1, 7),
        (on_lines(list.clear), 0, 1),
        (on_lines(garble), None, None),
        (lambda parts: parts.update({"more.txt": b"x"}), None, None),
        (lambda parts: parts.pop("key.pem"), None, None),
        (lambda parts: parts.pop("checkpoints/checkpoint-000001.json"), None, None),
        (lambda parts: parts.update({"manifest.json": parts["manifest.json"].replace(b"site-", b"sote-")}), None, None),
    ],
)
def test_a_file_that_was_touched_is_found(
    desk: Desk, change: Callable[[dict[str, bytes]], None], site: int | None, position: int | None
) -> None:
    desk.seal()
    broken = prove_file(repack(desk.export(), change)).broken
    assert broken is not None
    assert broken[:2] == (None if site is None else desk.sites[site], position), broken


def test_a_file_of_one_site_holds_that_site_only(desk: Desk) -> None:
    desk.seal()
    with desk.database.transaction() as tx:
        code = tx.execute(text("SELECT code FROM site WHERE id = :id"), {"id": desk.sites[1]}).scalar_one()
    path = desk.export(site=code)
    assert (prove_file(path).broken, prove_file(path).entries) == (None, 7)
    with zipfile.ZipFile(path) as file:
        sites = {json.loads(line)["entry"]["site_id"] for line in file.read("ledger.jsonl").splitlines()}
    assert sites == {desk.sites[1]}


def test_a_file_signed_with_another_key_is_not_taken_for_ours(desk: Desk) -> None:
    desk.seal()
    path = desk.export()
    other = signing_key.kept(desk.folder / "other.pem")
    assert "another key" in str(prove_file(path, other.public).broken)
    desk.key = other
    assert "another key" in str(prove_file(desk.export("forged.zip")).broken)


@pytest.mark.parametrize(("offset", "value"), [(8, 1), (10, 99)], ids=["encrypted", "packed in an unknown way"])
@pytest.mark.parametrize("part", ["ledger.jsonl", "key.pem", "checkpoints/checkpoint-000001.json"])
def test_a_part_that_does_not_unpack_is_damaged(desk: Desk, part: str, offset: int, value: int) -> None:
    desk.seal()
    path = desk.export()
    content = bytearray(path.read_bytes())
    # the name stands 46 bytes after the beginning of its entry in the central directory (APPNOTE 4.3.12)
    content[content.rindex(part.encode()) - 46 + offset] = value
    path.write_bytes(content)
    broken = prove_file(path).broken
    assert broken is not None
    assert broken.what.startswith(part)


def as_manifest(**changes: Any) -> bytes:
    made = io.BytesIO()
    manifest = {"format": FORMAT, "made_at": "2026-03-02T08:00:00Z", "key": "", "about": {}, "chains": [], "files": {}}
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("manifest.json", json.dumps(manifest | changes))
        file.writestr("manifest.sig", "")
        file.writestr("ledger.jsonl", "")
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"no zip", b"PK\x05\x06" + bytes(18)),
        as_manifest(files={"x": {"sha256": "", "bytes": math.inf}}),
        as_manifest(files=[]),
    ],
    ids=["empty", "no zip", "an empty zip", "an endless part", "no table of parts"],
)
def test_what_is_no_proof_file_is_bad_input(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"x\.zip"):
        prove_file(tmp_path / "x.zip")


def test_a_key_that_is_none_has_signed_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(as_manifest(key=5))
    assert prove_file(tmp_path / "x.zip").broken == (None, None, "manifest.json is not as it was signed")


def test_what_was_there_before_the_chain_is_chained_by_the_migration(empty_database_url: str, tmp_path: Path) -> None:
    migrate.upgrade(empty_database_url, "0007")
    database = Database(empty_database_url, pool=1)
    with database.transaction() as tx:
        first, second = new_site(tx), new_site(tx)
        _old_rows(tx, first, second)
    migrate.upgrade(empty_database_url)
    with database.transaction() as tx:
        found = prove(tx, Checkpoints(tmp_path))
        assert (found.broken, found.entries, found.sites) == (None, 12_000, 2)
    with database.transaction() as tx:
        ledger.append(tx, [Entry("x", NOW, NOW, first, None, None, None, None, None, {})])
    with database.transaction() as tx:
        assert prove(tx, Checkpoints(tmp_path)).broken is None
    database.close()
    migrate.downgrade(empty_database_url, "0007")


def _old_rows(tx: Tx, *sites: int) -> None:
    tx.execute(
        text(
            "INSERT INTO ledger (at, occurred_at, kind, site_id, reason, body)"
            " SELECT now(), now(), 'old', CASE n % 3 WHEN 0 THEN CAST(:first AS integer) ELSE :second END, '“why”',"
            " jsonb_build_object('n', n, 'large', 1e22, 'f', 1.50, '键', 'é') FROM generate_series(1, 12000) AS n"
        ),
        dict(zip(("first", "second"), sites, strict=True)),
    )
