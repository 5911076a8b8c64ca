"""Suppression rules: whose failure makes which alarms say nothing new."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from facility_monitor.api.auth import Call, ReadsRules, WritesRules
from facility_monitor.api.models import quiet as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.errors import NotFound
from facility_monitor.flows.alarm import suppression
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import point, suppression_rule
from facility_monitor.store.views import suppressions as views

router = APIRouter(prefix="/suppression-rules", tags=["alarms"])
_ORDER = by_id("suppression-rules")


@router.get(
    "",
    summary="Suppression rules",
    response_model=Page[models.SuppressionRule],
    responses=documented(401, 403, 422, 503),
)
def list_suppression_rules(
    call: ReadsRules, part: Part, site_id: Annotated[PathId | None, Query(alias="site")] = None
) -> dict[str, Any]:
    """Beside these, a gateway that is offline suppresses the alarms of what is read through it, by address."""
    conditions = [] if site_id is None else [suppression_rule.c.site_id == site_id]
    (after,) = _ORDER.after(part) or (0,)
    with call.transaction() as tx:
        rows = views.suppression_rules(tx, call.sight, *conditions, after=after, limit=part.limit + 1)
    return _ORDER.page(rows, part.limit, id_of)


@router.post(
    "",
    status_code=201,
    summary="Add a suppression rule",
    response_model=models.SuppressionRule,
    responses=documented(401, 403, 413, 422, 503),
)
def add_suppression_rule(new: models.NewSuppression, call: WritesRules, response: Response) -> dict[str, object]:
    """Alarms follow within seconds. Life safety is suppressed by no rule."""
    with call.transaction() as tx:
        call.must_refer(tx, point_id=(point, new.point_id))
        number = suppression.add(tx, new.model_dump(), call.person, call.now)
        return tagged(response, _one(tx, call, number))


@router.get(
    "/{suppression_id}",
    summary="One suppression rule",
    response_model=models.SuppressionRule,
    responses=documented(401, 403, 404, 422, 503),
)
def show_suppression_rule(suppression_id: PathId, call: ReadsRules, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _one(tx, call, suppression_id))


@router.patch(
    "/{suppression_id}",
    summary="Change a suppression rule",
    response_model=models.SuppressionRule,
    responses=documented(401, 403, 404, 412, 413, 422, 428, 503),
)
def change_suppression_rule(
    suppression_id: PathId,
    changes: models.SuppressionChanges,
    call: WritesRules,
    version: MadeFrom,
    response: Response,
) -> dict[str, object]:
    """Switch it off rather than delete it: what it has kept quiet refers to it."""
    with call.transaction() as tx:
        _one(tx, call, suppression_id)
        suppression.change(tx, suppression_id, version, changes.given(), call.person, call.now)
        return tagged(response, _one(tx, call, suppression_id))


def _one(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.suppression_rules(tx, call.sight, suppression_rule.c.id == number)
    if not rows:
        raise NotFound(f"suppression rule {number}")
    return rows[0]
