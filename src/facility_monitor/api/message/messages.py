"""Messages after they were sent: what a phone says of them, answers without a log-in, and those that never arrived."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from facility_monitor.api.auth import ReadsPeople, WritesDuty
from facility_monitor.api.models import channels as models
from facility_monitor.api.models.alarms import KeptAct
from facility_monitor.api.models.fields import BigPathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.errors import NotFound
from facility_monitor.flows.message import messages
from facility_monitor.store.message.outbox import State
from facility_monitor.store.tables import outbox
from facility_monitor.store.views import notices

router = APIRouter(tags=["messages"])
_DEAD = by_id("dead-letters")

Token = Annotated[str, Path(max_length=100, description="as it stands in the message")]


@router.post(
    "/messages/{token}/delivered", status_code=204, summary="It is on the screen", responses=documented(404, 422, 503)
)
def report_delivered(token: Token, request: Request) -> None:
    parts = parts_of(request)
    with parts.database.transaction() as tx:
        messages.saw(tx, token, parts.now(), opened=False)


@router.post("/messages/{token}/opened", status_code=204, summary="It was opened", responses=documented(404, 422, 503))
def report_opened(token: Token, request: Request) -> None:
    parts = parts_of(request)
    with parts.database.transaction() as tx:
        messages.saw(tx, token, parts.now(), opened=True)


@router.post(
    "/messages/{token}/acknowledge",
    summary="Take the alarm of a message, without signing in",
    response_model=models.Answered,
    responses=documented(403, 404, 409, 413, 422, 503),
)
def acknowledge_by_message(token: Token, request: Request, act: KeptAct | None = None) -> dict[str, Any]:
    """In the name of the person that the message was sent to. Works once, within 72 hours, and not any more where the
    alarm has come again since. An act that the phone kept for want of a network bears its time, and may be sent again
    where the answer was lost."""
    parts = parts_of(request)
    with parts.database.transaction() as tx:
        message, person = messages.acknowledge(tx, token, parts.now(), act.acted_at if act else None)
    return {"alarm_id": message.alarm_id, "person": person, "acknowledged_at": parts.now()}


@router.get(
    "/dead-letters",
    summary="Messages that will not be sent",
    response_model=Page[models.DeadLetter],
    responses=documented(401, 403, 422, 503),
)
def list_dead_letters(call: ReadsPeople, part: Part) -> dict[str, Any]:
    """Refused for good, or given up after a day, and why."""
    (after,) = _DEAD.after(part) or (0,)
    failed = (outbox.c.state == State.FAILED, notices.of_sight(call.sight))
    with call.transaction() as tx:
        rows = notices.notices(tx, *failed, after=after, limit=part.limit + 1)
    return _DEAD.page(rows, part.limit, id_of)


@router.post(
    "/dead-letters/{message_id}/send",
    status_code=202,
    summary="Try a message once more",
    response_model=models.Notice,
    responses=documented(401, 403, 404, 409, 422, 503),
)
def send_dead_letter(message_id: BigPathId, call: WritesDuty) -> dict[str, Any]:
    with call.transaction() as tx:
        if not notices.notices(tx, outbox.c.id == message_id, notices.of_sight(call.sight), limit=1):
            raise NotFound(f"message {message_id}")
        messages.send_again(tx, message_id, call.now)
        return notices.notices(tx, outbox.c.id == message_id, limit=1)[0]
