"""What the broker sends again is not stored again, also where nothing in the message tells that it has been here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select, text

from facility_monitor.demo.embedded import EmbeddedBroker
from facility_monitor.ingest.subscriber import Subscriber
from facility_monitor.ingest.worker import Worker
from facility_monitor.store.database import Database
from facility_monitor.store.tables import reading, reject
from tests.ingest.conftest import Publisher
from tests.ingest.test_worker import TELEMETRY, Eventually, count, make, rows

NAMELESS: list[tuple[str, bytes]] = [
    *[(TELEMETRY, b'{"values":{"pressure":450000}}')] * 5,  # equal, and each of them meant
    (TELEMETRY, b'{"pressure":450001,"water_level":2}'),
    ("facility/hill/nobody/telemetry", b'{"values":{"pressure":1}}'),
    (TELEMETRY, b"{"),
    (TELEMETRY, b'{"values":{"pressure":450002,"nonsense":1}}'),
]
READINGS, REJECTS = 8, 3


@pytest.fixture
def connected(database: Database, own_broker: EmbeddedBroker, eventually: Eventually) -> Iterator[Callable[[], Worker]]:
    """``connected()`` is another worker that has reached the broker."""
    made: list[Worker] = []

    def start() -> Worker:
        worker = make(database, own_broker)
        made.append(worker)
        worker.start()
        eventually(lambda: worker.tally.connected)
        return worker

    yield start
    for each in made:
        each.stop()


@pytest.mark.parametrize("dies", ["the process", "the connection"])
def test_what_dies_between_commit_and_acknowledgement_doubles_nothing_nameless(
    connected: Callable[[], Worker],
    database: Database,
    publisher: Publisher,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
    dies: str,
) -> None:
    cut: list[int] = []

    def cut_off(subscriber: Subscriber, received: Any) -> None:
        cut.append(len(received))
        socket: Any = subscriber._client.socket()
        socket.close()

    monkeypatch.setattr(Subscriber, "acknowledge", (lambda *_: None) if dies == "the process" else cut_off)
    worker = connected()
    for topic, payload in NAMELESS:
        publisher.send(topic, payload)
    eventually(lambda: count(database, reading) == READINGS and count(database, reject) == REJECTS)
    before = rows(database, select(reading).order_by(reading.c.point_id, reading.c.at))
    if dies == "the process":
        worker.stop()
        monkeypatch.undo()
        worker = connected()
    else:
        assert cut
        monkeypatch.undo()
        worker = connected() if not worker.tally.holding_slot else worker
    publisher.send(TELEMETRY, b'{"values":{"pressure":7}}')
    eventually(lambda: count(database, reading) == READINGS + 1)
    after = rows(database, select(reading).where(reading.c.value != 7).order_by(reading.c.point_id, reading.c.at))
    assert after == before
    assert count(database, reject) == REJECTS
    assert worker.tally.duplicate >= READINGS + REJECTS
    books = rows(database, select(func.sum(text("stored"))).select_from(text(_ENTRIES)))
    assert books == [(READINGS + 1,)]


_ENTRIES = "(SELECT unnest(coalesce(stored, received)) AS stored FROM ingest_batch) AS entries"


def test_an_equal_message_under_an_id_in_new_use_is_another_message(
    connected: Callable[[], Worker], database: Database, publisher: Publisher, eventually: Eventually
) -> None:
    connected()
    for _ in range(30):
        publisher.send(TELEMETRY, b'{"values":{"pressure":450000}}')
    eventually(lambda: count(database, reading) == 30)


def test_a_packet_that_stays_unacknowledged_is_sent_again_by_a_new_connection(
    connected: Callable[[], Worker],
    database: Database,
    publisher: Publisher,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("facility_monitor.ingest.subscriber.STUCK_S", 0.3)
    worker = connected()
    acknowledge = Subscriber.acknowledge
    monkeypatch.setattr(
        Subscriber, "acknowledge", lambda *_: monkeypatch.setattr(Subscriber, "acknowledge", acknowledge)
    )
    publisher.send(TELEMETRY, b'{"values":{"pressure":1}}')
    eventually(lambda: worker.tally.duplicate == 1 and worker.tally.stuck == 1)
    assert count(database, reading) == 1
    publisher.send(TELEMETRY, b'{"values":{"pressure":2}}')
    eventually(lambda: count(database, reading) == 2)


def test_what_has_come_is_stored_before_a_contested_slot_is_left(
    connected: Callable[[], Worker],
    database: Database,
    publisher: Publisher,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A broker that is killed again and again looks like a rival, and what it has passed on is nowhere else."""
    worker = connected()
    monkeypatch.setattr(Subscriber, "contested", property(lambda each: each.arrived > 0))
    publisher.send(TELEMETRY, b'{"values":{"pressure":1}}')
    eventually(lambda: worker.tally.contested > 0)
    assert count(database, reading) == 1


def test_who_shares_our_client_id_is_left_alone(
    connected: Callable[[], Worker], own_broker: EmbeddedBroker, eventually: Eventually
) -> None:
    worker = connected()
    rival = Subscriber(own_broker.url, "facility-monitor/0", ["facility/none"], lambda: 0)

    def fight() -> bool:
        rival.poll(0.05, 1)
        return worker.tally.contested > 0

    eventually(fight)
    assert not worker.tally.holding_slot
    rival.close()
