"""All that an inspector may want of a site and a period, in one file that proves itself without us."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from facility_monitor.domain.fire.chain import Head
from facility_monitor.domain.text import LOCALES
from facility_monitor.flows.evidence.archive import whole
from facility_monitor.flows.evidence.hand_out import add_checkpoints
from facility_monitor.flows.fire import inspection, inspection_sheets
from facility_monitor.flows.fire.inspection import Visit
from facility_monitor.media.document import ENDINGS
from facility_monitor.sheets import pdf, xlsx
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import chain, ledger, records
from facility_monitor.store.evidence.checkpoints import Checkpoints
from facility_monitor.store.evidence.files import Damaged, Files
from facility_monitor.store.evidence.proof_file import Chain, Writer
from facility_monitor.store.evidence.signing_key import SigningKey
from facility_monitor.store.tables import equipment_check
from facility_monitor.store.tables import ledger as entries


def bundle(
    tx: Tx,
    target: Path,
    visit: Visit,
    checkpoints: Checkpoints,
    key: SigningKey,
    files: Files,
    address: str,
    now: datetime,
) -> None:
    """Write the bundle to ``target``: entries since the period began, records, photos, files, matrix and sheets."""
    head = ledger.heads(tx, [visit.site_id]).get(visit.site_id, Head())
    start = _start(tx, visit)
    writer = Writer(target, key, now)
    writer.add_entries(whole(chain.entries(tx, visit.site_id, start.position + 1, head.position)))
    writer.add("matrix.json", _json(inspection.matrix(tx, visit, now)))
    found = inspection_sheets.checks_of(tx, visit)
    writer.add("checks.json", _json(found))
    papers = inspection.technical_files(tx, visit)
    writer.add("technical_files.json", _json(papers))
    for data in _records(tx, [row["id"] for row in found]):
        writer.add_named("records", "json", data)
    missing = []
    named = set()
    for row in (*found, *papers):
        named |= {("photos", "bin", each["sha256"]) for each in row["photos"]}
        named |= {("files", ENDINGS[each["media_type"]], each["sha256"]) for each in row["files"]}
    for folder, ending, digest in sorted(named):
        try:
            writer.add_named(folder, ending, files.read(bytes.fromhex(digest)))
        except Damaged as error:
            missing.append(str(error))
    codes = list(inspection_sheets.NAMES)
    sheets = [inspection_sheets.sheet(tx, visit, code, now) for code in codes]
    for locale in LOCALES:
        feet = [
            inspection_sheets.footer(visit, code, each, head, now, locale, address)
            for code, each in zip(codes, sheets, strict=True)
        ]
        writer.add(f"sheets.{locale}.pdf", pdf.document(sheets, locale, visit.zone, feet, wide=True))
        writer.add(f"sheets.{locale}.xlsx", xlsx.workbook(sheets, locale, visit.zone, feet))
    add_checkpoints(writer, checkpoints)
    about = {"site": visit.code, "first": visit.first.isoformat(), "last": visit.last.isoformat(), "damaged": missing}
    writer.close([Chain(visit.site_id, visit.code, start, head)], about)


def _start(tx: Tx, visit: Visit) -> Head:
    """What stands before the first entry that was made in the period or since, of what is not in the archive."""
    begin = datetime.combine(visit.first, time(), visit.zone)
    first = tx.execute(
        select(entries.c.position, entries.c.prev)
        .where(entries.c.site_id == visit.site_id, entries.c.at >= begin)
        .order_by(entries.c.position)
        .limit(1)
    ).one_or_none()
    return Head() if first is None else Head(first.position - 1, first.prev)


def _records(tx: Tx, ids: list[int]) -> list[bytes]:
    rows = tx.execute(
        select(equipment_check.c.content, equipment_check.c.verdicts)
        .where(equipment_check.c.id == func.any(ids))
        .order_by(equipment_check.c.id)
    )
    return list(dict.fromkeys(records.canonical(row.content, row.verdicts) for row in rows))


def _json(document: Mapping[str, Any] | list[dict[str, Any]]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1, default=str).encode()
