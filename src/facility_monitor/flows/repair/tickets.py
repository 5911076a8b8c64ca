"""Repair tickets: opened by alarms, failed tests, overdue duties and people; taken on, repaired, verified, closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.person import Person, Role
from facility_monitor.domain.repair import closing, deadline
from facility_monitor.domain.repair import ticket as tickets
from facility_monitor.domain.repair.closing import Word
from facility_monitor.domain.repair.deadline import Due, Mark, Rank
from facility_monitor.domain.repair.ticket import (
    REOPENS_WITHIN,
    REPORT,
    Step,
    Ticket,
    TicketClass,
    TicketEvent,
    TicketState,
)
from facility_monitor.domain.text import Text
from facility_monitor.errors import Conflict, Forbidden, InvalidInput, NotFound
from facility_monitor.flows.evidence import evidence
from facility_monitor.flows.evidence.evidence import Exhibits, Record
from facility_monitor.flows.repair import ticket_clock
from facility_monitor.flows.repair.ticket_log import TicketLog, entry
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import evidence as photos
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.repair import ticket_clock as clock
from facility_monitor.store.repair import ticket_work
from facility_monitor.store.repair import tickets as kept
from facility_monitor.store.sight import Sight

EQUIPMENT_FAULT = "equipment_fault"
"""The class of tickets that open by themselves: 48 h around the clock."""
DUTY_OVERDUE = "duty_overdue"
RECORD = "ticket"
"""The kind of record of which a ticket's photos are evidence."""
SIGNERS = frozenset({Role.MANAGER, Role.ADMIN})
"""Who may sign for what no sensor confirms."""


class Opened(NamedTuple):
    """The ticket of each (equipment_id, cause), and the ledger's entries of those that are new or open again."""

    by_cause: Mapping[tuple[int, str], int]
    entries: Sequence[Entry]


class Fault(NamedTuple):
    """What a ticket is for, and when it came up, which is earlier than now where nobody looked or heard of it."""

    title: Text
    at: datetime


def open_or_join(
    tx: Tx, faults: Mapping[tuple[int, str], Fault], now: datetime, ticket_class: str = EQUIPMENT_FAULT
) -> Opened:
    """Open a ticket for each (equipment_id, cause) that has none open; what is open already is joined.

    One that was closed less than 72 h before the fault came up is opened again, and its first clock goes on. The caller
    appends the entries to the ledger.
    """
    if not faults:
        return Opened({}, ())
    by_cause = {key: ticket.id for key, ticket in kept.lock_open(tx, list(faults)).items()}
    missing = [key for key in faults if key not in by_cause]
    if not missing:
        return Opened(by_cause, ())
    entries = []
    back_since = {key: faults[key].at - REOPENS_WITHIN for key in missing}
    for key, before in kept.lock_closed(tx, missing, min(back_since.values())).items():
        step = tickets.reopen(before)
        assert step is not None  # noqa: S101 - it is closed
        assert before.closed_at is not None  # noqa: S101
        if before.closed_at <= back_since[key]:
            continue
        _start_again(tx, step[0], now)
        by_cause[key] = before.id
        entries.append(entry(step[1], before, step[0], None, None, now, closed_at=_iso(before.closed_at)))
    missing = [key for key in missing if key not in by_cause]
    if not missing:
        return Opened(by_cause, entries)
    places = plant.places(tx, {equipment_id for equipment_id, _ in missing})
    kinds = _kinds(tx, {places[equipment_id].site_id for equipment_id, _ in missing}, ticket_class, now)
    new = []
    for equipment_id, cause in missing:
        site_id = places[equipment_id].site_id
        new.append(_new(site_id, equipment_id, cause, faults[equipment_id, cause].title, kinds[site_id], now))
    opened = _add(tx, new)
    by_cause |= {(ticket.equipment_id, ticket.cause): ticket.id for ticket in opened}
    entries += [entry(TicketEvent.OPENED, None, ticket, None, None, now) for ticket in opened]
    return Opened(by_cause, entries)


class Report(NamedTuple):
    """What somebody reports of a piece of equipment. ``contact``: whom to ask, and to call afterwards."""

    equipment_id: int
    title: Text
    description: str
    ticket_class: str = EQUIPMENT_FAULT
    contact: str | None = None
    exhibits: Exhibits = Exhibits()


def open_by_hand(tx: Tx, report: Report, sight: Sight, now: datetime) -> Ticket:
    """Somebody reports a fault. Raises NotFound, and InvalidInput for an unknown class or photo."""
    return _open(tx, report, sight, now)


def open_for_resident(tx: Tx, report: Report, report_place_id: int, now: datetime) -> Ticket:
    """A resident reports a fault at a label, and nobody knows who it is. Raises as ``open_by_hand`` does."""
    return _open(tx, report, None, now, report_place_id=report_place_id)


def _open(tx: Tx, report: Report, sight: Sight | None, now: datetime, **more: object) -> Ticket:
    place = plant.places(tx, [report.equipment_id]).get(report.equipment_id)
    if place is None:
        raise NotFound(f"equipment {report.equipment_id}")
    kind = _kinds(tx, {place.site_id}, report.ticket_class, now)[place.site_id]
    new = _new(place.site_id, report.equipment_id, REPORT, report.title, kind, now)
    person = None if sight is None else sight.person
    (ticket,) = _add(tx, [replace(new, opened_by=person.id if person else None, contact=report.contact)])
    attached = evidence.attach(tx, sight, _record(ticket, now), report.exhibits, now)
    log = TicketLog(tx, now)
    log.add(TicketEvent.OPENED, None, ticket, person, report.description, **attached, **more)
    severity = Severity.HIGH if ticket.answer_due_at else Severity.MEDIUM
    log.tell(ticket, ticket.title, dict.fromkeys(ticket.title, report.description), severity, Rank.ENGINEER)
    log.write()
    return ticket


def locked(tx: Tx, ticket_id: int, now: datetime) -> tuple[TicketLog, Ticket]:
    """A ticket that nobody else changes until the transaction ends, its clock settled. Raises NotFound."""
    ticket = kept.lock(tx, ticket_id)
    if ticket is None:
        raise NotFound(f"ticket {ticket_id}")
    log = TicketLog(tx, now)
    found = {ticket_id: ticket}
    ticket_clock.settle(log, found)
    return log, found[ticket_id]


def must_have(ticket: Ticket, person: Person) -> None:
    """Raises Conflict where a ticket is not this person's."""
    if ticket.assignee_id != person.id:
        raise Conflict(f"ticket {ticket.id} is not yours: take it over first")


def accept(tx: Tx, ticket_id: int, person: Person, now: datetime) -> Ticket:
    """``person`` takes a ticket on, or over from another; one's own stays as it is. Raises NotFound, Conflict."""
    log, ticket = locked(tx, ticket_id, now)
    if ticket.state in (TicketState.ACCEPTED, TicketState.ON_SITE) and ticket.assignee_id == person.id:
        log.write()
        return ticket
    return _step(log, ticket, tickets.accept(ticket, person.id, now), "accept", person, None)


def arrive(tx: Tx, ticket_id: int, person: Person, now: datetime) -> Ticket:
    """Whoever has the ticket is there. Raises NotFound, Conflict."""
    log, ticket = locked(tx, ticket_id, now)
    if ticket.state is TicketState.ON_SITE and ticket.assignee_id == person.id:
        log.write()
        return ticket
    step = tickets.arrive(ticket, now)
    if step is not None:
        must_have(ticket, person)
    return _step(log, ticket, step, "arrive for", person, None)


def repaired(tx: Tx, ticket_id: int, note: str, exhibits: Exhibits, sight: Sight, now: datetime) -> Ticket:
    """Whoever has the ticket has done the work, as ``note`` says and photos show. Raises NotFound, Conflict,
    InvalidInput."""
    log, ticket = locked(tx, ticket_id, now)
    step = tickets.repaired(ticket, sight.person.id, now)
    if step is not None:
        must_have(ticket, sight.person)
    attached = evidence.attach(tx, sight, _record(ticket, now), exhibits, now)
    return _step(log, ticket, step, "report repaired", sight.person, note, **attached)


def verify(tx: Tx, ticket_id: int, note: str, person: Person, now: datetime, *, signed: bool = False) -> Ticket:
    """Another person than who repaired it, or has noted work on it, found it in order.

    Where a sensor should confirm it and does not, only a manager's or admin's ``signed`` exception counts, with the
    note as its reason.
    Raises NotFound, Conflict, Forbidden.
    """
    log, ticket = locked(tx, ticket_id, now)
    heard = word(tx, ticket, now)
    exception = note if heard in closing.UNCONFIRMED else None
    step = tickets.verify(ticket, person.id, exception, now)
    if step is not None:
        did = {ticket.repaired_by, ticket.assignee_id, *ticket_work.workers(tx, ticket_id)}
        if person.role is Role.CONTRACTOR or person.id in did:
            raise Forbidden("a repair is verified by the site's own people, and not by who has done it")
        if exception is not None and not signed:
            raise Conflict(f"the sensors do not confirm it ({heard}): wait, or let a manager sign an exception")
        if exception is not None and person.role not in SIGNERS:
            raise Forbidden("an exception is signed by a manager or an admin")
    return _step(log, ticket, step, "verify", person, note, sensors=heard)


def close(tx: Tx, ticket_id: int, note: str, person: Person, now: datetime) -> Ticket:
    """Close a ticket that is verified, or repaired and normal again as the sensors say.

    Raises NotFound, Conflict, Forbidden, and InvalidInput where photos of its class are missing.
    """
    log, ticket = locked(tx, ticket_id, now)
    heard = word(tx, ticket, now)
    if ticket.state is TicketState.REPAIRED and heard is Word.NORMAL:
        seen = tickets.verify(ticket, None, None, now)
        assert seen is not None  # noqa: S101 - a repaired one can be verified
        log.add(seen[1], ticket, seen[0], sensors=heard)
        ticket = seen[0]
    step = tickets.close(ticket, note, now)
    if step is not None:
        if person.role is Role.CONTRACTOR:
            raise Forbidden("a ticket is closed by the site's own people")
        if ticket.state is TicketState.REPAIRED:
            raise Conflict(f"verify ticket {ticket_id} first: {_WHY[heard]}")
        if ticket.exception is None and heard in closing.CONTRADICTS:
            raise Conflict(f"verify ticket {ticket_id} again: {_WHY[heard]}")
        evidence.require(tx, RECORD, ticket.ticket_class, *_given(tx, ticket))
        clock.rest(tx, [ticket_id], idle=True)
        follow_up = _kinds(tx, {ticket.site_id}, ticket.ticket_class, ticket.opened_at)[ticket.site_id].follow_up_within
        if follow_up is not None:
            ticket_work.add_follow_up(tx, ticket_id, now + follow_up)
            clock.add_marks(tx, [(ticket_id, Due(Mark.CALL, now + follow_up))])
    return _step(log, ticket, step, "close", person, note)


def reopen(tx: Tx, ticket_id: int, note: str, person: Person, now: datetime) -> Ticket:
    """``person`` finds, as ``note`` says, that it was not repaired, or is back: its first clock goes on.

    Raises NotFound, and Conflict where it is not closed, was closed 72 h ago or longer, or another one of its cause is
    open.
    """
    log, ticket = locked(tx, ticket_id, now)
    step = tickets.reopen(ticket)
    if step is None or ticket.closed_at is None:
        raise Conflict(f"cannot reopen ticket {ticket_id}: it is {ticket.state}")
    if ticket.closed_at <= now - REOPENS_WITHIN:
        raise Conflict(f"ticket {ticket_id} was closed more than 72 hours ago: report a new one")
    key = (ticket.equipment_id, ticket.cause)
    if ticket.cause != REPORT and key in (others := kept.lock_open(tx, [key])):
        raise Conflict(f"ticket {others[key].id} is open for the same cause")
    after, event = step
    _start_again(tx, after, now)
    log.add(event, ticket, after, person, note, closed_at=_iso(ticket.closed_at))
    log.tell(after, after.title, dict.fromkeys(after.title, note), Severity.HIGH, Rank.SUPERVISOR)
    log.write()
    return after


def _start_again(tx: Tx, after: Ticket, now: datetime) -> None:
    """Save a ticket that was opened again: nobody is called after a closing that was none, and its marks come due."""
    kept.save(tx, after)
    clock.drop(tx, after.id, Mark.CALL, now)
    clock.rest(tx, [after.id], idle=False)
    ticket_work.drop_follow_up(tx, after.id)


_WHY: Mapping[Word, str] = {
    Word.NONE: "no sensor can say that it is in order",
    Word.SILENT: "its sensors have fallen silent",
    Word.SETTLING: "its sensors have not been back to normal for long enough",
    Word.ABNORMAL: "a sensor still reports it",
    Word.NORMAL: "it is back to normal",
}


def word(tx: Tx, ticket: Ticket, now: datetime) -> Word:
    """What the sensors say of what a ticket is for."""
    kind = _kinds(tx, {ticket.site_id}, ticket.ticket_class, ticket.opened_at)[ticket.site_id]
    return closing.word(clock.sensed(tx, ticket.id, kind.normal_for), kind.normal_for, now)


class Needs(NamedTuple):
    """What stands between a ticket and its closing: the sensors' word, and photos still missing, by purpose."""

    sensors: Word
    photos: Mapping[str, int]


def needs(tx: Tx, ticket_id: int, now: datetime) -> Needs:
    """What a ticket still needs. Raises NotFound."""
    ticket = kept.find(tx, ticket_id)
    if ticket is None:
        raise NotFound(f"ticket {ticket_id}")
    given, on = _given(tx, ticket)
    missing = evidence.missing(tx, RECORD, ticket.ticket_class, given, on)
    return Needs(word(tx, ticket, now), missing)


def _given(tx: Tx, ticket: Ticket) -> tuple[list[str], date]:
    """The purposes of the photos that a ticket has, and the day by whose rules they are counted.

    Of one that was opened again, those since then: a picture of the first repair proves nothing of the second.
    """
    on = kept.local_days(tx, [ticket.site_id], ticket.opened_at)[ticket.site_id]
    since = kept.reopened_at(tx, ticket.id) if ticket.reopened else None
    return photos.photo_purposes(tx, (RECORD, ticket.id), since), on


def _step(
    log: TicketLog, before: Ticket, step: Step | None, verb: str, person: Person, note: str | None, **more: object
) -> Ticket:
    if step is None:
        raise Conflict(f"cannot {verb} ticket {before.id}: it is {before.state}")
    after, event = step
    kept.save(log.tx, after)
    log.add(event, before, after, person, note, **more)
    log.write()
    return after


def _kinds(tx: Tx, site_ids: set[int], code: str, on: datetime) -> dict[int, TicketClass]:
    """The class by that code as it stands on a day at each site. Raises InvalidInput where there is none."""
    rows, days = kept.classes(tx), kept.local_days(tx, site_ids, on)
    found = {site_id: tickets.in_force(rows, day).get(code) for site_id, day in days.items()}
    known = {site_id: kind for site_id, kind in found.items() if kind is not None}
    if len(known) < len(found):
        raise InvalidInput({"class": "is no kind of ticket that is in force"})
    return known


def _new(site_id: int, equipment_id: int, cause: str, title: Text, kind: TicketClass, now: datetime) -> Ticket:
    return Ticket(
        id=0,
        site_id=site_id,
        equipment_id=equipment_id,
        cause=cause,
        ticket_class=kind.code,
        title=title,
        state=TicketState.OPEN,
        opened_at=now,
        due_at=now + kind.repair_within,
        answer_due_at=None if kind.answer_within is None else now + kind.answer_within,
    )


def _add(tx: Tx, new: Sequence[Ticket]) -> list[Ticket]:
    """Store new tickets with the marks of their clocks."""
    opened = [replace(ticket, id=number) for ticket, number in zip(new, kept.add(tx, new), strict=True)]
    clock.add_marks(tx, [(ticket.id, due) for ticket in opened for due in deadline.marks(ticket)])
    return opened


def _record(ticket: Ticket, now: datetime) -> Record:
    return Record(RECORD, ticket.id, ticket.site_id, ticket.equipment_id, now)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
