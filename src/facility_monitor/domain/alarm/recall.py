"""Rebuilding what a condition remembers from what was saved last and the readings stored since: exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from facility_monitor.domain.alarm.condition import Condition, Seen
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.reading import Quality, Reading


class Checkpoint(NamedTuple):
    """What a condition had seen, all that had arrived by ``heard_at``, when it was saved; ``seen`` is None for nothing.

    None of the condition's points had its newest reading before ``folded_at`` then.
    """

    seen: Seen | None
    folded_at: Instant
    heard_at: Instant


def recall(
    condition: Condition, start: Checkpoint, readings: Iterable[Reading], metrics: Mapping[int, str]
) -> Seen | None:
    """What ``condition`` saw last, shown all that arrived after ``start.heard_at``; None where it saw nothing yet.

    ``readings`` are all from ``start.folded_at`` on of the condition's points, in the order of arrival; those that had
    arrived before only tell what is late. ``metrics`` are the points' by id.
    """
    newest: dict[int, Instant] = {}
    clock: Instant | None = None
    seen = start.seen
    for reading in readings:
        before = newest.get(reading.point_id)
        if before is not None and reading.at < before:
            continue
        newest[reading.point_id] = reading.at
        at = reading.at if clock is None or reading.at > clock else clock
        clock = at
        if reading.received_at <= start.heard_at or (reading.quality is Quality.BAD and not condition.takes_bad):
            continue
        if at != reading.at:
            reading = reading._replace(at=at)
        memory = condition.begin() if seen is None else seen.memory
        seen = condition.see(memory, reading, metrics[reading.point_id])
    return seen
