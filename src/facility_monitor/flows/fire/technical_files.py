"""Technical files: entered with what they consist of, replaced by newer ones, and told of before they end."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.fire.technical_file import SOON, TechnicalEvent, TechnicalFile
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.message.rota import Position
from facility_monitor.domain.text import LOCALES
from facility_monitor.errors import Conflict, InvalidInput
from facility_monitor.flows.evidence import evidence
from facility_monitor.flows.evidence.evidence import Exhibits, Record
from facility_monitor.flows.message.announce import Matter, announce
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger, records
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.fire import technical_files as kept
from facility_monitor.store.fire.technical_files import Ending
from facility_monitor.store.sight import Sight
from facility_monitor.store.views.technical_files import RECORD


class Draft(NamedTuple):
    """A paper as it came in, of a piece of equipment or of the whole site."""

    site_id: int
    equipment_id: int | None
    paper: TechnicalFile
    exhibits: Exhibits
    replaces: int | None = None
    reason: str | None = None


def add(tx: Tx, draft: Draft, sight: Sight, now: datetime) -> int:
    """Enter a paper of what the caller sees; returns its id.

    Raises InvalidInput naming each field; Conflict: the one to be replaced was replaced before (``existing``).
    """
    wrong = draft.paper.wrong()
    if draft.replaces is not None:
        wrong |= _may_replace(tx, draft)
    if not (draft.exhibits.photos or draft.exhibits.files):
        wrong |= {"files": "name the files or photos that it consists of"}
    if wrong:
        raise InvalidInput(wrong)
    evidence.known(tx, sight, draft.site_id, draft.exhibits)
    content = draft.paper.as_json()
    number = kept.add(
        tx,
        {
            "site_id": draft.site_id,
            "equipment_id": draft.equipment_id,
            "content": content,
            "replaces": draft.replaces,
            "reason": draft.reason,
            "submitted_at": now,
            "submitted_by": sight.person.id,
        },
    )
    record = Record(RECORD, number, draft.site_id, draft.equipment_id, now)
    attached = evidence.attach(tx, sight, record, draft.exhibits, now)
    body = {
        "file_id": number,
        "kind": draft.paper.kind.value,
        "replaces": draft.replaces,
        **attached,
        records.HASHED: records.digest(content),
    }
    where = (draft.site_id, draft.equipment_id, None, None)
    ledger.append(tx, [Entry(TechnicalEvent.ADDED, now, now, *where, sight.person.id, draft.reason, body)])
    return number


def _may_replace(tx: Tx, draft: Draft) -> dict[str, str]:
    old = kept.lock(tx, draft.replaces) if draft.replaces is not None else None
    here = (draft.site_id, draft.equipment_id, draft.paper.kind.value)
    if old is None or (old.site_id, old.equipment_id, old.content["kind"]) != here:
        return {"replaces": "is no technical file of this kind and this place"}
    if draft.reason is None:
        return {"reason": "say why it is replaced"}
    if old.replaced_by is not None:
        raise Conflict(f"technical file {old.id} has been replaced by {old.replaced_by}", existing=old.replaced_by)
    return {}


def remind(tx: Tx, now: datetime) -> int:
    """Tell the managers, once of each, which papers end within ``SOON`` or have ended; returns how many.

    Safe to run at any time and again: what was told is noted in the same transaction.
    """
    found = kept.ending(tx, now, SOON.days)
    if not found:
        return 0
    kept.remind(tx, [each.id for each in found], now)
    written = ledger.append(tx, [_ends(each, now) for each in found])
    places = plant.places(tx, {each.equipment_id for each in found if each.equipment_id is not None})
    matters = [
        Matter(number, each.site_id, None, _notice(each, places), position=Position.MANAGER)
        for number, each in zip(written, found, strict=True)
    ]
    announce(tx, matters, now)
    return len(found)


def _ends(each: Ending, now: datetime) -> Entry:
    body = {"file_id": each.id, "title": each.title, "valid_until": each.valid_until.isoformat()}
    return Entry(TechnicalEvent.EXPIRES, now, now, each.site_id, each.equipment_id, None, None, None, None, body)


def _notice(each: Ending, places: dict[int, plant.Place]) -> Notice:
    whole = {"zh-CN": "整个项目", "en": "the whole site"}
    return Notice(
        kind=TechnicalEvent.EXPIRES,
        tag=f"technical-file-{each.id}",
        severity=Severity.LOW,
        life_safety=False,
        title=dict.fromkeys(LOCALES, each.title),
        place=whole if each.equipment_id is None else places[each.equipment_id].full,
        response={"zh-CN": f"有效期至 {each.valid_until}，请换新", "en": f"valid until {each.valid_until}: renew it"},
        path="/equipment" if each.equipment_id is None else f"/equipment/{each.equipment_id}",
    )
