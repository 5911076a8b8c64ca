"""Intake: what arrived becomes readings, each once, and the readings become alarms, all in one transaction."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from facility_monitor.domain.alarm.attempt import Attempt
from facility_monitor.domain.instant import EARLIEST, SECOND, Instant
from facility_monitor.domain.plant import Device, Plant, Point
from facility_monitor.domain.reading.balance import Sheet
from facility_monitor.domain.reading.clock import Clocks
from facility_monitor.domain.reading.mapping import PayloadMapping
from facility_monitor.domain.reading.reading import Quality, Reading, unnumbered
from facility_monitor.domain.reading.sequence import Counter, Turn, advanced, left_out, turn
from facility_monitor.domain.reading.telemetry import Decoded, Reason, Reject, Status, Telemetry
from facility_monitor.domain.reading.unit import conversion
from facility_monitor.flows.reading import accounting
from facility_monitor.flows.reading.effort import Effort, Stage
from facility_monitor.flows.reading.evaluation import Evaluation
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.reading import readings, rejects, retention_policies, unknown_devices

DAY: Instant = 86_400 * SECOND
AHEAD: Instant = 300 * SECOND
"""How far a device's clock may run ahead of ours; a reading from further in the future would hide all after it."""


@dataclass
class Receipt:
    """What became of a batch, counted in values (a message that cannot be read counts as one), and what to remember.

    ``missing`` are numbers that devices have left out, by device; ``late`` the readings, one for each message, that
    bring a number which had been left out, with their device.
    """

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    difference: int = 0
    rejects: list[Reject] = field(default_factory=list)
    transitions: int = 0
    attempt: Attempt = field(default_factory=Attempt)
    sheet: Sheet = field(default_factory=Sheet)
    missing: dict[int, int] = field(default_factory=dict)
    late: dict[readings.Identity, int] = field(default_factory=dict)
    counters: dict[int, Counter] = field(default_factory=dict)


class _Message(NamedTuple):
    """The values of one message that belong to known points."""

    device: Device
    telemetry: Telemetry
    values: tuple[tuple[Point, float], ...]


class Intake:
    """The memory of the one worker that evaluates these points. Not for use by several threads.

    ``take`` and ``tick`` change nothing here: what they learned stands in the receipt, and ``keep`` adopts it once
    the transaction is committed. Where it is not, the same batch is simply taken again.
    """

    def __init__(self, slot: int = 0) -> None:
        """``slot`` is whose points are evaluated."""
        self._slot = slot
        self.effort = Effort()
        """What the thread that takes spends on it; whoever calls for the other stages enters those too."""
        self.clocks = Clocks({})
        """How far devices' clocks are off, by what is taken."""
        self._latest: Instant | None = None
        self._plant = Plant()
        self._evaluation = Evaluation()
        self._counters: dict[int, Counter] = {}

    @property
    def points(self) -> int:
        """How many points are watched."""
        return self._evaluation.points

    @property
    def mappings(self) -> tuple[PayloadMapping, ...]:
        """How to read messages whose shape is not ours."""
        return self._plant.mappings

    @property
    def slots(self) -> Mapping[str, int]:
        """The slot of each site, by its code."""
        return self._plant.slots

    def slot_of(self, device: str | None) -> int:
        """The slot that evaluates a device; this one where nobody knows it."""
        known = self._plant.devices.get(device) if device is not None else None
        return self._slot if known is None else known.slot

    def due(self, heard: Instant) -> bool:
        """Whether something has come to an end somewhere by ``heard``, so that time's passing has to be judged."""
        return self._evaluation.due(heard)

    def deaf(self, start: datetime, end: datetime) -> None:
        """From ``start`` to ``end`` nothing could reach us: nobody's silence counts there."""
        self._evaluation.deaf(start, end)

    def take(self, tx: Tx, batch: Sequence[Decoded], now: datetime, *, again: bool = False) -> Receipt:
        """Store what is new in ``batch``, judge it in event time, and carry out what follows.

        ``again`` is for rejects that are replayed: those of the receipt are then the caller's to keep, and how far a
        device has counted stays what it has told since.
        """
        self.refresh(tx)
        receipt = Receipt()
        messages: list[_Message] = []
        statuses: dict[int, list[Status]] = {}
        for decoded in batch:
            if type(decoded) is Telemetry:
                self._resolve(decoded, messages, receipt)
            elif type(decoded) is Status:
                self._note(decoded, statuses, receipt)
            elif type(decoded) is Reject:
                receipt.rejects.append(decoded)

        historical: set[readings.Identity] = set()
        newer, others = self._identify(tx, messages, historical, receipt)
        self.effort.spent(Stage.IDENTIFY)
        fresh = readings.append(tx, newer) + readings.insert(tx, others)
        receipt.rejects = _together(receipt.rejects)
        known: Sequence[Reject] = ()
        if not again:
            receipt.rejects, known = rejects.put(tx, receipt.rejects, self._plant.holder, self.slot_of)
            unknown_devices.note(tx, receipt.rejects)
        owned = [(message.device.id, message.values) for message in messages]
        receipt.sheet = accounting.enter(batch, receipt.rejects, known, owned, fresh, self._plant.holder)
        self._count_missing(fresh, receipt)
        account = receipt.sheet.total()
        receipt.received, receipt.stored, receipt.duplicate, _, _ = account
        receipt.difference = account.difference
        gone = self._gone(plant.save_states(tx, statuses))
        self.effort.spent(Stage.STORE)
        receipt.attempt, receipt.transitions = self._evaluation.judge(tx, fresh, historical, gone, now)
        self.effort.spent(Stage.JUDGE)
        if again:
            receipt.counters = {each: told for each, told in receipt.counters.items() if each not in self._counters}
        return receipt

    def tick(self, tx: Tx, heard: Instant, now: datetime) -> Receipt:
        """Judge the passing of time where something is due. All that had arrived by ``heard`` must have been taken."""
        self.refresh(tx)
        receipt = Receipt()
        receipt.attempt, receipt.transitions = self._evaluation.elapse(tx, heard, now)
        return receipt

    def keep(self, receipt: Receipt) -> None:
        """Adopt what a committed batch taught."""
        self._counters.update(receipt.counters)
        self._evaluation.keep(receipt.attempt)

    def refresh(self, tx: Tx) -> None:
        """Read the plant again where its configuration has changed; what is remembered of points stays."""
        revision = plant.revision(tx)
        if revision == self._plant.revision:
            return
        loaded = plant.load(tx, revision)
        mine = loaded.devices_of(self._slot)
        self._evaluation.refresh(tx, {point.id: point for device in mine for point in device.points.values()})
        # what other slots evaluate may come back to this one, and has moved on by then
        self._counters = {each.id: self._counters[each.id] for each in mine if each.id in self._counters}
        for device in mine:
            if device.id not in self._counters:
                self._start_counting(device)
        self._plant = loaded

    def review(self, tx: Tx, now: datetime) -> None:
        """Follow the policy on how late a reading may come: call it now and then.

        What is older may be compressed, where an insert is slow and has been wrong, or gone already: stored now, it
        would go with the next round of retention, and nobody would know.
        """
        self._latest = retention_policies.in_force(tx, now).late_days * DAY

    def _start_counting(self, device: Device) -> None:
        for point in device.points.values():
            last = self._evaluation.last(point.id)
            if last is not None and last.sequence >= 0:
                before = self._counters.get(device.id)
                self._counters[device.id] = advanced(before, Turn.NEXT, last.sequence, last.at)

    def _gone(self, devices: Sequence[tuple[Instant, int]]) -> list[tuple[Instant, list[int]]]:
        """When which points went silent, of devices that went offline."""
        if not devices:
            return []
        points = {each.id: [point.id for point in each.points.values()] for each in self._plant.devices.values()}
        return [(told_at, points[device_id]) for told_at, device_id in devices]

    def _device(self, decoded: Telemetry | Status) -> Device | Reject:
        device = self._plant.devices.get(decoded.device)
        if device is None:
            return _whole(decoded, Reason.UNKNOWN_DEVICE, decoded.device)
        if decoded.site is not None and decoded.site != device.site:
            return _whole(decoded, Reason.WRONG_SITE, f"{device.code} belongs to {device.site}")
        if device.slot != self._slot:
            return _whole(decoded, Reason.OTHER_SLOT, f"{device.code} belongs to slot {device.slot}")
        return device

    def _note(self, status: Status, statuses: dict[int, list[Status]], receipt: Receipt) -> None:
        device = self._device(status)
        if status.behind:
            below = f"{status.device}/"
            met = [each for address, each in self._plant.devices.items() if address.startswith(below)]
            for each in {each.id: each for each in met}.values():
                statuses.setdefault(each.id, []).append(status)
            if met and isinstance(device, Reject):
                return
        if isinstance(device, Reject):
            receipt.rejects.append(device)
        else:
            statuses.setdefault(device.id, []).append(status)

    def _resolve(self, telemetry: Telemetry, messages: list[_Message], receipt: Receipt) -> None:
        device = self._device(telemetry)
        if isinstance(device, Reject):
            receipt.rejects.append(device)
            return
        ahead = 0
        if telemetry.at is not None:
            ahead = telemetry.at - telemetry.packet.received_at
            if not telemetry.historical:
                self.clocks.observe(device.id, -ahead)
        if ahead > AHEAD:
            detail = f"{device.code}: {ahead // SECOND} s ahead of this clock"
            told = telemetry._replace(site=device.site, device=device.code)
            receipt.rejects.append(_whole(told, Reason.FUTURE_TIME, detail))
            return
        if self._latest is not None and -ahead > self._latest:
            told = telemetry._replace(site=device.site, device=device.code)
            detail = f"{device.code}: {-ahead // DAY} days late"
            receipt.rejects.append(_whole(told, Reason.TOO_LATE, detail))
            return
        values = []
        units = telemetry.units
        for key, value in telemetry.values.items():
            point = device.points.get(key)
            if point is None:
                receipt.rejects.append(_refused(telemetry, key, device, Reason.UNKNOWN_POINT, f"{device.code}: {key}"))
            elif units is None or units.get(key, point.unit) == point.unit:
                values.append((point, value))
            else:
                converted = _converted(telemetry, key, units[key], device, point)
                if isinstance(converted, Reject):
                    receipt.rejects.append(converted)
                else:
                    values.append((point, converted))
        messages.append(_Message(device, telemetry, tuple(values)))

    def _identify(
        self, tx: Tx, messages: Sequence[_Message], historical: set[readings.Identity], receipt: Receipt
    ) -> tuple[list[Reading], list[Reading]]:
        """The readings of ``messages``, each identity once, without the repetitions that their numbers give away.

        First those that are newer than all that came of their point before, so that none of them can be stored
        already; then the others. Those that their device calls historical are added to ``historical``.
        """
        newer: list[Reading] = []
        others: list[Reading] = []
        known = self._stored_before(tx, messages)
        seen: set[readings.Identity] = set()
        newest: dict[int, Instant] = {}
        last_of = self._evaluation.last
        for message in messages:
            _, telemetry, values = message
            received_at, sequence = telemetry.packet.received_at, telemetry.sequence
            at = received_at if telemetry.at is None else telemetry.at
            repeats = sequence is not None and self._repeats(message, sequence, at, known, receipt)
            for point, value in values:
                point_id = point.id
                if sequence is None:
                    number = unnumbered(value)
                else:
                    number = sequence
                    if repeats and (point_id, number) in known:
                        continue
                    known[point_id, number] = value
                before = newest.get(point_id)
                if before is None:
                    last = last_of(point_id)
                    before = EARLIEST - 1 if last is None else last.at
                if at > before and not telemetry.historical:
                    newest[point_id] = at
                    newer.append(Reading(point_id, at, number, value, Quality.GOOD, received_at))
                    continue
                identity = (point_id, at, number)
                if identity in seen:
                    continue
                seen.add(identity)
                if telemetry.historical:
                    historical.add(identity)
                others.append(Reading(point_id, at, number, value, Quality.GOOD, received_at))
        return newer, others

    def _stored_before(self, tx: Tx, messages: Iterable[_Message]) -> dict[tuple[int, int], float]:
        """What is stored under the numbers of those ``messages`` whose device may have used its number before."""
        counters = self._counters
        doubtful = [
            (values, sequence)
            for device, telemetry, values in messages
            if (sequence := telemetry.sequence) is not None
            and (counter := counters.get(device.id)) is not None
            and sequence <= counter.high
        ]
        return readings.numbered(
            tx, {point.id for values, _ in doubtful for point, _ in values}, {sequence for _, sequence in doubtful}
        )

    def _repeats(
        self,
        message: _Message,
        sequence: int,
        at: Instant,
        known: Mapping[tuple[int, int], float],
        receipt: Receipt,
    ) -> bool:
        """Whether ``message``, measured at ``at``, repeats another one by its number; if not, its device has counted.

        ``known`` is what is stored, or came earlier in the batch, by point and number.
        """
        device, telemetry, values = message
        counter = receipt.counters.get(device.id) or self._counters.get(device.id)
        if counter is not None and sequence == counter.high + 1:
            receipt.counters[device.id] = advanced(counter, Turn.NEXT, sequence, at)
            return False
        before = [known[point.id, sequence] == value for point, value in values if (point.id, sequence) in known]
        taken = turn(counter, sequence, telemetry.at, all(before) if before else None)
        if gap := left_out(counter, taken, sequence, at):
            receipt.missing[device.id] = receipt.missing.get(device.id, 0) + gap
        if taken is Turn.LATE and values:
            receipt.late[values[0][0].id, at, sequence] = device.id
        if taken is Turn.DUPLICATE:
            return True
        receipt.counters[device.id] = advanced(counter, taken, sequence, at)
        return False

    def _count_missing(self, fresh: Sequence[Reading], receipt: Receipt) -> None:
        """Enter the numbers that devices have left out; one that comes late after all is missing no longer."""
        missing = receipt.missing
        if receipt.late:
            for device_id in (receipt.late[each[:3]] for each in fresh if each[:3] in receipt.late):
                missing[device_id] = missing.get(device_id, 0) - 1
        receipt.sheet.missing = missing


def _converted(telemetry: Telemetry, key: str, unit: str, device: Device, point: Point) -> float | Reject:
    """The value of ``key``, sent in ``unit``, in its point's own."""
    convert = conversion(unit, point.unit)
    if convert is None:
        detail = f"{telemetry.device}: {key}: {unit[:64]!r} cannot become {point.unit}"
        return _refused(telemetry, key, device, Reason.UNKNOWN_UNIT, detail)
    value = convert(telemetry.values[key])
    if not math.isfinite(value):
        detail = f"{telemetry.device}: {key}: too large in {point.unit}"
        return _refused(telemetry, key, device, Reason.BAD_VALUE, detail)
    return value


def _whole(told: Telemetry | Status, reason: Reason, detail: str) -> Reject:
    """The reject of all that was told."""
    return Reject(told.packet, reason, detail, len(told.values) if isinstance(told, Telemetry) else 1, (told,))


def _refused(telemetry: Telemetry, key: str, device: Device, reason: Reason, detail: str) -> Reject:
    """The reject of the one value under ``key``."""
    only = telemetry._replace(site=device.site, device=device.code, values={key: telemetry.values[key]})
    return Reject(telemetry.packet, reason, detail, of=(only,))


def _together(found: Sequence[Reject]) -> list[Reject]:
    """One reject for all that is wrong with a message for one reason: what a message costs must not grow with them."""
    if len(found) < 2:
        return list(found)
    together: dict[tuple[int, Reason], list[Reject]] = {}
    for each in found:
        together.setdefault((id(each.packet), each.reason), []).append(each)
    return [
        first._replace(
            detail=f"{first.detail} (and {len(more)} more)" if more else first.detail,
            stands_for=first.stands_for + sum(each.stands_for for each in more),
            of=tuple(telling for each in (first, *more) for telling in each.of),
        )
        for first, *more in together.values()
    ]
