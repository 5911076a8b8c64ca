"""What happens to tickets in one transaction, gathered, then written to the ledger and told, in this order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.person import Person
from facility_monitor.domain.repair.deadline import TOLD, Mark, Rank, left, used
from facility_monitor.domain.repair.ticket import Ticket, TicketEvent, facts
from facility_monitor.domain.text import Text
from facility_monitor.flows.message.announce import Matter, announce
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.repair import ticket_work

_SEVERITY: Mapping[Mark, Severity] = {
    Mark.HALF: Severity.LOW,
    Mark.THREE_QUARTERS: Severity.MEDIUM,
    Mark.NINE_TENTHS: Severity.HIGH,
    Mark.ANSWER: Severity.HIGH,
    Mark.BREACH: Severity.HIGH,
    Mark.HOLD_END: Severity.MEDIUM,
    Mark.CALL: Severity.MEDIUM,
}
_SAID: Mapping[Mark, tuple[str, str]] = {
    Mark.ANSWER: ("无人按时接单", "Nobody has accepted it in time"),
    Mark.BREACH: ("已超过期限", "The deadline has passed"),
    Mark.HOLD_END: ("挂起到期，恢复处理", "The hold has run out: it goes on"),
    Mark.CALL: ("关闭后未按时回访", "Nobody has called in time after the closing"),
}


def entry(
    event: TicketEvent,
    before: Ticket | None,
    after: Ticket,
    actor: Person | None,
    reason: str | None,
    now: datetime,
    *,
    occurred_at: datetime | None = None,
    **more: Any,
) -> Entry:
    """The ledger's entry of a step; from the ``changes`` of all of them the ticket can be made again."""
    return Entry(
        kind=event,
        at=now,
        occurred_at=occurred_at or now,
        site_id=after.site_id,
        equipment_id=after.equipment_id,
        alarm_id=None,
        ticket_id=after.id,
        actor_id=actor.id if actor else None,
        reason=reason,
        body={
            "state": after.state,
            "cause": after.cause,
            "class": after.ticket_class,
            "opened_at": after.opened_at.isoformat(),
            "due_at": after.due_at.isoformat(),
            "assignee_id": after.assignee_id,
            "changes": facts(before, after),
            **more,
        },
    )


class TicketLog:
    """Take all row locks while it is filled: ``write`` takes the ledger's, which is the last."""

    def __init__(self, tx: Tx, now: datetime) -> None:
        self.tx = tx
        self.now = now
        self._entries: list[Entry] = []
        self._told: dict[int, tuple[Ticket, Notice, Rank]] = {}

    def add(
        self,
        event: TicketEvent,
        before: Ticket | None,
        after: Ticket,
        actor: Person | None = None,
        reason: str | None = None,
        **more: Any,
    ) -> None:
        """Note a step; ``more`` goes into the entry's body, but for its ``occurred_at``."""
        self._entries.append(entry(event, before, after, actor, reason, self.now, **more))

    def tell(self, ticket: Ticket, title: Text, response: Text, severity: Severity, to: Rank) -> None:
        """Let the last step be told to those who have to know."""
        notice = Notice(
            kind=self._entries[-1].kind,
            tag=f"ticket-{ticket.id}",
            severity=severity,
            life_safety=False,
            title=title,
            place={},
            response=response,
            path=f"/tickets/{ticket.id}",
        )
        self._told[len(self._entries) - 1] = (ticket, notice, to)

    def tell_mark(self, ticket: Ticket, mark: Mark) -> None:
        """Let a mark that was reached be told up to the rank that it concerns, with what is left by now."""
        self.tell(ticket, ticket.title, _words(ticket, mark, self.now), _SEVERITY[mark], TOLD[mark])

    def write(self) -> list[int]:
        """Append what was gathered to the ledger, and queue the notices; returns the entries' ids."""
        numbers = ledger.append(self.tx, self._entries)
        if self._told:
            places = plant.places(self.tx, {ticket.equipment_id for ticket, _, _ in self._told.values()})
            staff = ticket_work.staff(self.tx, {ticket.site_id for ticket, _, _ in self._told.values()}, self.now)
            matters = []
            for index, (ticket, notice, rank) in self._told.items():
                placed = replace(notice, place=places[ticket.equipment_id].full)
                people = _people(ticket, rank, staff[ticket.site_id], self._entries[index].actor_id)
                matters.append(Matter(numbers[index], ticket.site_id, None, placed, None, ticket.id, people))
            announce(self.tx, matters, self.now)
        return numbers


def _people(ticket: Ticket, rank: Rank, staff: ticket_work.Staff, actor_id: int | None) -> tuple[int, ...] | None:
    """Whom a rank reaches, but for who has done it; None leaves it to who is on duty."""
    reached = [] if ticket.assignee_id is None else [ticket.assignee_id]
    if rank is not Rank.ENGINEER:
        reached += staff.on_duty
    if rank is Rank.MANAGER:
        reached += staff.managers
    return tuple(dict.fromkeys(number for number in reached if number != actor_id)) or None


def _words(ticket: Ticket, mark: Mark, now: datetime) -> Text:
    if mark in _SAID:
        chinese, english = _SAID[mark]
        return {"zh-CN": chinese, "en": english}
    hours = left(ticket, now).total_seconds() / 3600
    percent = math.floor(used(ticket, now) * 100)
    return {
        "zh-CN": f"已用 {percent}% 的时限，还剩 {hours:.1f} 小时",
        "en": f"{percent} % of the time is used, {hours:.1f} h are left",
    }
