"""A tenure: what one worker does from taking a slot until it leaves it or loses it.

Gather, decode, one transaction, and only then the acknowledgements, in the order of arrival.
"""

from __future__ import annotations

import gc
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence, Set
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError

from facility_monitor.domain.instant import Instant, instant
from facility_monitor.domain.reading.clock import Clocks
from facility_monitor.domain.reading.telemetry import Decoded, Reason, Reject, Telemetry
from facility_monitor.errors import FacilityMonitorError
from facility_monitor.flows.reading import self_watch
from facility_monitor.flows.reading.effort import Stage
from facility_monitor.flows.reading.intake import Intake, Receipt
from facility_monitor.ingest import topics
from facility_monitor.ingest.decoders import Decoder
from facility_monitor.ingest.redelivery import Redeliveries, unidentified
from facility_monitor.ingest.replay import Replay
from facility_monitor.ingest.self_watch import SelfWatch
from facility_monitor.ingest.slot import Slot, SlotLost
from facility_monitor.ingest.subscriber import Received, Subscriber
from facility_monitor.ingest.tally import Tally
from facility_monitor.store.database import first_line
from facility_monitor.store.reading import batches, clocks, slots
from facility_monitor.store.reading.slots import Report

log = logging.getLogger(__name__)

CLIENT = "facility-monitor"
"""Client ids are this, a slash and the slot's number. Devices' are their codes, in which there is no slash."""
LARGE = 4
"""Behind a batch that is full to this part there is a backlog."""
CAUGHT_UP_S = 1.0
"""The clock judges nothing until batches have come unfilled for so long: a backlog has the word first."""
RETURN_S = 3.0
"""Nor so soon after a connection: devices that have lost the broker as we did are to come back and tell first."""
DEAF_S = 2.0
"""Hearing neither a message nor the broker's answer for longer than this is not to have heard at all."""
MOST_VALUES = 50_000
"""In one transaction, where messages carry many."""
REPORT_S = 1.0
"""How often the slot says how it stands, and looks for a changed configuration where nothing arrives."""
MEASURE_S = 60.0
"""How long devices' clocks are observed before they are told."""
REPLAYS = 20
"""Dead letters that are replayed at a time: each second, and on and on while nothing else arrives."""
IDLE_S = 0.1
"""Longest wait for a first message; bounds how late a stop or a tick can be."""


class Contested(FacilityMonitorError):
    """The broker ends our connections again and again as soon as they stand."""


def now() -> datetime:
    return datetime.now(UTC)


class Tenure:
    """One holding of a slot. For one thread; ``serve`` and then ``close``."""

    def __init__(
        self, slot: Slot, tally: Tally, mqtt_url: str, batch: int, gather_s: float, clock: Callable[[], Instant]
    ) -> None:
        """Reads the plant, and what has to be remembered, in the slot's own transaction. Raises SlotLost."""
        self._slot = slot
        self._tally = tally
        self._batch = batch
        self._gather_s = gather_s
        self._last_batch, self._backlog = 0.0, False
        self._decoder = Decoder()
        self._intake = Intake(slot.number)
        self._effort = self._intake.effort
        tally.effort = self._effort.seconds
        with slot.transaction(unhurried=True) as tx:
            self._intake.refresh(tx)
            self._intake.review(tx, now())
            self._redeliveries = Redeliveries(batches.unsettled(tx, slot.number), time.monotonic())
            self._intake.clocks = Clocks(clocks.load(tx))
            before = slots.last_report(tx, slot.number)
            dropped = before.broker.get("dropped") if before is not None else None
            self._self_watch = SelfWatch(dropped, has_spoken=self_watch.is_installed(tx))
        self._heard = now() if before is None else before.at
        self._lost = 0
        self._wanted: set[str] = set()
        self._behind = self._measured_at = 0.0
        self._replay = Replay(slot, self._intake, self._decoder, now)
        self._report = Report(slot.number, f"{socket.gethostname()}:{os.getpid()}", now())
        self._leaving = set() if before is None else set(before.sites)
        self._subscriber = Subscriber(mqtt_url, f"{CLIENT}/{slot.number}", self._filters(), clock, without=[topics.ALL])
        log.info("slot %d: %d points", slot.number, self._intake.points)

    def close(self) -> None:
        """Leave the broker, which keeps what is not acknowledged."""
        self._count()
        self._tally.abandoned += self._report.arrived - self._report.abandoned - self._report.committed
        self._subscriber.close()
        spent = ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in self._effort.seconds.items())
        log.info("slot %d: processor seconds: %s", self._slot.number, spent)

    def serve(self, stopping: threading.Event) -> None:
        """Take in what comes until ``stopping``. Raises SlotLost, Contested."""
        # The plant and its memory stay: to look through them for garbage again and again costs more than a batch. Of
        # what a batch makes nearly all is gone, without the collector, when the batch is.
        gc.collect()
        gc.freeze()
        gc.set_threshold(MOST_VALUES)
        self._effort.spent(Stage.START)
        self._behind = self._measured_at = reported = time.monotonic()
        replaying, ticked = False, 0
        subscriber = self._subscriber
        while not stopping.is_set():
            self._effort.spent(Stage.OTHER)
            waiting = self._gather()
            self._effort.spent(Stage.RECEIVE)
            if self._tally.connected and not subscriber.connected:
                self._slot.confirm()  # whoever holds it now is connected in our name, and would be cut off by us
            self._tally.connected = subscriber.connected
            if waiting or subscriber.heard != ticked:
                self._listen()
            clock = time.monotonic()
            caught_up = subscriber.connected and clock - self._behind >= CAUGHT_UP_S
            if clock - reported >= REPORT_S:
                if caught_up:
                    self._redeliveries.settle(clock)
                self._stand(len(waiting))
                replaying = self._replay.some(REPLAYS) > 0
                reported = clock
            if waiting:
                self._effort.spent(Stage.OTHER)
                self._take(waiting)
            if subscriber.contested:  # only now: a broker that died again and again has what came from it no more
                raise Contested("somebody else connects as the same client, or the broker breaks us off")
            if not subscriber.connected:
                self._behind = time.monotonic() + RETURN_S - CAUGHT_UP_S
            elif len(waiting) >= self._batch:
                self._behind = max(self._behind, time.monotonic())
            elif replaying and caught_up and not waiting:
                replaying = self._replay.some(REPLAYS) > 0
            elif caught_up and subscriber.heard != ticked:
                ticked = subscriber.heard
                if self._intake.due(ticked):
                    self._tick(ticked)

    def _listen(self) -> None:
        """Tell the intake of the time in which nothing could be heard: a device's silence proves nothing then."""
        heard = now()
        if (heard - self._heard).total_seconds() > DEAF_S:
            self._intake.deaf(self._heard, heard)
        self._heard = heard

    def _gather(self) -> list[Received]:
        """Wait for a first message, then for more until the batch is full or has waited long enough.

        The waiting time counts from the last batch: what comes when nothing else does waits for nobody, and what came
        while the last batch was stored has waited already. But behind a large batch there is a backlog, which the
        broker hands out only now: to wait for it anew, and for longer, costs less than small batches in between.
        """
        subscriber = self._subscriber
        waiting = subscriber.poll(IDLE_S, self._batch)
        if not waiting:
            return waiting
        until = time.monotonic() + 2 * self._gather_s if self._backlog else self._last_batch + self._gather_s
        while len(waiting) < self._batch and subscriber.connected:
            left = until - time.monotonic()
            if left <= 0:
                break
            waiting += subscriber.poll(left, self._batch - len(waiting))
        self._last_batch, self._backlog = time.monotonic(), len(waiting) >= self._batch // LARGE
        return waiting

    def _take(self, waiting: Sequence[Received]) -> None:
        """Commit, acknowledge, and ask for what the decoder misses."""
        waiting = self._redeliveries.restored(waiting)
        decoded = [self._decoder.decode(each.packet, self._intake.mappings) for each in waiting]
        self._effort.spent(Stage.DECODE)
        for some in _portions(decoded):
            self._commit(waiting[some], decoded[some])
        self._subscriber.acknowledge(waiting)
        for topic, payload in self._decoder.requests():
            self._subscriber.publish(topic, payload)
        self._effort.spent(Stage.ACKNOWLEDGE)
        self._report.committed += len(waiting)
        self._tally.messages += len(waiting)
        self._tally.batches += 1

    def _commit(self, waiting: Sequence[Received], decoded: Sequence[Sequence[Decoded]]) -> None:
        """One transaction for all; where it is refused, halves, down to the message that is at fault.

        Raises SlotLost; nothing of the refused transaction is remembered then, and the broker sends it all again.
        """
        try:
            self._store(waiting, decoded)
        except SlotLost:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, one message must not stop the others
            if len(waiting) == 1:
                self._store(waiting, [[_dead_letter(waiting[0], error)]])
            else:
                middle = len(waiting) // 2
                self._commit(waiting[:middle], decoded[:middle])
                self._commit(waiting[middle:], decoded[middle:])

    def _store(self, waiting: Sequence[Received], decoded: Sequence[Sequence[Decoded]]) -> None:
        with self._slot.transaction() as tx:
            receipt = self._intake.take(tx, [each for message in decoded for each in message], now())
            nameless = unidentified(waiting, decoded, receipt.rejects)
            number = batches.put(tx, self._slot.number, receipt.sheet, nameless)
        self._keep(receipt)
        self._redeliveries.remember(number, nameless, time.monotonic())
        self._effort.spent(Stage.COMMIT)

    def _keep(self, receipt: Receipt) -> None:
        self._intake.keep(receipt)
        self._lost += abs(receipt.difference)
        self._tally.add(receipt)

    def _tick(self, heard: Instant) -> None:
        """Judge the passing of time up to ``heard``: what was on its way to us by then has been judged before."""
        with self._slot.transaction() as tx:
            receipt = self._intake.tick(tx, heard, now())
        self._keep(receipt)

    def _stand(self, in_flight: int) -> None:
        """Say how the slot stands, with ``in_flight`` messages in hand, and follow a changed configuration."""
        subscriber, report = self._subscriber, self._report
        self._count()
        self._tally.broker = report.broker = subscriber.broker.copy()
        report.connected, report.in_flight = subscriber.connected, in_flight
        report.settled = self._redeliveries.settled
        adrift = report.arrived - report.abandoned - report.committed - report.in_flight
        report.difference = self._lost + abs(adrift)
        with self._slot.transaction() as tx:
            self._intake.refresh(tx)
            self._intake.review(tx, now())
            clocks.put(tx, self._measured(), now())
            taken_over = slots.subscribed(tx, report.slot)
            slots.put(tx, report, now())
            difference = report.difference + slots.difference_elsewhere(tx, report.slot)
        self._follow_sites(taken_over)
        if report.slot == 0:
            self._watch_itself(difference)

    def _count(self) -> None:
        """Add to the tally what has come since it was last counted."""
        subscriber, report, tally = self._subscriber, self._report, self._tally
        tally.arrived += subscriber.arrived - report.arrived
        tally.abandoned += subscriber.abandoned - report.abandoned
        tally.connections += subscriber.connections - report.connections
        tally.stuck += subscriber.stuck - report.stuck
        report.arrived, report.abandoned = subscriber.arrived, subscriber.abandoned
        report.connections, report.stuck = subscriber.connections, subscriber.stuck

    def _measured(self) -> dict[int, float]:
        """Devices' clocks that are no longer as they were told, once in a while; a backlog tells nothing of them."""
        clock = time.monotonic()
        if not self._subscriber.connected or clock - self._behind < CAUGHT_UP_S:
            self._intake.clocks.forget()
            self._measured_at = clock
        if clock - self._measured_at < MEASURE_S:
            return {}
        self._measured_at = clock
        return self._intake.clocks.changes()

    def _watch_itself(self, difference: int) -> None:
        """Let the rules judge the ingest itself, by readings that go the way of all readings."""
        counter = self._report.broker.get("dropped")
        telemetry = self._self_watch.says(
            difference, counter, self._intake.clocks.off(), time.monotonic(), instant(now())
        )
        if telemetry is None:
            return
        with self._slot.transaction() as tx:
            self_watch.install(tx, now())
            receipt = self._intake.take(tx, [telemetry], now())
            batches.put(tx, self._slot.number, receipt.sheet, ())
        self._keep(receipt)

    def _follow_sites(self, taken_over: Set[tuple[int, str]]) -> None:
        """Subscribe to this slot's sites, and to those that it leaves until the slot that has got them is subscribed.

        In between what comes for them is passed on; what comes to both is stored once, if it tells a time or a number.
        """
        slots_of = self._intake.slots
        mine = {site for site, slot in slots_of.items() if slot == self._report.slot}
        held = {*self._report.sites, *self._leaving} - mine
        self._leaving = {site for site in held if site in slots_of and (slots_of[site], site) not in taken_over}
        self._subscriber.subscribe(self._filters())
        # said only at the next report: by then the broker has heard it
        self._report.sites = (mine & self._wanted if self._subscriber.connected else set()) | self._leaving
        self._wanted = mine

    def _filters(self) -> list[str]:
        """What the slot subscribes to; no filter twice, since each would bring the message once more.

        While all sites are the first slot's, it hears those too that nobody knows.
        """
        slots_of = self._intake.slots
        mine = sorted({site for site, slot in slots_of.items() if slot == self._report.slot} | self._leaving)
        sites = map(topics.of_site, mine)
        if self._report.slot != 0:
            return list(sites)
        mapped = (mapping.topic_filter for mapping in self._intake.mappings)
        own = sites if any(slots_of.values()) else (topics.ALL,)
        return list(dict.fromkeys((*own, *topics.FOREIGN, *mapped)))


def _portions(decoded: Sequence[Sequence[Decoded]]) -> Iterator[slice]:
    """Runs of whole messages with ``MOST_VALUES`` at most, or one message: a transaction must not outlast its lease."""
    start = values = 0
    for index, message in enumerate(decoded):
        told = 0
        for each in message:
            told += len(each.values) if type(each) is Telemetry else 1
        if values + told > MOST_VALUES and index > start:
            yield slice(start, index)
            start, values = index, 0
        values += told
    yield slice(start, len(decoded))


def _dead_letter(received: Received, error: Exception) -> Reject:
    if isinstance(error, DBAPIError):
        reason, detail = Reason.REFUSED_BY_DATABASE, first_line(error.orig)
        log.error("refused by the database: %s", detail)
    else:
        reason, detail = Reason.NOT_PROCESSED, f"{type(error).__name__}: {error}"
        log.error("a message could not be processed", exc_info=error)
    return Reject(received.packet, reason, detail)
