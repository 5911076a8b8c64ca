"""Photos and files as people read them: what they are, who sent them when, what they are evidence of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import select

from facility_monitor.domain.fire.evidence import is_picture
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence.evidence import seen
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import evidence, evidence_file, evidence_use, person
from facility_monitor.store.views.shapes import named


def media_type(tx: Tx, sight: Sight, sha256: bytes) -> str | None:
    """What a photo is, if it is one and the caller sees it."""
    found = _newest(tx, sight, sha256)
    return found[0] if found is not None and is_picture(found[0]) else None


def named_file(tx: Tx, sight: Sight, sha256: bytes) -> tuple[str, str | None] | None:
    """Media type and name of a file that is no photo, if the caller sees it: the name of its newest upload."""
    found = _newest(tx, sight, sha256)
    return None if found is None or is_picture(found[0]) else found


def _newest(tx: Tx, sight: Sight, sha256: bytes) -> tuple[str, str | None] | None:
    asked = (
        select(evidence_file.c.media_type, evidence.c.file_name)
        .join(evidence, evidence.c.sha256 == evidence_file.c.sha256)
        .where(evidence_file.c.sha256 == sha256, seen(sight))
        .order_by(evidence.c.id.desc())
        .limit(1)
    )
    row = tx.execute(asked).one_or_none()
    return None if row is None else (row.media_type, row.file_name)


def file(tx: Tx, sight: Sight, sha256: bytes) -> dict[str, Any] | None:
    """A photo or other file with those of its uploads and uses that the caller sees; None where there is none."""
    uploads = tx.execute(
        select(evidence, person.c.name)
        .outerjoin(person, person.c.id == evidence.c.uploaded_by)
        .where(evidence.c.sha256 == sha256, seen(sight))
        .order_by(evidence.c.id)
    ).mappings()
    listed = [_upload(row) for row in uploads]
    if not listed:
        return None
    known = tx.execute(select(evidence_file).where(evidence_file.c.sha256 == sha256)).mappings().one()
    same = ("size_bytes", "media_type", "width", "height", "stored_at")
    return {
        "sha256": sha256.hex(),
        **{name: known[name] for name in same},
        "exif_local": None if known["exif_local"] is None else known["exif_local"].isoformat(),
        "exif_place": _place(known["exif_latitude"], known["exif_longitude"]),
        "uploads": listed,
        "uses": _uses(tx, sight, evidence_use.c.sha256 == sha256),
    }


_OF_PHOTO = ("taken_at", "device_at", "received_at", "doubts")
_OF_FILE = ("name", "media_type", "size_bytes", "received_at")


def of_ticket(tx: Tx, sight: Sight, number: int) -> dict[str, list[dict[str, Any]]]:
    """The photos and files of a ticket that the caller sees, in the order in which they came."""
    uses = _uses(tx, sight, evidence_use.c.record_kind == "ticket", evidence_use.c.record_id == number)
    return _sorted(uses, "sha256", "purpose", "used_at", "used_by")


def of_records(tx: Tx, kind: str, numbers: Collection[int]) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """What each of the records of a kind has for evidence, by ``photos`` and ``files``."""
    found: dict[int, list[dict[str, Any]]] = {number: [] for number in numbers}
    for use in _uses(tx, None, evidence_use.c.record_kind == kind, evidence_use.c.record_id.in_(numbers)):
        found[use["record_id"]].append(use)
    return {number: _sorted(uses, "sha256", "purpose") for number, uses in found.items()}


def _sorted(uses: Iterable[Mapping[str, Any]], *same: str) -> dict[str, list[dict[str, Any]]]:
    """Uses by whether they are of photos or of other files, each with what is to be told of its kind."""
    found: dict[str, list[dict[str, Any]]] = {"photos": [], "files": []}
    for use in uses:
        field, own = ("photos", _OF_PHOTO) if is_picture(use["media_type"]) else ("files", _OF_FILE)
        found[field].append({name: use[name] for name in (*same, *own)})
    return found


def _uses(tx: Tx, sight: Sight | None, *conditions: Any) -> list[dict[str, Any]]:
    """Without a ``sight`` all of them: who asks has seen their records."""
    seen_ones = () if sight is None else (sight.thing(evidence_use.c.site_id, evidence_use.c.equipment_id),)
    rows = tx.execute(
        select(
            evidence_use,
            evidence_file.c.media_type,
            evidence_file.c.size_bytes,
            evidence.c.file_name.label("name"),
            evidence.c.taken_at,
            evidence.c.device_at,
            evidence.c.received_at,
            evidence.c.doubts.label("doubts_of_upload"),
            person.c.name.label("person"),
        )
        .join(evidence, evidence.c.id == evidence_use.c.evidence_id)
        .join(evidence_file, evidence_file.c.sha256 == evidence_use.c.sha256)
        .outerjoin(person, person.c.id == evidence_use.c.used_by)
        .where(*seen_ones, *conditions)
        .order_by(evidence_use.c.id)
    ).mappings()
    same = ("record_kind", "record_id", "purpose", "used_at", "name", "media_type", "size_bytes")
    return [
        {
            "sha256": bytes(row["sha256"]).hex(),
            **{name: row[name] for name in (*same, "taken_at", "device_at", "received_at")},
            "used_by": named(row["used_by"], row["person"]),
            "doubts": [*row["doubts_of_upload"], *row["doubts"]],
        }
        for row in rows
    ]


def _upload(row: Any) -> dict[str, Any]:
    same = ("id", "site_id", "equipment_id", "taken_at", "device_at", "received_at", "source", "file_name", "doubts")
    return {
        **{name: row[name] for name in same},
        "place": _place(row["latitude"], row["longitude"]),
        "uploaded_by": named(row["uploaded_by"], row["name"]),
    }


def _place(latitude: float | None, longitude: float | None) -> dict[str, float | None] | None:
    return None if latitude is None else {"latitude": latitude, "longitude": longitude}
