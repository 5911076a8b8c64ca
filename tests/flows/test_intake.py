"""Readings are stored once, judged once, and nothing is remembered of what was not committed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from facility_monitor.domain.instant import SECOND, Instant, instant, moment
from facility_monitor.domain.reading.telemetry import Packet, Reason, Reject, Status, Telemetry
from facility_monitor.flows.reading.intake import Intake, Receipt
from facility_monitor.store.database import Database
from facility_monitor.store.tables import alarm, device, ledger, reading, ticket
from facility_monitor.store.tables import reject as rejected
from tests.flows.conftest import NOW

T0 = instant(NOW)


def sent(
    seconds: float = 0,
    seq: int | None = None,
    *,
    device: str = "plc-1",
    site: str | None = "hill",
    clock: bool = True,
    arrived: float | None = None,
    **values: float,
) -> Telemetry:
    """A message of a device at ``seconds`` after NOW that arrived then, or at ``arrived``."""
    at = T0 + round(seconds * SECOND)
    received = at if arrived is None else T0 + round(arrived * SECOND)
    packet = Packet(f"facility/{site}/{device}/telemetry", json.dumps(values).encode(), received)
    return Telemetry(site, device, at if clock else None, seq, values, packet)


class Desk:
    """An intake and its database, committed after each step as the worker does."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.intake = Intake()

    def take(self, *messages: Telemetry | Status | Reject, now: Instant | None = None) -> Receipt:
        latest = max((message.packet.received_at for message in messages), default=T0)
        with self.database.transaction() as tx:
            receipt = self.intake.take(tx, messages, moment(now or latest))
        self.intake.keep(receipt)
        return receipt

    def tick(self, seconds: float) -> Receipt:
        with self.database.transaction() as tx:
            now = NOW + timedelta(seconds=seconds)
            receipt = self.intake.tick(tx, instant(now), now)
        self.intake.keep(receipt)
        return receipt

    def due(self, seconds: float) -> bool:
        return self.intake.due(instant(NOW + timedelta(seconds=seconds)))

    def restart(self) -> None:
        self.intake = Intake()

    def rows(self, query: Any) -> list[Any]:
        with self.database.transaction() as tx:
            return [tuple(row) for row in tx.execute(query)]

    def alarms(self) -> list[tuple[str, float]]:
        """What the ledger says of alarms, with seconds after NOW."""
        return [(kind, at) for kind, at in self.events() if kind.startswith("alarm")]

    def events(self) -> list[tuple[str, float]]:
        """What the ledger says, with seconds after NOW."""
        rows = self.rows(select(ledger.c.kind, ledger.c.occurred_at).order_by(ledger.c.id))
        return [(kind, (at - NOW).total_seconds()) for kind, at in rows]


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_stores_each_value_with_its_times_and_number(desk: Desk) -> None:
    receipt = desk.take(sent(1.5, 7, pressure=450_000.25, water_level=2.0, arrived=2))
    assert (receipt.received, receipt.stored, receipt.duplicate, receipt.rejects) == (2, 2, 0, [])
    rows = desk.rows(select(reading.c.at, reading.c.sequence, reading.c.value, reading.c.received_at))
    at, arrived = NOW + timedelta(seconds=1.5), NOW + timedelta(seconds=2)
    assert sorted(rows, key=lambda row: row[2]) == [(at, 7, 2.0, arrived), (at, 7, 450_000.25, arrived)]


@pytest.mark.parametrize("clock", [True, False], ids=["own clock", "no clock"])
@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_a_numbered_message_that_comes_again_changes_nothing(desk: Desk, clock: bool, restart: bool) -> None:
    first = [sent(n, n, pressure=300_000.0 + n, clock=clock) for n in range(60)]
    desk.take(*first)
    before = desk.events()
    if restart:
        desk.restart()
    again = [sent(n, n, pressure=300_000.0 + n, clock=clock, arrived=100 + n / 100) for n in range(60)]
    receipt = desk.take(*again)
    assert (receipt.received, receipt.stored, receipt.duplicate) == (60, 0, 60)
    assert desk.events() == before
    assert desk.rows(select(func.count()).select_from(reading)) == [(60,)]


def test_the_same_message_twice_in_one_batch_is_stored_once(desk: Desk) -> None:
    with_clock = sent(1, 5, pressure=1.0)
    without = [sent(2, 6, pressure=1.0, clock=False), sent(2.1, 6, pressure=1.0, clock=False)]
    unnumbered = sent(3, pressure=1.0)
    receipt = desk.take(with_clock, with_clock, *without, unnumbered, unnumbered)
    assert (receipt.stored, receipt.duplicate) == (3, 3)


def test_without_a_number_the_same_value_at_the_same_instant_is_one_reading_and_another_value_a_second(
    desk: Desk,
) -> None:
    receipt = desk.take(sent(1, pressure=1.0), sent(1, pressure=1.0), sent(1, pressure=2.0))
    assert (receipt.stored, receipt.duplicate) == (2, 1)


@pytest.mark.parametrize("clock", [True, False], ids=["own clock", "no clock"])
@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_a_device_that_counts_anew_loses_nothing(desk: Desk, clock: bool, restart: bool) -> None:
    desk.take(*(sent(n, n, pressure=450_000.0 + n, clock=clock) for n in range(20)))
    if restart:
        desk.restart()
    receipt = desk.take(*(sent(100 + n, n, pressure=460_000.0 + n, clock=clock) for n in range(30)))
    assert (receipt.stored, receipt.duplicate) == (30, 0)


def test_the_number_names_the_message_even_under_another_time(desk: Desk) -> None:
    desk.take(sent(1, 5, pressure=1.0))
    receipt = desk.take(sent(2, 5, pressure=1.0))
    assert (receipt.stored, receipt.duplicate) == (0, 1)


def test_a_late_message_with_a_number_never_seen_is_stored(desk: Desk) -> None:
    desk.take(sent(1, 1, pressure=1.0), sent(3, 3, pressure=3.0))
    receipt = desk.take(sent(2, 2, pressure=2.0, arrived=4))
    assert receipt.stored == 1


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (sent(device="nobody", pressure=1.0), Reason.UNKNOWN_DEVICE),
        (sent(site="valley", pressure=1.0), Reason.WRONG_SITE),
        (sent(humidity=1.0), Reason.UNKNOWN_POINT),
        (sent(1000, pressure=1.0, arrived=0), Reason.FUTURE_TIME),
        (Reject(Packet("x/\0", b"\0\xff", T0), Reason.UNREADABLE, "why \0"), Reason.UNREADABLE),
    ],
    ids=lambda value: str(value) if isinstance(value, Reason) else "",
)
def test_what_cannot_be_stored_is_kept_with_its_reason(desk: Desk, message: Telemetry | Reject, reason: Reason) -> None:
    receipt = desk.take(message)
    assert (receipt.received, receipt.stored, [each.reason for each in receipt.rejects]) == (1, 0, [reason])
    ((kept_reason, payload),) = desk.rows(select(rejected.c.reason, rejected.c.payload))
    assert (kept_reason, bytes(payload)) == (reason, message.packet.payload)


def test_a_value_without_a_point_does_not_cost_the_others_of_its_message(desk: Desk) -> None:
    receipt = desk.take(sent(1, 1, pressure=1.0, nonsense=2.0))
    assert (receipt.received, receipt.stored, len(receipt.rejects)) == (2, 1, 1)


def test_a_foreign_device_is_found_by_its_address(desk: Desk) -> None:
    assert desk.take(sent(device="0e:9c:00", site=None, temperature=21.5)).stored == 1


def test_an_alarm_is_raised_after_its_delay_in_event_time_with_a_ticket_due_in_48_hours(desk: Desk) -> None:
    receipt = desk.take(*(sent(n * 5, n, pressure=300_000.0, arrived=60) for n in range(10)))
    assert receipt.transitions == 1
    assert desk.events() == [("alarm_raised", 30.0), ("ticket_opened", 60.0)]
    ((opened, due, state),) = desk.rows(select(ticket.c.opened_at, ticket.c.due_at, ticket.c.state))
    assert (due - opened, state) == (timedelta(hours=48), "open")
    assert desk.rows(select(alarm.c.active, alarm.c.acknowledged, alarm.c.value, alarm.c.ticket_id.is_not(None))) == [
        (True, False, 300_000.0, True)
    ]


def test_a_delay_runs_out_by_the_clock_when_nothing_more_is_sent(desk: Desk) -> None:
    desk.take(sent(0, 1, pressure=300_000.0))
    assert not desk.due(30.2)
    assert desk.due(31)
    assert desk.tick(30.2).transitions == 0
    assert desk.tick(31).transitions == 1
    assert desk.events()[0] == ("alarm_raised", 30.0)
    assert desk.tick(32).transitions == 0
    assert not desk.due(3600)


def test_a_delay_goes_on_where_it_was_after_a_restart(desk: Desk) -> None:
    desk.take(sent(0, 1, pressure=300_000.0))
    desk.restart()
    assert desk.tick(20).transitions == 0
    assert desk.tick(31).transitions == 1
    assert desk.events()[0] == ("alarm_raised", 30.0)


def test_a_slow_device_clock_does_not_shorten_a_delay(desk: Desk) -> None:
    desk.take(sent(0, 1, pressure=300_000.0, arrived=300))
    assert desk.tick(301).transitions == 0
    assert desk.tick(331).transitions == 1


def test_returning_and_coming_back_is_one_alarm_with_its_history(desk: Desk) -> None:
    low, high = 300_000.0, 450_000.0
    for n, value in enumerate([low] * 8 + [high] * 4 + [low] * 8):
        desk.take(sent(n * 5, n, pressure=value))
    kinds = [kind for kind, _ in desk.events()]
    assert kinds == ["alarm_raised", "ticket_opened", "alarm_returned", "alarm_reraised"]
    assert desk.rows(select(alarm.c.raise_count, alarm.c.active)) == [(2, True)]
    assert desk.rows(select(func.count()).select_from(ticket)) == [(1,)]


def test_one_batch_or_many_make_the_same_alarms(desk: Desk, database: Database) -> None:
    values = [300_000.0] * 8 + [450_000.0] * 4 + [300_000.0] * 8 + [450_000.0] * 9
    messages = [sent(n * 5, n, pressure=value) for n, value in enumerate(values)]
    desk.take(*messages)
    expected = [
        ("alarm_raised", 30.0),
        ("alarm_returned", 50.0),
        ("alarm_reraised", 90.0),
        ("alarm_returned", 110.0),
    ]
    assert desk.alarms() == expected


def test_nothing_is_remembered_of_a_batch_that_was_not_committed(desk: Desk) -> None:
    message = sent(0, 1, device="sd-1", smoke_alarm=1.0)
    with desk.database.transaction() as tx:
        desk.intake.take(tx, [message], NOW)
        tx.rollback()
    assert desk.alarms() == []
    receipt = desk.take(message)
    assert (receipt.stored, receipt.transitions) == (1, 1)
    assert desk.alarms() == [("alarm_raised", 0.0)]


def test_a_late_reading_raises_a_rule_without_delay_but_ends_nothing(desk: Desk) -> None:
    desk.take(sent(10, 10, device="sd-1", smoke_alarm=0.0))
    desk.take(sent(5, 5, device="sd-1", smoke_alarm=1.0, arrived=11))
    assert desk.alarms() == [("alarm_raised", 5.0)]
    desk.take(sent(6, 6, device="sd-1", smoke_alarm=0.0, arrived=12))
    assert len(desk.alarms()) == 1
    desk.take(sent(20, 20, device="sd-1", smoke_alarm=0.0))
    assert desk.alarms()[1:] == [("alarm_returned", 20.0)]


def test_birth_and_will_are_noted(desk: Desk) -> None:
    packet = Packet("facility/hill/plc-1/status", b"offline", T0)
    desk.take(Status("hill", "plc-1", False, packet))
    assert desk.rows(select(device.c.state).where(device.c.code == "plc-1")) == [("offline",)]
    receipt = desk.take(Status("hill", "nobody", True, packet))
    assert [each.reason for each in receipt.rejects] == [Reason.UNKNOWN_DEVICE]


def test_a_changed_configuration_counts_from_the_next_batch_on(desk: Desk) -> None:
    assert desk.take(sent(1, 1, humidity=40.0)).stored == 0
    with desk.database.transaction() as tx:
        tx.execute(
            text(
                "INSERT INTO point (device_id, equipment_id, key, metric)"
                " SELECT id, equipment_id, 'humidity', 'humidity' FROM device WHERE code = 'plc-1'"
            )
        )
    assert desk.take(sent(2, 2, humidity=40.0)).stored == 1


def test_the_number_of_statements_does_not_depend_on_the_size_of_the_batch(desk: Desk) -> None:
    desk.take(sent(-1, 0, pressure=450_000.0))

    def statements(first: int, count: int) -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(desk.database.engine, "before_cursor_execute", note)
        # each episode raises and returns: alarms, ledger, notices, states and rejects all have their part
        messages = [
            sent((first + n) * 100 + part * 35, (first + n) * 10 + part, pressure=value, nonsense=1.0)
            for n in range(count)
            for part, value in enumerate((300_000.0, 300_000.0, 450_000.0))
        ]
        desk.take(*messages)
        event.remove(desk.database.engine, "before_cursor_execute", note)
        return len(seen)

    assert statements(1, 1) >= 8
    statements(2, 12)  # so many are a flood, whose beginning costs a few statements, once
    assert statements(20, 40) == statements(100, 3)
