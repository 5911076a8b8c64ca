"""Windows out of service: maintenance and tests, scheduled ahead."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from facility_monitor.api.auth import Acknowledges, Call, ReadsAlarms
from facility_monitor.api.models import quiet as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Order, Part
from facility_monitor.api.problems import documented
from facility_monitor.api.retries import Attempts
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.errors import NotFound
from facility_monitor.flows.alarm import quiet, windows
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import equipment, service_window, site, space
from facility_monitor.store.views import windows as views

router = APIRouter(prefix="/service-windows", tags=["alarms"])
_ORDER = Order("windows", datetime, int)


@router.get(
    "",
    summary="Windows out of service, the latest start first",
    response_model=Page[models.Window],
    responses=documented(401, 403, 422, 503),
)
def list_windows(
    call: ReadsAlarms,
    part: Part,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    state: Annotated[Literal["scheduled", "open", "ended"] | None, Query()] = None,
) -> dict[str, Any]:
    conditions = [] if site_id is None else [service_window.c.site_id == site_id]
    if state is not None:
        conditions.append(views.in_state(state, call.now))
    key = _ORDER.after(part)
    after = None if key is None else (key[0], key[1])
    with call.transaction() as tx:
        rows = views.windows(tx, call.sight, *conditions, after=after, limit=part.limit + 1)
    return _ORDER.page(rows, part.limit, lambda row: (row["starts_at"], row["id"]))


@router.post(
    "",
    status_code=201,
    summary="Take equipment out of service for a while",
    response_model=models.Window,
    responses=documented(401, 403, 413, 422, 503),
)
def add_window(new: models.NewWindow, call: Acknowledges, attempt: Attempts) -> Response:
    """Alarms inside are judged and logged but call nobody. What still holds when it ends is announced then."""
    with call.transaction() as tx:
        repeated = attempt.answered(tx, call)
        if repeated is not None:
            return repeated
        call.must_refer(
            tx,
            site_id=(site, new.site_id),
            space_id=(space, new.space_id),
            equipment_id=(equipment, new.equipment_id),
        )
        number = windows.schedule(tx, new.model_dump(), call.person, call.now)
        shown = models.Window.model_validate(_one(tx, call, number))
        answer = attempt.answer(tx, call, 201, shown.model_dump_json(), f"/api/v1/service-windows/{number}")
    _follow(call)
    return answer


@router.get(
    "/{window_id}", summary="One window", response_model=models.Window, responses=documented(401, 403, 404, 422, 503)
)
def show_window(window_id: PathId, call: ReadsAlarms, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _one(tx, call, window_id))


@router.patch(
    "/{window_id}",
    summary="End or prolong a window",
    response_model=models.Window,
    responses=documented(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def change_window(
    window_id: PathId, changes: models.WindowChanges, call: Acknowledges, version: MadeFrom, response: Response
) -> dict[str, object]:
    """An `ends_at` that is over ends it now. A later end of one that means life safety has to be confirmed anew."""
    with call.transaction() as tx:
        _one(tx, call, window_id)
        windows.change(tx, window_id, version, changes.given(), call.person, call.now)
    _follow(call)
    with call.transaction() as tx:
        return tagged(response, _one(tx, call, window_id))


@router.post(
    "/{window_id}/confirm",
    summary="Confirm that life safety is meant",
    response_model=models.Window,
    responses=documented(401, 403, 404, 409, 412, 422, 428, 503),
)
def confirm_window(window_id: PathId, call: Acknowledges, version: MadeFrom, response: Response) -> dict[str, object]:
    """By somebody else than the author. Until then alarms of life safety stay live inside too."""
    with call.transaction() as tx:
        _one(tx, call, window_id)
        windows.confirm(tx, window_id, version, call.person, call.now)
    _follow(call)
    with call.transaction() as tx:
        return tagged(response, _one(tx, call, window_id))


@router.delete(
    "/{window_id}",
    status_code=204,
    summary="Take back a window that has not begun",
    responses=documented(401, 403, 404, 409, 412, 422, 428, 503),
)
def cancel_window(window_id: PathId, call: Acknowledges, version: MadeFrom) -> None:
    with call.transaction() as tx:
        _one(tx, call, window_id)
        windows.cancel(tx, window_id, version, call.person, call.now)


def _follow(call: Call) -> None:
    """Let the alarms follow at once; what fails here is carried out by the next look."""
    with call.transaction() as tx:
        quiet.review(tx, call.now)


def _one(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.windows(tx, call.sight, service_window.c.id == number)
    if not rows:
        raise NotFound(f"window {number}")
    return rows[0]
