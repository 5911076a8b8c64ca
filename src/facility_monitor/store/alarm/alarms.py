"""Alarms: the live one of each rule and point, and all there were."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, text

from facility_monitor.domain.alarm.alarm import Alarm, AlarmEvent, Suppression
from facility_monitor.domain.alarm.episode import Member
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import alarm, ledger


def _alarm(row: Row[Any]) -> Alarm:
    fields = dict(row._mapping)
    suppressed_by = fields["suppressed_by"]
    return Alarm(
        **{
            **fields,
            "severity": Severity(fields["severity"]),
            "suppressed_by": None if suppressed_by is None else Suppression(suppressed_by),
        }
    )


def _columns(value: Alarm) -> dict[str, Any]:
    columns = asdict(value)
    del columns["id"]
    return columns


_PAIRS = text("(point_id, rule_id) IN (SELECT * FROM unnest(CAST(:points AS integer[]), CAST(:rules AS integer[])))")
_LIVE = select(alarm).where(_PAIRS, alarm.c.cleared_at.is_(None)).order_by(alarm.c.id).with_for_update()


def lock_live(tx: Tx, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Alarm]:
    """The live alarms of these (point_id, rule_id), locked until the transaction ends."""
    if not pairs:
        return {}
    points, rules = zip(*pairs, strict=True)
    rows = tx.execute(_LIVE, {"points": list(points), "rules": list(rules)})
    return {(each.point_id, each.rule_id): each for each in map(_alarm, rows)}


def lock_live_of_rule(tx: Tx, rule_id: int) -> list[Alarm]:
    """All live alarms of a rule, locked until the transaction ends."""
    rows = tx.execute(
        select(alarm)
        .where(alarm.c.rule_id == rule_id, alarm.c.cleared_at.is_(None))
        .order_by(alarm.c.id)
        .with_for_update()
    )
    return [_alarm(row) for row in rows]


def live(tx: Tx) -> list[Alarm]:
    """All live alarms, as they stand, not locked."""
    return [_alarm(row) for row in tx.execute(select(alarm).where(alarm.c.cleared_at.is_(None)).order_by(alarm.c.id))]


def read(tx: Tx, alarm_ids: Collection[int]) -> dict[int, Alarm]:
    """Alarms by id, as they stand, not locked."""
    rows = tx.execute(select(alarm).where(alarm.c.id == func.any(list(alarm_ids))))
    return {row.id: _alarm(row) for row in rows}


def lock_many(tx: Tx, alarm_ids: Collection[int]) -> list[Alarm]:
    """Alarms by id, in that order, locked until the transaction ends."""
    rows = tx.execute(
        select(alarm).where(alarm.c.id == func.any(list(alarm_ids))).order_by(alarm.c.id).with_for_update()
    )
    return [_alarm(row) for row in rows]


def lock(tx: Tx, alarm_id: int) -> Alarm | None:
    """One alarm, locked until the transaction ends."""
    row = tx.execute(select(alarm).where(alarm.c.id == alarm_id).with_for_update()).one_or_none()
    return None if row is None else _alarm(row)


def called_since(tx: Tx, alarm_id: int, since: datetime) -> bool:
    """Whether an alarm has called anew later than ``since``, by the time at which that was written down."""
    calls = ledger.c.kind.in_([AlarmEvent.RERAISED, AlarmEvent.REALARMED])
    found = select(ledger.c.id).where(ledger.c.alarm_id == alarm_id, calls, ledger.c.at > since).limit(1)
    return tx.execute(found).first() is not None


def add(tx: Tx, alarms: Sequence[Alarm]) -> list[int]:
    """Insert new alarms, whose own ids do not count; returns the ids given to them, in order."""
    if not alarms:
        return []
    rows = tx.execute(
        insert(alarm).returning(alarm.c.id, sort_by_parameter_order=True), [_columns(each) for each in alarms]
    )
    return list(rows.scalars())


_CHANGING = (
    *("active", "acknowledged", "value", "raise_count", "acknowledged_at", "acknowledged_by"),
    *("returned_at", "cleared_at", "ticket_id", "version", "latched", "reset_at", "reset_by", "shelving_id"),
    *("suppressed_by", "suppressor_id", "window_id", "folded", "waiting", "last_raised_at", "seen", "limit"),
)


def _taken_over(name: str) -> str:
    return f'"{name}" = changed."{name}"'


_SAVE = text(
    f"UPDATE alarm SET {', '.join(map(_taken_over, _CHANGING))}"  # noqa: S608 - our own names
    " FROM jsonb_populate_recordset(NULL::alarm, CAST(:changed AS jsonb)) AS changed WHERE alarm.id = changed.id"
)


def save(tx: Tx, alarms: Sequence[Alarm]) -> None:
    """Write back alarms that were locked before, in one statement."""
    if alarms:
        tx.execute(_SAVE, {"changed": json.dumps([asdict(each) for each in alarms], default=datetime.isoformat)})


_RAISED_SINCE = text(
    "SELECT id, equipment_id, raised_at, episode_id FROM alarm"
    " WHERE equipment_id = ANY (CAST(:equipment AS integer[])) AND raised_at >= :since"
)


def raised_since(tx: Tx, equipment_ids: Collection[int], since: datetime) -> list[Member]:
    """Alarms of these pieces of equipment that were raised since, by the condition's own time."""
    return [Member(*row) for row in tx.execute(_RAISED_SINCE, {"equipment": list(equipment_ids), "since": since})]


_EPISODES = text(
    "UPDATE alarm SET episode_id = found.episode_id"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:episodes AS bigint[])) AS found (id, episode_id)"
    " WHERE alarm.id = found.id"
)


def save_episodes(tx: Tx, episodes: Mapping[int, int]) -> None:
    """Note to which episode, by its first-out alarm, each alarm belongs."""
    if episodes:
        tx.execute(_EPISODES, {"ids": list(episodes), "episodes": list(episodes.values())})


def live_count(tx: Tx) -> int:
    """How many alarms are not cleared."""
    return tx.execute(select(func.count()).select_from(alarm).where(alarm.c.cleared_at.is_(None))).scalar_one()
