"""Elevator tests: checked, judged by the limits of their day, kept, and followed by a ticket where they fail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.elevator import elevator as elevators
from facility_monitor.domain.elevator.elevator import ElevatorTest, Verdict
from facility_monitor.domain.limit import DatedLimit, Direction
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.person import Person, Role
from facility_monitor.domain.repair.ticket import TicketEvent
from facility_monitor.domain.text import LOCALES, Text, said
from facility_monitor.errors import Conflict, FacilityMonitorError, Forbidden, InvalidInput, NotFound
from facility_monitor.flows.elevator import early_warnings
from facility_monitor.flows.evidence import evidence
from facility_monitor.flows.evidence.evidence import Exhibits, Record
from facility_monitor.flows.message.announce import Matter, announce
from facility_monitor.flows.repair import tickets
from facility_monitor.flows.repair.tickets import Fault
from facility_monitor.store import limits, plant
from facility_monitor.store.database import Tx
from facility_monitor.store.elevator import elevator_tests as kept
from facility_monitor.store.elevator.elevator_tests import Elevator, Key, Standing
from facility_monitor.store.evidence import ledger, records
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import elevator_test

RECORD = "elevator_test"
"""The kind of record that photos are evidence of."""
RECORDED = "elevator_test_recorded"
"""What the ledger records, a correction included."""
FAILED = "elevator-test-failed"
"""The cause of the ticket that a failed test opens or joins."""
TITLE: Text = {"zh-CN": "电梯检测不合格", "en": "Elevator test failed"}
_WHERE: Mapping[str, tuple[str, str]] = {"zh-CN": ("{} 层", "轿厢"), "en": ("floor {}", "car")}
_SIGNS: Mapping[Direction, str] = {Direction.AT_MOST: "≤", Direction.AT_LEAST: "≥", Direction.WITHIN: "±"}


class Draft(NamedTuple):
    """A test as it came in. ``corrects`` is the id of the test that it replaces, for a ``reason``."""

    elevator_id: int
    test: ElevatorTest
    corrects: int | None = None
    reason: str | None = None
    exhibits: Exhibits = Exhibits()


class _Judged(NamedTuple):
    """A draft that is in order. ``place`` is its place in the request."""

    place: int
    draft: Draft
    elevator: Elevator
    key: Key
    verdicts: Sequence[Verdict]

    @property
    def failed(self) -> Sequence[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.passed is False]


def record(
    tx: Tx, drafts: Sequence[Draft], sight: Sight, api_key_id: str | None, now: datetime
) -> list[int | FacilityMonitorError]:
    """Record those of ``drafts`` that are in order; returns for each the new test's id, or why it is refused.

    InvalidInput names each field; NotFound: an elevator that the caller does not see; Conflict: the test is known
    (``existing`` is its id) or was corrected before; Forbidden: another firm's test may not be corrected. A refused
    draft leaves nothing behind. The number of statements does not depend on the number of drafts, but for their photos.
    """
    found = kept.lock_elevators(tx, sight, {draft.elevator_id for draft in drafts})
    keys = [_key(draft) for draft in drafts]
    known = kept.known(tx, keys)
    standing = kept.standing(tx, {draft.corrects for draft in drafts if draft.corrects is not None})
    rows = limits.known(tx)
    outcome: list[int | FacilityMonitorError] = []
    accepted: list[_Judged] = []
    for place, (draft, key) in enumerate(zip(drafts, keys, strict=True)):
        judged = _judged(tx, place, draft, key, found, rows, sight, now)
        if isinstance(judged, _Judged):
            refusal = _refused(judged, known, standing, sight.person, accepted)
            if refusal is None:
                accepted.append(judged)
            outcome.append(refusal or 0)
        else:
            outcome.append(judged)
    for judged, number in zip(accepted, _keep(tx, accepted, rows, sight, api_key_id, now), strict=True):
        outcome[judged.place] = number
    return outcome


def _key(draft: Draft) -> Key:
    """Test and elevator, as they are looked for among those that are kept."""
    return draft.elevator_id, draft.test.performed_at, draft.test.fingerprint()


def _judged(
    tx: Tx,
    place: int,
    draft: Draft,
    key: Key,
    found: Mapping[int, Elevator],
    rows: Iterable[DatedLimit],
    sight: Sight,
    now: datetime,
) -> _Judged | FacilityMonitorError:
    elevator = found.get(draft.elevator_id)
    if elevator is None:
        return NotFound(f"elevator {draft.elevator_id}")
    register = elevators.register(elevator.attributes)
    wrong = elevators.check(draft.test, register, now)
    if draft.corrects is not None and draft.reason is None:
        wrong["reason"] = "say why the test is corrected"
    for field, uses in draft.exhibits._asdict().items():
        named = [each.sha256 for each in uses]
        for index, sha256 in enumerate(named):
            if named.index(sha256) != index:
                wrong[f"{field}.{index}"] = f"is also {field}.{named.index(sha256)}"
    try:
        evidence.known(tx, sight, elevator.site_id, draft.exhibits)
    except InvalidInput as unknown:
        wrong |= unknown.fields
    if wrong:
        return InvalidInput(wrong)
    on = draft.test.performed_at.astimezone(ZoneInfo(elevator.timezone)).date()
    verdicts = elevators.judge(draft.test, register, rows, on)
    return _Judged(place, draft, elevator, key, verdicts)


def _refused(
    judged: _Judged,
    known: Mapping[Key, int],
    standing: Mapping[int, Standing],
    person: Person,
    before: Sequence[_Judged],
) -> FacilityMonitorError | None:
    """Why a test that is in order by itself is refused beside the others that there are."""
    draft = judged.draft
    if (number := known.get(judged.key)) is not None:
        return Conflict(f"this test is known: it is test {number}", existing=number)
    for other in before:
        if other.key == judged.key:
            return Conflict(f"stands in this request already, at place {other.place}")
        if draft.corrects is not None and other.draft.corrects == draft.corrects:
            return Conflict(f"test {draft.corrects} is corrected in this request already, at place {other.place}")
    if draft.corrects is None:
        return None
    corrected = standing.get(draft.corrects)
    if corrected is None or corrected.equipment_id != draft.elevator_id:
        return InvalidInput({"corrects": "is no test of this elevator"})
    if person.role is Role.CONTRACTOR and corrected.organisation_id != person.organisation_id:
        return Forbidden(f"test {draft.corrects} was posted by others: they or the site's own people correct it")
    if corrected.corrected_by is not None:
        return Conflict(
            f"test {draft.corrects} has been corrected by test {corrected.corrected_by}: correct that one",
            existing=corrected.corrected_by,
        )
    return None


def _keep(
    tx: Tx,
    accepted: Sequence[_Judged],
    rows: Collection[DatedLimit],
    sight: Sight,
    api_key_id: str | None,
    now: datetime,
) -> Sequence[int]:
    """Store tests with all that follows; the ledger's lock is the last to take."""
    failed = {judged.elevator.id: judged for judged in accepted if judged.failed}
    faults = {(number, FAILED): Fault(TITLE, judged.draft.test.performed_at) for number, judged in failed.items()}
    opened = tickets.open_or_join(tx, faults, now)
    joined = [opened.by_cause[judged.elevator.id, FAILED] if judged.failed else None for judged in accepted]
    numbers = kept.add(
        tx,
        [
            _row(judged, ticket_id, sight.person, api_key_id, now)
            for judged, ticket_id in zip(accepted, joined, strict=True)
        ],
    )
    entries = [
        _entry(judged, number, ticket_id, _attached(tx, judged, number, sight, now), sight.person, now)
        for judged, number, ticket_id in zip(accepted, numbers, joined, strict=True)
    ]
    tested = {judged.elevator.id: judged.elevator for judged in accepted}
    warned = early_warnings.look(tx, tested.values(), rows, now)
    written = ledger.append(tx, [*entries, *opened.entries, *warned])
    places = plant.places(tx, failed) if opened.entries else {}
    matters = []
    for ledger_id, entry in zip(written[len(entries) :], opened.entries, strict=False):
        if entry.equipment_id is not None and entry.ticket_id is not None:
            notice = _notice(failed[entry.equipment_id], entry.ticket_id, places[entry.equipment_id])
            matters.append(Matter(ledger_id, entry.site_id, None, notice))
    announce(tx, matters, now)
    return numbers


def _row(
    judged: _Judged, ticket_id: int | None, person: Person, api_key_id: str | None, now: datetime
) -> dict[str, Any]:
    test = judged.draft.test
    return {
        "site_id": judged.elevator.site_id,
        "equipment_id": judged.elevator.id,
        "performed_at": test.performed_at,
        "received_at": now,
        "late_entry": test.late(now),
        "submitted_by": person.id,
        "organisation_id": person.organisation_id,
        "api_key_id": api_key_id,
        "content": test.as_json(),
        "fingerprint": judged.key[2],
        "verdicts": [verdict.as_json() for verdict in judged.verdicts],
        "failures": len(judged.failed),
        "passed": elevators.passed(judged.verdicts),
        "ticket_id": ticket_id,
        "corrects": judged.draft.corrects,
        "reason": judged.draft.reason,
    }


def _attached(tx: Tx, judged: _Judged, number: int, sight: Sight, now: datetime) -> dict[str, Any]:
    if not any(judged.draft.exhibits):
        return {"photos": [], "files": []}
    elevator, at = judged.elevator, judged.draft.test.performed_at
    record = Record(RECORD, number, elevator.site_id, elevator.id, at)
    return evidence.attach(
        tx, sight, record, judged.draft.exhibits, now, evidence.one_act(tx, elevator_test, RECORD, number)
    )


def _entry(
    judged: _Judged, number: int, ticket_id: int | None, attached: Mapping[str, Any], person: Person, now: datetime
) -> Entry:
    worst = elevators.worst(judged.verdicts)
    return Entry(
        kind=RECORDED,
        at=now,
        occurred_at=judged.draft.test.performed_at,
        site_id=judged.elevator.site_id,
        equipment_id=judged.elevator.id,
        alarm_id=None,
        ticket_id=ticket_id,
        actor_id=person.id,
        reason=judged.draft.reason,
        body={
            "test_id": number,
            "passed": elevators.passed(judged.verdicts),
            "failures": len(judged.failed),
            "late_entry": judged.draft.test.late(now),
            "corrects": judged.draft.corrects,
            **attached,
            "fingerprint": judged.key[2].hex(),
            "record_sha256": records.digest(judged.draft.test.as_json(), [each.as_json() for each in judged.verdicts]),
            "worst": None if worst is None else worst.as_json(),
        },
    )


def _notice(judged: _Judged, ticket_id: int, place: plant.Place) -> Notice:
    worst = elevators.worst(judged.verdicts)
    return Notice(
        kind=TicketEvent.OPENED,
        tag=f"ticket-{ticket_id}",
        severity=Severity.MEDIUM,
        life_safety=False,
        title=TITLE,
        place=place.full,
        response={locale: _said(judged.failed, locale) for locale in LOCALES},
        path=f"/tickets/{ticket_id}",
        value=worst.value if worst else None,
        limit=worst.limit.value if worst and worst.limit else None,
        unit=worst.unit if worst else "",
    )


def _said(failed: Sequence[Verdict], locale: str) -> str:
    """The first failures in words: where, what, and by which limit."""
    floor, car = _WHERE[locale]
    words = [
        f"{car if verdict.floor is None else floor.format(verdict.floor)}: {said(verdict.limit.name, locale)} "
        f"{verdict.value:g} {verdict.unit} ({_SIGNS[verdict.limit.direction]}{verdict.limit.value:g})"
        for verdict in failed[:5]
        if verdict.limit is not None
    ]
    return "; ".join([*words, *([f"+{len(failed) - 5}"] if len(failed) > 5 else [])])
