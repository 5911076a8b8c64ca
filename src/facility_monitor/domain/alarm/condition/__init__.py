"""A condition: what a rule looks for. Each kind is a file of its own here and keeps the promises of ``Condition``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import IntEnum
from typing import Any, ClassVar, NamedTuple, Self

from facility_monitor.domain.code import Codes
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.limit import DatedLimit
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.text import Text

Memory = Any
"""What a condition keeps between readings: None, or of lists, strings, numbers and booleans only (finite, no tuples, no
dicts with other than string keys), so that it comes back from JSON equal to what it was, to the last bit. A few hundred
bytes at most, however long the history. Never changed in place: the one before may be needed again."""


class Signal(IntEnum):
    """What a condition says of a point at an instant."""

    NORMAL = 0
    UNDECIDED = 1
    """inside the deadband: what was, stays"""
    ABNORMAL = 2


NORMAL, UNDECIDED, ABNORMAL = Signal
"""For what is done with every reading: ``Signal.NORMAL`` takes CPython 3.11 ten times as long."""


class Seen(NamedTuple):
    """What a condition says after a reading, and what it remembers.

    ``value`` is the quantity that it went by (the reading's own, a rate, a count, a margin); ``sentence`` puts it into
    words. ``due`` is the instant of event time, later than now, at which the signal may change though nothing more
    arrives; None where it stays.
    """

    memory: Memory
    signal: Signal
    value: float
    due: Instant | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a condition may need to know of the point it is bound to. ``report_period`` is in microseconds."""

    attributes: Mapping[str, Any] = field(default_factory=dict)
    """those of the equipment"""
    report_period: Instant | None = None
    life_safety: bool = False
    limits: Mapping[str, Sequence[DatedLimit]] = field(default_factory=dict)
    """dated limits by quantity, those that stand no longer too"""
    zone: tzinfo = UTC
    """in which the site's days begin and end"""
    metric: str = ""
    metric_names: Mapping[str, Text] = field(default_factory=dict)
    """how people call the metrics, by code"""
    equipment_kind: str | None = None
    """None where nobody has said"""
    codes: Codes = field(default_factory=dict)
    """what coded values mean today"""


@dataclass(frozen=True, slots=True)
class Condition:
    """One kind of condition with its numbers. What every kind promises:

    - Pure: the same memory and readings give the same answers, in every process. No clock, no random numbers; time is
      event time and comes with the readings.
    - It is shown a point's readings in the order of arrival, each not older than the one before (late ones are kept
      from it), at equal instants in a fixed order. So it may be shown them again: after a restart the memory is rebuilt
      from the one that was saved last and the readings stored since, and must come out the same to the last bit.
    - ``at`` is asked only for instants up to the next reading and remembers nothing: the memory that it gives back
      is the one it got, so that it makes no difference whether anybody looked.
    - Its own deadband is its own matter (``Signal.UNDECIDED``); delays, latch, re-alarm and the filter against single
      misreads are the rule's, the same for all kinds (``domain.judge``).
    - An instance holds what was written in the rule and nothing that changes; instances compare by it. What is
      expensive to derive may be kept in a field with ``field(init=False, compare=False)``.
    """

    kind: ClassVar[str]
    remembers: ClassVar[bool] = True
    """False where ``signal`` of the single reading is all there is; then there is no memory, ``see`` and ``at``."""
    takes_bad: ClassVar[bool] = False
    """Whether it wants to be shown readings of bad quality too."""
    by_absence: ClassVar[bool] = False
    """Whether it goes by what does not come: then the time in which we ourselves could not hear does not count."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Metrics of the same equipment whose readings it is shown; empty: those of its own point only.

        Of the several points of a condition with inputs, one (that of the rule's scope) bears the alarm; it is shown
        only if its metric is among the inputs.
        """
        return ()

    @property
    def by_last(self) -> bool:
        """Whether its memory follows from the newest reading alone; then it is never saved."""
        return False

    @property
    def calm(self) -> tuple[float, float] | None:
        """The lowest and the highest value that is not abnormal, and nothing between them is, whatever else a reading
        says; for kinds that remember nothing. None where there is no such band.
        """
        return None

    def bound(self, to: Circumstances) -> Self | None:
        """The condition as it holds at one point; None where it cannot watch there (no set point, no period)."""
        del to
        return self

    def signal(self, reading: Reading) -> Signal:
        """What a single reading says; for kinds that remember nothing."""
        raise NotImplementedError

    def measured(self, value: float) -> float:
        """The quantity that a held ``value`` stands for; for kinds that remember nothing."""
        return value

    def clause(self) -> Text:
        """What is abnormal, as the end of a sentence that begins with a metric; for kinds that remember nothing."""
        raise NotImplementedError

    def begin(self) -> Memory:
        """The memory before the first reading."""
        return None

    def see(self, memory: Memory, reading: Reading, metric: str) -> Seen:
        """Look at the next reading; ``metric`` tells which of the inputs it is of."""
        raise NotImplementedError

    def at(self, memory: Memory, instant: Instant) -> Seen:
        """What it says at ``instant``, at or after the last reading, nothing having come since. Only asked when due."""
        raise NotImplementedError

    def sentence(self, value: float) -> Text:
        """What was seen, in one sentence for people, in every language; ``value`` as in ``Seen``."""
        raise NotImplementedError

    def told(self, value: float, at: Instant, memory: Memory) -> Text:
        """The same of what was seen at ``at``, beside what is usual there as far as the ``memory`` knows it."""
        del at, memory
        return self.sentence(value)

    def over(self, value: float, at: Instant, memory: Memory) -> Text:
        """What is to be said where it has ended at ``at``: what is told else, unless that were still a complaint."""
        return self.told(value, at, memory)
