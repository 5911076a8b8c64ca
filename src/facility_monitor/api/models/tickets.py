"""Tickets and what belongs to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from facility_monitor.api.models.evidence import FileRefs, PhotoRef, UsedFile, UsedPhoto
from facility_monitor.api.models.fields import (
    Flag,
    Id,
    Input,
    KindCode,
    Line,
    Output,
    Prose,
    Secret,
    Text,
    Time,
    Words,
    example,
)
from facility_monitor.api.models.shared import EquipmentName, Named, SiteName
from facility_monitor.domain.repair.closing import Word
from facility_monitor.domain.repair.deadline import Mark
from facility_monitor.domain.repair.ticket import TicketState
from facility_monitor.flows.repair.ticket_holds import Reason
from facility_monitor.flows.repair.ticket_work import By

Photos = Annotated[list[PhotoRef], Field(max_length=20, description="sent to POST /photos before")]


class Ticket(Output):
    """The deadline is fixed when the ticket opens. A hold moves nothing: its time is told beside."""

    id: int
    state: TicketState
    title: Text
    cause: str = Field(description="the rule's code, `elevator-test-failed`, or `report` for one opened by hand")
    ticket_class: str = Field(alias="class")
    class_name: Text
    site: SiteName
    place: Text
    equipment: EquipmentName
    alarm_ids: list[int]
    opened_at: datetime
    opened_by: Named | None = Field(description="null where it opened by itself, or for a resident")
    by_resident: bool = Field(description="reported at a label, by somebody who has not signed in")
    contact: str | None = Field(description="whom to ask, and to call afterwards")
    due_at: datetime
    answer_due_at: datetime | None = Field(description="by then somebody has to accept it; null where nothing is asked")
    accepted_at: datetime | None = Field(description="for the first time")
    arrived_at: datetime | None = Field(description="for the first time")
    held_since: datetime | None = Field(description="null while it is not on hold")
    held_until: datetime | None
    repaired_at: datetime | None
    repaired_by: Named | None
    verified_at: datetime | None
    verified_by: Named | None = Field(description="null where the sensors alone say so")
    exception: str | None = Field(description="why it was verified without the sensors' word, signed by verified_by")
    closed_at: datetime | None
    overdue: bool
    gross_s: float = Field(description="seconds from opening to closing, or until now")
    on_hold_s: float = Field(description="of these on hold")
    net_s: float = Field(description="the rest")
    assignee: Named | None
    closing_note: str | None
    call_due_at: datetime | None = Field(description="by then somebody calls who reported it; null where none waits")
    reopened: int = Field(description="how often it was opened again")
    version: int


class TicketMark(Output):
    """``due_at`` is fixed at the opening; ``recorded_at`` is when the service came to note it."""

    mark: Mark
    due_at: datetime
    recorded_at: datetime | None


class Hold(Output):
    """``until`` is what was asked for, ``held_until`` what was given: at most 5 working days in all."""

    id: int
    reason: Reason
    note: str
    substitute: str
    until: datetime
    asked_by: Named
    asked_at: datetime
    decided_by: Named | None
    decided_at: datetime | None
    approved: bool | None
    held_until: datetime | None
    ended_at: datetime | None


class Part(Input):
    name: Line
    quantity: float = Field(gt=0, le=100_000, allow_inf_nan=False)
    unit: Line = "pcs"


class TicketWork(Output):
    id: int
    person: Named
    at: datetime
    hours: float
    parts: list[Part]


class FollowUp(Output):
    """The call after the closing."""

    id: int
    due_at: datetime
    done_at: datetime | None
    done_by: Named | None
    satisfied: bool | None
    result: str | None


class TicketDetail(Ticket):
    """A ticket with all that belongs to it."""

    closed_before: int | None = Field(
        description="the newest ticket reported for the same equipment and class that was closed less than 72 h before "
        "this one was reported: where it is the same fault, that one should have been opened again"
    )
    sensors: Word = Field(description="what the sensors say of its cause; `normal` lets a repaired ticket close")
    photos_needed: dict[str, int] = Field(description="how many are still missing before it may close, by purpose")
    marks: list[TicketMark]
    holds: list[Hold]
    work: list[TicketWork]
    follow_ups: list[FollowUp]
    photos: list[UsedPhoto]
    files: list[UsedFile]
    resident_phone: str | None = Field(description="for the follow-up call, to those who work on tickets")


class NewTicket(Input):
    model_config = example(
        **{"equipment_id": 1, "class": "urgent", "contact": "王女士 138 0000 0000"},
        title={"zh-CN": "门锁损坏", "en": "Lock broken"},
        description="The door does not close.",
    )
    equipment_id: Id
    title: Line | Words = Field(description="words by language, or one line in the reporter's own")
    description: Prose
    ticket_class: KindCode = Field("equipment_fault", alias="class", description="sets the deadline")
    contact: Line | None = None
    photos: Photos = Field([])
    files: FileRefs = Field([])


class Repair(Input):
    model_config = example(note="Contactor replaced, ran it for ten minutes")
    note: Prose
    photos: Photos = Field([])
    files: FileRefs = Field([])


class Comment(Input):
    model_config = example(text="The part is ordered, it comes on Thursday")
    text: Prose
    photos: Photos = Field([])
    files: FileRefs = Field([])


class MorePhotos(Input):
    model_config = example(photos=[])
    photos: Photos


class MoreFiles(Input):
    model_config = example(files=[])
    files: FileRefs


class Work(Input):
    model_config = example(hours=1.5, parts=[{"name": "Contactor 32 A", "quantity": 1, "unit": "pcs"}])
    hours: float = Field(ge=0, le=1000, allow_inf_nan=False)
    parts: list[Part] = Field([], max_length=100)


class NewHold(Input):
    model_config = example(
        note="The inverter comes from the maker",
        substitute="Lift 2 serves all floors, a sign is at lift 1",
        until="2026-03-05T18:00:00+08:00",
    )
    reason: Reason = Reason.WAITING_FOR_PARTS
    note: Prose
    substitute: Prose = Field(description="what is done in the meantime")
    until: Time = Field(description="at most 5 working days, those of earlier holds included")


class Decision(Input):
    model_config = example(note="Ordered on Monday, I have seen the order")
    note: Prose | None = None


class Refusal(Input):
    model_config = example(note="There is one in the store room")
    note: Prose


class Assignment(Input):
    """To somebody by name, or ``by`` a way of finding the one with the fewest open tickets."""

    model_config = example(by="rota")
    person_id: Id | None = None
    by: By | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.person_id is None) == (self.by is None):
            raise ValueError("give either person_id or by")
        return self


class SignedException(Input):
    """Signed with one's password, so that it is nobody else's word."""

    model_config = example(note="The sensor itself is broken, a new one is ordered", password="correct horse battery")  # noqa: S106
    note: Prose
    password: Secret


class FollowUpResult(Input):
    model_config = example(result="It works again, she is content", satisfied=True)
    result: Prose
    satisfied: Flag


class Candidate(Output):
    id: int
    name: str
    on_duty: bool
    skilled: bool
    contracted: bool
    open_tickets: int
