"""Rules as a YAML file: out, and in again. What such a file is stands in docs/rules.md."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from sqlalchemy import select

from facility_monitor.api.alarm import rule_exchange
from facility_monitor.api.alarm.rules import must_let_change, must_reach
from facility_monitor.api.auth import Call, ReadsRules, WritesRules
from facility_monitor.api.models import rules as models
from facility_monitor.api.models.fields import Code, Line
from facility_monitor.api.problems import documented
from facility_monitor.errors import InvalidInput
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import rule
from facility_monitor.store.views import rules as views

router = APIRouter(prefix="/rules", tags=["rules"])
YAML = "application/yaml"
"""RFC 9512."""


@router.get(
    "/export",
    summary="Rules as YAML",
    response_class=Response,
    responses={
        200: {"description": "YAML in UTF-8", "content": {YAML: {"schema": {"type": "string"}}}},
        **documented(401, 403, 422, 503),
    },
)
def export_rules(
    call: ReadsRules,
    codes: Annotated[list[Code], Query(alias="code", max_length=100, description="default: all rules")] = [],  # noqa: B006
) -> Response:
    """Sites and points stand in it by their codes, so that it can be taken to another house."""
    conditions = [call.sight.rule(), *([rule.c.code.in_(codes)] if codes else [])]
    with call.transaction() as tx:
        text = rule_exchange.exported(tx, *conditions)
    head = {"Content-Disposition": 'attachment; filename="rules.yaml"'}
    return Response(text, media_type=YAML, headers=head)


@router.post(
    "/import",
    summary="Add the rules of a YAML file, and change those that stand otherwise",
    response_model=models.Imported,
    responses=documented(401, 403, 413, 422, 503),
)
def import_rules(
    call: WritesRules,
    file: Annotated[bytes, Body(media_type=YAML, description="as the export writes it")],
    reason: Annotated[Line | None, Query(description="goes before the reasons in the file")] = None,
) -> dict[str, Any]:
    """All of it or nothing: what is wrong is answered by the path of the field (`rules.0.limit.value`). What stands
    already is not changed again."""
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput({"file": f"is no text in UTF-8: {error}"}) from None
    with call.transaction() as tx:
        said = rule_exchange.imported(tx, text, call.person, reason, call.now, lambda new: _must_put(tx, call, new))
    return {"rules": [{"code": code, "became": became} for code, became in said.items()]}


def _must_put(tx: Tx, call: Call, new: models.NewRule) -> None:
    """Raises InvalidInput, Forbidden: neither the rule nor what stands under its code is beyond its author's reach."""
    must_reach(tx, call, new)
    standing = tx.execute(select(rule.c.id).where(rule.c.code == new.code)).scalar_one_or_none()
    if standing is None:
        return
    found = views.rules(tx, call.sight, rule.c.id == standing)
    if not found:
        raise InvalidInput({"code": f"{new.code} is the code of another rule"})
    must_let_change(tx, call, found[0]["scope"])
