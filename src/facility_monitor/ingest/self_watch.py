"""When slot 0 has something to say of the ingest itself: at once where it changes, else once in a while."""

from __future__ import annotations

from collections import deque

from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.telemetry import Telemetry
from facility_monitor.flows.reading import self_watch

WINDOW_S = 60.0


class Drops:
    """How many messages the broker has dropped within ``WINDOW_S``, by its own counter, which only rises until the
    broker is started anew."""

    def __init__(self, before: int | None) -> None:
        """``before`` is what the counter stood at when somebody last looked."""
        self._last = before
        self._rises: deque[tuple[float, int]] = deque()

    def rose(self, counter: int | None, now: float) -> int:
        """The drops of the window that ends ``now``, seconds of a clock that only rises."""
        if counter is not None:
            rise = 0 if self._last is None else counter - self._last if counter >= self._last else counter
            if rise:
                self._rises.append((now, rise))
            self._last = counter
        while self._rises and now - self._rises[0][0] > WINDOW_S:
            self._rises.popleft()
        return sum(rise for _, rise in self._rises)


class SelfWatch:
    """What was last said, and when. For one thread.

    Nothing is said before there is something to say for the first time; from then on, that all is well is said too.
    """

    def __init__(self, dropped_before: int | None, *, has_spoken: bool) -> None:
        self._has_spoken = has_spoken
        self._drops = Drops(dropped_before)
        self._said: tuple[int, int, int] | None = None
        self._said_at = 0.0

    def says(self, difference: int, counter: int | None, clocks: int, now: float, at: Instant) -> Telemetry | None:
        """The telemetry that is due, if any. ``counter`` is the broker's of dropped messages, None where not known."""
        values = (difference, self._drops.rose(counter, now), clocks)
        self._has_spoken = self._has_spoken or any(values)
        if not self._has_spoken or (values == self._said and now - self._said_at < self_watch.PERIOD_S):
            return None
        self._said, self._said_at = values, now
        return self_watch.told(*values, at)
