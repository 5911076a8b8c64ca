"""Photos as people read them: what they are, who sent them when, what they are evidence of, and what speaks against."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from facility_monitor.store.database import Tx
from facility_monitor.store.evidence.evidence import seen
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import evidence, evidence_file, evidence_use, person
from facility_monitor.store.views.shapes import named


def media_type(tx: Tx, sight: Sight, sha256: bytes) -> str | None:
    """What a photo is, if the caller sees it."""
    asked = (
        select(evidence_file.c.media_type)
        .join(evidence, evidence.c.sha256 == evidence_file.c.sha256)
        .where(evidence_file.c.sha256 == sha256, seen(sight))
        .limit(1)
    )
    return tx.execute(asked).scalar_one_or_none()


def photo(tx: Tx, sight: Sight, sha256: bytes) -> dict[str, Any] | None:
    """A photo with those of its uploads and uses that the caller sees; None where there is none."""
    uploads = tx.execute(
        select(evidence, person.c.name)
        .outerjoin(person, person.c.id == evidence.c.uploaded_by)
        .where(evidence.c.sha256 == sha256, seen(sight))
        .order_by(evidence.c.id)
    ).mappings()
    listed = [_upload(row) for row in uploads]
    if not listed:
        return None
    file = tx.execute(select(evidence_file).where(evidence_file.c.sha256 == sha256)).mappings().one()
    same = ("size_bytes", "media_type", "width", "height", "stored_at")
    return {
        "sha256": sha256.hex(),
        **{name: file[name] for name in same},
        "exif_local": None if file["exif_local"] is None else file["exif_local"].isoformat(),
        "exif_place": _place(file["exif_latitude"], file["exif_longitude"]),
        "uploads": listed,
        "uses": _uses(tx, sight, evidence_use.c.sha256 == sha256),
    }


def of_records(tx: Tx, sight: Sight, kind: str, numbers: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The photos of records of a kind that the caller sees, in the order in which they came."""
    found: dict[int, list[dict[str, Any]]] = {number: [] for number in numbers}
    if numbers:
        of = (evidence_use.c.record_kind == kind, evidence_use.c.record_id.in_(numbers))
        for use in _uses(tx, sight, *of):
            found[use.pop("record_id")].append({name: value for name, value in use.items() if name != "record_kind"})
    return found


def _uses(tx: Tx, sight: Sight, *conditions: Any) -> list[dict[str, Any]]:
    rows = tx.execute(
        select(
            evidence_use,
            evidence.c.taken_at,
            evidence.c.device_at,
            evidence.c.received_at,
            evidence.c.doubts.label("doubts_of_upload"),
            person.c.name,
        )
        .join(evidence, evidence.c.id == evidence_use.c.evidence_id)
        .outerjoin(person, person.c.id == evidence_use.c.used_by)
        .where(sight.thing(evidence_use.c.site_id, evidence_use.c.equipment_id), *conditions)
        .order_by(evidence_use.c.id)
    ).mappings()
    same = ("record_kind", "record_id", "purpose", "used_at", "taken_at", "device_at", "received_at")
    return [
        {
            "sha256": bytes(row["sha256"]).hex(),
            **{name: row[name] for name in same},
            "used_by": named(row["used_by"], row["name"]),
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


def photos_of(tx: Tx, record_kind: str, ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """What records of a kind have for evidence, by their ids: hash, purpose, times, the doubts of upload and use."""
    found: dict[int, list[dict[str, Any]]] = {}
    times = ("taken_at", "device_at", "received_at")
    asked = (
        select(
            *(evidence_use.c[name] for name in ("record_id", "sha256", "purpose", "doubts")),
            *(evidence.c[name] for name in times),
            evidence.c.doubts.label("doubts_of_upload"),
        )
        .join(evidence, evidence.c.id == evidence_use.c.evidence_id)
        .where(evidence_use.c.record_kind == record_kind, evidence_use.c.record_id.in_(ids))
    )
    for row in tx.execute(asked.order_by(evidence_use.c.id)).mappings():
        photo = {
            "sha256": bytes(row["sha256"]).hex(),
            **{name: row[name] for name in ("purpose", *times)},
            "doubts": [*row["doubts_of_upload"], *row["doubts"]],
        }
        found.setdefault(row["record_id"], []).append(photo)
    return found
