"""What the rules remember of each point between readings, and across restarts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, text

from facility_monitor.domain.alarm.condition import Condition, Seen, Signal
from facility_monitor.domain.alarm.judge import Phase, Timer
from facility_monitor.domain.alarm.recall import Checkpoint
from facility_monitor.domain.instant import Instant, instant, moment
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import rule_state

Key = tuple[int, int]
"""(rule_id, point_id)"""


class Saved(NamedTuple):
    """A rule's timer at a point, and the memory of its condition; ``memory_of`` tells of which."""

    timer: Timer
    memory_of: str | None = None
    checkpoint: Checkpoint | None = None


def mark(condition: Condition) -> str:
    """Tells conditions apart whose memories must not be mixed up."""
    return hashlib.sha256(repr(condition).encode()).hexdigest()[:16]


def load(tx: Tx, point_ids: Iterable[int]) -> dict[Key, Saved]:
    """What all rules remember of ``point_ids``; where a rule never left normal and remembers nothing there is none."""
    rows = tx.execute(select(rule_state).where(rule_state.c.point_id == func.any(list(point_ids))))
    return {
        (row.rule_id, row.point_id): Saved(
            Timer(Phase(row.phase), instant(row.since)),
            row.memory_of,
            None
            if row.memory_of is None
            else Checkpoint(_seen(json.loads(row.memory)), instant(row.folded_at), instant(row.heard_at)),
        )
        for row in rows
    }


def _seen(told: list[Any] | None) -> Seen | None:
    if told is None:
        return None
    memory, signal, value, due = told
    return Seen(memory, Signal(signal), value, due)


_SAVE = text(
    "INSERT INTO rule_state (rule_id, point_id, phase, since, memory_of, memory, folded_at, heard_at)"
    " SELECT rule_id, point_id, phase, since, memory_of, memory, folded_at, heard_at"
    " FROM json_populate_recordset(NULL::rule_state, CAST(:changed AS json))"
    " ON CONFLICT (rule_id, point_id) DO UPDATE SET (phase, since, memory_of, memory, folded_at, heard_at)"
    " = (excluded.phase, excluded.since, excluded.memory_of, excluded.memory, excluded.folded_at, excluded.heard_at)"
)


class Row(NamedTuple):
    """What is saved of one rule at one point; without ``condition`` it remembers nothing."""

    key: Key
    timer: Timer
    condition: Condition | None = None
    seen: Seen | None = None
    folded_at: Instant = 0
    heard_at: Instant = 0


def save(tx: Tx, rows: Iterable[Row]) -> None:
    """Write what changed, in one statement."""
    changed = []
    for row in rows:
        written = {
            "rule_id": row.key[0],
            "point_id": row.key[1],
            "phase": row.timer.phase,
            "since": moment(row.timer.since).isoformat(),
        }
        if row.condition is not None:
            written |= {
                "memory_of": mark(row.condition),
                "memory": json.dumps(row.seen, allow_nan=False),
                "folded_at": moment(row.folded_at).isoformat(),
                "heard_at": moment(row.heard_at).isoformat(),
            }
        changed.append(written)
    if changed:
        tx.execute(_SAVE, {"changed": json.dumps(changed)})


def forget(tx: Tx, rule_id: int, keep: Iterable[int]) -> None:
    """Drop what a rule remembers of all points but ``keep``."""
    tx.execute(delete(rule_state).where(rule_state.c.rule_id == rule_id, rule_state.c.point_id != func.all(list(keep))))
