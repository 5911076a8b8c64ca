"""The ingest of one process: a worker for each slot that it serves, or stands by for."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Collection, Mapping

from facility_monitor.errors import Unavailable
from facility_monitor.flows.reading.effort import Stage
from facility_monitor.ingest.tally import Tally
from facility_monitor.ingest.worker import Worker
from facility_monitor.store.database import Database
from facility_monitor.store.reading import slots

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""How often new slots are looked for."""


class Workers:
    """Workers come with the slots that sites are assigned to; the first slot, which has all else, always has one."""

    def __init__(
        self, database: Database, mqtt_url: str, batch: int, gather_s: float, *, only: Collection[int] | None = None
    ) -> None:
        """``only``: the slots to serve; None for all that there are."""
        self._database = database
        self._mqtt_url = mqtt_url
        self._batch = batch
        self._gather_s = gather_s
        self._only = only
        self._workers: dict[int, Worker] = {}
        self.tally = Sum(self._workers)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look, name="ingest-slots", daemon=True)

    def start(self) -> None:
        self._serve({0} if self._only is None else self._only)
        if self._only is None:
            self._thread.start()

    def stop(self) -> None:
        """Each worker finishes what it has in hand."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        for worker in self._workers.values():
            worker.stop()

    def _serve(self, numbers: Collection[int]) -> None:
        for slot in sorted(set(numbers) - self._workers.keys()):
            worker = Worker(self._database, self._mqtt_url, slot, self._batch, self._gather_s)
            worker.start()
            self._workers[slot] = worker

    def _look(self) -> None:
        while not self._stopping.wait(LOOK_S):
            try:
                with self._database.transaction() as tx:
                    numbers = slots.in_use(tx)
            except Unavailable as error:
                log.warning("slots: %s", error)
            else:
                self._serve(numbers)


class Sum:
    """The tallies of all workers in one, summed up at the moment of reading."""

    def __init__(self, workers: Mapping[int, Worker]) -> None:
        self._workers = workers

    def _tallies(self) -> list[Tally]:
        return [worker.tally for worker in list(self._workers.values())]

    @property
    def messages(self) -> int:
        return sum(each.messages for each in self._tallies())

    @property
    def received(self) -> int:
        return sum(each.received for each in self._tallies())

    @property
    def stored(self) -> int:
        return sum(each.stored for each in self._tallies())

    @property
    def duplicate(self) -> int:
        return sum(each.duplicate for each in self._tallies())

    @property
    def rejected(self) -> Counter[str]:
        return sum((each.rejected for each in self._tallies()), Counter[str]())

    @property
    def transitions(self) -> int:
        return sum(each.transitions for each in self._tallies())

    @property
    def batches(self) -> int:
        return sum(each.batches for each in self._tallies())

    @property
    def arrived(self) -> int:
        return sum(each.arrived for each in self._tallies())

    @property
    def abandoned(self) -> int:
        return sum(each.abandoned for each in self._tallies())

    @property
    def connections(self) -> int:
        return sum(each.connections for each in self._tallies())

    @property
    def stuck(self) -> int:
        return sum(each.stuck for each in self._tallies())

    @property
    def contested(self) -> int:
        return sum(each.contested for each in self._tallies())

    @property
    def effort(self) -> Mapping[str, float]:
        """Seconds of processor time by stage."""
        efforts = [each.effort for each in self._tallies()]
        return {stage.value: sum(each.get(stage.value, 0.0) for each in efforts) for stage in Stage}

    @property
    def broker(self) -> Mapping[str, int]:
        """By the first worker that knows: there is one broker."""
        return next((each.broker for each in self._tallies() if each.broker), {})

    @property
    def holding_slot(self) -> bool:
        """Whether some worker holds its slot."""
        return any(each.holding_slot for each in self._tallies())

    @property
    def connected(self) -> bool:
        """Whether every worker that holds its slot is connected."""
        holding = [each for each in self._tallies() if each.holding_slot]
        return bool(holding) and all(each.connected for each in holding)
