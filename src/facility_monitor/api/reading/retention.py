"""How long readings, rollups and dead letters are kept: rows that come into force and are never changed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from facility_monitor.api.auth import ReadsPlant, WritesPlant
from facility_monitor.api.models import readings as models
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.problems import documented
from facility_monitor.store.reading import retention_policies

router = APIRouter(prefix="/retention-policies", tags=["readings"])


@router.get(
    "",
    summary="How long readings and rollups are kept",
    response_model=Page[models.RetentionPolicy],
    responses=documented(401, 403, 503),
)
def list_retention_policies(call: ReadsPlant) -> dict[str, Any]:
    """The last to come into force first. The newest in force holds."""
    with call.transaction() as tx:
        return whole([dict(row) for row in retention_policies.history(tx)])


@router.post(
    "",
    status_code=201,
    summary="Keep readings or rollups longer, or less long",
    response_model=models.RetentionPolicy,
    responses=documented(401, 403, 413, 422, 503),
)
def add_retention_policy(new: models.NewRetentionPolicy, call: WritesPlant) -> dict[str, Any]:
    """What is left out stays as it is. What is too old by the new policy goes within minutes after it comes into
    force, and does not come back.
    """
    values = new.given()
    effective_from = values.pop("effective_from", None) or call.now
    reason = values.pop("reason")
    with call.transaction() as tx:
        call.must_see_all_sites(tx, "retention holds")
        retention_policies.change(tx, values, effective_from, call.person.username, reason, call.now)
        return dict(retention_policies.history(tx)[0])
