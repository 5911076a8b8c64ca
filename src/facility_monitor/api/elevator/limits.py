"""The dated limits by which readings, tests and checks are judged."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from facility_monitor.api.auth import ReadsTests, WritesRules
from facility_monitor.api.models import limits as models
from facility_monitor.api.models.fields import Day, KindCode
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.problems import documented
from facility_monitor.errors import InvalidInput
from facility_monitor.store import limits

router = APIRouter(prefix="/limits", tags=["rules"])


@router.get(
    "",
    summary="The dated limits by which readings, tests and checks are judged",
    response_model=Page[models.DatedLimit],
    responses=documented(401, 403, 422, 503),
)
def list_limits(
    call: ReadsTests,
    quantity: Annotated[KindCode | None, Query()] = None,
    on: Annotated[Day | None, Query(description="in force on this day; default: all there ever were")] = None,
) -> dict[str, Any]:
    with call.transaction() as tx:
        return whole(limits.shown(tx, quantity, on))


@router.post(
    "",
    status_code=201,
    summary="Add a limit, from a day on",
    response_model=models.DatedLimit,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_limit(new: models.NewLimit, call: WritesRules) -> dict[str, Any]:
    """For every site, so only by somebody who sees all sites. A row is never changed: the newest in force on the day of
    a reading or a test counts, for doors the newest of their class. One that ends leaves the older ones."""
    if new.effective_from < call.now.date():
        raise InvalidInput({"effective_from": f"lies in the past; it is {call.now:%Y-%m-%d} now"})
    with call.transaction() as tx:
        call.must_see_all_sites(tx, "a limit holds")
        alike = limits.shown(tx, new.quantity, None)
        if not alike:
            raise InvalidInput({"quantity": "nothing goes by a limit of it"})
        if new.unit != alike[0]["unit"]:
            raise InvalidInput({"unit": f"must be {alike[0]['unit']}, as that of its other rows"})
        row = {**new.model_dump(), "name": alike[0]["name"], "added_by": call.person.username, "added_at": call.now}
        limits.add(tx, row)
    return row
