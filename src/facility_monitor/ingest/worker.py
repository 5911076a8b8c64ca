"""The ingest worker: it serves one slot, or stands by while another one does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from facility_monitor.domain.instant import Instant
from facility_monitor.ingest.slot import Slot, SlotLost
from facility_monitor.ingest.tally import Tally
from facility_monitor.ingest.tenure import Contested, Tenure
from facility_monitor.store.database import Database

log = logging.getLogger(__name__)

SOON_S = 0.25
LONGEST_WAIT_S = 2.0
"""The slot is tried for after ``SOON_S``, then ever later, up to this."""
TRUCE_S = 5.0
"""How long the slot is left alone where somebody else uses its client id."""


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
        """``batch``: messages in one transaction at most. ``gather_s``: time between two at least."""
        self.tally = Tally()
        self._mqtt_url = mqtt_url
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
        wait = SOON_S
        while not self._stopping.is_set():
            try:
                if self._slot.claim():
                    wait = SOON_S
                    self._serve()
            except SlotLost as error:
                log.warning("slot %d: lost: %s", self._slot.number, error)
            except Contested as error:
                self.tally.contested += 1
                wait = TRUCE_S
                log.warning("slot %d: %s; trying again in %d s", self._slot.number, error, wait)
            except Exception:
                log.exception("slot %d: starting anew", self._slot.number)
            finally:
                self.tally.holding_slot = self.tally.connected = False
                self._slot.release()
            self._stopping.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)

    def _serve(self) -> None:
        """Hold the slot until it is lost or the worker stops."""
        self.tally.holding_slot = True
        tenure = Tenure(self._slot, self.tally, self._mqtt_url, self._batch, self._gather_s, self._clock)
        try:
            tenure.serve(self._stopping)
        finally:
            tenure.close()
