"""The state of one lane: which channels are being served, which are at rest. Only the worker's own thread uses it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from facility_monitor.push.lane import Lane
from facility_monitor.store.message.outbox import Claimed

Run = Sequence[Claimed]
"""Messages of one channel, to be sent one after another."""


class Desk:
    """A lane at work.

    A channel has one run at a time. One that fails rests, longer each time, while its messages wait in the outbox
    untried: a dead channel costs one try at each end of a rest, and its backlog is sent when it answers again.
    """

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self._threads = ThreadPoolExecutor(lane.threads, f"push-{lane.name}")
        self._runs: dict[int, tuple[Future[None], Run]] = {}
        self._failures: dict[int, int] = {}
        self._rests: dict[int, datetime] = {}

    @property
    def idle(self) -> bool:
        return not self._runs

    @property
    def free(self) -> int:
        """How many more runs begin at once."""
        return max(0, self.lane.threads - len(self._runs))

    def without(self, now: datetime) -> list[int]:
        """The channels for which nothing is to be claimed: a run is under way, or they are at rest."""
        self._rests = {channel_id: until for channel_id, until in self._rests.items() if until > now}
        return [*self._runs, *(channel_id for channel_id in self._rests if channel_id not in self._runs)]

    def next_waking(self) -> datetime | None:
        """When the next rest ends."""
        return min(self._rests.values(), default=None)

    def begin(self, claimed: Iterable[Claimed], send: Callable[[Lane, Run], None]) -> None:
        """Start a run for each channel of ``claimed``, in the order given."""
        runs: dict[int, list[Claimed]] = defaultdict(list)
        for each in claimed:
            runs[each.channel_id].append(each)
        for channel_id, run in runs.items():
            self._runs[channel_id] = self._threads.submit(send, self.lane, run), run

    def ended(self, channel_id: int) -> None:
        """The run of this channel is over."""
        del self._runs[channel_id]

    def answered(self, channel_id: int) -> None:
        """The channel works."""
        self._failures.pop(channel_id, None)
        self._rests.pop(channel_id, None)

    def failed(self, channel_id: int, asked: timedelta, jitter: float, now: datetime) -> None:
        """The channel does not work: let it rest, at least for as long as it ``asked``."""
        self._failures[channel_id] = failures = self._failures.get(channel_id, 0) + 1
        self._rests[channel_id] = now + max(self.lane.rest.delay(failures, jitter), asked)

    def pause(self, channel_id: int, until: datetime) -> None:
        """The channel works, but may send no more before ``until``."""
        self._rests[channel_id] = until

    def withdraw(self) -> Iterator[Claimed]:
        """Take back the runs that no thread has begun."""
        for channel_id, (future, run) in list(self._runs.items()):
            if future.cancel():
                del self._runs[channel_id]
                yield from run

    def close(self) -> None:
        """Let the threads end; does not wait for those that are still sending."""
        self._threads.shutdown(wait=False, cancel_futures=True)
