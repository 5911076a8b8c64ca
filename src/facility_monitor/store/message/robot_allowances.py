"""How much each chat robot may still send: kept, so that no restart and no second worker passes its limit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from facility_monitor.domain.message.token_bucket import Bucket, Rate, full
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import robot_allowance


def take(
    tx: Tx, wanted: Mapping[bytes, int], rate: Rate, now: datetime, *, life_safety: bool
) -> dict[bytes, tuple[int, datetime]]:
    """How many messages each robot may send of those it wants to, and when one more may go."""
    fresh = full(rate, now)
    rows = [{"robot": robot, "tokens": fresh.tokens, "at": now} for robot in sorted(wanted)]
    tx.execute(insert(robot_allowance).values(rows).on_conflict_do_nothing())
    known = tx.execute(
        select(robot_allowance)
        .where(robot_allowance.c.robot == func.any(sorted(wanted)))
        .order_by(robot_allowance.c.robot)
        .with_for_update()
    ).all()
    answers, changed = {}, []
    for robot, tokens, at in known:
        bucket = Bucket(tokens, at).refilled(rate, now)
        granted = bucket.granted(wanted[robot], rate, life_safety=life_safety)
        left = bucket.less(granted)
        answers[robot] = (granted, left.next_at(rate, life_safety=life_safety))
        changed.append({"robot": robot, "tokens": left.tokens, "at": left.at})
    put = insert(robot_allowance).values(changed)
    kept = {"tokens": put.excluded.tokens, "at": put.excluded.at}
    tx.execute(put.on_conflict_do_update(index_elements=["robot"], set_=kept))
    return answers
