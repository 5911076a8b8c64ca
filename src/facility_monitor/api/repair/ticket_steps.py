"""What all changes of a ticket have in common: seen, of the version that was read, done once, answered as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Response

from facility_monitor.api.auth import Call
from facility_monitor.api.models import tickets as models
from facility_monitor.api.problems import documented
from facility_monitor.api.retries import Attempt
from facility_monitor.domain.person import Scope
from facility_monitor.errors import NotFound
from facility_monitor.flows.repair import tickets
from facility_monitor.store import versioned
from facility_monitor.store.database import Tx
from facility_monitor.store.repair import residents
from facility_monitor.store.tables import ticket
from facility_monitor.store.views import tickets as views

STEP = documented(401, 403, 404, 409, 412, 413, 422, 503)
"""The problems with which a change may be answered."""


def step(
    call: Call, ticket_id: int, version: int | None, attempt: Attempt, act: Callable[[Tx], object], status: int = 200
) -> Response:
    """Do ``act`` to a ticket that the caller sees and answer with the ticket; sent again, answer again.

    Raises NotFound, and Stale where the ticket is no longer at ``version``.
    """
    with call.transaction() as tx:
        repeated = attempt.answered(tx, call)
        if repeated is not None:
            return repeated
        call.must_see(tx, ticket, ticket_id)
        if version is not None:
            versioned.lock(tx, ticket, ticket_id, version)
        act(tx)
        return answered(tx, call, ticket_id, attempt, status)


def answered(tx: Tx, call: Call, ticket_id: int, attempt: Attempt, status: int) -> Response:
    """The ticket as the answer to a request."""
    shown = models.TicketDetail.model_validate(detail(tx, call, ticket_id))
    location = f"/api/v1/tickets/{ticket_id}" if status == 201 else None
    answer = attempt.answer(tx, call, status, shown.model_dump_json(by_alias=True), location)
    answer.headers["ETag"] = f'"{shown.version}"'
    return answer


def detail(tx: Tx, call: Call, ticket_id: int) -> dict[str, Any]:
    """A ticket with all that belongs to it. Raises NotFound where the caller does not see it."""
    found = views.detail(tx, call.sight, ticket_id)
    if found is None:
        raise NotFound(f"ticket {ticket_id}")
    sensors, needed = tickets.needs(tx, ticket_id, call.now)
    works = Scope.WORK_TICKETS in call.principal.scopes
    phone = residents.phone(tx, ticket_id) if works and found["by_resident"] else None
    return {**found, "sensors": sensors, "photos_needed": needed, "resident_phone": phone}
