"""Evidence: photos and files kept as they came, attached to their records, and swept where nobody names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Table

from facility_monitor.domain.fire import evidence
from facility_monitor.domain.fire.evidence import Exif, Finding, GeoPoint, Photo, Source, is_picture
from facility_monitor.domain.person import Person
from facility_monitor.errors import InvalidInput
from facility_monitor.media.document import Document
from facility_monitor.media.picture import Picture
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.evidence import evidence as kept
from facility_monitor.store.evidence import records
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.sight import Sight

UNUSED = timedelta(days=1)
"""For so long an upload waits for the record that names it."""


class About(NamedTuple):
    """What comes with a photo or file: of which place it is, the device's clock and position, where a photo is from."""

    site_id: int
    equipment_id: int | None = None
    device_at: datetime | None = None
    place: GeoPoint | None = None
    source: Source = Source.UNKNOWN
    file_name: str | None = None


class Kept(NamedTuple):
    """An upload; ``new`` is false where the same person had sent the same bytes for the same place before."""

    id: int
    sha256: bytes
    new: bool


def keep(
    tx: Tx, files: Files, content: bytes, read: Picture | Document, about: About, person: Person | None, now: datetime
) -> Kept:
    """Keep what was read: its bytes on the disk first, then its rows. ``person`` is None for a resident's."""
    sender = None if person is None else person.id
    kept.lock_files(tx)
    sha256 = files.put(content)
    known = kept.find(tx, sha256, about.site_id, about.equipment_id, sender)
    if known is not None:
        return Kept(known, sha256, new=False)
    picture = read if isinstance(read, Picture) else None
    exif, ground = Exif() if picture is None else picture.exif, kept.ground(tx, about.site_id)
    taken_at = exif.taken_at(ground.zone)
    photo = Photo(taken_at, about.device_at, now, exif.place or about.place, about.source)
    kept.add_file(
        tx,
        {
            "sha256": sha256,
            "size_bytes": len(content),
            "media_type": read.media_type,
            "width": picture and picture.width,
            "height": picture and picture.height,
            "exif_local": exif.local,
            "exif_offset_s": None if exif.offset is None else round(exif.offset.total_seconds()),
            "exif_latitude": exif.place and exif.place.latitude,
            "exif_longitude": exif.place and exif.place.longitude,
            "fingerprint": picture and picture.fingerprint,
            "stored_at": now,
        },
    )
    added = kept.add(
        tx,
        {
            "sha256": sha256,
            "site_id": about.site_id,
            "equipment_id": about.equipment_id,
            "taken_at": taken_at,
            "device_at": about.device_at,
            "latitude": about.place and about.place.latitude,
            "longitude": about.place and about.place.longitude,
            "source": about.source,
            "file_name": about.file_name,
            "received_at": now,
            "uploaded_by": sender,
            "doubts": _json([] if picture is None else evidence.doubts_of(photo, ground.place)),
        },
    )
    if added is not None:
        return Kept(added, sha256, new=True)
    known = kept.find(tx, sha256, about.site_id, about.equipment_id, sender)
    assert known is not None  # noqa: S101 - somebody was faster, and has committed
    return Kept(known, sha256, new=False)


class Record(NamedTuple):
    """What they are evidence of: a ticket, a check, a test. ``at`` is when that happened which photos show."""

    kind: str
    id: int
    site_id: int
    equipment_id: int | None
    at: datetime


class Use(NamedTuple):
    """A photo or file, by its hash, for a purpose (``before``, ``certificate``, ...) of a record."""

    sha256: bytes
    purpose: str


class Exhibits(NamedTuple):
    """What is named as evidence of a record, photos apart from all other files."""

    photos: Sequence[Use] = ()
    files: Sequence[Use] = ()


def known(tx: Tx, sight: Sight, site_id: int, exhibits: Exhibits) -> None:
    """Whether all photos and files are there to be used at a site. Raises InvalidInput naming each that is not.

    For those who have to know before they store the record itself; ``attach`` asks again.
    """
    _uploads(tx, sight, site_id, exhibits)


def missing(tx: Tx, record_kind: str, record_class: str, purposes: Iterable[str], on: date) -> Mapping[str, int]:
    """How many photos a record of a class still needs for each purpose, by the rules of a day."""
    return evidence.missing(kept.requirements(tx, record_kind, record_class), purposes, on)


def require(
    tx: Tx, record_kind: str, record_class: str, purposes: Iterable[str], on: date, field: str = "photos"
) -> None:
    """Whether photos for ``purposes`` (one entry for each) are enough for a record of a class on a day.

    Raises InvalidInput saying what is missing.
    """
    needed = missing(tx, record_kind, record_class, purposes, on)
    if needed:
        raise InvalidInput({field: "; ".join(f"{count} more needed: {purpose}" for purpose, count in needed.items())})


def attach(
    tx: Tx,
    sight: Sight | None,
    record: Record,
    exhibits: Exhibits,
    now: datetime,
    same_act: Iterable[tuple[str, int]] = (),
) -> dict[str, list[dict[str, Any]]]:
    """Make photos and files evidence of a record; what it has already is not noted again. ``sight`` is None for a
    resident's.

    ``same_act`` are other records, by kind and id, that a photo may well be evidence of too: what this one corrects,
    the ticket that follows. Returns what the ledger's entry should say of each new one, by ``photos`` and ``files``:
    hash, purpose, and of a photo times, source, and doubts of upload and use, of a file its name and media type. Raises
    InvalidInput naming each that the caller does not see at the record's site. Call it before the ledger.
    """
    found = _uploads(tx, sight, record.site_id, exhibits)
    used = kept.used(tx, (record.kind, record.id))
    elsewhere, alike = kept.records(tx, found), kept.alike(tx, found, evidence.ALIKE_BITS)
    same = {(record.kind, record.id), *same_act}
    rows: list[dict[str, Any]] = []
    for use in dict.fromkeys((*exhibits.photos, *exhibits.files)):
        if (use.sha256, use.purpose) in used:
            continue
        upload, others = found[use.sha256], len(elsewhere[use.sha256] - same)
        nearest = min((bits for other, bits in alike[use.sha256].items() if other not in same), default=None)
        doubts = (
            evidence.doubts_of_use(upload.photo, record.at, others, nearest) if is_picture(upload.media_type) else []
        )
        rows.append(
            {
                "evidence_id": upload.id,
                "sha256": use.sha256,
                "site_id": record.site_id,
                "equipment_id": record.equipment_id,
                "record_kind": record.kind,
                "record_id": record.id,
                "purpose": use.purpose,
                "used_at": now,
                "used_by": None if sight is None else sight.person.id,
                "doubts": _json(doubts),
            }
        )
    kept.use(tx, rows)
    named: dict[str, list[dict[str, Any]]] = {"photos": [], "files": []}
    for row in rows:
        upload, said = found[row["sha256"]], {"sha256": row["sha256"].hex(), "purpose": row["purpose"]}
        if is_picture(upload.media_type):
            named["photos"].append({**said, **upload.photo.as_json(), "doubts": [*upload.doubts, *row["doubts"]]})
        else:
            named["files"].append({**said, "name": upload.file_name, "media_type": upload.media_type})
    return named


def one_act(tx: Tx, table: Table, kind: str, number: int) -> set[tuple[str, int]]:
    """The records that show the act of a check or test: itself, what it corrects, and the tickets that followed."""
    chain = records.corrected(tx, table, number)
    return {(kind, each) for each, _ in chain} | {("ticket", each) for _, each in chain if each is not None}


def _uploads(tx: Tx, sight: Sight | None, site_id: int, exhibits: Exhibits) -> dict[bytes, kept.Upload]:
    hashes = {use.sha256 for uses in exhibits for use in uses}
    found = kept.uploads(tx, sight, site_id, hashes) if hashes else {}
    wrong = {}
    for field, uses in exhibits._asdict().items():
        for place, use in enumerate(uses):
            upload = found.get(use.sha256)
            if upload is None or is_picture(upload.media_type) != (field == "photos"):
                one = field.removesuffix("s")
                wrong[f"{field}.{place}"] = f"no such {one} of this site: send it to POST /api/v1/{field} first"
    if wrong:
        raise InvalidInput(wrong)
    return found


def _json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [each.as_json() for each in findings]


def sweep(database: Database, files: Files, now: datetime) -> int:
    """Remove what has waited for more than a day: uploads that no record names, files that no upload names.

    Returns how many files were removed. What dies in between leaves a file without a row for the next time, never a row
    without its file.
    """
    with database.transaction() as tx:
        kept.lock_files(tx, alone=True)
        kept.drop_unused(tx, now - UNUSED)
    removed = 0
    for hashes in files.older_than(now - UNUSED):
        with database.transaction() as tx:
            kept.lock_files(tx, alone=True)
            for sha256 in kept.unknown(tx, hashes):
                files.remove(sha256)
                removed += 1
    return removed
