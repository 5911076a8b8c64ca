"""Evidence as rows: files by their hash, uploads of them, and what they are evidence of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, cast, delete, exists, func, insert, or_, select, text, tuple_
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import BIT

from facility_monitor.domain.fire.evidence import GeoPoint, Photo, Requirement, Source, is_picture
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Condition, Sight
from facility_monitor.store.tables import evidence, evidence_file, evidence_rule, evidence_use, site

_LOCK = 0x4556_4944
"""Advisory lock: shared by those who add files, alone for whoever removes some."""


class Upload(NamedTuple):
    """A photo or file that was sent, with the doubts that came with it."""

    id: int
    media_type: str
    file_name: str | None
    photo: Photo
    doubts: Sequence[Mapping[str, Any]]


class Ground(NamedTuple):
    """What a site says of itself: its zone, and where it is if that is known."""

    zone: ZoneInfo
    place: GeoPoint | None


def ground(tx: Tx, site_id: int) -> Ground:
    """The zone and the place of a site that there is."""
    row = tx.execute(select(site.c.timezone, site.c.latitude, site.c.longitude).where(site.c.id == site_id)).one()
    return Ground(ZoneInfo(row.timezone), None if row.latitude is None else GeoPoint(row.latitude, row.longitude))


def lock_files(tx: Tx, *, alone: bool = False) -> None:
    """Until the transaction ends, files are added (by any number) or removed (by one), never both."""
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    tx.execute(text(f"SELECT {function}(:lock)"), {"lock": _LOCK})


def add_file(tx: Tx, values: Mapping[str, Any]) -> None:
    """Note a file; one that is known stays as it is."""
    tx.execute(postgresql.insert(evidence_file).values(**values).on_conflict_do_nothing())


def find(tx: Tx, sha256: bytes, site_id: int, equipment_id: int | None, person_id: int | None) -> int | None:
    """The upload of these bytes by this person (None: nobody we know) for this place, if there was one."""
    return tx.execute(
        select(evidence.c.id).where(
            evidence.c.sha256 == sha256,
            evidence.c.site_id == site_id,
            evidence.c.equipment_id.is_not_distinct_from(equipment_id),
            evidence.c.uploaded_by.is_not_distinct_from(person_id),
        )
    ).scalar_one_or_none()


def add(tx: Tx, values: Mapping[str, Any]) -> int | None:
    """Note an upload; returns its id, or None where the same was noted in between."""
    added = postgresql.insert(evidence).values(**values).on_conflict_do_nothing().returning(evidence.c.id)
    return tx.execute(added).scalar_one_or_none()


def seen(sight: Sight) -> Condition:
    """Whether a row of ``evidence`` is seen: one's own, those of things that are seen, and what these have for
    evidence."""
    return or_(
        evidence.c.uploaded_by == sight.person.id,
        sight.thing(evidence.c.site_id, evidence.c.equipment_id),
        exists(
            select(evidence_use.c.id).where(
                evidence_use.c.evidence_id == evidence.c.id,
                sight.thing(evidence_use.c.site_id, evidence_use.c.equipment_id),
            )
        ),
    )


def uploads(tx: Tx, sight: Sight | None, site_id: int, hashes: Collection[bytes]) -> dict[bytes, Upload]:
    """The newest upload of each of ``hashes`` for a site that the caller sees, its own before others'.

    Without a ``sight`` only what came from nobody we know.

    They are not swept until the transaction ends.
    """
    unknown = evidence.c.uploaded_by.is_(None)
    own, whose = (unknown, unknown) if sight is None else (evidence.c.uploaded_by == sight.person.id, seen(sight))
    rows = tx.execute(
        select(evidence, evidence_file.c.media_type, evidence_file.c.exif_latitude, evidence_file.c.exif_longitude)
        .join(evidence_file, evidence_file.c.sha256 == evidence.c.sha256)
        .where(evidence.c.sha256.in_(hashes), evidence.c.site_id == site_id, whose)
        .order_by(own, evidence.c.id)
        .with_for_update(key_share=True, of=evidence)
    )
    return {bytes(row.sha256): Upload(row.id, row.media_type, row.file_name, _photo(row), row.doubts) for row in rows}


def _photo(row: Row[Any]) -> Photo:
    latitude, longitude = row.exif_latitude, row.exif_longitude
    if latitude is None:
        latitude, longitude = row.latitude, row.longitude
    place = None if latitude is None else GeoPoint(latitude, longitude)
    return Photo(row.taken_at, row.device_at, row.received_at, place, Source(row.source))


Record = tuple[str, int]
"""Kind and id of a record."""


def records(tx: Tx, hashes: Collection[bytes]) -> dict[bytes, set[Record]]:
    """Of which records each of ``hashes`` is evidence, wherever they are."""
    found: dict[bytes, set[Record]] = {each: set() for each in hashes}
    columns = (evidence_use.c.sha256, evidence_use.c.record_kind, evidence_use.c.record_id)
    for sha256, kind, number in tx.execute(select(*columns).where(evidence_use.c.sha256.in_(hashes))):
        found[bytes(sha256)].add((kind, number))
    return found


def alike(tx: Tx, hashes: Collection[bytes], bits: int) -> dict[bytes, dict[Record, int]]:
    """Of which records photos that show what each of ``hashes`` shows are evidence, wherever they are, and in how many
    bits of their fingerprints the nearest of them differs, of at most ``bits``."""
    found: dict[bytes, dict[Record, int]] = {each: {} for each in hashes}
    other = evidence_file.alias("other")
    differ = func.bit_count(cast(evidence_file.c.fingerprint.op("#")(other.c.fingerprint), BIT(64)))
    rows = tx.execute(
        select(evidence_file.c.sha256, evidence_use.c.record_kind, evidence_use.c.record_id, func.min(differ))
        .join(other, and_(other.c.sha256 != evidence_file.c.sha256, differ <= bits))
        .join(evidence_use, evidence_use.c.sha256 == other.c.sha256)
        .where(evidence_file.c.sha256.in_(hashes))
        .group_by(evidence_file.c.sha256, evidence_use.c.record_kind, evidence_use.c.record_id)
    )
    for sha256, kind, number, nearest in rows:
        found[bytes(sha256)][kind, number] = nearest
    return found


def used(tx: Tx, record: Record) -> set[tuple[bytes, str]]:
    """The (hash, purpose) that a record has for evidence."""
    columns = (evidence_use.c.sha256, evidence_use.c.purpose)
    of_record = tuple_(evidence_use.c.record_kind, evidence_use.c.record_id) == record
    return {(bytes(sha256), purpose) for sha256, purpose in tx.execute(select(*columns).where(of_record))}


def photo_purposes(tx: Tx, record: Record, since: datetime | None = None) -> list[str]:
    """The purposes of the photos that a record has, one for each; files of other kinds count for none.

    With ``since``, of those that it got then or later.
    """
    asked = select(evidence_use.c.purpose).join(evidence_file, evidence_file.c.sha256 == evidence_use.c.sha256)
    of_record = tuple_(evidence_use.c.record_kind, evidence_use.c.record_id) == record
    asked = asked.where(of_record, evidence_file.c.media_type.startswith("image/"))
    return list(tx.execute(asked if since is None else asked.where(evidence_use.c.used_at >= since)).scalars())


def use(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note what photos and files are evidence of."""
    if rows:
        tx.execute(insert(evidence_use), [dict(row) for row in rows])


class Used(NamedTuple):
    """What a photo or file is evidence of; ``said`` is what entries of the ledger say of it."""

    record_kind: str
    record_id: int
    sha256: str
    purpose: str
    site_id: int
    said: Mapping[str, Any]


def every_use(tx: Tx) -> Iterator[Used]:
    """All that photos and files are evidence of, as many at once as memory need not hold."""
    columns = ("taken_at", "device_at", "received_at", "latitude", "longitude", "source", "file_name")
    asked = select(
        evidence_use,
        *(evidence.c[name] for name in columns),
        *(evidence_file.c[name] for name in ("media_type", "exif_latitude", "exif_longitude")),
        evidence.c.doubts.label("of_upload"),
    )
    asked = asked.join(evidence, evidence.c.id == evidence_use.c.evidence_id)
    asked = asked.join(evidence_file, evidence_file.c.sha256 == evidence_use.c.sha256).order_by(evidence_use.c.id)
    for row in tx.execute(asked, execution_options={"yield_per": 1000}):
        said: dict[str, Any] = {"name": row.file_name, "media_type": row.media_type}
        if is_picture(row.media_type):
            said = {**_photo(row).as_json(), "doubts": [*row.of_upload, *row.doubts]}
        yield Used(row.record_kind, row.record_id, bytes(row.sha256).hex(), row.purpose, row.site_id, said)


def requirements(tx: Tx, record_kind: str, record_class: str) -> list[Requirement]:
    """What records of a kind and class need, of all times."""
    rows = tx.execute(
        select(evidence_rule.c.purpose, evidence_rule.c.minimum, evidence_rule.c.effective_from, evidence_rule.c.basis)
        .where(evidence_rule.c.record_kind == record_kind, evidence_rule.c.record_class == record_class)
        .order_by(evidence_rule.c.effective_from)
    )
    return [Requirement(*row) for row in rows]


def drop_unused(tx: Tx, before: datetime) -> int:
    """Forget uploads from before then that are evidence of nothing, and files that were never uploaded since."""
    unused = ~exists(select(evidence_use.c.id).where(evidence_use.c.evidence_id == evidence.c.id))
    dropped = tx.execute(delete(evidence).where(evidence.c.received_at < before, unused)).rowcount
    alone = ~exists(select(evidence.c.id).where(evidence.c.sha256 == evidence_file.c.sha256))
    tx.execute(delete(evidence_file).where(and_(evidence_file.c.stored_at < before, alone)))
    return dropped


def old(tx: Tx, before: datetime) -> list[bytes]:
    """Photos and files of records, none of them sent or used since ``before``, and none of a technical file."""
    later = or_(evidence_use.c.used_at >= before, evidence_use.c.record_kind == "technical_file")
    of_file = evidence_use.c.sha256 == evidence_file.c.sha256
    asked = select(evidence_file.c.sha256).where(
        exists().where(of_file),
        ~exists().where(of_file, later),
        ~exists().where(evidence.c.sha256 == evidence_file.c.sha256, evidence.c.received_at >= before),
    )
    return [bytes(each) for each in tx.execute(asked.order_by(evidence_file.c.sha256)).scalars()]


def unknown(tx: Tx, hashes: Iterable[bytes]) -> set[bytes]:
    """Which of ``hashes`` no row names."""
    asked = set(hashes)
    rows = tx.execute(select(evidence_file.c.sha256).where(evidence_file.c.sha256 == func.any(list(asked))))
    return asked - {bytes(each) for each in rows.scalars()}
