"""Codes of modes, states and faults: what they mean in each code set."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from facility_monitor.api.auth import ReadsPlant, WritesPlant
from facility_monitor.api.models import codes as models
from facility_monitor.api.models.fields import KindCode, Line
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.problems import documented
from facility_monitor.errors import InvalidInput
from facility_monitor.store import codes
from facility_monitor.store.tables import value_code
from facility_monitor.store.views import equipment as views

router = APIRouter(prefix="/codes", tags=["equipment"])


@router.get(
    "",
    summary="What coded values mean",
    response_model=Page[models.Code],
    responses=documented(401, 403, 422, 503),
)
def list_codes(
    call: ReadsPlant,
    code_set: Annotated[Line | None, Query()] = None,
    metric: Annotated[KindCode | None, Query()] = None,
) -> dict[str, Any]:
    """Equipment goes by the set that its attribute `code_set` names, an elevator without one by GB/T 24476. Of several
    rows of one code the newest counts; the older ones tell what it meant before."""
    asked = ((value_code.c.code_set, code_set), (value_code.c.metric, metric))
    with call.transaction() as tx:
        return whole(codes.shown(tx, *(column == value for column, value in asked if value is not None)))


@router.post(
    "",
    status_code=201,
    summary="Say what a code means",
    response_model=models.Code,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_code(new: models.NewCode, call: WritesPlant) -> dict[str, Any]:
    """For every site, so only by somebody who sees all sites. Rules and alarms go by it from the next reading on. A row
    is never changed: where a code comes to mean something else, add one from that day on."""
    if new.effective_from > call.now.date():
        raise InvalidInput({"effective_from": f"lies in the future; it is {call.now:%Y-%m-%d} now"})
    row = {**new.model_dump(), "added_by": call.person.username, "added_at": call.now}
    with call.transaction() as tx:
        call.must_see_all_sites(tx, "a code holds")
        views.metric_unit(tx, new.metric, "metric")
        codes.add(tx, row)
    return row
