"""The live state of an elevator's car: once, or as it changes (server-sent events)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request

from facility_monitor.api.auth import Call, ReadsPlant
from facility_monitor.api.elevator.elevators import the_elevator
from facility_monitor.api.events import HEARTBEAT_S, MOST_STREAMS, EventStream, woken_within
from facility_monitor.api.models import car as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.parts import Parts, parts_of
from facility_monitor.api.problems import documented
from facility_monitor.domain.person import Scope
from facility_monitor.errors import NotFound, TooMany, Unavailable
from facility_monitor.flows.people import sign_in
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import equipment
from facility_monitor.store.views import car as views
from facility_monitor.store.views import seen

router = APIRouter(prefix="/elevators/{elevator_id}/state", tags=["elevators"])

LOOK_S = 1.0
"""How often a stream looks for newer readings: nothing tells of them, and a gateway sends every few seconds."""


@router.get(
    "",
    summary="The car as it stands",
    response_model=models.CarWithHistory,
    responses=documented(401, 403, 404, 422, 503),
)
def show_car(elevator_id: PathId, call: ReadsPlant) -> dict[str, Any]:
    with call.transaction() as tx:
        the_elevator(tx, call, elevator_id)
        return {**views.state(tx, elevator_id, call.now), **views.history(tx, elevator_id, call.now)}


@router.get(
    "/stream",
    summary="The car as it moves",
    response_class=EventStream,
    responses={
        200: {
            "description": "Server-sent events `state`: at the beginning and after each change, each the whole state "
            "without `faults` and `last_day`. A comment comes at least every 15 s.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **documented(401, 403, 404, 422, 429, 503),
    },
)
async def stream_car(elevator_id: PathId, call: ReadsPlant, request: Request) -> EventStream:
    """Ends when the session or key does."""
    parts = parts_of(request)
    if parts.feed.streams >= MOST_STREAMS:
        raise TooMany("too many streams are open", 10)
    await to_thread.run_sync(_must_see, call, elevator_id, limiter=parts.feed.readers)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventStream(_states(parts, call, elevator_id), headers=headers)


def _must_see(call: Call, elevator_id: int) -> None:
    with call.transaction() as tx:
        the_elevator(tx, call, elevator_id)


async def _states(parts: Parts, call: Call, elevator_id: int) -> AsyncIterator[bytes]:
    told, quiet_s = b"", 0.0
    with parts.feed.subscribed() as woken:
        while not parts.feed.ending:
            woken.clear()
            try:
                found = await to_thread.run_sync(_read, parts, call, elevator_id, limiter=parts.feed.readers)
            except NotFound:
                return
            except Unavailable:
                found = told
            if found != told:
                told, quiet_s = found, 0.0
                yield b"event: state\ndata: %s\n\n" % found
            elif quiet_s >= HEARTBEAT_S:
                quiet_s = 0.0
                yield b": alive\n\n"
            await woken_within(woken, LOOK_S)
            quiet_s += LOOK_S


def _read(parts: Parts, call: Call, elevator_id: int) -> bytes:
    """The state as JSON. Raises NotFound where the sign-in is no longer good or the elevator no longer seen."""
    now = parts.now()
    with parts.database.transaction() as tx:
        principal = sign_in.identify(tx, call.credential, now)
        if principal is None or Scope.READ_PLANT not in principal.scopes:
            raise NotFound("session")
        seen.must_see(tx, Sight(principal.person, now), equipment, elevator_id)
        return models.Car(**views.state(tx, elevator_id, now)).model_dump_json().encode()
