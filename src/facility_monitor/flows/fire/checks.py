"""Checks of equipment: what was entered is looked at, judged, kept, and followed by a ticket where it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.fire import check as checks
from facility_monitor.domain.fire.check import Check, Form, Verdict
from facility_monitor.domain.limit import decided
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.person import Person, Role
from facility_monitor.domain.repair.ticket import TicketEvent
from facility_monitor.domain.text import LOCALES, Text, said
from facility_monitor.errors import Conflict, Forbidden, InvalidInput, NotFound
from facility_monitor.flows.evidence import evidence
from facility_monitor.flows.evidence.evidence import Exhibits, Record
from facility_monitor.flows.message.announce import Matter, announce
from facility_monitor.flows.repair import tickets
from facility_monitor.flows.repair.tickets import Fault
from facility_monitor.store import limits, plant
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger, records
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.fire import checks as kept
from facility_monitor.store.fire import upkeep
from facility_monitor.store.fire.checks import Checked
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import equipment_check

RECORD = "check"
"""The kind of record that photos are evidence of."""
RECORDED = "check_recorded"
"""What the ledger records, a correction included."""
FAILED = "check-failed"
"""The cause of the ticket that a failed check opens or joins."""
PROOF_WITHIN = timedelta(hours=2)
"""An alarm is part of a check's proof if it was raised so near to the act (P)."""


class Draft(NamedTuple):
    """A check as it came in, under the ``client_id`` that its maker gave it."""

    client_id: UUID
    equipment_id: int
    check: Check
    exhibits: Exhibits = Exhibits()
    corrects: int | None = None
    reason: str | None = None


class Recorded(NamedTuple):
    """A check; ``new`` is false where it had been sent before."""

    id: int
    new: bool


def record(tx: Tx, draft: Draft, sight: Sight, now: datetime) -> Recorded:
    """Record a check, once however often it is sent.

    Raises InvalidInput naming each field; NotFound: an equipment that the caller does not see; Conflict: the client's
    id stands on another check, or the one to be corrected was corrected before; Forbidden: a check of another firm.
    """
    equipment = kept.lock_equipment(tx, sight, draft.equipment_id)
    if equipment is None:
        raise NotFound(f"equipment {draft.equipment_id}")
    before = kept.find(tx, client_id=draft.client_id)
    if before is not None:
        if before.equipment_id != draft.equipment_id or not _same(before.content, draft.check):
            raise Conflict(f"client_id {draft.client_id} is that of another check", existing=before.id)
        return Recorded(before.id, new=False)
    on = draft.check.performed_at.astimezone(ZoneInfo(equipment.timezone)).date()
    form = _form(tx, draft, equipment, on)
    wrong = checks.check(form, draft.check, now, draft.reason, equipment.subtype)
    wrong |= _wrong_alarms(tx, draft, equipment)
    if draft.corrects is not None:
        wrong |= _may_correct(tx, draft, sight.person)
    if wrong:
        raise InvalidInput(wrong)
    evidence.known(tx, sight, equipment.site_id, draft.exhibits)
    evidence.require(tx, RECORD, form.code, [use.purpose for use in draft.exhibits.photos], on)
    verdicts = checks.judge(form, draft.check, limits.known(tx), on)
    return Recorded(_keep(tx, draft, equipment, form, verdicts, sight, now), new=True)


def _same(content: Mapping[str, Any], sent: Check) -> bool:
    """Whether ``content`` is what was kept of ``sent``, which may have had alarms of an announced test added."""
    again = sent.as_json()
    named = set(again.pop("alarm_ids"))
    return named <= set(content["alarm_ids"]) and {**content, "alarm_ids": None} == {**again, "alarm_ids": None}


def _form(tx: Tx, draft: Draft, equipment: Checked, on: date) -> Form:
    form = upkeep.form(tx, draft.check.form, on)
    if form is None:
        raise InvalidInput({"form": f"no such form in force on {on}"})
    if equipment.kind not in form.kinds:
        raise InvalidInput({"form": f"is for {', '.join(form.kinds)}, not for {equipment.kind}"})
    return form


def _wrong_alarms(tx: Tx, draft: Draft, equipment: Checked) -> dict[str, str]:
    if not draft.check.alarm_ids:
        return {}
    at = draft.check.performed_at
    near = kept.alarms_at(tx, equipment.site_id, at - PROOF_WITHIN, at + PROOF_WITHIN)
    return {
        f"alarm_ids.{place}": "no alarm of this site within 2 hours of the act"
        for place, number in enumerate(draft.check.alarm_ids)
        if number not in near
    }


def _may_correct(tx: Tx, draft: Draft, person: Person) -> dict[str, str]:
    old = kept.find(tx, check_id=draft.corrects)
    if old is None or old.equipment_id != draft.equipment_id or old.form != draft.check.form:
        return {"corrects": "is no check of this equipment with this form"}
    if draft.reason is None:
        return {"reason": "say why the check is corrected"}
    if person.role is Role.CONTRACTOR and old.submitted_by != person.id:
        raise Forbidden(f"check {old.id} was entered by somebody else: they or the site's own people correct it")
    if old.corrected_by is not None:
        raise Conflict(f"check {old.id} has been corrected by check {old.corrected_by}", existing=old.corrected_by)
    return {}


def _keep(
    tx: Tx, draft: Draft, equipment: Checked, form: Form, verdicts: Sequence[Verdict], sight: Sight, now: datetime
) -> int:
    """Store a check with all that follows; the ledger's lock is the last to take."""
    failed = [verdict for verdict in verdicts if verdict.passed is False]
    title: Text = {
        "zh-CN": f"{said(form.name, 'zh-CN')}不合格",
        "en": f"{said(form.name, 'en')}: failed",
    }
    at = draft.check.performed_at
    opened = tickets.open_or_join(tx, {(equipment.id, FAILED): Fault(title, at)} if failed else {}, now)
    ticket_id = opened.by_cause.get((equipment.id, FAILED))
    windows = kept.test_windows(tx, equipment, at)
    alarm_ids = sorted({*draft.check.alarm_ids, *kept.own_alarms(tx, equipment.id, windows)})
    content = replace(draft.check, alarm_ids=tuple(alarm_ids)).as_json()
    judged = [verdict.as_json() for verdict in verdicts]
    late = _late(tx, draft, now)
    number = kept.add(
        tx,
        {
            "site_id": equipment.site_id,
            "equipment_id": equipment.id,
            "client_id": draft.client_id,
            "form": form.code,
            "form_from": form.effective_from,
            "sheet": form.sheet,
            "performed_at": draft.check.performed_at,
            "received_at": now,
            "late_entry": late,
            "submitted_by": sight.person.id,
            "content": content,
            "verdicts": judged,
            "failures": len(failed),
            "passed": decided(verdict.passed for verdict in verdicts),
            "ticket_id": ticket_id,
            "corrects": draft.corrects,
            "reason": draft.reason,
        },
    )
    attached = _attached(tx, draft, Record(RECORD, number, equipment.site_id, equipment.id, at), ticket_id, sight, now)
    entry = Entry(
        kind=RECORDED,
        at=now,
        occurred_at=at,
        site_id=equipment.site_id,
        equipment_id=equipment.id,
        alarm_id=None,
        ticket_id=ticket_id,
        actor_id=sight.person.id,
        reason=draft.reason,
        body={
            "check_id": number,
            "form": form.code,
            "form_from": form.effective_from.isoformat(),
            "sheet": form.sheet,
            "passed": decided(verdict.passed for verdict in verdicts),
            "failures": len(failed),
            "late_entry": late,
            "corrects": draft.corrects,
            **attached,
            "alarm_ids": alarm_ids,
            "test_windows": [each.id for each in windows],
            records.HASHED: records.digest(content, judged),
        },
    )
    written = ledger.append(tx, [entry, *opened.entries])
    if opened.entries and ticket_id is not None:
        place = plant.places(tx, [equipment.id])[equipment.id]
        announce(tx, [Matter(written[1], equipment.site_id, None, _notice(title, failed, ticket_id, place))], now)
    return number


def _attached(
    tx: Tx, draft: Draft, record: Record, ticket_id: int | None, sight: Sight, now: datetime
) -> dict[str, list[dict[str, Any]]]:
    """Photos and files, made evidence of a check and of its ticket: these two, and what is corrected, show one act."""
    same = evidence.one_act(tx, equipment_check, RECORD, record.id)
    attached = evidence.attach(tx, sight, record, draft.exhibits, now, same)
    if ticket_id is not None:
        evidence.attach(tx, sight, record._replace(kind="ticket", id=ticket_id), draft.exhibits, now, same)
    return attached


def _late(tx: Tx, draft: Draft, now: datetime) -> bool:
    """A correction that leaves the time of the act alone is as late as what it corrects was."""
    old = None if draft.corrects is None else kept.find(tx, check_id=draft.corrects)
    if old is not None and old.content["performed_at"] == draft.check.as_json()["performed_at"]:
        return old.late_entry
    return draft.check.late(now)


def _notice(title: Text, failed: Sequence[Verdict], ticket_id: int, place: plant.Place) -> Notice:
    return Notice(
        kind=TicketEvent.OPENED,
        tag=f"ticket-{ticket_id}",
        severity=Severity.MEDIUM,
        life_safety=False,
        title=title,
        place=place.full,
        response={locale: "; ".join(_words(each, locale) for each in failed[:5]) for locale in LOCALES},
        path=f"/tickets/{ticket_id}",
    )


def _words(verdict: Verdict, locale: str) -> str:
    value = f"{verdict.value:g} {verdict.unit}" if isinstance(verdict.value, float | int) else str(verdict.value)
    if isinstance(verdict.value, bool):
        return f"{said(verdict.label, locale)}: {'否' if locale == 'zh-CN' else 'no'}"
    limit = "" if verdict.limit is None else f" ({SIGNS[verdict.limit.direction]} {verdict.limit.value:g})"
    return f"{said(verdict.label, locale)}: {value}{limit}"


SIGNS: Mapping[Any, str] = {"at_most": "≤", "at_least": "≥", "within": "±"}
