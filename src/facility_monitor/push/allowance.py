"""Which claimed messages may go now: robots take so many a minute, and no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from facility_monitor.domain.message.robot import robot
from facility_monitor.domain.message.token_bucket import TWENTY_A_MINUTE
from facility_monitor.store.database import Tx
from facility_monitor.store.message import robot_allowances
from facility_monitor.store.message.outbox import Claimed


def split(tx: Tx, claimed: Sequence[Claimed], now: datetime) -> tuple[list[Claimed], list[tuple[Claimed, datetime]]]:
    """Those that may go, and those that may not yet, each with the time when the next one may.

    ``claimed`` is of one lane, most urgent first. What goes is taken from its robot's allowance.
    """
    of_robot: dict[bytes, list[Claimed]] = defaultdict(list)
    for each in claimed:
        if (key := _robot_of(each)) is not None:
            of_robot[key].append(each)
    if not of_robot:
        return list(claimed), []
    wanted = {key: len(messages) for key, messages in of_robot.items()}
    life_safety = claimed[0].urgency == 0
    answers = robot_allowances.take(tx, wanted, TWENTY_A_MINUTE, now, life_safety=life_safety)
    surplus = {
        each.lease.outbox_id: answers[key][1]
        for key, messages in of_robot.items()
        for each in messages[answers[key][0] :]
    }
    allowed = [each for each in claimed if each.lease.outbox_id not in surplus]
    return allowed, [(each, surplus[each.lease.outbox_id]) for each in claimed if each.lease.outbox_id in surplus]


def _robot_of(claimed: Claimed) -> bytes | None:
    if claimed.kind != "apprise":
        return None
    try:
        known = robot(claimed.address)
    except ValueError:
        return None  # will be refused
    return None if known is None else known.key
