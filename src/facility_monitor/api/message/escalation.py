"""What happens with an alarm that nobody takes: the policies, as data."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import or_, select

from facility_monitor.api.auth import Call, ReadsAlarms, WritesDuty
from facility_monitor.api.models import escalation as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.errors import NotFound
from facility_monitor.store import versioned
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import escalation_policy, site

router = APIRouter(prefix="/escalation-policies", tags=["duty"])


@router.get(
    "",
    summary="What happens with an alarm that nobody takes",
    response_model=Page[models.EscalationPolicy],
    responses=documented(401, 403, 503),
)
def list_policies(call: ReadsAlarms) -> dict[str, Any]:
    """Those for every site, and those of the sites that one sees."""
    with call.transaction() as tx:
        return whole(_policies(tx, call))


@router.post(
    "",
    status_code=201,
    summary="Add an escalation policy",
    response_model=models.EscalationPolicy,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_policy(new: models.NewPolicy, call: WritesDuty, response: Response) -> dict[str, object]:
    """Holds for alarms that call from now on. There is one for the same alarms at most, of those switched on."""
    with call.transaction() as tx:
        _must_rule(tx, call, new.site_id)
        number = versioned.add(tx, escalation_policy, new.model_dump())
        return tagged(response, _one(tx, call, number))


@router.get(
    "/{policy_id}",
    summary="One escalation policy",
    response_model=models.EscalationPolicy,
    responses=documented(401, 403, 404, 422, 503),
)
def show_policy(policy_id: PathId, call: ReadsAlarms, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _one(tx, call, policy_id))


@router.patch(
    "/{policy_id}",
    summary="Change an escalation policy",
    response_model=models.EscalationPolicy,
    responses=documented(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def change_policy(
    policy_id: PathId, changes: models.PolicyChanges, call: WritesDuty, version: MadeFrom, response: Response
) -> dict[str, object]:
    """Its steps hold from the next one on, also for alarms that are under way."""
    wanted = changes.given()
    with call.transaction() as tx:
        _must_rule(tx, call, _one(tx, call, policy_id)["site_id"])
        if "site_id" in wanted:
            _must_rule(tx, call, wanted["site_id"])
        versioned.change(tx, escalation_policy, policy_id, version, wanted)
        return tagged(response, _one(tx, call, policy_id))


@router.delete(
    "/{policy_id}",
    status_code=204,
    summary="Remove an escalation policy that never had a step",
    responses=documented(401, 403, 404, 409, 412, 422, 428, 503),
)
def remove_policy(policy_id: PathId, call: WritesDuty, version: MadeFrom) -> None:
    """One by which somebody was told stays on record: switch it off instead."""
    with call.transaction() as tx:
        _must_rule(tx, call, _one(tx, call, policy_id)["site_id"])
        versioned.remove(tx, escalation_policy, policy_id, version)


def _must_rule(tx: Tx, call: Call, site_id: int | None) -> None:
    """Raises Forbidden where a policy holds for more than the caller sees, InvalidInput for an unknown site."""
    if site_id is None:
        call.must_see_all_sites(tx, "an escalation policy without a site holds")
    else:
        call.must_refer(tx, site_id=(site, site_id))


def _policies(tx: Tx, call: Call) -> list[dict[str, Any]]:
    seen = or_(escalation_policy.c.site_id.is_(None), call.sight.at_site(escalation_policy.c.site_id))
    rows = tx.execute(select(escalation_policy).where(seen).order_by(escalation_policy.c.id)).mappings()
    return [dict(row) for row in rows]


def _one(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    found = next((each for each in _policies(tx, call) if each["id"] == number), None)
    if found is None:
        raise NotFound(f"escalation policy {number}")
    return found
