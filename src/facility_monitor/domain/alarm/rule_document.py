"""A rule as people write it, and the rule that it describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facility_monitor.domain.alarm.condition.kinds import condition
from facility_monitor.domain.alarm.rule import Basis, Rule, Scope, Severity
from facility_monitor.domain.instant import SECOND, Instant

Document = Mapping[str, Any]
"""A rule as people write it: the JSON of the API without id, code and version. Delays are in seconds."""


def parsed(rule_id: int, code: str, version: int, document: Document, changed_at: Instant = 0) -> Rule:
    """The domain's rule of a ``document`` that was checked when it came in."""
    scope, kind = document["scope"], document.get("kind", "limit")
    basis = document.get("basis") or document[kind].get("basis")
    realarm_s = document.get("realarm_s")
    return Rule(
        id=rule_id,
        code=code,
        version=version,
        name=document["name"],
        severity=Severity(document["severity"]),
        life_safety=document.get("life_safety", False),
        scope=Scope(scope["metric"], scope.get("site_id"), scope.get("equipment_kind"), scope.get("point_id")),
        condition=condition(kind, document[kind]),
        on_delay=round(document.get("on_delay_s", 0) * SECOND),
        off_delay=round(document.get("off_delay_s", 0) * SECOND),
        opens_ticket=document.get("opens_ticket", False),
        response=document["response"],
        cause=document.get("cause") or {},
        respond_within_s=document.get("respond_within_s"),
        misread_filter=document.get("misread_filter", False),
        realarm=None if realarm_s is None else round(realarm_s * SECOND),
        latched=document.get("latched", document.get("life_safety", False)),
        shadow=document.get("shadow", False),
        basis=None if basis is None else Basis(basis["source"], basis["grade"], basis.get("effective_from")),
        changed_at=changed_at,
    )
