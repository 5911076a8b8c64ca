"""A limit whose value stands in dated rows: a standard is replaced by ending its row, and no rule has to change."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import ClassVar, NamedTuple

from facility_monitor.domain.alarm.condition import Circumstances, Condition, Memory, Signal
from facility_monitor.domain.alarm.condition.limit import Limit
from facility_monitor.domain.instant import Instant, instant
from facility_monitor.domain.limit import DatedLimit, Direction, applicable
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import Text


class Stage(NamedTuple):
    """The limit that stands from ``since`` on, until the next stage; None where no row is in force."""

    since: Instant
    limit: Limit | None


@dataclass(frozen=True, slots=True)
class LimitByDate(Condition):
    """``limit`` with the value of that row of ``quantity`` which is in force on the day of the reading, at the site.

    Rows that go by an elevator's door count by the equipment's ``door_type`` and ``clear_width_mm``. Where no row is
    in force nothing is abnormal. The stages are known once it is bound, the latest first.
    """

    kind: ClassVar[str] = "limit"
    remembers: ClassVar[bool] = False

    quantity: str
    limit: Limit
    stages: tuple[Stage, ...] = ()

    def bound(self, to: Circumstances) -> LimitByDate | None:
        limit = self.limit.bound(to)
        if limit is None:
            return None
        rows = [row for row in to.limits.get(self.quantity, ()) if suits(row, limit)]
        door, width = to.attributes.get("door_type"), to.attributes.get("clear_width_mm")
        wide = float(width) if isinstance(width, int | float) and not isinstance(width, bool) else None
        stages = []
        for day in _days(rows):
            found = applicable(rows, self.quantity, day, door if isinstance(door, str) else None, wide)
            stages.append(Stage(_midnight(day, to.zone), _by(limit, found[0]) if found else None))
        if not any(stage.limit for stage in stages):
            return None
        return replace(self, stages=tuple(reversed(stages)))

    def in_force(self, at: Instant) -> Limit | None:
        """The limit by which a reading of that instant is judged."""
        for since, limit in self.stages:
            if since <= at:
                return limit
        return None

    def signal(self, reading: Reading) -> Signal:
        limit = self.in_force(reading.at)
        return Signal.NORMAL if limit is None else limit.signal(reading)

    @property
    def calm(self) -> tuple[float, float] | None:
        bands = [stage.limit.calm for stage in self.stages if stage.limit is not None]
        if not bands:
            return None
        lowest, highest = zip(*bands, strict=True)
        return max(lowest, default=-math.inf), min(highest, default=math.inf)

    def clause(self) -> Text:
        return self.limit.clause()

    def sentence(self, value: float) -> Text:
        return self.told(value, self.stages[0].since if self.stages else 0, None)

    def told(self, value: float, at: Instant, memory: Memory) -> Text:
        del memory
        return (self.in_force(at) or self.limit).sentence(value)

    def over(self, value: float, at: Instant, memory: Memory) -> Text:
        return (self.in_force(at) or self.limit).over(value, at, memory)


def suits(row: DatedLimit, limit: Limit) -> bool:
    """Whether the row is one on the side of ``limit``, in its unit."""
    side = Direction.AT_MOST if limit.level.upwards else Direction.AT_LEAST
    return row.direction in (side, Direction.WITHIN) and row.unit == limit.unit


def _by(limit: Limit, row: DatedLimit) -> Limit:
    """``limit``, which counts from its own value, moved by that of the row."""
    value = -row.value if row.direction is Direction.WITHIN and not limit.level.upwards else row.value
    return replace(limit, value=limit.value + value, row=row)


def _days(rows: Iterable[DatedLimit]) -> list[date]:
    """On which another row may come into force, or the last one has ended."""
    begun = {row.effective_from for row in rows}
    return sorted(begun | {row.effective_to + timedelta(days=1) for row in rows if row.effective_to is not None})


def _midnight(day: date, zone: tzinfo) -> Instant:
    return instant(datetime(day.year, day.month, day.day, tzinfo=zone))
