"""The worker: empties the outbox. One thread talks to the database, others send.

::

    NOTIFY, or the next message comes due
        > one transaction: settle what was sent, claim what is due
        > a thread for each channel sends
        > back to the first thread, which settles

It never polls while all is well; a look every 30 s is for the case that a notification was lost with its connection.
"""

from __future__ import annotations

import logging
import queue
import random
import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from facility_monitor.errors import Unavailable
from facility_monitor.flows.people import service_keys
from facility_monitor.push import allowance
from facility_monitor.push.backoff import Backoff
from facility_monitor.push.channel import Channel
from facility_monitor.push.desk import Desk, Run
from facility_monitor.push.lane import LIFE_SAFETY, ORDINARY, Lane
from facility_monitor.push.sender import Attempt, Outcome, Sender
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.message import escalations, handing_on, outbox
from facility_monitor.store.message.outbox import Claimed

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 30.0
"""Longest sleep, seconds."""
BREATH_S = 0.005
"""Shortest sleep, seconds: what is due but not to be had is just being claimed by another worker."""
BEGIN_S = 0.02
"""Pause after a claim, seconds: the senders have the processor first. What is due and was left out, since one channel
had more than its share, waits for as long."""
LEAVE_AGAIN_S = 0.1
"""How soon a worker that leaves tries a database again that was away, seconds."""
DATABASE_S = 10.0
"""How long a stop waits for the database beyond its grace, seconds."""
COUNTED = frozenset({Outcome.SENT, Outcome.RETRIED, Outcome.REFUSED, Outcome.GIVEN_UP})
"""Outcomes of a try; the others are none."""
LOST = frozenset({Outcome.REFUSED, Outcome.GIVEN_UP})
"""Outcomes after which the next channel takes over at once."""
RECONNECT = Backoff(timedelta(seconds=0.1), timedelta(seconds=5))


class _Ended:
    """A run is over; comes after all of its attempts."""

    def __init__(self, lane: Lane, channel_id: int) -> None:
        self.lane, self.channel_id = lane, channel_id


def _utc() -> datetime:
    return datetime.now(UTC)


class Worker:
    """Sends what stands in the outbox, each message at least once, under the same id each time.

    ``channels`` maps the kind of a channel to what serves it; the caller closes them after ``stop``. ``locale`` is the
    language for channels that belong to nobody. Any number of workers may share a database. A worker that dies leaves
    leases behind; when they run out, another worker, or its own successor, sends those messages.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        *,
        locale: str = "zh-CN",
        lanes: Sequence[Lane] = (LIFE_SAFETY, ORDINARY),
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], datetime] = _utc,
    ) -> None:
        self._database = database
        self._jitter = jitter
        self._clock = clock
        self._stop = threading.Event()
        self._sender = Sender(channels, locale, self._stop.is_set, jitter, clock)
        self._desks = {lane: Desk(lane) for lane in lanes}
        self._news: queue.SimpleQueue[tuple[Lane, Attempt] | _Ended] = queue.SimpleQueue()
        self._unsettled: list[Attempt] = []
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._bell.setblocking(False)
        self._thread = threading.Thread(target=self._work, name="push-worker", daemon=True)
        self._grace = 0.0
        self.tally: Counter[Outcome] = Counter()
        """What became of the messages that this worker has claimed, counted."""

    def start(self) -> None:
        """Begin, once. Returns at once; where the database is away, the worker waits for it."""
        self._thread.start()

    def stop(self, grace: float = 5.0) -> None:
        """End: claims nothing more, gives back what no thread has begun, waits up to ``grace`` seconds for the rest.

        What is still being sent then keeps its lease until that runs out, since nobody knows whether it arrived.
        """
        self._grace = grace
        self._stop.set()
        self._ring()
        if self._thread.ident is not None:
            self._thread.join(grace + DATABASE_S)
            if self._thread.is_alive():
                log.error("push worker: the database does not answer; ends without settling")
        for desk in self._desks.values():
            desk.close()
        self._ear.close()
        self._bell.close()

    @property
    def alive(self) -> bool:
        """Whether the worker runs; it does from ``start`` to ``stop``, also while the database is away."""
        return self._thread.is_alive()

    def _work(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                with self._database.listen() as connection:
                    connection.execute("LISTEN outbox")
                    with self._database.transaction() as tx:
                        self._sender.token_key = service_keys.token_key(tx, self._clock())
                    while not self._stop.is_set():
                        pause = self._turn()
                        failures = 0
                        self._sleep(pause, connection)
            except (Unavailable, psycopg.OperationalError) as error:
                failures += 1
                log.warning("push worker: %s; connecting again", error)
            except Exception:
                failures += 1
                log.exception("push worker: fault; beginning again")
            if failures:
                self._stop.wait(RECONNECT.delay(failures, self._jitter()).total_seconds())
        self._leave()

    def _turn(self) -> float:
        """Settle, claim, and set the senders to work. Returns for how long there is nothing to do, seconds."""
        self._read_news()
        attempts = list(self._unsettled)
        claimed: dict[Lane, list[Claimed]] = {}
        moment: datetime | None = None
        with self._database.transaction() as tx:
            outbox.hurry(tx)
            stood = outbox.settle(tx, [attempt.settlement for attempt in attempts])
            if lost := [each.settlement.lease.outbox_id for each in attempts if each.outcome in LOST]:
                handing_on.hand_on(tx, lost, self._clock())
                escalations.hasten(tx, lost, self._clock())
            outbox.count(tx, [(each.channel_id, each.outcome) for each in attempts if each.outcome in COUNTED])
            if not self._stop.is_set():
                now = self._clock()
                claimed = {lane: self._claim(tx, desk, now) for lane, desk in self._desks.items() if desk.free}
                if not any(claimed.values()):
                    moment = min(
                        filter(None, (self._next(tx, self._desks[lane], now) for lane in claimed)), default=None
                    )
        self._count(attempts, stood)
        for lane, messages in claimed.items():
            self._desks[lane].begin(messages, self._run)
        if any(claimed.values()):
            return BEGIN_S
        wait = LOOK_AGAIN_S if moment is None else (moment - self._clock()).total_seconds()
        return min(max(BREATH_S, wait), LOOK_AGAIN_S)

    @staticmethod
    def _claim(tx: Tx, desk: Desk, now: datetime) -> list[Claimed]:
        lane = desk.lane
        limit = desk.free * lane.run
        claimed = outbox.claim(
            tx, lane.urgencies, without=desk.without(now), run=lane.run, limit=limit, lease=lane.lease, now=now
        )
        allowed, surplus = allowance.split(tx, claimed, now)
        outbox.settle(tx, [outbox.released(each.lease) for each, _ in surplus])
        for each, until in surplus:
            desk.pause(each.channel_id, until)
        return allowed

    @staticmethod
    def _next(tx: Tx, desk: Desk, now: datetime) -> datetime | None:
        due = outbox.next_due(tx, desk.lane.urgencies, without=desk.without(now))
        return min(filter(None, (due, desk.next_waking())), default=None)

    def _count(self, attempts: Sequence[Attempt], stood: set[int]) -> None:
        del self._unsettled[: len(attempts)]
        for attempt in attempts:
            lease = attempt.settlement.lease
            if lease.outbox_id in stood:
                self.tally[attempt.outcome] += 1
            else:
                self.tally[Outcome.LEASE_LOST] += 1
                log.warning("message %d was %s after its lease had run out", lease.outbox_id, attempt.outcome)

    def _run(self, lane: Lane, run: Run) -> None:
        """On a thread of the lane."""
        try:
            for attempt in self._sender.send(lane, run):
                self._news.put((lane, attempt))
                self._ring()
        finally:
            self._news.put(_Ended(lane, run[0].channel_id))
            self._ring()

    def _read_news(self) -> None:
        while not self._news.empty():
            news = self._news.get()
            if isinstance(news, _Ended):
                self._desks[news.lane].ended(news.channel_id)
                continue
            lane, attempt = news
            self._unsettled.append(attempt)
            desk = self._desks[lane]
            if attempt.outcome in (Outcome.SENT, Outcome.REFUSED):
                desk.answered(attempt.channel_id)
            elif attempt.outcome in (Outcome.RETRIED, Outcome.GIVEN_UP):
                desk.failed(attempt.channel_id, attempt.asked, self._jitter(), self._clock())

    def _ring(self) -> None:
        # full of rings that nobody has heard yet, or nobody is there any more: one more says nothing new
        with suppress(OSError):
            self._bell.send(b"\0")

    def _sleep(self, seconds: float, connection: psycopg.Connection[Any] | None = None) -> None:
        """Until a notification, a ring, or ``seconds`` have passed."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._ear, selectors.EVENT_READ)
            if connection is not None:
                selector.register(connection.fileno(), selectors.EVENT_READ)
            heard = selector.select(seconds)
        with suppress(BlockingIOError):
            self._ear.recv(4096)
        if connection is not None:
            if not heard:
                connection.execute("SELECT 1")  # finds out whether the other side is still there
            for _ in connection.notifies(timeout=0):
                pass  # that there was one is all it says

    def _leave(self) -> None:
        """Give back what was not begun, and settle what the senders finish within the grace."""
        deadline = time.monotonic() + self._grace
        for desk in self._desks.values():
            self._unsettled += [
                Attempt(outbox.released(each.lease), Outcome.RELEASED, each.channel_id) for each in desk.withdraw()
            ]
        while self._busy():
            settled = self._settle_rest()
            left = deadline - time.monotonic()
            if left <= 0 and self._news.empty():
                break
            if self._busy():
                self._sleep(max(0.0, left if settled else min(left, LEAVE_AGAIN_S)))
        if self._unsettled:
            log.warning("push worker: %d leases are left to run out", len(self._unsettled))

    def _busy(self) -> bool:
        return bool(self._unsettled) or not self._news.empty() or not all(desk.idle for desk in self._desks.values())

    def _settle_rest(self) -> bool:
        try:
            self._turn()
        except Unavailable:
            return False
        return True
