"""Several slots over disjoint sites: each point is evaluated by one of them, whoever hears its device."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select, text, update

from facility_monitor.demo.embedded import EmbeddedBroker
from facility_monitor.flows.plant.inventory import add_mapping
from facility_monitor.ingest.workers import Workers
from facility_monitor.store.database import Database
from facility_monitor.store.tables import alarm, ingest_slot, reading, reject, site
from tests.ingest.conftest import AT, Publisher
from tests.ingest.test_worker import TELEMETRY, Eventually, count, rows


@pytest.fixture
def workers(
    database: Database, own_broker: EmbeddedBroker, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workers]:
    monkeypatch.setattr("facility_monitor.ingest.workers.LOOK_S", 0.2)
    with database.transaction() as tx:
        mapped = {"device": {"path": "id"}, "values": {"temperature": {"path": "t"}}}
        add_mapping(tx, {"topic_filter": "foreign/attic/#", "definition": mapped})
    running = Workers(database, own_broker.url, 50, 0.01)
    running.start()
    eventually(lambda: running.tally.connected)
    yield running
    running.stop()


@pytest.fixture
def assign(database: Database, eventually: Eventually) -> Callable[[int], None]:
    """``assign(slot)`` gives the site to a slot and waits until that slot, and no other, is subscribed to it."""

    def give(slot: int) -> None:
        with database.transaction() as tx:
            tx.execute(update(site).where(site.c.code == "hill").values(slot=slot))
        held = select(ingest_slot.c.slot).where(ingest_slot.c.sites.any("hill"))
        eventually(lambda: rows(database, held) == [(slot,)])

    return give


def test_a_site_moves_between_slots_while_its_devices_send_and_nothing_is_lost_or_doubled(
    workers: Workers,
    database: Database,
    publisher: Publisher,
    eventually: Eventually,
    assign: Callable[[int], None],
) -> None:
    sent, stop = 0, threading.Event()

    def send() -> None:
        nonlocal sent
        while not stop.wait(0.01):
            publisher.send(TELEMETRY, {"ts": AT + sent * 1000, "seq": sent, "values": {"pressure": 300_000}})
            sent += 1

    sending = threading.Thread(target=send)
    sending.start()
    for slot in (1, 0, 1):
        assign(slot)
    stop.set()
    sending.join()
    eventually(lambda: count(database, reading) == sent)
    pending = select(func.count()).select_from(reject).where(reject.c.replayed_at.is_(None))
    eventually(lambda: rows(database, pending) == [(0,)])
    numbers = rows(database, select(reading.c.sequence).order_by(reading.c.sequence))
    assert [number for (number,) in numbers] == list(range(sent))
    assert {reason for (reason,) in rows(database, select(reject.c.reason))} <= {"other_slot"}
    # one episode, whoever judged it: the delay went on where the other slot had left it
    assert rows(database, select(alarm.c.raise_count, alarm.c.active)) == [(1, True)]


def test_what_a_slot_hears_for_another_ones_device_is_passed_on_and_judged_there(
    workers: Workers,
    database: Database,
    publisher: Publisher,
    eventually: Eventually,
    assign: Callable[[int], None],
) -> None:
    assign(3)
    publisher.send("foreign/attic/up", b'{"id":"0e:9c:00","t":21.5}')
    eventually(lambda: count(database, reading) == 1)
    ((reason, requested_by, outcome),) = rows(
        database, select(reject.c.reason, reject.c.requested_by, reject.c.outcome)
    )
    assert (reason, requested_by, outcome["stored"]) == ("other_slot", None, 1)
    publisher.send(TELEMETRY, b'{"values":{"pressure":1}}')
    eventually(lambda: count(database, reading) == 2)
    assert count(database, reject) == 1


def test_a_slot_beyond_those_there_can_be_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="site_slot_check"), database.transaction() as tx:
        tx.execute(text("UPDATE site SET slot = 32"))
