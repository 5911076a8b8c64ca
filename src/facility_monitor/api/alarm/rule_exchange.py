"""Rules out of the database into a YAML file, and back in: by codes and names, so that they fit another house too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from facility_monitor import yaml_text
from facility_monitor.api.alarm.rule_files import RuleFile, rules
from facility_monitor.api.models.conditions import LimitIn
from facility_monitor.api.models.rules import NewRule
from facility_monitor.domain.alarm.condition.limit import Level, Limit
from facility_monitor.domain.alarm.condition.limit_by_date import suits
from facility_monitor.domain.person import Person
from facility_monitor.errors import InvalidInput
from facility_monitor.flows.alarm import rules as flows
from facility_monitor.store import limits
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import device, point, rule, site
from facility_monitor.store.views.equipment import metric_unit, must_be_kind

Check = Callable[[NewRule], None]
"""Raises InvalidInput or Forbidden where its author may not have such a rule."""


def exported(tx: Tx, *conditions: ColumnElement[bool]) -> str:
    """The rules as YAML, in the order of their codes."""
    columns = (rule.c.code, rule.c.enabled, rule.c.definition, rule.c.reason)
    found = []
    for code, enabled, definition, reason in tx.execute(select(*columns).where(*conditions).order_by(rule.c.code)):
        scope = dict(definition["scope"])
        if (site_id := scope.pop("site_id", None)) is not None:
            scope["site"] = tx.execute(select(site.c.code).where(site.c.id == site_id)).scalar_one()
        if (point_id := scope.pop("point_id", None)) is not None:
            asked = select(device.c.code, point.c.key).select_from(point).join(device).where(point.c.id == point_id)
            scope["point"] = "/".join(tx.execute(asked).one())
        head = {"code": code, "enabled": enabled, "scope": scope}
        found.append({**head, **_spelled({**definition, "scope": scope}), "reason": reason})
    return yaml_text.dump({"rules": found})


def _spelled(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as it is kept, with its kind and its basis where today's rules have them."""
    spelled = dict(definition)
    kind = spelled.setdefault("kind", "limit")
    if "basis" not in spelled:  # rules older than the other kinds have it in the limit
        spelled[kind] = {name: value for name, value in spelled[kind].items() if name != "basis"}
        spelled["basis"] = definition[kind].get("basis") or {"source": "not told", "grade": "P"}
    return spelled


def imported(
    tx: Tx, text: str, person: Person, reason: str | None, now: datetime, check: Check | None = None
) -> dict[str, str]:
    """Add the rules of ``text``, or change those that stand otherwise; tells what became of each code.

    ``reason`` goes before those in the file. Raises InvalidInput naming each wrong field; then nothing is changed.
    """
    written = [_here(tx, body, index) for index, body in enumerate(RuleFile(text).written)]
    if reason is not None:
        written = [{**body, "reason": reason} for body in written]
    said = {}
    for index, new in enumerate(rules(written)):
        try:
            must_measure(tx, new)
            if check is not None:
                check(new)
        except InvalidInput as error:
            raise InvalidInput({f"rules.{index}.{field}": told for field, told in error.fields.items()}) from None
        said[new.code] = _put(tx, new, person, now)
    return said


def checked(text: str) -> int:
    """How many rules ``text`` has, all in order as far as can be seen without a database. Raises InvalidInput."""
    written = []
    for body in RuleFile(text).written:
        scope = body.get("scope")
        if isinstance(scope, Mapping):
            body = {**body, "scope": {name: scope[name] for name in scope if name not in ("site", "point")}}
        written.append(body)
    return len(rules(written))


def must_measure(tx: Tx, written: Any) -> None:
    """Raises InvalidInput where there is no such metric or kind of equipment, or it is not measured in such a unit."""
    scope = written.scope
    unit = metric_unit(tx, scope.metric, "scope.metric")
    for path, named, metric, limit in written.measures():
        expected = unit if metric is None else metric_unit(tx, metric, path)
        if named is not None and named != expected:
            raise InvalidInput({path: f"must be {expected}, the unit of {metric or scope.metric}"})
        if limit is not None and limit.quantity is not None:
            must_stand(tx, limit, path.rpartition(".")[0])
    must_be_kind(tx, scope.equipment_kind, "scope.equipment_kind")


def must_stand(tx: Tx, limit: LimitIn, path: str) -> None:
    """Raises InvalidInput where there is no dated limit of that quantity, on that side and in that unit."""
    asked = Limit(Level(limit.level), 0.0, limit.unit)
    rows = [row for row in limits.known(tx) if row.quantity == limit.quantity]
    if not rows:
        raise InvalidInput({f"{path}.quantity": f"there is no dated limit of {limit.quantity}"})
    if not any(suits(row, asked) for row in rows):
        known = ", ".join(sorted({f"{row.direction} in {row.unit}" for row in rows}))
        raise InvalidInput({f"{path}.quantity": f"the limits of {limit.quantity} are {known}"})


def _put(tx: Tx, new: NewRule, person: Person, now: datetime) -> str:
    document = new.document()
    standing = tx.execute(select(rule).where(rule.c.code == new.code).with_for_update()).mappings().one_or_none()
    if standing is None:
        flows.add(tx, new.code, document, new.enabled, person, new.reason, now)
        return "added"
    if standing["enabled"] == new.enabled and _says_the_same(standing["definition"], document, new.code):
        return "unchanged"
    flows.change(tx, standing["id"], standing["version"], document, new.enabled, person, new.reason, now)
    return "changed"


def _says_the_same(kept: Mapping[str, Any], document: Mapping[str, Any], code: str) -> bool:
    """Whether a rule that is kept is that of ``document``. One kept without its defaults is no other for it."""
    if kept == document:
        return True
    try:
        (whole,) = rules([{"code": code, "reason": "as it stands", **_spelled(kept)}])
    except InvalidInput:  # what today's rules would not take cannot be what a file says
        return False
    return whole.document() == document


def _here(tx: Tx, body: Mapping[str, Any], index: int) -> dict[str, Any]:
    """A rule of the file with the ids of this house for the codes in its scope."""
    whole, scope = dict(body), body.get("scope")
    if not isinstance(scope, Mapping):
        return whole
    found = {name: value for name, value in scope.items() if name not in ("site", "point")}
    if "site" in scope:
        found["site_id"] = tx.execute(select(site.c.id).where(site.c.code == str(scope["site"]))).scalar_one_or_none()
        if found["site_id"] is None:
            raise InvalidInput({f"rules.{index}.scope.site": f"there is no site {scope['site']}"})
    if "point" in scope:
        code, _, key = str(scope["point"]).partition("/")
        asked = select(point.c.id).join(device, device.c.id == point.c.device_id)
        found["point_id"] = tx.execute(asked.where(device.c.code == code, point.c.key == key)).scalar_one_or_none()
        if found["point_id"] is None:
            raise InvalidInput({f"rules.{index}.scope.point": f"there is no point {scope['point']} (DEVICE/KEY)"})
    return {**whole, "scope": found}
