"""The reference data that comes with the product: kinds of equipment and of repair, metrics, limits, starter rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from facility_monitor.catalogue import read
from facility_monitor.errors import NotFound
from facility_monitor.store import codes, limits
from facility_monitor.store.alarm import rules
from facility_monitor.store.database import Tx
from facility_monitor.store.elevator import part_lives
from facility_monitor.store.tables import (
    check_form,
    equipment_kind,
    escalation_policy,
    evidence_rule,
    limit_row,
    metric,
    part_kind,
    part_life,
    record_retention,
    rule,
    service_rule,
    ticket_class,
    ticket_term,
    upkeep_plan,
    value_code,
)

AUTHOR = "catalogue"


def mapping(name: str) -> dict[str, Any]:
    """The ready-made payload mapping of that name: ``topic_filter`` and ``definition``. Raises NotFound."""
    for each in read("mappings"):
        if each["name"] == name:
            return {"topic_filter": each["topic_filter"], "definition": each["definition"]}
    raise NotFound(f"mapping {name}")


def load(tx: Tx, now: datetime) -> None:
    """Bring the reference tables up to date; rules and policies are only added: then they are the users' own."""
    for table, name in ((equipment_kind, "equipment_kinds"), (metric, "metrics"), (ticket_class, "ticket_classes")):
        _upsert(tx, table, read(name))
    _upsert(tx, limit_row, limits.rows(read("limits")))
    _upsert(tx, value_code, codes.rows(read("codes")), codes.KEY)
    _upsert(tx, part_kind, read("part_kinds"))
    _upsert(tx, part_life, part_lives.rows(read("part_lives")))
    _upsert(tx, service_rule, [_ended(each) for each in read("service_rules")])
    _upsert(tx, upkeep_plan, [{**_PLAN, **_ended(each)} for each in read("upkeep_plans")])
    _upsert(tx, record_retention, read("record_retention"), ("record_type", "effective_from"))
    forms = read("check_forms")
    _upsert(tx, check_form, [_form(each) for each in forms], ("code", "effective_from"))
    key = ("record_kind", "record_class", "purpose", "effective_from")
    _upsert(tx, evidence_rule, [row for each in forms for row in _photos(each)], key)
    # Rows with a day belong to whoever runs the house: a newer one of theirs stands beside ours.
    for table, rows in ((ticket_term, list(map(_term, read("ticket_terms")))), (evidence_rule, read("evidence_rules"))):
        tx.execute(insert(table).values(rows).on_conflict_do_nothing())
    policies = [{**_POLICY, **each} for each in read("escalation_policies")]
    tx.execute(insert(escalation_policy).values(policies).on_conflict_do_nothing(index_elements=["code"]))
    known = set(tx.execute(select(rule.c.code)).scalars())
    for document in read("rules"):
        code = document.pop("code")
        if code not in known:
            rules.add(tx, code, document, enabled=True, changed_by=AUTHOR, reason="starter rule", now=now)


_POLICY: Mapping[str, Any] = dict.fromkeys(("severity", "life_safety", "repeat_every_s"))
"""What an escalation policy leaves open where it says nothing else."""
_PLAN: Mapping[str, Any] = {"parts": 1, "places": [], "elsewhere": False, "shifts": False, "remind_days": 0}
"""What an upkeep plan is where it says nothing else."""


def _ended(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"effective_to": None, **row}


def _form(document: Mapping[str, Any]) -> dict[str, Any]:
    place = ("form", "effective_from", "effective_to", "photos")
    return {
        "code": document["form"],
        "effective_from": document["effective_from"],
        "effective_to": document.get("effective_to"),
        "definition": {name: value for name, value in document.items() if name not in place},
    }


def _photos(form: Mapping[str, Any]) -> list[dict[str, Any]]:
    same = {"record_kind": "check", "record_class": form["form"], "effective_from": form["effective_from"]}
    return [
        {**same, "purpose": purpose, "minimum": count, "basis": "own rule (P)"}
        for purpose, count in form.get("photos", {}).items()
    ]


def _upsert(tx: Tx, table: Table, rows: list[dict[str, Any]], key: Sequence[str] = ("code",)) -> None:
    put = insert(table).values(rows)
    changing = {column: put.excluded[column] for column in rows[0] if column not in key}
    tx.execute(put.on_conflict_do_update(index_elements=list(key), set_=changing))


def _term(row: dict[str, Any]) -> dict[str, Any]:
    """A row of ``ticket_terms`` as the table has it."""
    answer, follow_up = row.get("answer_h"), row.get("follow_up_h")
    return {
        **{name: row[name] for name in ("class", "effective_from", "basis")},
        "repair_within": timedelta(hours=row["repair_h"]),
        "answer_within": None if answer is None else timedelta(hours=answer),
        "follow_up_within": None if follow_up is None else timedelta(hours=follow_up),
        "normal_for": timedelta(minutes=row["normal_min"]),
    }
