"""The worker on a real broker and a real database: everything is stored once, whatever dies in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Select, func, insert, select, text

from facility_monitor.demo.embedded import EmbeddedBroker
from facility_monitor.domain.alarm.judge import judge
from facility_monitor.ingest.worker import Worker
from facility_monitor.store.database import Database
from facility_monitor.store.tables import alarm, channel, device, ledger, outbox, reading, reject
from tests.ingest.conftest import AT, Publisher

TELEMETRY = "facility/hill/plc-1/telemetry"
Eventually = Callable[[Callable[[], bool]], None]


def rows(database: Database, query: Select[Any]) -> list[Any]:
    with database.transaction() as tx:
        return [tuple(row) for row in tx.execute(query)]


def count(database: Database, table: Any) -> int:
    return int(rows(database, select(func.count()).select_from(table))[0][0])


def make(database: Database, broker: EmbeddedBroker, batch: int = 50) -> Worker:
    return Worker(database, broker.url, slot=0, batch=batch, gather_s=0.01)


@pytest.fixture
def worker(database: Database, own_broker: EmbeddedBroker, eventually: Eventually) -> Iterator[Worker]:
    running = make(database, own_broker)
    running.start()
    eventually(lambda: running.tally.connected)
    yield running
    running.stop()


def test_stores_what_is_published(
    worker: Worker, database: Database, publisher: Publisher, eventually: Eventually
) -> None:
    publisher.send(TELEMETRY, {"ts": AT, "seq": 1, "values": {"pressure": 450_000.5, "water_level": 2}})
    eventually(lambda: count(database, reading) == 2)
    values = rows(database, select(reading.c.value, reading.c.sequence).order_by(reading.c.value))
    assert values == [(2.0, 1), (450_000.5, 1)]
    assert (worker.tally.received, worker.tally.stored) == (2, 2)
    eventually(lambda: all(worker.tally.effort.values()))


def test_whatever_is_no_reading_becomes_a_reject_and_the_rest_goes_on(
    worker: Worker, database: Database, publisher: Publisher, eventually: Eventually
) -> None:
    bad: list[tuple[str, bytes, str]] = [
        (TELEMETRY, b"\xff\xfe", "unreadable"),
        (TELEMETRY, b"[]", "unreadable"),
        (TELEMETRY, b'{"values":{}}', "no_values"),
        (TELEMETRY, b'{"ts":-1,"values":{"pressure":1}}', "bad_time"),
        (TELEMETRY, b'{"ts":1e308,"values":{"pressure":1}}', "bad_time"),
        (TELEMETRY, b'{"seq":-1,"values":{"pressure":1}}', "bad_sequence"),
        (TELEMETRY, b'{"seq":1.5,"values":{"pressure":1}}', "bad_sequence"),
        (TELEMETRY, b'{"values":{"pressure":"high"}}', "bad_value"),
        (TELEMETRY, b'{"values":{"nonsense":1}}', "unknown_point"),
        ("facility/hill/nobody/telemetry", b'{"values":{"pressure":1}}', "unknown_device"),
        ("facility/valley/plc-1/telemetry", b'{"values":{"pressure":1}}', "wrong_site"),
        ("facility/hill/plc-1/status", b"perhaps", "unreadable"),
    ]
    for topic, payload, _ in bad:
        publisher.send(topic, payload)
    publisher.send(TELEMETRY, {"values": {"pressure": 1.0}})
    eventually(lambda: count(database, reading) == 1)
    kept = rows(database, select(reject.c.topic, reject.c.payload, reject.c.reason).order_by(reject.c.id))
    assert [(topic, bytes(payload), reason) for topic, payload, reason in kept] == bad


def test_what_was_sent_while_no_worker_ran_is_stored_in_order(
    database: Database, own_broker: EmbeddedBroker, publisher: Publisher, eventually: Eventually
) -> None:
    first = make(database, own_broker)
    first.start()
    eventually(lambda: first.tally.connected)
    first.stop()
    publisher.send_many([(TELEMETRY, {"ts": AT + n, "seq": n, "values": {"pressure": n}}) for n in range(300)])
    second = make(database, own_broker)
    second.start()
    eventually(lambda: count(database, reading) == 300)
    second.stop()
    assert second.tally.stored == 300


def test_a_worker_that_dies_between_commit_and_acknowledgement_doubles_nothing(
    database: Database,
    own_broker: EmbeddedBroker,
    publisher: Publisher,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dying = make(database, own_broker)
    monkeypatch.setattr("facility_monitor.ingest.subscriber.Subscriber.acknowledge", lambda *_: None)
    dying.start()
    eventually(lambda: dying.tally.connected)
    messages = [
        (
            TELEMETRY,
            {"seq": n, "values": {"pressure": 300_000 + n}} | ({"ts": AT + n * 1000} if n % 2 else {}),
        )
        for n in range(40)
    ]
    publisher.send_many(messages)
    eventually(lambda: count(database, reading) == 40)
    dying.stop()
    monkeypatch.undo()

    heir = make(database, own_broker)
    heir.start()
    eventually(lambda: heir.tally.received == 40)
    heir.stop()
    assert (heir.tally.stored, heir.tally.duplicate, count(database, reading)) == (0, 40, 40)


def test_a_spare_takes_the_slot_when_its_holder_goes(
    worker: Worker, database: Database, own_broker: EmbeddedBroker, publisher: Publisher, eventually: Eventually
) -> None:
    spare = make(database, own_broker)
    spare.start()
    publisher.send(TELEMETRY, {"seq": 1, "values": {"pressure": 1.0}})
    eventually(lambda: count(database, reading) == 1)
    assert not spare.tally.holding_slot
    worker.stop()
    eventually(lambda: spare.tally.connected)
    publisher.send(TELEMETRY, {"seq": 2, "values": {"pressure": 2.0}})
    eventually(lambda: spare.tally.stored == 1)
    assert count(database, reading) == 2
    spare.stop()


def test_a_broken_database_connection_loses_and_doubles_nothing(
    worker: Worker, database: Database, publisher: Publisher, eventually: Eventually
) -> None:
    sent = 0
    for _ in range(3):
        for _ in range(20):
            publisher.send(TELEMETRY, {"seq": sent, "values": {"pressure": float(sent)}})
            sent += 1
        with database.transaction() as tx:
            tx.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
    eventually(lambda: count(database, reading) == sent)
    numbers = rows(database, select(reading.c.sequence).order_by(reading.c.sequence))
    assert [number for (number,) in numbers] == list(range(sent))


def test_one_row_that_the_database_refuses_costs_no_other(
    worker: Worker, database: Database, publisher: Publisher, eventually: Eventually
) -> None:
    with database.transaction() as tx:
        tx.execute(text("ALTER TABLE reading ADD CONSTRAINT picky CHECK (value <> 13)"))
    publisher.send_many([(TELEMETRY, {"seq": n, "values": {"pressure": n}}) for n in range(30)])
    eventually(lambda: count(database, reading) == 29 and count(database, reject) == 1)
    ((reason, detail),) = rows(database, select(reject.c.reason, reject.c.detail))
    assert reason == "refused_by_database"
    assert "picky" in detail


def test_a_fault_of_our_own_is_a_dead_letter_not_a_standstill(
    worker: Worker,
    database: Database,
    publisher: Publisher,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    def faulty(rule: Any, track: Any, held: Any, reading: Any, **more: Any) -> Any:
        if reading.value == 13:
            raise ZeroDivisionError("13")
        return judge(rule, track, held, reading, **more)

    monkeypatch.setattr("facility_monitor.domain.alarm.evaluator.judge", faulty)
    publisher.send_many([(TELEMETRY, {"seq": n, "values": {"pressure": n}}) for n in range(30)])
    eventually(lambda: count(database, reading) == 29 and count(database, reject) == 1)
    assert rows(database, select(reject.c.reason)) == [("not_processed",)]


def test_an_alarm_follows_its_reading_and_silence_does_not_stop_a_delay(
    worker: Worker, database: Database, publisher: Publisher, eventually: Eventually
) -> None:
    with database.transaction() as tx:
        tx.execute(
            text("UPDATE rule SET definition = jsonb_set(definition, '{on_delay_s}', '1') WHERE code = 'pressure-low'")
        )
    publisher.send(TELEMETRY, {"values": {"pressure": 100_000}})
    eventually(lambda: count(database, alarm) == 1)


def test_a_rule_in_shadow_is_logged_and_told_to_nobody(
    worker: Worker, database: Database, publisher: Publisher, eventually: Eventually
) -> None:
    with database.transaction() as tx:
        on_trial = """definition || '{"shadow": true, "on_delay_s": 0}'"""
        tx.execute(text(f"UPDATE rule SET definition = {on_trial} WHERE code = 'pressure-low'"))  # noqa: S608
        for kind in ("webhook", "apprise"):
            tx.execute(insert(channel).values(kind=kind, address=f"https://example.org/{kind}"))
    publisher.send(TELEMETRY, {"ts": AT, "seq": 1, "values": {"pressure": 1.0}})
    for seq, seconds in ((2, 60), (3, 120)):
        publisher.send(TELEMETRY, {"ts": AT + seconds * 1000, "seq": seq, "values": {"pressure": 500_000.0}})
    eventually(lambda: rows(database, select(alarm.c.shadow, alarm.c.active)) == [(True, False)])
    publisher.send("facility/hill/sd-1/telemetry", {"values": {"smoke_alarm": 1}})
    eventually(lambda: count(database, alarm) == 2)
    kinds = rows(database, select(ledger.c.kind).where(ledger.c.alarm_id.is_not(None)).order_by(ledger.c.id))
    assert kinds[:3] == [("alarm_raised",), ("alarm_returned",), ("alarm_cleared",)]
    told = rows(database, select(outbox.c.notice["title"]["en"].as_string()).distinct())
    assert told == [("Fire alarm",)]
    assert rows(database, select(alarm.c.ticket_id).where(alarm.c.shadow)) == [(None,)]


def test_a_will_marks_its_device(
    worker: Worker, database: Database, publisher: Publisher, eventually: Eventually
) -> None:
    publisher.send("facility/hill/plc-1/status", {"state": "online"}, retain=True)
    eventually(lambda: rows(database, select(device.c.state).where(device.c.code == "plc-1")) == [("online",)])
    publisher.send("facility/hill/plc-1/status", "offline", retain=True)
    eventually(lambda: rows(database, select(device.c.state).where(device.c.code == "plc-1")) == [("offline",)])
