"""What people can repair, and on which days a site works otherwise than Monday to Friday."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from facility_monitor.api.auth import ReadsPlant, WritesDuty, WritesPlant
from facility_monitor.api.models import staffing as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.problems import documented
from facility_monitor.flows.fire import calendar_basis
from facility_monitor.store.people import staffing
from facility_monitor.store.tables import person, site

router = APIRouter(tags=["staffing"])


@router.get(
    "/people/{person_id}/skills",
    summary="What somebody can repair",
    response_model=models.Skills,
    responses=documented(401, 403, 404, 422, 503),
)
def show_skills(person_id: PathId, call: WritesDuty) -> dict[str, Any]:
    with call.transaction() as tx:
        call.must_see(tx, person, person_id)
        return {"equipment_kinds": staffing.skills(tx, person_id)}


@router.put(
    "/people/{person_id}/skills",
    summary="Say what somebody can repair",
    response_model=models.Skills,
    responses=documented(401, 403, 404, 413, 422, 503),
)
def change_skills(person_id: PathId, skills: models.Skills, call: WritesDuty) -> dict[str, Any]:
    """Kinds of equipment, all at once; tickets may be assigned by them."""
    with call.transaction() as tx:
        call.must_see(tx, person, person_id)
        staffing.set_skills(tx, person_id, skills.equipment_kinds)
        return {"equipment_kinds": staffing.skills(tx, person_id)}


@router.get(
    "/sites/{site_id}/calendar",
    summary="Days on which a site works otherwise",
    response_model=Page[models.CalendarDay],
    responses=documented(401, 403, 404, 422, 503),
)
def list_calendar(site_id: PathId, call: ReadsPlant) -> dict[str, Any]:
    """Than Monday to Friday but for the holidays."""
    with call.transaction() as tx:
        call.must_see(tx, site, site_id)
        return whole(staffing.calendar(tx, site_id))


@router.put(
    "/sites/{site_id}/calendar",
    summary="Say on which days a site works otherwise",
    response_model=Page[models.CalendarDay],
    responses=documented(401, 403, 404, 413, 422, 503),
)
def change_calendar(site_id: PathId, days: models.Calendar, call: WritesPlant) -> dict[str, Any]:
    """All at once: closed days, and days worked in place of others. Holds are counted in working days."""
    with call.transaction() as tx:
        call.must_see(tx, site, site_id)
        staffing.set_calendar(tx, site_id, [each.model_dump() for each in days.days])
        calendar_basis.tell_days(tx, call.person, call.now)
        return whole(staffing.calendar(tx, site_id))
