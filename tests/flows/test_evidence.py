"""Photos are kept byte by byte, refused with nothing left behind, attached with their doubts, and swept if unused."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import ProgrammingError

from facility_monitor.domain.person import Person, Role
from facility_monitor.errors import InvalidInput
from facility_monitor.flows.evidence import evidence as flow
from facility_monitor.flows.evidence.evidence import About, Exhibits, Record, Use
from facility_monitor.media import picture
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.evidence.files import Damaged, Files, digest_of
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import evidence, evidence_file, evidence_rule, evidence_use, site
from tests.people import new_person
from tests.pictures import a_picture, a_scene

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LOCAL = datetime(2026, 3, 2, 15, 59)  # noqa: DTZ001 - a camera's clock in Shanghai, a minute ago
DAY = timedelta(days=1)
PHOTO = a_picture(taken=LOCAL)
SHA = digest_of(PHOTO)


@dataclass
class House:
    """A database with a site, somebody who works there, and a folder for files."""

    database: Database
    files: Files
    folder: Path
    person: Person
    site_id: int

    def keep(self, content: bytes = PHOTO, now: datetime = NOW, **about: object) -> flow.Kept:
        with self.database.transaction() as tx:
            told = About(self.site_id, **about)  # type: ignore[arg-type]
            return flow.keep(tx, self.files, content, picture.read(content), told, self.person, now)

    def attach(self, tx: Tx, number: int, *uses: Use, at: datetime = NOW) -> list[dict[str, Any]]:
        record = Record("check", number, self.site_id, None, at)
        return flow.attach(tx, Sight(self.person, NOW), record, Exhibits(uses), NOW)["photos"]

    def names(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())

    def age(self, span: timedelta) -> None:
        """Let every file look as if it were so old at NOW."""
        at = (NOW - span).timestamp()
        for name in self.names():
            os.utime(self.folder / name, (at, at))


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    with database.transaction() as tx:
        site_id = tx.execute(update(site).values(latitude=31.23, longitude=121.47).returning(site.c.id)).scalar_one()
        number = new_person(tx, "engineer", sees=site_id)
    person = Person(number, "x", "X", Role.ENGINEER, "en", None)
    return House(database, Files(tmp_path / "evidence"), tmp_path / "evidence", person, site_id)


def count(database: Database) -> tuple[int, ...]:
    with database.transaction() as tx:
        tables = (evidence_file, evidence, evidence_use)
        return tuple(tx.execute(select(func.count()).select_from(each)).scalar_one() for each in tables)


def test_the_bytes_are_kept_as_they_came_under_their_hash(house: House) -> None:
    kept = house.keep(device_at=NOW - timedelta(minutes=1))
    assert kept.new
    assert kept.sha256 == SHA
    assert house.names() == [f"{SHA.hex()[:2]}/{SHA.hex()[2:]}"]
    assert house.files.read(SHA) == PHOTO
    with house.database.transaction() as tx:
        file, upload = tx.execute(select(evidence_file)).one(), tx.execute(select(evidence)).one()
    assert (file.size_bytes, file.media_type, file.width, file.height) == (len(PHOTO), "image/jpeg", 64, 48)
    assert (file.exif_local, upload.taken_at) == (LOCAL, NOW - timedelta(minutes=1))
    assert upload.doubts == []


def test_the_same_photo_of_the_same_place_is_one_upload(house: House) -> None:
    first = house.keep()
    assert house.keep(now=NOW + DAY) == first._replace(new=False)
    assert count(house.database) == (1, 1, 0)
    assert len(house.names()) == 1


def test_the_same_photo_sent_by_many_at_once_is_one_upload(house: House) -> None:
    kept: list[flow.Kept] = []
    threads = [Thread(target=lambda: kept.append(house.keep())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.new for each in kept) == [False, True]
    assert count(house.database) == (1, 1, 0)


def test_a_file_that_was_altered_is_not_given_out_and_is_mended_by_its_original(house: House) -> None:
    house.keep()
    path = house.folder / house.names()[0]
    path.chmod(0o600)
    path.write_bytes(PHOTO[:-1] + b"\0")
    with pytest.raises(Damaged, match="altered"):
        house.files.read(SHA)
    house.keep()
    assert house.files.read(SHA) == PHOTO
    path.unlink()
    with pytest.raises(Damaged):
        house.files.read(SHA)


def test_a_transaction_that_fails_leaves_no_row_and_its_file_is_swept(house: House) -> None:
    with house.database.transaction() as tx:
        flow.keep(tx, house.files, PHOTO, picture.read(PHOTO), About(house.site_id), house.person, NOW)
        tx.rollback()
    assert count(house.database) == (0, 0, 0)
    house.age(DAY / 2)
    assert flow.sweep(house.database, house.files, NOW) == 0
    house.age(DAY * 2)
    assert flow.sweep(house.database, house.files, NOW) == 1
    assert house.names() == []


def test_what_no_record_names_is_swept_after_a_day(house: House) -> None:
    used, young = a_picture(colour=(1, 2, 3)), a_picture(colour=(4, 5, 6))
    house.keep(PHOTO, NOW - 2 * DAY)
    house.keep(used, NOW - 2 * DAY)
    house.keep(young, NOW - DAY / 2)
    with house.database.transaction() as tx:
        house.attach(tx, 1, Use(digest_of(used), "after"))
    house.age(2 * DAY)
    begun = house.folder / "incoming" / "begun"
    begun.write_bytes(b"half a pho")
    os.utime(begun, (0, 0))
    assert flow.sweep(house.database, house.files, NOW) == 1
    assert count(house.database) == (2, 2, 1)
    assert not begun.exists()
    with pytest.raises(Damaged):
        house.files.read(SHA)
    assert house.files.read(digest_of(used)) == used
    assert house.files.read(digest_of(young)) == young
    assert house.keep().new


def test_a_photo_is_attached_once_with_what_speaks_against_it(house: House) -> None:
    house.keep()
    with house.database.transaction() as tx:
        (first,) = house.attach(tx, 1, Use(SHA, "after"), Use(SHA, "after"))
        assert (first["sha256"], first["purpose"], first["doubts"]) == (SHA.hex(), "after", [])
        assert house.attach(tx, 1, Use(SHA, "after")) == []
        (again,) = house.attach(tx, 2, Use(SHA, "before"), at=NOW + timedelta(hours=3))
    assert again["doubts"] == [
        {"doubt": "time_gap", "measured": 10860, "limit": 7200, "unit": "s"},
        {"doubt": "reused", "measured": 1, "limit": 0, "unit": "records"},
    ]
    assert count(house.database) == (1, 1, 2)


def test_a_photo_that_was_only_written_anew_is_told_as_like_that_of_another_record(house: House) -> None:
    first, anew, other = a_scene(), a_scene(quality=60), a_scene(seed=2)
    for content in (first, anew, other):
        house.keep(content)
    with house.database.transaction() as tx:
        house.attach(tx, 1, Use(digest_of(first), "after"))
        # two of one act are alike, as they should be
        (burst,) = house.attach(tx, 1, Use(digest_of(anew), "after"))
        assert [each["doubt"] for each in burst["doubts"]] == ["gallery"]
        again, new = house.attach(tx, 2, Use(digest_of(anew), "after"), Use(digest_of(other), "after"))
    assert [each["doubt"] for each in again["doubts"]] == ["gallery", "reused"]
    assert [each["doubt"] for each in new["doubts"]] == ["gallery"]
    with house.database.transaction() as tx:
        smaller = a_scene(quality=40)
        house.keep(smaller)
        (found,) = house.attach(tx, 3, Use(digest_of(smaller), "after"))
    (alike,) = (each for each in found["doubts"] if each["doubt"] == "alike")
    assert (alike["limit"], alike["unit"]) == (3, "bits")
    assert alike["measured"] <= 3


def test_a_gallery_photo_from_far_away_is_told_as_such_with_each_use(house: House) -> None:
    content = a_picture(place=(39.9, 116.4))
    house.keep(content)
    with house.database.transaction() as tx:
        (attached,) = house.attach(tx, 1, Use(digest_of(content), "after"))
    doubts = attached["doubts"]
    assert isinstance(doubts, list)
    assert [each["doubt"] for each in doubts] == ["gallery", "far"]


def test_a_photo_that_is_not_there_or_not_seen_is_named(house: House) -> None:
    house.keep()
    with house.database.transaction() as tx:
        stranger = Person(new_person(tx), "y", "Y", Role.ENGINEER, "en", None)
        for sight, sha256 in ((Sight(house.person, NOW), bytes(32)), (Sight(stranger, NOW), SHA)):
            record = Record("check", 1, house.site_id, None, NOW)
            with pytest.raises(InvalidInput) as refused:
                flow.attach(tx, sight, record, Exhibits([Use(sha256, "after")]), NOW)
            assert list(refused.value.fields) == ["photos.0"]
    assert count(house.database)[2] == 0


def test_a_record_needs_the_photos_of_its_class(house: House) -> None:
    row = {"record_kind": "check", "record_class": "pump", "purpose": "gauge", "minimum": 2, "basis": "policy"}
    with house.database.transaction() as tx:
        tx.execute(insert(evidence_rule).values(**row, effective_from=date(2026, 1, 1)))
        flow.require(tx, "check", "pump", ["gauge", "gauge"], date(2026, 3, 2))
        flow.require(tx, "check", "pump", [], date(2025, 12, 31))
        flow.require(tx, "check", "hydrant", [], date(2026, 3, 2))
        with pytest.raises(InvalidInput) as refused:
            flow.require(tx, "check", "pump", ["gauge", "elsewhere"], date(2026, 3, 2))
    assert refused.value.fields == {"photos": "1 more needed: gauge"}


def test_what_a_photo_is_evidence_of_cannot_be_changed(house: House) -> None:
    house.keep()
    with house.database.transaction() as tx:
        house.attach(tx, 1, Use(SHA, "after"))
    for statement in ("UPDATE evidence_use SET record_id = 2", "DELETE FROM evidence_use", "TRUNCATE evidence_use"):
        with pytest.raises(ProgrammingError), house.database.transaction() as tx:
            tx.exec_driver_sql(statement)
