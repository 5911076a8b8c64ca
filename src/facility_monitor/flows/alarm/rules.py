"""Changing rules: each change is a version with an author and a reason, and ends the alarms that it withdraws."""

from __future__ import annotations

from datetime import datetime

from facility_monitor.domain.alarm.rule_document import Document
from facility_monitor.domain.person import Person
from facility_monitor.errors import NotFound, Stale
from facility_monitor.flows.alarm import alarms
from facility_monitor.store import plant
from facility_monitor.store.alarm import alarms as kept
from facility_monitor.store.alarm import rules, states
from facility_monitor.store.database import Tx


def add(tx: Tx, code: str, document: Document, enabled: bool, person: Person, reason: str, now: datetime) -> int:
    """Add a rule as version 1; returns its id. ``document`` has been checked."""
    return rules.add(tx, code, document, enabled=enabled, changed_by=person.username, reason=reason, now=now)


def change(
    tx: Tx,
    rule_id: int,
    version: int,
    document: Document,
    enabled: bool,
    person: Person,
    reason: str,
    now: datetime,
) -> None:
    """Put ``document`` in the place of ``version``. Raises NotFound, Stale.

    Points that the rule watches no longer lose its memory, and their live alarms end; points that it goes on
    watching keep both, and their next reading is judged by the new limit.
    """
    standing = rules.standing_version(tx, rule_id)
    if standing is None:
        raise NotFound(f"rule {rule_id}")
    if standing != version:
        raise Stale(f"rule {rule_id} stands at version {standing}, not {version}")
    before = rules.version(tx, rule_id, version)
    rules.change(tx, rule_id, version, document, enabled=enabled, changed_by=person.username, reason=reason, now=now)
    covered = plant.points_in(tx, rules.version(tx, rule_id, version + 1).scope) if enabled else set()
    left = [alarm for alarm in kept.lock_live_of_rule(tx, rule_id) if alarm.point_id not in covered]
    states.forget(tx, rule_id, keep=covered)
    alarms.withdraw(tx, before, left, person, reason, now)
