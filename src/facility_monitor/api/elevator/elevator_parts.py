"""Parts of elevators: what is built in since when, what wears it out, and when it must go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query

from facility_monitor.api.auth import Call, ReadsTests, WritesPlant, WritesTests
from facility_monitor.api.elevator.elevators import the_elevator
from facility_monitor.api.models import parts as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.problems import documented
from facility_monitor.domain.elevator.part import MEASURED, drive_of
from facility_monitor.domain.elevator.part_life import Expectation
from facility_monitor.domain.elevator.usage import Reading
from facility_monitor.domain.person import Scope
from facility_monitor.errors import InvalidInput
from facility_monitor.flows.elevator import elevator_parts
from facility_monitor.flows.elevator.elevator_parts import Draft, Forecast
from facility_monitor.store.database import Tx
from facility_monitor.store.elevator import elevator_parts as kept
from facility_monitor.store.elevator import part_lives
from facility_monitor.store.tables import elevator_part

router = APIRouter(tags=["parts"])
_CONTENT = (
    *("maker", "model", "quantity", "unit_price", "currency", "supplier", "lead_time_days", "nominal_diameter_mm"),
    *("construction", "drive", "remarks"),
)


@router.get(
    "/elevator-parts",
    summary="Parts of elevators that stand",
    response_model=Page[models.Part],
    responses=documented(401, 403, 422, 503),
)
def list_parts(
    call: ReadsTests,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    order_soon: Annotated[bool | None, Query(description="only those whose last day to order is near or gone")] = None,
) -> dict[str, Any]:
    """Each with all its lives: by calendar, by counter, by measured condition, and the nearest of them."""
    conditions = [] if site_id is None else [elevator_part.c.site_id == site_id]
    with call.transaction() as tx:
        found = elevator_parts.forecasts(tx, call.now, kept.seen(call.sight), *conditions)
    return whole([shown(each, call) for each in found if order_soon is None or each.order_soon is order_soon])


@router.get(
    "/elevators/{elevator_id}/parts",
    summary="The parts of one elevator",
    response_model=Page[models.Part],
    responses=documented(401, 403, 404, 422, 503),
)
def list_parts_of_elevator(elevator_id: PathId, call: ReadsTests) -> dict[str, Any]:
    with call.transaction() as tx:
        the_elevator(tx, call, elevator_id)
        found = elevator_parts.forecasts(tx, call.now, elevator_part.c.equipment_id == elevator_id)
    return whole([shown(each, call) for each in found])


@router.post(
    "/elevators/{elevator_id}/parts",
    status_code=201,
    summary="Enter a part, or what replaces one",
    response_model=models.Part,
    responses=documented(401, 403, 404, 409, 413, 422, 503),
)
def add_part(elevator_id: PathId, new: models.NewPart, call: WritesPlant) -> dict[str, Any]:
    """Never changed: a part that is replaced, or whose entry was wrong, is named by the next one in `replaces`."""
    given = new.model_dump()
    content = {name: given[name] for name in _CONTENT}
    rest = {name: given[name] for name in ("kind", "installed_on", "replaces", "correction", "reason")}
    with call.transaction() as tx:
        number = elevator_parts.install(tx, Draft(elevator_id, content=content, **rest), call.sight, call.now)
        return _one(tx, call, number)


@router.post(
    "/elevator-parts/{part_id}/inspections",
    status_code=201,
    summary="Enter what was measured of a part",
    response_model=models.Part,
    responses=documented(401, 403, 404, 409, 413, 422, 503),
)
def add_inspection(part_id: PathId, new: models.NewInspection, call: WritesTests) -> dict[str, Any]:
    """Judged at once by every line of its day: discard, makers', early. Six of them tell a trend with its range."""
    content = {name: getattr(new, name) for name in ("measured", "inspector", "remarks")}
    with call.transaction() as tx:
        elevator_parts.inspect(tx, part_id, new.inspected_on, content, new.corrects, new.reason, call.sight, call.now)
        return _one(tx, call, part_id)


@router.post(
    "/elevators/{elevator_id}/counters",
    status_code=201,
    summary="Enter what a counter shows",
    response_model=models.CounterReading,
    responses=documented(401, 403, 404, 413, 422, 503),
)
def add_counter_reading(elevator_id: PathId, new: models.NewCounterReading, call: WritesTests) -> dict[str, Any]:
    """For elevators that do not send their statistics; of one day the last entered counts, before what was sent."""
    with call.transaction() as tx:
        read = Reading(new.read_on, new.value)
        number = elevator_parts.read_counter(tx, elevator_id, new.counter, read, new.reset, call.sight, call.now)
    return {"id": number, **new.model_dump()}


@router.get(
    "/part-kinds",
    summary="Which kinds of parts there are",
    response_model=Page[models.PartKind],
    responses=documented(401, 403, 503),
)
def list_part_kinds(call: ReadsTests) -> dict[str, Any]:
    with call.transaction() as tx:
        kinds = part_lives.kinds(tx)
    return whole([{"code": code, "name": name, "measured": MEASURED.get(code, ())} for code, name in kinds.items()])


@router.get(
    "/part-lives",
    summary="How long parts last, by which rule",
    response_model=Page[models.Life],
    responses=documented(401, 403, 422, 503),
)
def list_part_lives(call: ReadsTests) -> dict[str, Any]:
    """All there are and were; a rule for a model goes before one for its maker, and this before one for all."""
    with call.transaction() as tx:
        return whole([_life(each) for each in part_lives.known(tx)])


def _life(rule: Any) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in models.Life.model_fields}


@router.post(
    "/part-lives",
    status_code=201,
    summary="Add a life: a maker's, the contract's, the house's own",
    response_model=models.Life,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_part_life(new: models.NewLife, call: WritesPlant) -> dict[str, Any]:
    """It holds at every site, so that only who sees all of them may add one."""
    wrong = {}
    if not new.lowest <= new.expected <= new.highest:
        wrong["expected"] = "must lie between lowest and highest"
    if (new.quantity is None) != (new.aspect == "calendar"):
        wrong["quantity"] = "name the counter or what is measured; a calendar has none"
    if new.effective_to is not None and new.effective_to < new.effective_from:
        wrong["effective_to"] = "must not lie before effective_from"
    with call.transaction() as tx:
        call.must_see_all_sites(tx, "a life holds")
        if new.part_kind not in part_lives.kinds(tx):
            wrong["part_kind"] = "no such kind of part"
        if wrong:
            raise InvalidInput(wrong)
        part_lives.add(tx, new.model_dump())
    return new.model_dump()


def _one(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    (found,) = elevator_parts.forecasts(tx, call.now, elevator_part.c.id == number)
    return shown(found, call)


def shown(each: Forecast, call: Call) -> dict[str, Any]:
    """A part as people read it."""
    part = each.part
    drive = drive_of(part.content)
    content = {name: part.content.get(name) for name in _CONTENT}
    if not call.may(Scope.READ_COSTS):
        content["unit_price"] = None
    return {
        **{name: getattr(part, name) for name in ("id", "site_id", "elevator", "kind", "kind_name", "installed_on")},
        **{name: getattr(part, name) for name in ("recorded_at", "replaces", "correction", "reason", "warned_at")},
        **content,
        "bends_per_trip": None if drive is None else drive.bends_per_trip(),
        "nearest": None if each.nearest is None else expectation(each.nearest),
        "expectations": [expectation(one) for one in each.expectations],
        **{name: getattr(each, name) for name in ("over_age", "order_by", "order_soon")},
        "inspections": _inspections(each.inspections),
    }


def _inspections(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, **row["content"]} for row in reversed(rows)]


def expectation(found: Expectation) -> dict[str, Any]:
    """A life as people read it, with its basis."""
    rule = found.rule
    return {
        **{name: getattr(rule, name) for name in ("aspect", "quantity", "line", "unit", "name")},
        **{name: getattr(rule, name) for name in ("standard", "clause", "grade", "effective_from")},
        **{name: getattr(found, name) for name in ("ends", "expected", "earliest", "latest", "used", "limit")},
        "per_year": found.per_year,
    }
