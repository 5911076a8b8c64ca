"""The calendar of upkeep: plans, tasks as they stand on any day, holidays, equipment out of service."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy.dialects.postgresql import insert

from facility_monitor.api.auth import ReadsTests, WritesPlant, WritesTests
from facility_monitor.api.models import upkeep as models
from facility_monitor.api.models.fields import Day, PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.errors import InvalidInput, NotFound
from facility_monitor.flows.fire import calendar_basis, duties
from facility_monitor.flows.fire import upkeep as flows
from facility_monitor.flows.fire.upkeep import Shown
from facility_monitor.store import plant
from facility_monitor.store.fire import upkeep
from facility_monitor.store.tables import equipment, holiday, impairment, site

router = APIRouter(tags=["upkeep"])
LONGEST = timedelta(days=400)


@router.get(
    "/upkeep-plans",
    summary="What has to be done how often",
    response_model=Page[models.UpkeepPlan],
    responses=documented(401, 403, 503),
)
def list_upkeep_plans(call: ReadsTests) -> dict[str, Any]:
    with call.transaction() as tx:
        fields = models.UpkeepPlan.model_fields
        return whole([{name: getattr(each, name) for name in fields} for each in upkeep.plans(tx)])


@router.get(
    "/upkeep",
    summary="The calendar of a site",
    response_model=Page[models.Task],
    responses=documented(401, 403, 404, 422, 503),
)
def list_upkeep(
    call: ReadsTests,
    site_id: Annotated[PathId, Query(alias="site")],
    first: Annotated[Day, Query(alias="from")],
    last: Annotated[Day, Query(alias="to")],
    on: Annotated[Day | None, Query(description="as it stood or will stand on this day; default: today")] = None,
    equipment_id: Annotated[PathId | None, Query(alias="equipment")] = None,
) -> dict[str, Any]:
    """Every task with a day in the span, by its last day: planned, due, done, late, overdue, missed, impaired."""
    if not first <= last <= first + LONGEST:
        raise InvalidInput({"to": f"must lie within {LONGEST.days} days after from"})
    with call.transaction() as tx:
        call.must_see(tx, site, site_id)
        day = on or plant.today(tx, site_id, call.now)
        found = flows.calendar(tx, call.sight, site_id, first, last, day, equipment_id)
    return whole([as_task(each) for each in found])


def as_task(shown: Shown) -> dict[str, Any]:
    """A task as it is answered."""
    return {
        **shown.task._asdict(),
        **shown.standing._asdict(),
        "name": shown.plan.name,
        "form": shown.plan.form,
        "equipment": shown.piece.code,
        "equipment_name": shown.piece.name,
        "waived_for": shown.waiver and shown.waiver.reason,
    }


@router.get(
    "/upkeep-duties",
    summary="Where a duty is open",
    response_model=Page[models.OpenDuty],
    responses=documented(401, 403, 404, 422, 503),
)
def list_open(
    call: ReadsTests,
    site_id: Annotated[PathId, Query(alias="site")],
    plan: Annotated[str, Query(min_length=1, max_length=64, description="the key of the alarm's point")],
) -> dict[str, Any]:
    """What the alarm of a duty is about, the longest waiting first."""
    with call.transaction() as tx:
        call.must_see(tx, site, site_id)
        return whole([each._asdict() for each in duties.open_at(tx, site_id, plan, call.now)])


@router.post(
    "/upkeep-waivers",
    status_code=201,
    summary="Waive a duty that was not done",
    response_model=models.Waiver,
    responses=documented(401, 403, 413, 422, 503),
)
def waive(new: models.NewWaiver, call: WritesTests) -> dict[str, Any]:
    """By a manager, with a reason, which the ledger and the calendar show. What was missed stays missed."""
    with call.transaction() as tx:
        call.must_refer(tx, site_id=(site, new.site_id))
        pieces = duties.waive(tx, new.site_id, new.plan, new.equipment_ids, new.reason, call.person, call.now)
    return {**new.model_dump(), "pieces": pieces}


@router.get("/holidays", summary="Holidays", response_model=Page[models.Holiday], responses=documented(401, 403, 503))
def list_holidays(call: ReadsTests) -> dict[str, Any]:
    with call.transaction() as tx:
        return whole([dict(row) for row in tx.execute(holiday.select().order_by(holiday.c.day)).mappings()])


@router.post(
    "/holidays",
    status_code=201,
    summary="Add a holiday",
    response_model=models.Holiday,
    responses=documented(401, 403, 413, 422, 503),
)
def add_holiday(new: models.NewHoliday, call: WritesPlant) -> dict[str, Any]:
    """For every site, so only by somebody who sees all sites. What one site does otherwise: its calendar."""
    with call.transaction() as tx:
        call.must_see_all_sites(tx, "a holiday holds")
        put = insert(holiday).values(new.model_dump())
        tx.execute(put.on_conflict_do_update(index_elements=["day"], set_={"name": put.excluded.name}))
        calendar_basis.tell_days(tx, call.person, call.now)
    return new.model_dump()


@router.get(
    "/impairments",
    summary="Equipment out of service",
    response_model=Page[models.Impairment],
    responses=documented(401, 403, 422, 503),
)
def list_impairments(call: ReadsTests, site_id: Annotated[PathId | None, Query(alias="site")] = None) -> dict[str, Any]:
    conditions = [] if site_id is None else [impairment.c.site_id == site_id]
    with call.transaction() as tx:
        return whole(upkeep.impairments(tx, call.sight, *conditions))


@router.post(
    "/impairments",
    status_code=201,
    summary="Take equipment out of service",
    response_model=models.Impairment,
    responses=documented(401, 403, 413, 422, 503),
)
def add_impairment(new: models.NewImpairment, call: WritesTests) -> dict[str, Any]:
    """From today on at the earliest. Its tasks of these days are not missed; they are shown as impaired."""
    with call.transaction() as tx:
        call.must_refer(tx, equipment_id=(equipment, new.equipment_id))
        number = flows.impair(tx, new.model_dump(), call.person, call.now)
        return upkeep.impairments(tx, call.sight, impairment.c.id == number)[0]


@router.patch(
    "/impairments/{impairment_id}",
    summary="Say when equipment is back in service",
    response_model=models.Impairment,
    responses=documented(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def change_impairment(
    impairment_id: PathId, changes: models.ImpairmentChanges, call: WritesTests, version: MadeFrom, response: Response
) -> dict[str, Any]:
    """`ends_on` is its last day out of service: yesterday at the earliest, null while nobody knows."""
    with call.transaction() as tx:
        if not upkeep.impairments(tx, call.sight, impairment.c.id == impairment_id):
            raise NotFound(f"impairment {impairment_id}")
        flows.change_impairment(tx, impairment_id, version, changes.given(), call.person, call.now)
        return tagged(response, upkeep.impairments(tx, call.sight, impairment.c.id == impairment_id)[0])
