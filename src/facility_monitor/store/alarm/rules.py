"""Rules: the version that stands, and every version there was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.alarm.rule_document import Document, parsed
from facility_monitor.domain.instant import instant
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import rule, rule_version


def enabled(tx: Tx) -> list[Rule]:
    """The rules in force, in the order of their ids."""
    columns = (rule.c.id, rule.c.code, rule.c.version, rule.c.definition, rule.c.changed_at)
    rows = tx.execute(select(*columns).where(rule.c.enabled).order_by(rule.c.id))
    return [parsed(*row[:4], instant(row[4])) for row in rows]


def version(tx: Tx, rule_id: int, version: int) -> Rule:
    """A rule as it stood in ``version``."""
    row = tx.execute(
        select(rule.c.id, rule.c.code, rule_version.c.version, rule_version.c.definition)
        .join(rule_version, rule_version.c.rule_id == rule.c.id)
        .where(rule.c.id == rule_id, rule_version.c.version == version)
    ).one()
    return parsed(*row)


def standing_version(tx: Tx, rule_id: int) -> int | None:
    """The version in force, locked until the transaction ends; None where there is no such rule."""
    return tx.execute(select(rule.c.version).where(rule.c.id == rule_id).with_for_update()).scalar_one_or_none()


def add(tx: Tx, code: str, document: Document, *, enabled: bool, changed_by: str, reason: str, now: datetime) -> int:
    """Insert a rule as version 1; returns its id."""
    columns = _columns(document, enabled, changed_by, reason, now)
    rule_id: int = tx.execute(insert(rule).values(code=code, **columns).returning(rule.c.id)).scalar_one()
    tx.execute(insert(rule_version).values(rule_id=rule_id, version=1, **columns))
    return rule_id


def change(
    tx: Tx,
    rule_id: int,
    version: int,
    document: Document,
    *,
    enabled: bool,
    changed_by: str,
    reason: str,
    now: datetime,
) -> None:
    """Replace ``version``, which stands and is locked, by the next."""
    columns = _columns(document, enabled, changed_by, reason, now)
    tx.execute(update(rule).where(rule.c.id == rule_id).values(version=version + 1, **columns))
    tx.execute(insert(rule_version).values(rule_id=rule_id, version=version + 1, **columns))


def _columns(document: Document, enabled: bool, changed_by: str, reason: str, now: datetime) -> dict[str, Any]:
    return {
        "enabled": enabled,
        "definition": dict(document),
        "changed_by": changed_by,
        "reason": reason,
        "changed_at": now,
    }
