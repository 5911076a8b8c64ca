"""Dead letters: what arrived and is no reading; they can be replayed when a device, a point or a mapping was added."""

from __future__ import annotations

import base64
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import ColumnElement

from facility_monitor.api.auth import ReadsIngest, WritesPlant
from facility_monitor.api.models import ingest as models
from facility_monitor.api.models.fields import BigPathId, Line, Time
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.problems import documented
from facility_monitor.domain.reading.telemetry import Reason
from facility_monitor.errors import NotFound
from facility_monitor.store.reading import letters
from facility_monitor.store.tables import reject
from facility_monitor.store.views import rejects as views

router = APIRouter(prefix="/rejects", tags=["ingest"])
_ORDER = by_id("rejects")


@router.get(
    "", summary="Rejects, newest first", response_model=Page[models.Letter], responses=documented(401, 403, 422, 503)
)
def list_rejects(
    call: ReadsIngest,
    part: Part,
    reason: Annotated[Reason | None, Query()] = None,
    site: Annotated[Line | None, Query(description="code, as the topic or the message told it")] = None,
    device: Annotated[Line | None, Query(description="code or foreign address")] = None,
    topic: Annotated[Line | None, Query(description="exactly, or all that begin so where it ends in #")] = None,
    start: Annotated[Time | None, Query(alias="from", description="arrived then or later")] = None,
    end: Annotated[Time | None, Query(alias="to", description="arrived before")] = None,
) -> dict[str, Any]:
    """By their site; what tells no site is shown to admins."""
    wanted = models.LetterFilter.model_validate(
        {"reason": reason, "site": site, "device": device, "topic": topic, "from": start, "to": end}
    )
    (after,) = _ORDER.after(part) or (None,)
    with call.transaction() as tx:
        rows = views.rejects(tx, call.sight, *_conditions(wanted), after=after, limit=part.limit + 1)
    page = _ORDER.page(rows, part.limit, id_of)
    page["items"] = [_shown(row) for row in page["items"]]
    return page


@router.get(
    "/{reject_id}",
    summary="One reject",
    response_model=models.Letter,
    responses=documented(401, 403, 404, 422, 503),
)
def show_reject(reject_id: BigPathId, call: ReadsIngest) -> dict[str, Any]:
    with call.transaction() as tx:
        rows = views.rejects(tx, call.sight, reject.c.id == reject_id, after=None, limit=1)
    if not rows:
        raise NotFound(f"reject {reject_id}")
    return _shown(rows[0])


@router.post(
    "/replay",
    status_code=202,
    summary="Replay rejects",
    response_model=models.Requested,
    responses=documented(401, 403, 413, 422, 503),
)
def replay_rejects(wanted: models.Replay, call: WritesPlant) -> dict[str, int]:
    """The ingest takes them up within a second or two, reads them by what is known by then and stores what can be
    stored, judged as late readings; what was stored before is not stored again. Letters that are not seen, or of which
    nothing is left to store, are passed over."""
    chosen = _conditions(wanted.filter) if wanted.filter is not None else [reject.c.id.in_(wanted.ids or ())]
    with call.transaction() as tx:
        conditions = (call.sight.reject(), *chosen)
        return {"requested": letters.request(tx, conditions, call.person.username, call.now)}


def _conditions(wanted: models.LetterFilter) -> list[ColumnElement[bool]]:
    found = [
        column == value
        for column, value in (
            (reject.c.reason, wanted.reason),
            (reject.c.site, wanted.site),
            (reject.c.device, wanted.device),
        )
        if value is not None
    ]
    if wanted.topic is not None:
        beginning = wanted.topic.removesuffix("#")
        exact = beginning == wanted.topic
        found.append(reject.c.topic == beginning if exact else reject.c.topic.startswith(beginning, autoescape=True))
    if wanted.start is not None:
        found.append(reject.c.received_at >= wanted.start)
    if wanted.end is not None:
        found.append(reject.c.received_at < wanted.end)
    return found


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    payload = bytes(row["payload"])
    try:
        text: str | None = payload.decode()
    except UnicodeDecodeError:
        text = None
    return {**row, "payload_text": text, "payload_base64": base64.b64encode(payload).decode()}
