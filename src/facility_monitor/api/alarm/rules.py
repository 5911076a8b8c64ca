"""Rules: what is an alarm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from facility_monitor.api.alarm.rule_exchange import must_measure
from facility_monitor.api.auth import Call, ReadsRules, WritesRules
from facility_monitor.api.models import rules as models
from facility_monitor.api.models.fields import KindCode, PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Order, Part, by_id, id_of
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.errors import InvalidInput, NotFound
from facility_monitor.flows.alarm import rules
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import point, rule, site
from facility_monitor.store.views import devices
from facility_monitor.store.views import rules as views

router = APIRouter(prefix="/rules", tags=["rules"])
_RULES, _VERSIONS = by_id("rules"), Order("rule-versions", int)


@router.get("", summary="Rules", response_model=Page[models.Rule], responses=documented(401, 403, 422, 503))
def list_rules(
    call: ReadsRules,
    part: Part,
    metric: Annotated[KindCode | None, Query()] = None,
    enabled: Annotated[bool | None, Query()] = None,
) -> dict[str, Any]:
    conditions = [] if metric is None else [rule.c.definition["scope"]["metric"].as_string() == metric]
    if enabled is not None:
        conditions.append(rule.c.enabled.is_(enabled))
    (after,) = _RULES.after(part) or (0,)
    with call.transaction() as tx:
        rows = views.rules(tx, call.sight, *conditions, after=after, limit=part.limit + 1)
    return _RULES.page(rows, part.limit, id_of)


@router.post(
    "",
    status_code=201,
    summary="Add a rule",
    response_model=models.Rule,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_rule(new: models.NewRule, call: WritesRules, response: Response) -> dict[str, object]:
    """A rule that reaches every site can be made only by somebody who sees all of them."""
    with call.transaction() as tx:
        must_reach(tx, call, new)
        number = rules.add(tx, new.code, new.document(), new.enabled, call.person, new.reason, call.now)
        return tagged(response, _one(tx, call, number))


@router.get("/{rule_id}", summary="One rule", response_model=models.Rule, responses=documented(401, 403, 404, 422, 503))
def show_rule(rule_id: PathId, call: ReadsRules, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _one(tx, call, rule_id))


@router.put(
    "/{rule_id}",
    summary="Replace a rule by its next version",
    response_model=models.Rule,
    responses=documented(401, 403, 404, 412, 413, 422, 428, 503),
)
def change_rule(
    rule_id: PathId, changed: models.RuleDocument, call: WritesRules, version: MadeFrom, response: Response
) -> dict[str, object]:
    """Live alarms at points that it no longer watches end; those at others go on."""
    with call.transaction() as tx:
        must_let_change(tx, call, _one(tx, call, rule_id)["scope"])
        must_reach(tx, call, changed)
        rules.change(tx, rule_id, version, changed.document(), changed.enabled, call.person, changed.reason, call.now)
        return tagged(response, _one(tx, call, rule_id))


@router.get(
    "/{rule_id}/versions",
    summary="All that a rule has been, newest first",
    response_model=Page[models.Rule],
    responses=documented(401, 403, 404, 422, 503),
)
def list_versions(rule_id: PathId, call: ReadsRules, part: Part) -> dict[str, Any]:
    (before,) = _VERSIONS.after(part) or (None,)
    with call.transaction() as tx:
        call.must_see(tx, rule, rule_id)
        rows = views.versions(tx, call.sight, rule_id, before=before, limit=part.limit + 1)
    return _VERSIONS.page(rows, part.limit, lambda row: (row["version"],))


def must_fit(tx: Tx, call: Call, written: models.RuleDocument) -> None:
    """Raises InvalidInput: a rule must watch something that its author sees, in its unit."""
    scope = written.scope
    must_measure(tx, written)
    call.must_refer(tx, **{"scope.site_id": (site, scope.site_id), "scope.point_id": (point, scope.point_id)})
    if scope.point_id is not None:
        (of_point,) = devices.points(tx, call.sight, point.c.id == scope.point_id)
        if of_point["metric"] != scope.metric:
            raise InvalidInput({"scope.point_id": f"measures {of_point['metric']}, not {scope.metric}"})


def must_reach(tx: Tx, call: Call, written: models.RuleDocument) -> None:
    """Raises InvalidInput, and Forbidden where the rule would watch at a site that its author does not see."""
    must_fit(tx, call, written)
    if written.scope.point_id is None and written.scope.site_id is None:
        call.must_see_all_sites(tx, "the rule would hold")


def must_let_change(tx: Tx, call: Call, scope: Mapping[str, Any]) -> None:
    """Raises Forbidden where a rule of ``scope``, which stands, watches at a site that the caller does not see."""
    if scope["site_id"] is None and scope["point_id"] is None:
        call.must_see_all_sites(tx, "the rule holds")


def _one(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.rules(tx, call.sight, rule.c.id == number)
    if not rows:
        raise NotFound(f"rule {number}")
    return rows[0]
