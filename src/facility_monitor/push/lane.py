"""Lanes: life safety has its own threads and its own pace, so that it is never behind others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from facility_monitor.push.backoff import Backoff
from facility_monitor.push.channel import SEND_WITHIN


@dataclass(frozen=True, slots=True)
class Lane:
    """How messages of some urgencies are sent.

    A thread sends up to ``run`` messages of one channel after another, under leases of ``lease``; with less than
    ``margin`` of it left it begins no more. ``retry`` is the wait of a message that did not get through, ``rest`` that
    of its channel, which takes no other message of the lane meanwhile; ``patience`` bounds what the other side may ask
    for instead. A message older than ``give_up_after`` is not tried again once it has failed.
    """

    name: str
    urgencies: range
    threads: int
    run: int
    lease: timedelta
    retry: Backoff
    rest: Backoff
    patience: timedelta
    give_up_after: timedelta = timedelta(hours=24)
    margin: timedelta = SEND_WITHIN

    def __post_init__(self) -> None:
        if self.lease <= self.margin:
            raise ValueError(f"lane {self.name}: a lease of {self.lease} leaves no time to begin")


LIFE_SAFETY = Lane(
    name="life_safety",
    urgencies=range(1),
    threads=8,
    run=3,
    lease=timedelta(seconds=30),
    retry=Backoff(timedelta(seconds=0.2), timedelta(seconds=15)),
    rest=Backoff(timedelta(seconds=0.2), timedelta(seconds=5)),
    patience=timedelta(minutes=1),
)
ORDINARY = Lane(
    name="ordinary",
    urgencies=range(1, 5),
    threads=16,
    run=20,
    lease=timedelta(seconds=60),
    retry=Backoff(timedelta(seconds=1), timedelta(minutes=5)),
    rest=Backoff(timedelta(seconds=1), timedelta(minutes=1)),
    patience=timedelta(hours=1),
)
