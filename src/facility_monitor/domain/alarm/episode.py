"""Episodes: alarms of one piece of equipment that come together belong together, and the first of them is first out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

GAP = timedelta(minutes=10)
"""An alarm that comes later than this after the one before begins an episode of its own: the span in which the alarm
standards count what one operator can take (ISA-18.2, EEMUA 191)."""


class Member(NamedTuple):
    """An alarm by its first raise. ``episode_id`` is the first-out alarm's id; None where that is to be found."""

    alarm_id: int
    equipment_id: int
    raised_at: datetime
    episode_id: int | None


def grouped(members: Iterable[Member]) -> dict[int, int]:
    """To which episode each member that has none belongs, by the alarm's id.

    What has an episode keeps it, even where an earlier alarm turns up late.
    """
    before: dict[int, Member] = {}
    found = {}
    for each in sorted(members, key=lambda member: (member.raised_at, member.alarm_id)):
        if each.episode_id is None:
            last = before.get(each.equipment_id)
            near = last is not None and each.raised_at - last.raised_at <= GAP
            episode_id = last.episode_id if last is not None and near else each.alarm_id
            each = each._replace(episode_id=episode_id)
            found[each.alarm_id] = episode_id or each.alarm_id
        before[each.equipment_id] = each
    return found
