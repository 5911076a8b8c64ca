"""The ingest worker: gather, decode, one transaction, and only then the acknowledgements, in the order of arrival."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError

from facility_monitor.domain.instant import Instant
from facility_monitor.domain.telemetry import Decoded, Reason, Reject
from facility_monitor.flows.intake import Intake, Receipt
from facility_monitor.ingest import topics
from facility_monitor.ingest.decoders import Decoder
from facility_monitor.ingest.slot import Slot, SlotLost
from facility_monitor.ingest.subscriber import Received, Subscriber
from facility_monitor.store.database import Database, first_line

log = logging.getLogger(__name__)

CLIENT = "facility-monitor"
"""Client ids are this, a slash and the slot's number. Devices' are their codes, in which there is no slash."""
TICK_S = 0.2
"""How often the passing of time is judged while a delay runs."""
CAUGHT_UP_S = 1.0
"""The clock judges nothing until batches have come unfilled for so long: a backlog has the word first."""
REFRESH_S = 1.0
"""How often a changed configuration is looked for when nothing arrives."""
IDLE_S = 0.1
"""Longest wait for a first message; bounds how late a stop or a tick can be."""


@dataclass
class Tally:
    """What this worker has done since it started; values, where nothing else is said. Read by the metrics."""

    messages: int = 0
    received: int = 0
    stored: int = 0
    duplicate: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    transitions: int = 0
    batches: int = 0
    connected: bool = False
    holding_slot: bool = False

    def add(self, receipt: Receipt) -> None:
        self.received += receipt.received
        self.stored += receipt.stored
        self.duplicate += receipt.duplicate
        for reject in receipt.rejects:
            self.rejected[reject.reason.value] += reject.stands_for
        self.transitions += receipt.transitions


def now() -> datetime:
    return datetime.now(UTC)


def now_instant() -> Instant:
    return time.time_ns() // 1000


class Worker:
    """Serves one slot in a thread of its own; while another worker holds the slot, it stands by."""

    def __init__(
        self,
        database: Database,
        mqtt_url: str,
        slot: int,
        batch: int,
        gather_s: float,
        clock: Callable[[], Instant] = now_instant,
    ) -> None:
        """``batch``: messages in one transaction at most. ``gather_s``: how long a batch waits for more."""
        self.tally = Tally()
        self._database = database
        self._mqtt_url = mqtt_url
        self._number = slot
        self._slot = Slot(database, slot)
        self._batch = batch
        self._gather_s = gather_s
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"ingest-{slot}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, acknowledge it, leave the broker and give the slot back."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        wait = 0.25
        while not self._stopping.is_set():
            try:
                if self._slot.claim():
                    wait = 0.25
                    self._serve()
            except SlotLost as error:
                log.warning("slot %d: lost: %s", self._number, error)
            except Exception:
                log.exception("slot %d: starting anew", self._number)
            finally:
                self.tally.holding_slot = self.tally.connected = False
                self._slot.release()
            self._stopping.wait(wait)
            wait = min(wait * 2, 4.0)

    def _serve(self) -> None:
        """Hold the slot until it is lost or the worker stops."""
        self.tally.holding_slot = True
        intake = Intake()
        with self._slot.transaction() as tx:
            intake.refresh(tx)
        log.info("slot %d: %d points", self._number, intake.points)
        subscriber = Subscriber(self._mqtt_url, f"{CLIENT}/{self._number}", _filters(intake), self._clock)
        try:
            self._loop(intake, subscriber)
        finally:
            subscriber.close()

    def _loop(self, intake: Intake, subscriber: Subscriber) -> None:
        behind = refreshed = ticked = time.monotonic()
        decoder = Decoder()
        while not self._stopping.is_set():
            waiting = self._gather(subscriber)
            self.tally.connected = subscriber.connected
            if waiting:
                self._commit(intake, [decoder.decode(each.packet, intake.mappings) for each in waiting])
                subscriber.acknowledge(waiting)
                for topic, payload in decoder.requests():
                    subscriber.publish(topic, payload)
                self.tally.messages += len(waiting)
                self.tally.batches += 1
            clock = time.monotonic()
            if len(waiting) >= self._batch or not subscriber.connected:
                behind = clock
            if clock - ticked >= TICK_S and clock - behind >= CAUGHT_UP_S and intake.due(now()):
                self._tick(intake)
                ticked = clock
            if clock - refreshed >= REFRESH_S:
                with self._slot.transaction() as tx:
                    intake.refresh(tx)
                subscriber.subscribe(_filters(intake))
                refreshed = clock

    def _gather(self, subscriber: Subscriber) -> list[Received]:
        """Wait for a first message, then for more until the batch is full or has waited long enough."""
        waiting = subscriber.poll(IDLE_S, self._batch)
        until = time.monotonic() + self._gather_s
        while waiting and len(waiting) < self._batch and subscriber.connected:
            left = until - time.monotonic()
            if left <= 0:
                break
            waiting += subscriber.poll(left, self._batch - len(waiting))
        return waiting

    def _commit(self, intake: Intake, batch: Sequence[Sequence[Decoded]]) -> None:
        """One transaction for all; where it is refused, halves, down to the message that is at fault.

        Raises SlotLost; nothing of the refused transaction is remembered then, and the broker sends it all again.
        """
        try:
            with self._slot.transaction() as tx:
                receipt = intake.take(tx, [decoded for message in batch for decoded in message], now())
        except SlotLost:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, one message must not stop the others
            if len(batch) == 1:
                self._dead_letter(intake, batch[0], error)
            else:
                middle = len(batch) // 2
                self._commit(intake, batch[:middle])
                self._commit(intake, batch[middle:])
            return
        intake.keep(receipt)
        self.tally.add(receipt)

    def _dead_letter(self, intake: Intake, message: Sequence[Decoded], error: Exception) -> None:
        if isinstance(error, DBAPIError):
            reason, detail = Reason.REFUSED_BY_DATABASE, first_line(error.orig)
            log.error("refused by the database: %s", detail)
        else:
            reason, detail = Reason.NOT_PROCESSED, f"{type(error).__name__}: {error}"
            log.error("a message could not be processed", exc_info=error)
        with self._slot.transaction() as tx:
            receipt = intake.take(tx, [Reject(message[0].packet, reason, detail)], now())
        intake.keep(receipt)
        self.tally.add(receipt)

    def _tick(self, intake: Intake) -> None:
        with self._slot.transaction() as tx:
            receipt = intake.tick(tx, now())
        intake.keep(receipt)
        self.tally.add(receipt)


def _filters(intake: Intake) -> list[str]:
    """What the slot subscribes to; no filter twice, since each would bring the message once more."""
    return list(dict.fromkeys((topics.ALL, *topics.FOREIGN, *(mapping.topic_filter for mapping in intake.mappings))))
