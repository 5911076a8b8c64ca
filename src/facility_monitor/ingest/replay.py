"""Replay: dead letters are read again by what is known now, and stored as history, by the slot's own worker."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from facility_monitor.domain.reading.balance import Holder, Sheet
from facility_monitor.domain.reading.telemetry import Decoded, Reason, Reject, Status, Telemetry
from facility_monitor.flows.reading.intake import Intake, Receipt
from facility_monitor.ingest.decoders import Decoder
from facility_monitor.ingest.slot import Slot, SlotLost
from facility_monitor.store.reading import batches, letters
from facility_monitor.store.reading.letters import Letter

log = logging.getLogger(__name__)


class Replay:
    """Takes up what waits for one slot: only who evaluates its points may store and judge."""

    def __init__(self, slot: Slot, intake: Intake, decoder: Decoder, now: Callable[[], datetime]) -> None:
        self._slot = slot
        self._intake = intake
        self._decoder = decoder
        self._now = now

    def some(self, most: int) -> int:
        """Replay up to ``most`` letters, the oldest first; returns how many there were. Raises SlotLost.

        Each has a transaction of its own, in which its readings are stored and it is marked: both or neither.
        """
        with self._slot.transaction() as tx:
            waiting = letters.waiting(tx, self._slot.number, most)
        for letter in waiting:
            try:
                self._one(letter)
            except SlotLost:
                raise
            except Exception as error:  # one letter must not stop the others
                log.exception("dead letter %d cannot be replayed", letter.id)
                outcome = {"stored": 0, "duplicate": 0, "rejected": 1, "reason": Reason.NOT_PROCESSED.value}
                with self._slot.transaction() as tx:
                    letters.settle(tx, letter.id, outcome | {"detail": f"{type(error).__name__}: {error}"}, self._now())
        return len(waiting)

    def _one(self, letter: Letter) -> None:
        told = letter.told or self._decoder.decode_again(letter.packet, self._intake.mappings)
        past = told if letter.live else _as_late(told)
        with self._slot.transaction() as tx:
            receipt = self._intake.take(tx, past, self._now(), again=True)
            elsewhere = [each for each in receipt.rejects if each.reason is Reason.OTHER_SLOT]
            if elsewhere and not receipt.stored:
                letters.hand_over(tx, letter.id, self._intake.slot_of(elsewhere[0].speaker[1]))
                return
            receipt.sheet = _moved(letter.holder, receipt.sheet)
            letters.settle(tx, letter.id, _outcome(receipt), self._now())
            batches.put(tx, self._slot.number, receipt.sheet, ())
        self._intake.keep(receipt)


def _as_late(told: Sequence[Decoded]) -> list[Decoded]:
    """The same as it counts long after: a birth or a will of the past says nothing of how its device stands now."""
    return [
        each._replace(historical=True) if isinstance(each, Telemetry) else each
        for each in told
        if not isinstance(each, Status)
    ]


def _outcome(receipt: Receipt) -> dict[str, Any]:
    outcome: dict[str, Any] = {
        "stored": receipt.stored,
        "duplicate": receipt.duplicate,
        "rejected": sum(each.stands_for for each in receipt.rejects),
    }
    if receipt.rejects:
        first: Reject = receipt.rejects[0]
        outcome |= {"reason": first.reason.value, "detail": first.detail.replace("\0", "\ufffd")}
    return outcome


def _moved(was: Holder, found: Sheet) -> Sheet:
    """What the replay changes in the books: values that were rejected under ``was`` are stored under their device."""
    moved = Sheet()
    count = sum(found.stored.values())
    if count:
        moved.rejected[was] = moved.received[was] = -count
        for holder, stored in found.stored.items():
            moved.stored[holder] = stored
            moved.received[holder] = moved.received.get(holder, 0) + stored
    return moved
