"""Clocks of devices against ours: by what each message says it was measured at, and when it came."""

from __future__ import annotations

from collections.abc import Mapping

from facility_monitor.domain.instant import SECOND, Instant

OFF_S = 30.0
"""A clock that is further off is flagged: delays and the order of events are judged by it."""
WORTH_S = 1.0
"""A change that is smaller is not worth a row."""


class Clocks:
    """How far devices' clocks are ahead of ours. For one thread.

    A message takes some time to arrive and never less than none, so the smallest lag of many messages tells the
    clock, whatever the network or a buffer does to the others.
    """

    def __init__(self, known: Mapping[int, float]) -> None:
        """``known``: seconds ahead, by device, as they were told last."""
        self._known = dict(known)
        self._least: dict[int, Instant] = {}

    def observe(self, device_id: int, lag: Instant) -> None:
        """A message was measured ``lag`` before it came (below zero: after)."""
        least = self._least.get(device_id)
        if least is None or lag < least:
            self._least[device_id] = lag

    def forget(self) -> None:
        """What was observed was a backlog, and tells nothing."""
        self._least.clear()

    def changes(self) -> dict[int, float]:
        """The clocks, in seconds ahead, that are no longer what was told last; observing begins anew."""
        changed = {}
        for device_id, lag in self._least.items():
            ahead = -lag / SECOND
            if abs(ahead - self._known.get(device_id, 0.0)) > WORTH_S:
                self._known[device_id] = changed[device_id] = ahead
        self._least.clear()
        return changed

    def off(self) -> int:
        """How many are off."""
        return sum(abs(ahead) > OFF_S for ahead in self._known.values())
