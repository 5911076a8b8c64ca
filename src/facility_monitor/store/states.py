"""What the rules remember of each point between readings, and across restarts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from sqlalchemy import delete, func, select, text

from facility_monitor.domain.instant import instant, moment
from facility_monitor.domain.judge import LimitState, Phase
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import rule_state

Key = tuple[int, int]
"""(rule_id, point_id)"""


def load(tx: Tx, point_ids: Iterable[int]) -> dict[Key, LimitState]:
    """The states of all rules at ``point_ids``; what never left normal has none."""
    rows = tx.execute(
        select(rule_state.c.rule_id, rule_state.c.point_id, rule_state.c.phase, rule_state.c.since).where(
            rule_state.c.point_id == func.any(list(point_ids))
        )
    )
    return {(rule_id, point_id): LimitState(Phase(phase), instant(since)) for rule_id, point_id, phase, since in rows}


_SAVE = text(
    "INSERT INTO rule_state (rule_id, point_id, phase, since)"
    " SELECT rule_id, point_id, phase, since FROM jsonb_populate_recordset(NULL::rule_state, CAST(:changed AS jsonb))"
    " ON CONFLICT (rule_id, point_id) DO UPDATE SET (phase, since) = (excluded.phase, excluded.since)"
)


def save(tx: Tx, states: Mapping[Key, LimitState]) -> None:
    """Write what changed, in one statement."""
    if not states:
        return
    changed = [
        {"rule_id": rule_id, "point_id": point_id, "phase": state.phase, "since": moment(state.since).isoformat()}
        for (rule_id, point_id), state in states.items()
    ]
    tx.execute(_SAVE, {"changed": json.dumps(changed)})


def forget(tx: Tx, rule_id: int, keep: Iterable[int]) -> None:
    """Drop what a rule remembers of all points but ``keep``."""
    tx.execute(delete(rule_state).where(rule_state.c.rule_id == rule_id, rule_state.c.point_id != func.all(list(keep))))
