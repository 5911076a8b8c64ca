"""The fault early-warning ledger (故障预警台账): what is on its way to a limit, and what people made of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import ColumnElement

from facility_monitor.api.auth import Call, ReadsTests, WritesTests
from facility_monitor.api.models import warnings as models
from facility_monitor.api.models.fields import BigPathId, PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.domain.elevator import early_warning
from facility_monitor.domain.elevator.early_warning import Series, WarningState
from facility_monitor.domain.instant import moment
from facility_monitor.errors import NotFound
from facility_monitor.flows.elevator import early_warnings
from facility_monitor.store.database import Tx
from facility_monitor.store.elevator import elevator_warnings as kept
from facility_monitor.store.elevator import telemetry
from facility_monitor.store.evidence.ledger_tables import OF_WARNINGS
from facility_monitor.store.tables import elevator_warning, ledger
from facility_monitor.store.views.ledger import entries

router = APIRouter(prefix="/elevator-warnings", tags=["elevators"])
_ORDER = by_id("elevator-warnings")


@router.get(
    "",
    summary="Early warnings, the newest first",
    response_model=Page[models.ElevatorWarning],
    responses=documented(401, 403, 422, 503),
)
def list_elevator_warnings(
    call: ReadsTests,
    part: Part,
    elevator_id: Annotated[PathId | None, Query(alias="elevator")] = None,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    state: Annotated[list[WarningState] | None, Query()] = None,
) -> dict[str, Any]:
    """Opened by themselves after each test and from the readings of each week: a robust line through what was measured
    reaches the limit within eight weeks. One outlier opens none."""
    conditions: list[ColumnElement[bool]] = [] if state is None else [elevator_warning.c.state.in_(state)]
    if elevator_id is not None:
        conditions.append(elevator_warning.c.equipment_id == elevator_id)
    if site_id is not None:
        conditions.append(elevator_warning.c.site_id == site_id)
    (after,) = _ORDER.after(part) or (None,)
    with call.transaction() as tx:
        rows = kept.shown(tx, call.sight, *conditions, after=after, limit=part.limit + 1)
    return _ORDER.page(rows, part.limit, id_of)


@router.get(
    "/{warning_id}",
    summary="One early warning, with all that was measured of it",
    response_model=models.ElevatorWarningDetail,
    responses=documented(401, 403, 404, 422, 503),
)
def show_elevator_warning(warning_id: BigPathId, call: ReadsTests, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _detail(tx, call, warning_id))


@router.post(
    "/{warning_id}/confirm",
    summary="It is so: it will be dealt with",
    response_model=models.ElevatorWarningDetail,
    responses=documented(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def confirm_elevator_warning(
    warning_id: BigPathId, body: models.Decision, call: WritesTests, version: MadeFrom, response: Response
) -> dict[str, object]:
    return _moved(call, warning_id, version, WarningState.CONFIRMED, body, response)


@router.post(
    "/{warning_id}/act",
    summary="Something was done about it",
    response_model=models.ElevatorWarningDetail,
    responses=documented(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def act_on_elevator_warning(
    warning_id: BigPathId, body: models.Decision, call: WritesTests, version: MadeFrom, response: Response
) -> dict[str, object]:
    """Only what is measured after this can open another."""
    return _moved(call, warning_id, version, WarningState.ACTED, body, response)


@router.post(
    "/{warning_id}/dismiss",
    summary="There is nothing to it",
    response_model=models.ElevatorWarningDetail,
    responses=documented(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def dismiss_elevator_warning(
    warning_id: BigPathId, body: models.Decision, call: WritesTests, version: MadeFrom, response: Response
) -> dict[str, object]:
    """Not by a contractor. Only what is measured after this can open another."""
    return _moved(call, warning_id, version, WarningState.DISMISSED, body, response)


def _moved(
    call: Call, number: int, version: int, to: WarningState, body: models.Decision, response: Response
) -> dict[str, object]:
    with call.transaction() as tx:
        _one(tx, call, number)
        early_warnings.move(tx, number, version, to, body.reason, call.person, call.now)
        return tagged(response, _detail(tx, call, number))


def _one(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = kept.shown(tx, call.sight, elevator_warning.c.id == number)
    if not rows:
        raise NotFound(f"warning {number}")
    return rows[0]


def _detail(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    row = _one(tx, call, number)
    elevator_id = row["elevator"]["id"]
    if row.get("source") == "telemetry":
        samples = early_warning.weekly(telemetry.daily(tx, [elevator_id], call.now)[elevator_id][row["quantity"]])
    else:
        measured = early_warning.series(kept.histories(tx, [elevator_id])[elevator_id].tests)
        samples = measured.get(Series(row["quantity"], row["floor"]), [])
    return {
        **row,
        "samples": [{"at": moment(each.at), "value": each.value} for each in samples],
        "steps": _steps(tx, call, elevator_id, number),
    }


def _steps(tx: Tx, call: Call, elevator_id: int, number: int) -> list[dict[str, Any]]:
    of_this = (ledger.c.equipment_id == elevator_id, ledger.c.body["warning_id"].as_integer() == number)
    return [
        {
            "state": entry["kind"].removeprefix("elevator_warning_"),
            "at": entry["at"],
            "by": entry["actor"],
            "reason": entry["reason"],
        }
        for entry in entries(tx, call.sight, OF_WARNINGS, *of_this, limit=len(WarningState))
        if entry["kind"] != early_warnings.OPENED
    ]
