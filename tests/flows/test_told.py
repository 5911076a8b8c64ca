"""What the ledger tells of is proved with it: rows and photos as their entries say, and none besides."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, text, update

from facility_monitor.domain.elevator.elevator import ElevatorTest, Floor, Worker
from facility_monitor.domain.fire.chain import Broken
from facility_monitor.domain.fire.check import Check, Signature
from facility_monitor.domain.fire.evidence import Source
from facility_monitor.domain.person import Person, Role
from facility_monitor.errors import Conflict
from facility_monitor.flows.elevator import elevator_tests
from facility_monitor.flows.evidence import archive
from facility_monitor.flows.evidence.evidence import About, Exhibits, Use, keep
from facility_monitor.flows.evidence.proof import Proof, prove
from facility_monitor.flows.evidence.seal import seal
from facility_monitor.flows.fire import calendar_basis, checks, duties, inspection, upkeep
from facility_monitor.flows.fire.checks import Draft
from facility_monitor.flows.plant.commission import commission
from facility_monitor.media import picture
from facility_monitor.store import catalogue
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.evidence import signing_key
from facility_monitor.store.evidence.archive import Vault
from facility_monitor.store.evidence.checkpoints import Checkpoints
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import equipment, evidence_use, holiday, ledger
from tests.people import new_person
from tests.pictures import a_picture

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=40)
SITE = {
    "code": "lake-court",
    "name": {"en": "Lake Court"},
    "timezone": "Asia/Shanghai",
    "equipment": [
        {"code": "lake", "kind": "lake", "name": {"en": "Lake"}},
        {"code": "pump", "kind": "fire_pump", "name": {"en": "Pump"}},
        {"code": "el-1", "kind": "elevator", "name": {"en": "Elevator"}},
    ],
}


class Desk:
    """A ledger that tells of a failed check with a photo and its correction, a ticket, alarms, a car's test and a pump
    out of service."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.files = Files(folder / "evidence")
        self.checkpoints = Checkpoints(folder / "checkpoints")
        self.vault: Vault | None = None
        self.key = signing_key.kept(folder / "key.pem")
        with database.transaction() as tx:
            self._fill(tx)

    def _fill(self, tx: Tx) -> None:
        place = commission(tx, SITE, "test", NOW)
        catalogue.load(tx, NOW)
        person = Person(new_person(tx, sees=place), "p", "p", Role.ENGINEER, "en", None)
        sight = Sight(person, NOW)
        lake, pump, car = tx.execute(select(equipment.c.id).order_by(equipment.c.id)).scalars()
        content = a_picture()
        about = About(place, lake, NOW, None, Source.GALLERY)
        sha256 = keep(tx, self.files, content, picture.read(content), about, person, NOW).sha256
        check = Check("lake-water", NOW - timedelta(hours=30), {"ph": 8.2, "clear": True}, (Signature("王芳", "A-1"),))
        draft = Draft(uuid4(), lake, check, Exhibits((Use(sha256, "check"),)), reason="no network")
        old = checks.record(tx, draft, sight, NOW).id
        checks.record(tx, draft._replace(client_id=uuid4(), corrects=old, reason="misread"), sight, NOW)
        workers = (Worker("Zhao", "T-1"), Worker("Sun", "T-2"))
        test = ElevatorTest(NOW, workers, (Floor("1", {"leveling_down_mm": 3.0}),))
        assert elevator_tests.record(tx, [elevator_tests.Draft(car, test)], sight, None, NOW) == [1]
        impairment = {"equipment_id": pump, "starts_on": date(2026, 3, 11), "ends_on": None}
        upkeep.impair(tx, {**impairment, "reason": "overhaul", "measure": "patrol"}, person, NOW)
        tx.execute(insert(holiday).values(day=date(2026, 4, 6), name={"en": "Tomb-sweeping Day"}))
        assert calendar_basis.tell(tx, NOW) == 1
        upkeep.keep_going(tx, NOW)
        upkeep.keep_going(tx, LATER)
        duties.review(tx, LATER)
        manager = replace(person, role=Role.MANAGER)
        assert duties.waive(tx, place, "lake-water-weekly", None, "drained for repair", manager, LATER) == 1
        asked = (place, date(2026, 1, 1), date(2026, 4, 30), "fire brigade", LATER + timedelta(days=9))
        ended, _ = inspection.make(tx, *asked, person, self.key, LATER)
        _, self.token = inspection.make(tx, *asked, person, self.key, LATER)
        inspection.revoke(tx, ended, person, LATER)

    def prove(self) -> Proof:
        with self.database.transaction() as tx:
            return prove(tx, self.checkpoints, None, self.files, self.vault)


@pytest.fixture(scope="module")
def desk(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    database = Database(module_database_url, pool=2)
    yield Desk(database, tmp_path_factory.mktemp("told"))
    database.close()


def test_what_was_entered_is_proved_with_all_that_it_tells_of(desk: Desk) -> None:
    found = desk.prove()
    assert found.broken is None
    # two checks, a test, a photo, a pump out of service, and at least one duty's alarm
    assert found.records > 5


def test_an_inspector_sees_what_was_waived_and_why(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        visit = inspection.open_link(tx, desk.token, desk.key, LATER)
        found = inspection.matrix(tx, visit, LATER)
    (waiver,) = found["waivers"]
    assert (waiver["duty"]["en"], waiver["equipment"]) == ("Lake water pH", ["lake"])
    assert (waiver["reason"], waiver["at"]) == ("drained for repair", LATER)
    assert found["total"]["waived"] == 1
    lake, pump = (row["cells"]["2026-04"] for row in found["rows"][:2])
    assert (lake["waived"], pump["waived"]) == (1, 0)
    assert lake["missed"] + lake["overdue"] > 0


def test_a_photo_of_what_is_corrected_and_of_its_ticket_shows_one_act(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        doubts = tx.execute(select(evidence_use.c.doubts)).scalars().all()
    assert len(doubts) == 3
    assert {each["doubt"] for found in doubts for each in found} == {"time_gap"}


def test_an_entry_says_when_its_photos_were_taken_and_came(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        body = tx.execute(select(ledger.c.body).where(ledger.c.kind == "check_recorded").limit(1)).scalar_one()
    (photo,) = body["photos"]
    assert (photo["taken_at"], photo["device_at"], photo["received_at"], photo["source"]) == (
        None,
        *("2026-03-10T08:00:00.000000Z", "2026-03-10T08:00:00.000000Z"),
        "gallery",
    )


SLIPPED_IN = """
    INSERT INTO equipment_check OVERRIDING SYSTEM VALUE
    SELECT (json_populate_record(old, json_build_object('id', 99, 'client_id', gen_random_uuid()))).*
    FROM equipment_check AS old WHERE corrects IS NULL
"""


WAIVED = "waiver of upkeep_task fire-pump-daily"
PLAN = "upkeep_plan lake-water-weekly has been "


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE equipment_check SET content = jsonb_set(content, '{values,ph}', '7.2')", "altered: record_sha256"),
        ("UPDATE equipment_check SET passed = true, failures = 0", "altered: passed, failures"),
        ("UPDATE equipment_check SET late_entry = false", "altered: late_entry"),
        ("UPDATE equipment_check SET performed_at = performed_at + interval '1 day'", "altered: performed_at"),
        ("UPDATE equipment_check SET sheet = 'patrol'", "altered: sheet"),
        ("DELETE FROM equipment_check WHERE corrects IS NOT NULL", "has been deleted"),
        (SLIPPED_IN, "equipment_check 99 was slipped in"),
        ("UPDATE evidence_use SET doubts = '[]'", "altered: doubts"),
        ("DELETE FROM evidence_use WHERE record_kind = 'check'", "has been taken away"),
        ("UPDATE evidence_use SET record_id = 77 WHERE record_kind = 'ticket'", "of ticket 77 was slipped in"),
        ("UPDATE evidence SET received_at = received_at - interval '30 hours'", "altered: received_at"),
        ("UPDATE elevator_test SET passed = NOT passed, failures = 1 - failures", "altered: passed, failures"),
        ("UPDATE ticket SET due_at = due_at + interval '10 days'", "altered: due_at"),
        ("DELETE FROM ticket", "has been deleted"),
        ("UPDATE alarm SET active = NOT active, acknowledged = false, cleared_at = NULL", "altered: state"),
        ("UPDATE alarm SET raised_at = raised_at - interval '1 hour'", "altered: raised_at"),
        ("UPDATE impairment SET starts_on = starts_on - 100", "altered: starts_on"),
        ("UPDATE impairment SET reason = 'none'", "altered: reason"),
        ("DELETE FROM impairment", "has been deleted"),
        ("UPDATE upkeep_task SET waived_for = 'was done' WHERE waived_at IS NOT NULL", "altered: waived_for"),
        ("UPDATE upkeep_task SET waived_at = NULL, waived_by = NULL, waived_for = NULL", "has been deleted"),
        ("UPDATE upkeep_task SET waived_at = now(), waived_by = 1, waived_for = 'x' WHERE plan LIKE 'fire%'", WAIVED),
        ("UPDATE upkeep_plan SET effective_to = '2026-02-28' WHERE code = 'lake-water-weekly'", PLAN + "altered"),
        ("DELETE FROM upkeep_plan WHERE code = 'pest-control-monthly'", "pest-control-monthly has been deleted"),
        ("INSERT INTO holiday VALUES ('2026-04-07', '{}')", "holiday 2026-04-07 was slipped in"),
        ("DELETE FROM holiday", "holiday 2026-04-06 has been deleted"),
        ("UPDATE inspection_link SET first = '2025-01-01'", "altered: first"),
        ("UPDATE inspection_link SET revoked_at = NULL", "altered: revoked_at"),
        ("UPDATE inspection_link SET revoked_at = now() WHERE revoked_at IS NULL", "altered: revoked_at"),
        ("DELETE FROM inspection_link", "has been deleted"),
    ],
)
def test_whatever_the_owner_does_to_what_is_told_of_is_found(desk: Desk, statement: str, what: str) -> None:
    broken = tampered(desk, statement)
    assert broken is not None
    assert what in broken.what


def test_a_photo_of_an_old_check_is_proved_in_the_archive_and_comes_back_byte_by_byte(
    desk: Desk, tmp_path: Path
) -> None:
    vault, content = Vault(tmp_path / "archive", tmp_path / "archive.key"), a_picture()
    desk.vault = vault
    digest = hashlib.sha256(content).digest()
    try:
        with desk.database.transaction() as tx:
            early = archive.move_old_exhibits(tx, vault, desk.files, NOW.replace(year=2031))
            moved = archive.move_old_exhibits(tx, vault, desk.files, LATER.replace(year=2032))
        assert (early, moved, vault.exhibits(), desk.files.holds(digest)) == (0, 1, [digest], False)
        assert desk.prove().broken is None
        (sealed,) = (tmp_path / "archive").iterdir()
        assert content[:64] not in sealed.read_bytes()
        whole = sealed.read_bytes()
        for damaged in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:40], whole[:10], b""):
            sealed.write_bytes(damaged)
            broken = desk.prove().broken
            assert broken is not None
            assert f"{digest.hex()}.fma has been altered" in broken.what
            with pytest.raises(Conflict, match="has been altered"):
                archive.restore_exhibits(vault, desk.files)
        sealed.write_bytes(whole)
        assert archive.restore_exhibits(vault, desk.files) == 1
        assert desk.files.read(digest) == content
        assert desk.prove().broken is None
        with desk.database.transaction() as tx, tx.begin_nested() as undone:
            tx.execute(text("SET LOCAL session_replication_role = replica"))
            first = select(func.min(evidence_use.c.id)).scalar_subquery()
            tx.execute(update(evidence_use).where(evidence_use.c.id == first).values(record_kind="technical_file"))
            assert archive.move_old_exhibits(tx, vault, desk.files, LATER.replace(year=2032)) == 0
            undone.rollback()
    finally:
        desk.vault = None


def test_what_archived_entries_tell_of_is_proved_as_well(desk: Desk, tmp_path: Path) -> None:
    key = signing_key.kept(tmp_path / "key.pem")
    desk.vault = Vault(tmp_path / "archive", tmp_path / "archive.key")
    seal(desk.database, desk.checkpoints, key, LATER)
    with desk.database.transaction() as tx:
        assert archive.move_old(tx, desk.vault, desk.checkpoints, key, LATER.replace(year=2032))
        assert not tx.execute(select(func.count()).select_from(ledger)).scalar_one()
    assert desk.prove().broken is None
    broken = tampered(desk, "UPDATE equipment_check SET late_entry = false")
    assert broken is not None
    assert "altered: late_entry" in broken.what


def tampered(desk: Desk, statement: str) -> Broken | None:
    """What is found after ``statement``, which is undone."""
    table = re.sub(r"UPDATE|DELETE FROM|INSERT INTO", "", statement).split()[0]
    _as_owner(desk.database, f"CREATE TABLE before AS TABLE {table}", statement)
    try:
        return desk.prove().broken
    finally:
        delete = f"DELETE FROM {table}"  # noqa: S608 - a name of our own
        again = f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE before"
        _as_owner(desk.database, delete, again, "DROP TABLE before")


def _as_owner(database: Database, *statements: str) -> None:
    with database.transaction() as tx:
        tx.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            tx.execute(text(statement))
