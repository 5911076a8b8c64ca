"""Dead letters: what arrived and is no reading."""

from __future__ import annotations

import base64
from typing import Annotated, Any

from fastapi import APIRouter, Query

from facility_monitor.api.auth import ReadsIngest
from facility_monitor.api.models import plant as models
from facility_monitor.api.models.fields import Time
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.problems import documented
from facility_monitor.domain.telemetry import Reason
from facility_monitor.store.tables import reject
from facility_monitor.store.views import rejects as views

router = APIRouter(prefix="/rejects", tags=["ingest"])
_ORDER = by_id("rejects")


@router.get(
    "", summary="Rejects, newest first", response_model=Page[models.Reject], responses=documented(401, 403, 422, 503)
)
def list_rejects(
    call: ReadsIngest,
    part: Part,
    reason: Annotated[Reason | None, Query()] = None,
    start: Annotated[Time | None, Query(alias="from", description="arrived then or later")] = None,
    end: Annotated[Time | None, Query(alias="to", description="arrived before")] = None,
) -> dict[str, Any]:
    """By the site in the topic; what names no site that there is, is shown to admins."""
    conditions = [] if reason is None else [reject.c.reason == reason]
    if start is not None:
        conditions.append(reject.c.received_at >= start)
    if end is not None:
        conditions.append(reject.c.received_at < end)
    (after,) = _ORDER.after(part) or (None,)
    with call.transaction() as tx:
        rows = views.rejects(tx, call.sight, *conditions, after=after, limit=part.limit + 1)
    page = _ORDER.page(rows, part.limit, id_of)
    page["items"] = [{**row, **_payload(bytes(row["payload"]))} for row in page["items"]]
    return page


def _payload(payload: bytes) -> dict[str, str | None]:
    try:
        text: str | None = payload.decode()
    except UnicodeDecodeError:
        text = None
    return {"payload_text": text, "payload_base64": base64.b64encode(payload).decode()}
