"""Evidence: photos kept as they came, attached to the records that they show, and swept where nobody names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Table

from facility_monitor.domain.fire import evidence
from facility_monitor.domain.fire.evidence import Finding, GeoPoint, Photo, Source
from facility_monitor.domain.person import Person
from facility_monitor.errors import InvalidInput
from facility_monitor.media.picture import Picture
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.evidence import evidence as kept
from facility_monitor.store.evidence import records
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.sight import Sight

UNUSED = timedelta(days=1)
"""For so long an upload waits for the record that names it."""


class About(NamedTuple):
    """What comes with a photo: the place it is of, the device's clock and position, where it had the photo from."""

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
    tx: Tx, files: Files, content: bytes, picture: Picture, about: About, person: Person | None, now: datetime
) -> Kept:
    """Keep a photo that was read: its bytes on the disk first, then its rows. ``person`` is None for a resident's."""
    sender = None if person is None else person.id
    kept.lock_files(tx)
    sha256 = files.put(content)
    known = kept.find(tx, sha256, about.site_id, about.equipment_id, sender)
    if known is not None:
        return Kept(known, sha256, new=False)
    exif, ground = picture.exif, kept.ground(tx, about.site_id)
    taken_at = exif.taken_at(ground.zone)
    photo = Photo(taken_at, about.device_at, now, exif.place or about.place, about.source)
    kept.add_file(
        tx,
        {
            "sha256": sha256,
            "size_bytes": len(content),
            "media_type": picture.media_type,
            "width": picture.width,
            "height": picture.height,
            "exif_local": exif.local,
            "exif_offset_s": None if exif.offset is None else round(exif.offset.total_seconds()),
            "exif_latitude": exif.place and exif.place.latitude,
            "exif_longitude": exif.place and exif.place.longitude,
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
            "doubts": _json(evidence.doubts_of(photo, ground.place)),
        },
    )
    if added is not None:
        return Kept(added, sha256, new=True)
    known = kept.find(tx, sha256, about.site_id, about.equipment_id, sender)
    assert known is not None  # noqa: S101 - somebody was faster, and has committed
    return Kept(known, sha256, new=False)


class Record(NamedTuple):
    """What photos are evidence of: a ticket, a check, a test. ``at`` is when that happened which they show."""

    kind: str
    id: int
    site_id: int
    equipment_id: int | None
    at: datetime


class Use(NamedTuple):
    """A photo, by its hash, for a purpose (``before``, ``after``, ...) of a record."""

    sha256: bytes
    purpose: str


def known(tx: Tx, sight: Sight, site_id: int, uses: Sequence[Use], field: str = "photos") -> None:
    """Whether all photos are there to be used at a site. Raises InvalidInput naming each that is not.

    For those who have to know before they store the record itself; ``attach`` asks again.
    """
    _uploads(tx, sight, site_id, uses, field)


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
    uses: Sequence[Use],
    now: datetime,
    same_act: Iterable[tuple[str, int]] = (),
) -> list[dict[str, Any]]:
    """Make photos evidence of a record; what it has already is not noted again. ``sight`` is None for a resident's.

    ``same_act`` are other records, by kind and id, that the photo may well be evidence of too: what this one corrects,
    the ticket that follows. Returns what the ledger's entry should say of each new one: hash, purpose, times, source,
    and doubts of upload and use. Raises InvalidInput naming each photo that the caller does not see at the record's
    site. Call it before the ledger.
    """
    found = _uploads(tx, sight, record.site_id, uses, "photos")
    used = kept.used(tx, (record.kind, record.id))
    elsewhere = kept.records(tx, found)
    same = {(record.kind, record.id), *same_act}
    rows: list[dict[str, Any]] = []
    for use in dict.fromkeys(uses):
        if (use.sha256, use.purpose) in used:
            continue
        others = len(elsewhere[use.sha256] - same)
        rows.append(
            {
                "evidence_id": found[use.sha256].id,
                "sha256": use.sha256,
                "site_id": record.site_id,
                "equipment_id": record.equipment_id,
                "record_kind": record.kind,
                "record_id": record.id,
                "purpose": use.purpose,
                "used_at": now,
                "used_by": None if sight is None else sight.person.id,
                "doubts": _json(evidence.doubts_of_use(found[use.sha256].photo, record.at, others)),
            }
        )
    kept.use(tx, rows)
    return [
        {
            "sha256": row["sha256"].hex(),
            "purpose": row["purpose"],
            **found[row["sha256"]].photo.as_json(),
            "doubts": [*found[row["sha256"]].doubts, *row["doubts"]],
        }
        for row in rows
    ]


def one_act(tx: Tx, table: Table, kind: str, number: int) -> set[tuple[str, int]]:
    """The records that show the act of a check or test: itself, what it corrects, and the tickets that followed."""
    chain = records.corrected(tx, table, number)
    return {(kind, each) for each, _ in chain} | {("ticket", each) for _, each in chain if each is not None}


def _uploads(tx: Tx, sight: Sight | None, site_id: int, uses: Sequence[Use], field: str) -> dict[bytes, kept.Upload]:
    found = kept.uploads(tx, sight, site_id, {use.sha256 for use in uses}) if uses else {}
    wrong = {
        f"{field}.{place}": "no such photo of this site: send it to POST /api/v1/photos first"
        for place, use in enumerate(uses)
        if use.sha256 not in found
    }
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
