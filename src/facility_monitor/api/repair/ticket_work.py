"""What is done for a ticket besides its steps: given to somebody, held, commented, photographed, worked on."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from facility_monitor.api.auth import ReadsTickets, WorksTickets
from facility_monitor.api.fire.uploads import exhibits
from facility_monitor.api.models import tickets as models
from facility_monitor.api.models.alarms import Note
from facility_monitor.api.models.fields import BigPathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.problems import documented
from facility_monitor.api.repair.ticket_steps import STEP, step
from facility_monitor.api.retries import Attempts
from facility_monitor.api.versions import MayBeFrom
from facility_monitor.flows.repair import ticket_holds, ticket_work
from facility_monitor.store.database import Tx
from facility_monitor.store.repair import ticket_work as kept
from facility_monitor.store.tables import ticket

router = APIRouter(prefix="/tickets", tags=["tickets"])


@router.get(
    "/{ticket_id}/candidates",
    summary="Who could take a ticket",
    response_model=Page[models.Candidate],
    responses=documented(401, 403, 404, 422, 503),
)
def list_candidates(ticket_id: BigPathId, call: ReadsTickets) -> dict[str, Any]:
    """Engineers of its site and people of contractors for it, those with the fewest open tickets first."""
    with call.transaction() as tx:
        call.must_see(tx, ticket, ticket_id)
        found = kept.candidates(tx, ticket_id, call.now)
    return whole([each._asdict() for each in found])


@router.post(
    "/{ticket_id}/assign", summary="Give a ticket to somebody", response_model=models.TicketDetail, responses=STEP
)
def assign_ticket(
    ticket_id: BigPathId, to: models.Assignment, call: WorksTickets, version: MayBeFrom, attempt: Attempts
) -> Response:
    """By a manager or an admin. Who gets it has yet to accept it."""
    target = to.by if to.by is not None else to.person_id or 0

    def act(tx: Tx) -> None:
        ticket_work.assign(tx, ticket_id, target, call.person, call.now)

    return step(call, ticket_id, version, attempt, act)


@router.post(
    "/{ticket_id}/comments",
    status_code=201,
    summary="Say something about a ticket",
    response_model=models.TicketDetail,
    responses=STEP,
)
def add_comment(
    ticket_id: BigPathId, new: models.Comment, call: WorksTickets, version: MayBeFrom, attempt: Attempts
) -> Response:
    """It stands in the ticket's ledger."""

    def act(tx: Tx) -> None:
        ticket_work.comment(tx, ticket_id, new.text, exhibits(new.photos, new.files), call.sight, call.now)

    return step(call, ticket_id, version, attempt, act, 201)


@router.post(
    "/{ticket_id}/photos",
    status_code=201,
    summary="Add photos to a ticket",
    response_model=models.TicketDetail,
    responses=STEP,
)
def add_ticket_photos(
    ticket_id: BigPathId, new: models.MorePhotos, call: WorksTickets, version: MayBeFrom, attempt: Attempts
) -> Response:
    """By their hashes; purposes are `before` and `after`."""

    def act(tx: Tx) -> None:
        ticket_work.exhibit(tx, ticket_id, exhibits(new.photos), call.sight, call.now)

    return step(call, ticket_id, version, attempt, act, 201)


@router.post(
    "/{ticket_id}/files",
    status_code=201,
    summary="Add files to a ticket",
    response_model=models.TicketDetail,
    responses=STEP,
)
def add_ticket_files(
    ticket_id: BigPathId, new: models.MoreFiles, call: WorksTickets, version: MayBeFrom, attempt: Attempts
) -> Response:
    """By their hashes: the maker's report, an invoice, the log of an instrument."""

    def act(tx: Tx) -> None:
        ticket_work.exhibit(tx, ticket_id, exhibits((), new.files), call.sight, call.now)

    return step(call, ticket_id, version, attempt, act, 201)


@router.post(
    "/{ticket_id}/work",
    status_code=201,
    summary="Note hours and parts",
    response_model=models.TicketDetail,
    responses=STEP,
)
def add_work(
    ticket_id: BigPathId, new: models.Work, call: WorksTickets, version: MayBeFrom, attempt: Attempts
) -> Response:
    """By whoever has the ticket; every note adds to those before."""
    parts = [part.model_dump() for part in new.parts]

    def act(tx: Tx) -> None:
        ticket_work.work(tx, ticket_id, new.hours, parts, call.person, call.now)

    return step(call, ticket_id, version, attempt, act, 201)


@router.post(
    "/{ticket_id}/holds",
    status_code=201,
    summary="Ask for a hold",
    response_model=models.TicketDetail,
    responses=STEP,
)
def ask_hold(
    ticket_id: BigPathId, new: models.NewHold, call: WorksTickets, version: MayBeFrom, attempt: Attempts
) -> Response:
    """By whoever has the ticket, for want of parts, with what is done in the meantime. It begins when another person
    approves it, and moves no deadline: the time on hold is counted beside."""

    def act(tx: Tx) -> None:
        ticket_holds.ask(tx, ticket_id, new.note, new.substitute, new.until, call.person, call.now)

    return step(call, ticket_id, version, attempt, act, 201)


@router.post(
    "/{ticket_id}/holds/{hold_id}/approve",
    summary="Approve a hold",
    response_model=models.TicketDetail,
    responses=STEP,
)
def approve_hold(
    ticket_id: BigPathId,
    hold_id: BigPathId,
    decision: models.Decision,
    call: WorksTickets,
    version: MayBeFrom,
    attempt: Attempts,
) -> Response:
    """By a manager or an admin who has not asked for it and does not have the ticket."""

    def act(tx: Tx) -> None:
        ticket_holds.approve(tx, ticket_id, hold_id, decision.note, call.person, call.now)

    return step(call, ticket_id, version, attempt, act)


@router.post(
    "/{ticket_id}/holds/{hold_id}/refuse",
    summary="Refuse a hold",
    response_model=models.TicketDetail,
    responses=STEP,
)
def refuse_hold(
    ticket_id: BigPathId,
    hold_id: BigPathId,
    decision: models.Refusal,
    call: WorksTickets,
    version: MayBeFrom,
    attempt: Attempts,
) -> Response:
    """By those who could approve it, with a reason."""

    def act(tx: Tx) -> None:
        ticket_holds.refuse(tx, ticket_id, hold_id, decision.note, call.person, call.now)

    return step(call, ticket_id, version, attempt, act)


@router.post(
    "/{ticket_id}/resume", summary="End a hold before its time", response_model=models.TicketDetail, responses=STEP
)
def resume_ticket(
    ticket_id: BigPathId, decision: models.Decision, call: WorksTickets, version: MayBeFrom, attempt: Attempts
) -> Response:
    """By whoever has the ticket, or could approve holds."""

    def act(tx: Tx) -> None:
        ticket_holds.resume(tx, ticket_id, decision.note, call.person, call.now)

    return step(call, ticket_id, version, attempt, act)


@router.post(
    "/{ticket_id}/reasons",
    status_code=201,
    summary="Say why a ticket is late",
    response_model=models.TicketDetail,
    responses=STEP,
)
def explain_ticket(
    ticket_id: BigPathId, said: Note, call: WorksTickets, version: MayBeFrom, attempt: Attempts
) -> Response:
    """By whoever has it, a manager or an admin, once its deadline has passed. It stands in the ledger and in the
    report; another word later is added, none is changed."""

    def act(tx: Tx) -> None:
        ticket_work.explain(tx, ticket_id, said.note, call.person, call.now)

    return step(call, ticket_id, version, attempt, act, 201)


@router.post(
    "/{ticket_id}/follow-up",
    summary="Note the call after the closing",
    response_model=models.TicketDetail,
    responses=STEP,
)
def finish_follow_up(
    ticket_id: BigPathId, said: models.FollowUpResult, call: WorksTickets, version: MayBeFrom, attempt: Attempts
) -> Response:
    """Whoever reported it is called within a day, in classes that ask for it."""

    def act(tx: Tx) -> None:
        ticket_work.follow_up(tx, ticket_id, said.result, said.satisfied, call.person, call.now)

    return step(call, ticket_id, version, attempt, act)
