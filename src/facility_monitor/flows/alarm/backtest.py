"""Trying rules on what is stored: what they would have raised, though nothing is raised and nobody is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from facility_monitor.domain.alarm.backtest import Episode, backtest
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.plant import Point
from facility_monitor.errors import InvalidInput
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.reading import readings
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import equipment

MOST_READINGS = 500_000
"""What one trial judges: some seconds."""


class Trial(NamedTuple):
    """What came of it. ``left_out`` is how many of the points were not judged, since they had too many readings."""

    points: list[Point]
    left_out: int
    readings: int
    episodes: list[Episode]


def tried(tx: Tx, sight: Sight, rules: Sequence[Rule], start: Instant, end: Instant) -> Trial:
    """What ``rules``, each of its own id, would have raised from ``start`` to before ``end`` at what ``sight`` sees.

    They begin to learn at ``start``. One piece of equipment comes after the other, until ``MOST_READINGS`` would be
    exceeded. Raises InvalidInput where the first has more already.
    """
    at_equipment = plant.tried(tx, rules, sight.thing(equipment.c.site_id, equipment.c.id))
    trial = Trial([], 0, 0, [])
    for number, points in enumerate(at_equipment):
        room = MOST_READINGS - trial.readings
        found = readings.between(tx, (point.id for point in points), start, end, room + 1)
        if len(found) > room:
            if not number:
                raise InvalidInput({"from": f"more than {MOST_READINGS} readings since then: take a shorter time"})
            left_out = sum(bool(point.rules) for rest in at_equipment[number:] for point in rest)
            return trial._replace(left_out=left_out)
        trial = Trial(
            trial.points + [point for point in points if point.rules],
            0,
            trial.readings + len(found),
            trial.episodes + backtest({point.id: point for point in points}, found, end),
        )
    return trial
