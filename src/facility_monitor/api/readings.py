"""The readings of a point."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from facility_monitor.api.auth import ReadsPlant
from facility_monitor.api.models import plant as models
from facility_monitor.api.models.fields import PathId, Time
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Order, Part
from facility_monitor.api.problems import documented
from facility_monitor.store.tables import point
from facility_monitor.store.views import readings as views

router = APIRouter(prefix="/points", tags=["readings"])
_ASCENDING, _DESCENDING = Order("readings", datetime, int), Order("readings-desc", datetime, int)


@router.get(
    "/{point_id}/readings",
    summary="Readings by event time",
    response_model=Page[models.Reading],
    responses=documented(401, 403, 404, 422, 503),
)
def list_readings(
    point_id: PathId,
    call: ReadsPlant,
    part: Part,
    start: Annotated[Time | None, Query(alias="from", description="included")] = None,
    end: Annotated[Time | None, Query(alias="to", description="not included")] = None,
    order: Annotated[Literal["asc", "desc"], Query()] = "asc",
) -> dict[str, Any]:
    """Values are in the point's SenML unit."""
    sorting = _ASCENDING if order == "asc" else _DESCENDING
    key = sorting.after(part)
    after = None if key is None else (key[0], key[1])
    with call.transaction() as tx:
        call.must_see(tx, point, point_id)
        rows = views.readings(tx, point_id, start, end, descending=order == "desc", after=after, limit=part.limit + 1)
    page = sorting.page(rows, part.limit, lambda row: (row["at"], row["sequence"]))
    # Below zero stands the store's own mark of a value that its device does not number.
    page["items"] = [{**row, "sequence": row["sequence"] if row["sequence"] >= 0 else None} for row in page["items"]]
    return page
