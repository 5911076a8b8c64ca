"""What a worker has done since it started, for the metrics of its process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from facility_monitor.flows.reading.intake import Receipt


@dataclass
class Tally:
    """Counts of values, where nothing else is said. Written by the worker's thread, read by others.

    ``arrived`` and ``abandoned`` are messages at the connection: those that came, and those that it took with it when
    it ended; ``messages`` those committed. ``stuck`` is how often a connection was given up because a packet stayed
    without acknowledgement, ``contested`` how often the slot was left because somebody else used its client id.
    ``broker`` is what the broker says of itself, ``effort`` the seconds of processor time by stage since the slot was
    taken.
    """

    messages: int = 0
    received: int = 0
    stored: int = 0
    duplicate: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    transitions: int = 0
    batches: int = 0
    connected: bool = False
    holding_slot: bool = False
    arrived: int = 0
    abandoned: int = 0
    connections: int = 0
    stuck: int = 0
    contested: int = 0
    broker: dict[str, int] = field(default_factory=dict)
    effort: Mapping[str, float] = field(default_factory=dict)

    def add(self, receipt: Receipt) -> None:
        self.received += receipt.received
        self.stored += receipt.stored
        self.duplicate += receipt.duplicate
        for reject in receipt.rejects:
            self.rejected[reject.reason.value] += reject.stands_for
        self.transitions += receipt.transitions
