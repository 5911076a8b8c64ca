"""An alarm clock for many points: which of them have to be looked at by now."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from facility_monitor.domain.instant import Instant


class AlarmClock:
    """It may ring too early for a point, which costs a look, and never too late."""

    def __init__(self, wake: Callable[[int], Instant | None]) -> None:
        """``wake``: when the next thing is due at a point, as things stand; None for never."""
        self._wake = wake
        self._queue: list[tuple[Instant, int]] = []
        self._set_for: dict[int, Instant] = {}

    def set(self, point_id: int) -> None:
        """See to it that the point is looked at when the next thing is due, or earlier."""
        wake = self._wake(point_id)
        if wake is not None and wake < self._set_for.get(point_id, wake + 1):
            self._set_for[point_id] = wake
            heapq.heappush(self._queue, (wake, point_id))

    def due(self, now: Instant) -> bool:
        """Whether it rings."""
        return bool(self._queue) and self._queue[0][0] <= now

    def called(self, now: Instant) -> list[int]:
        """The points to look at now. What has moved to later is set anew; the others stay set until it is adopted."""
        called = []
        while self._queue and self._queue[0][0] <= now:
            wake, point_id = heapq.heappop(self._queue)
            if self._set_for.get(point_id) != wake:
                continue  # set for an earlier time since, or done
            del self._set_for[point_id]
            real = self._wake(point_id)
            if real is None:
                continue
            self._set_for[point_id] = real
            if real <= now:
                called.append(point_id)
            else:
                heapq.heappush(self._queue, (real, point_id))
        for point_id in called:
            heapq.heappush(self._queue, (self._set_for[point_id], point_id))
        return called
