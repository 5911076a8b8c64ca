"""Repair tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import ColumnElement

from facility_monitor.api.auth import ReadsTickets, SignsTickets, WorksTickets, client_address
from facility_monitor.api.fire.uploads import exhibits
from facility_monitor.api.models import alarms as ledger_models
from facility_monitor.api.models import tickets as models
from facility_monitor.api.models.fields import BigPathId, PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Order, Part, by_id, id_of
from facility_monitor.api.problems import documented
from facility_monitor.api.repair.ticket_steps import STEP, answered, detail, step
from facility_monitor.api.retries import Attempt, Attempts
from facility_monitor.api.versions import MayBeFrom, tagged
from facility_monitor.domain.repair.ticket import TicketState
from facility_monitor.domain.text import Text
from facility_monitor.errors import InvalidInput, NotSignedIn
from facility_monitor.flows.people import sign_in
from facility_monitor.flows.repair import tickets
from facility_monitor.flows.repair.tickets import Report
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import equipment, ledger, ticket
from facility_monitor.store.views import ledger as entries
from facility_monitor.store.views import tickets as views

router = APIRouter(prefix="/tickets", tags=["tickets"])
_ASCENDING, _DESCENDING = Order("tickets", datetime, int), Order("tickets-desc", datetime, int)
_LEDGER = by_id("ticket-ledger")


@router.get(
    "",
    summary="Tickets by deadline",
    response_model=Page[models.Ticket],
    responses=documented(401, 403, 422, 503),
)
def list_tickets(
    call: ReadsTickets,
    part: Part,
    states: Annotated[list[TicketState], Query(alias="state", max_length=8, description="may be repeated")] = [],  # noqa: B006
    overdue: Annotated[bool | None, Query(description="closed after its deadline, or open beyond it")] = None,
    call_due: Annotated[bool | None, Query(description="closed, and the call after the closing waits")] = None,
    assignee: Annotated[Literal["me"] | PathId | None, Query(description="`me`, or a person's id")] = None,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    equipment_id: Annotated[PathId | None, Query(alias="equipment")] = None,
    order: Annotated[Literal["asc", "desc"], Query(description="the earliest deadline first, or the latest")] = "asc",
) -> dict[str, Any]:
    conditions: list[ColumnElement[bool]] = []
    if states:
        conditions.append(ticket.c.state.in_([state.value for state in states]))
        if TicketState.CLOSED not in states:
            conditions.append(ticket.c.closed_at.is_(None))
    if overdue is not None:
        conditions.append(views.is_overdue(call.now) if overdue else ~views.is_overdue(call.now))
    if call_due is not None:
        conditions.append(views.waits_for_call() if call_due else ~views.waits_for_call())
    if assignee is not None:
        conditions.append(ticket.c.assignee_id == (call.person.id if assignee == "me" else assignee))
    if site_id is not None:
        conditions.append(ticket.c.site_id == site_id)
    if equipment_id is not None:
        conditions.append(ticket.c.equipment_id == equipment_id)
    sorting = _ASCENDING if order == "asc" else _DESCENDING
    key = sorting.after(part)
    after = None if key is None else (key[0], key[1])
    with call.transaction() as tx:
        rows = views.tickets(tx, call.sight, *conditions, after=after, limit=part.limit + 1, descending=order == "desc")
    return sorting.page(rows, part.limit, lambda row: (row["due_at"], row["id"]))


@router.post(
    "",
    status_code=201,
    summary="Report a fault",
    response_model=models.TicketDetail,
    responses=documented(401, 403, 413, 422, 503),
)
def open_ticket(new: models.NewTicket, call: WorksTickets, attempt: Attempts) -> Response:
    """Opens a ticket by hand. Its class sets its deadline, which is fixed from now on."""
    title: Text = {call.person.locale: new.title} if isinstance(new.title, str) else dict(new.title.items())
    report = Report(
        new.equipment_id, title, new.description, new.ticket_class, new.contact, exhibits(new.photos, new.files)
    )
    with call.transaction() as tx:
        repeated = attempt.answered(tx, call)
        if repeated is not None:
            return repeated
        call.must_refer(tx, equipment_id=(equipment, new.equipment_id))
        opened = tickets.open_by_hand(tx, report, call.sight, call.now)
        return answered(tx, call, opened.id, attempt, 201)


@router.get(
    "/{ticket_id}",
    summary="One ticket",
    response_model=models.TicketDetail,
    responses=documented(401, 403, 404, 422, 503),
)
def show_ticket(ticket_id: BigPathId, call: ReadsTickets, response: Response) -> dict[str, Any]:
    with call.transaction() as tx:
        return tagged(response, detail(tx, call, ticket_id))


@router.get(
    "/{ticket_id}/ledger",
    summary="What happened to a ticket and its alarms, in order",
    response_model=Page[ledger_models.LedgerEntry],
    responses=documented(401, 403, 404, 422, 503),
)
def list_ticket_ledger(ticket_id: BigPathId, call: ReadsTickets, part: Part) -> dict[str, Any]:
    (after,) = _LEDGER.after(part) or (0,)
    with call.transaction() as tx:
        call.must_see(tx, ticket, ticket_id)
        rows = entries.entries(tx, call.sight, ledger.c.ticket_id == ticket_id, after=after, limit=part.limit + 1)
    return _LEDGER.page(rows, part.limit, id_of)


@router.post(
    "/{ticket_id}/accept",
    summary="Take a ticket on, or over",
    response_model=models.TicketDetail,
    responses=STEP,
)
def accept_ticket(ticket_id: BigPathId, call: WorksTickets, version: MayBeFrom, attempt: Attempts) -> Response:
    """One's own stays as it is; a repaired one is taken up again."""
    return step(call, ticket_id, version, attempt, lambda tx: tickets.accept(tx, ticket_id, call.person, call.now))


@router.post("/{ticket_id}/arrive", summary="Be there", response_model=models.TicketDetail, responses=STEP)
def arrive_at_ticket(ticket_id: BigPathId, call: WorksTickets, version: MayBeFrom, attempt: Attempts) -> Response:
    """Whoever has the ticket stands in front of it."""
    return step(call, ticket_id, version, attempt, lambda tx: tickets.arrive(tx, ticket_id, call.person, call.now))


@router.post(
    "/{ticket_id}/repaired", summary="Say that the work is done", response_model=models.TicketDetail, responses=STEP
)
def repair_ticket(
    ticket_id: BigPathId, done: models.Repair, call: WorksTickets, version: MayBeFrom, attempt: Attempts
) -> Response:
    """By whoever has the ticket. Photos may come with it or later; some classes need them before they close."""

    def act(tx: Tx) -> None:
        tickets.repaired(tx, ticket_id, done.note, exhibits(done.photos, done.files), call.sight, call.now)

    return step(call, ticket_id, version, attempt, act)


@router.post(
    "/{ticket_id}/verify", summary="Find a repair in order", response_model=models.TicketDetail, responses=STEP
)
def verify_ticket(
    ticket_id: BigPathId, done: ledger_models.Note, call: WorksTickets, version: MayBeFrom, attempt: Attempts
) -> Response:
    """By another person than who has done it. Not needed where the sensors say that it is back to normal; not enough
    where they say the contrary."""

    def act(tx: Tx) -> None:
        tickets.verify(tx, ticket_id, done.note, call.person, call.now)

    return step(call, ticket_id, version, attempt, act)


@router.post(
    "/{ticket_id}/exception",
    summary="Sign for a repair that the sensors do not confirm",
    response_model=models.TicketDetail,
    responses={**STEP, **documented(429)},
)
def sign_exception(
    ticket_id: BigPathId, signed: models.SignedException, call: SignsTickets, request: Request, version: MayBeFrom
) -> Response:
    """By a manager or an admin who has neither done the work nor has the ticket, with the own password.
    Needed where the sensors report the contrary, or have fallen silent."""
    try:
        sign_in.check_password(call.database, call.person.username, signed.password, client_address(request), call.now)
    except NotSignedIn:
        raise InvalidInput({"password": "is not the password"}) from None

    def act(tx: Tx) -> None:
        tickets.verify(tx, ticket_id, signed.note, call.person, call.now, signed=True)

    return step(call, ticket_id, version, Attempt(None, b""), act)


@router.post("/{ticket_id}/close", summary="Close a ticket", response_model=models.TicketDetail, responses=STEP)
def close_ticket(
    ticket_id: BigPathId, done: ledger_models.Note, call: WorksTickets, version: MayBeFrom, attempt: Attempts
) -> Response:
    """One that is verified, or repaired and back to normal for the set time as its sensors say; with the photos that
    its class needs."""

    def act(tx: Tx) -> None:
        tickets.close(tx, ticket_id, done.note, call.person, call.now)

    return step(call, ticket_id, version, attempt, act)


@router.post("/{ticket_id}/reopen", summary="Say that it is back", response_model=models.TicketDetail, responses=STEP)
def reopen_ticket(
    ticket_id: BigPathId, done: ledger_models.Note, call: WorksTickets, version: MayBeFrom, attempt: Attempts
) -> Response:
    """Within 72 hours of its closing; its first clock goes on. An alarm that comes back does so by itself."""

    def act(tx: Tx) -> None:
        tickets.reopen(tx, ticket_id, done.note, call.person, call.now)

    return step(call, ticket_id, version, attempt, act)
