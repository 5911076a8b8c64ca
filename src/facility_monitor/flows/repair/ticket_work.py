"""What is done for a ticket besides its steps: given to somebody, commented, photographed, worked on, asked after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.person import Person, Role
from facility_monitor.domain.repair import ticket as tickets
from facility_monitor.domain.repair.deadline import Mark, Rank
from facility_monitor.domain.repair.ticket import Ticket, TicketEvent
from facility_monitor.errors import Conflict, Forbidden, InvalidInput
from facility_monitor.flows.evidence import evidence
from facility_monitor.flows.evidence.evidence import Exhibits, Record
from facility_monitor.flows.repair.tickets import RECORD, locked, must_have
from facility_monitor.store.database import Tx
from facility_monitor.store.repair import ticket_clock, ticket_work
from facility_monitor.store.repair import tickets as kept
from facility_monitor.store.sight import Sight


class By(StrEnum):
    """How somebody is found for a ticket."""

    ROTA = "rota"
    """who is on duty at the site"""
    SKILL = "skill"
    """who can repair that kind of equipment, those on duty first"""
    CONTRACT = "contract"
    """the contractor for it"""


def assign(tx: Tx, ticket_id: int, to: int | By, person: Person, now: datetime) -> Ticket:
    """A manager or admin gives a ticket to somebody: by name, or to the one with the fewest open tickets among those
    that are found so. Raises NotFound, Conflict, Forbidden, InvalidInput where nobody is found."""
    if person.role not in (Role.MANAGER, Role.ADMIN):
        raise Forbidden("a ticket is given to somebody by a manager or an admin; others accept it themselves")
    log, ticket = locked(tx, ticket_id, now)
    found = ticket_work.candidates(tx, ticket_id, now)
    if to is By.ROTA:
        found = [each for each in found if each.on_duty]
    elif to is By.SKILL:
        found = sorted((each for each in found if each.skilled), key=lambda each: not each.on_duty)
    elif to is By.CONTRACT:
        found = [each for each in found if each.contracted]
    else:
        found = [each for each in found if each.id == to]
    if not found:
        field = "by" if isinstance(to, By) else "person_id"
        raise InvalidInput({field: "finds nobody who could take this ticket"})
    step = tickets.assign(ticket, found[0].id)
    if step is None:
        raise Conflict(f"cannot assign ticket {ticket_id}: it is {ticket.state}")
    after, event = step
    kept.save(tx, after)
    log.add(event, ticket, after, person, None, by=to if isinstance(to, By) else "name")
    response = {"zh-CN": f"{person.name} 派给 {found[0].name}", "en": f"{person.name} has given it to {found[0].name}"}
    log.tell(after, after.title, response, Severity.MEDIUM, Rank.ENGINEER)
    log.write()
    return after


def comment(tx: Tx, ticket_id: int, words: str, exhibits: Exhibits, sight: Sight, now: datetime) -> None:
    """Say something about a ticket, in whatever state it is. Raises NotFound, InvalidInput."""
    log, ticket = locked(tx, ticket_id, now)
    attached = evidence.attach(tx, sight, _record(ticket, now), exhibits, now)
    log.add(TicketEvent.COMMENTED, ticket, ticket, sight.person, words, **attached)
    log.write()


def exhibit(tx: Tx, ticket_id: int, exhibits: Exhibits, sight: Sight, now: datetime) -> None:
    """Make photos and files evidence of a ticket; those that it has already are not noted again. Raises NotFound,
    InvalidInput."""
    log, ticket = locked(tx, ticket_id, now)
    attached = evidence.attach(tx, sight, _record(ticket, now), exhibits, now)
    if attached["photos"]:
        log.add(TicketEvent.PHOTOGRAPHED, ticket, ticket, sight.person, None, photos=attached["photos"])
    if attached["files"]:
        log.add(TicketEvent.DOCUMENTED, ticket, ticket, sight.person, None, files=attached["files"])
    log.write()


def work(
    tx: Tx, ticket_id: int, hours: float, parts: Sequence[Mapping[str, Any]], person: Person, now: datetime
) -> None:
    """Whoever has the ticket notes hours worked and parts used. Raises NotFound, Conflict."""
    log, ticket = locked(tx, ticket_id, now)
    must_have(ticket, person)
    ticket_work.add(tx, ticket_id, person.id, hours, parts, now)
    log.add(TicketEvent.WORKED, ticket, ticket, person, None, hours=hours, parts=[dict(part) for part in parts])
    log.write()


def explain(tx: Tx, ticket_id: int, reason: str, person: Person, now: datetime) -> None:
    """Whoever has a late ticket, or a manager or admin, says why it is late; a later word stands beside the earlier.

    Raises NotFound, Conflict where the deadline was kept, Forbidden.
    """
    log, ticket = locked(tx, ticket_id, now)
    if not ticket.overdue(now):
        raise Conflict(f"ticket {ticket_id} is not late: its deadline is {ticket.due_at.isoformat()}")
    if person.role not in (Role.MANAGER, Role.ADMIN) and person.id != ticket.assignee_id:
        raise Forbidden("why a ticket is late is said by whoever has it, a manager or an admin")
    log.add(TicketEvent.EXPLAINED, ticket, ticket, person, reason)
    log.write()


def follow_up(tx: Tx, ticket_id: int, result: str, satisfied: bool, person: Person, now: datetime) -> None:
    """Somebody has called after the closing. Raises NotFound, Conflict where no call is waiting."""
    log, ticket = locked(tx, ticket_id, now)
    number = ticket_work.open_follow_up(tx, ticket_id)
    if number is None:
        raise Conflict(f"no call is waiting for ticket {ticket_id}")
    values = {"done_at": now, "done_by": person.id, "satisfied": satisfied, "result": result}
    ticket_work.finish_follow_up(tx, number, values)
    ticket_clock.drop(tx, ticket_id, Mark.CALL, now)
    log.add(TicketEvent.FOLLOWED_UP, ticket, ticket, person, result, satisfied=satisfied)
    log.write()


def _record(ticket: Ticket, now: datetime) -> Record:
    return Record(RECORD, ticket.id, ticket.site_id, ticket.equipment_id, now)
