"""The worker with devices that speak Sparkplug B and SenML, on a real broker and a real database."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import cbor2
import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import Select, select, text

from facility_monitor.demo.embedded import EmbeddedBroker, lets_in
from facility_monitor.flows.plant.inventory import add_mapping
from facility_monitor.ingest.broker_accounts import set_password
from facility_monitor.ingest.worker import Worker
from facility_monitor.store import catalogue
from facility_monitor.store.database import Database
from facility_monitor.store.tables import device, reading, reject
from tests.ingest.conftest import AT
from tests.ingest.decoders import edge
from tests.ingest.decoders.edge import metric, payload, session

Eventually = Callable[[Callable[[], bool]], None]


class Peer:
    """A device's connection; Sparkplug goes out with QoS 0, as its specification says."""

    def __init__(self, user: str, port: int) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._ready = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=user)
        self._client.username_pw_set(user, user)
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = lambda _client, _data, message: self.heard.append(
            (message.topic, bytes(message.payload))
        )
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def listen(self, topic: str) -> None:
        self._client.subscribe(topic, 1)
        assert self._ready.wait(5)

    def say(self, topic: str, content: bytes, qos: int = 0) -> None:
        self._client.publish(topic, content, qos=qos).wait_for_publish(5)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def peer(own_broker: EmbeddedBroker, eventually: Eventually) -> Iterator[Callable[[str], Peer]]:
    """``peer(user)`` connects a device under an account of its own, as production does."""
    made: list[Peer] = []

    def connect(user: str) -> Peer:
        set_password(own_broker.password_file, user, user)
        own_broker.reload_accounts()
        eventually(lambda: lets_in(own_broker.device_port, user, user))
        made.append(Peer(user, own_broker.device_port))
        return made[-1]

    yield connect
    for each in made:
        each.close()


@pytest.fixture
def worker(database: Database, own_broker: EmbeddedBroker, eventually: Eventually) -> Iterator[Worker]:
    with database.transaction() as tx:
        tx.execute(text("UPDATE device SET address = 'Plant/edge-1/plc' WHERE code = 'plc-1'"))
        add_mapping(tx, catalogue.mapping("tasmota") | {"topic_filter": "foreign/attic/SENSOR"})
    running = Worker(database, own_broker.url, slot=0, batch=50, gather_s=0.01)
    running.start()
    eventually(lambda: running.tally.connected)
    yield running
    running.stop()


def rows(database: Database, query: Select[Any]) -> list[Any]:
    with database.transaction() as tx:
        return [tuple(row) for row in tx.execute(query)]


def values(database: Database) -> list[float]:
    return [value for (value,) in rows(database, select(reading.c.value).order_by(reading.c.received_at, reading.c.at))]


def test_an_edge_node_that_was_on_before_the_worker_is_asked_for_its_births(
    worker: Worker, database: Database, peer: Callable[[str], Peer], eventually: Eventually
) -> None:
    node = peer("edge-1")
    node.listen("spBv1.0/Plant/NCMD/edge-1")
    data = "spBv1.0/Plant/DDATA/edge-1/plc"
    node.say(data, payload(metric(None, 4.4, alias=7, told=False), at=AT, seq=9))
    eventually(lambda: len(node.heard) == 1)
    assert node.heard[0][0] == "spBv1.0/Plant/NCMD/edge-1"
    assert b"Node Control/Rebirth" in node.heard[0][1]
    eventually(lambda: rows(database, select(reject.c.reason)) == [("not_born",)])

    node.say("spBv1.0/Plant/NBIRTH/edge-1", payload(session(1), at=AT + 1))
    birth = metric("pressure", 4.5, alias=7, properties={"engUnit": "bar"})
    node.say("spBv1.0/Plant/DBIRTH/edge-1/plc", payload(birth, at=AT + 2, seq=1))
    node.say(data, payload(metric(None, 4.6, alias=7, told=False), at=AT + 3, seq=2))
    eventually(lambda: len(values(database)) == 2)
    assert values(database) == [450_000.0, pytest.approx(460_000.0)]
    assert rows(database, select(device.c.state).where(device.c.code == "plc-1")) == [("online",)]

    node.say("spBv1.0/Plant/NDEATH/edge-1", payload(session(1), seq=None), qos=1)
    eventually(lambda: rows(database, select(device.c.state).where(device.c.code == "plc-1")) == [("offline",)])
    assert len(node.heard) == 1


def test_what_comes_with_qos_0_costs_no_connection(
    worker: Worker, database: Database, peer: Callable[[str], Peer], eventually: Eventually
) -> None:
    plc = peer("plc-1")
    for n in range(30):
        plc.say("facility/hill/plc-1/telemetry", b'{"seq":%d,"values":{"pressure":%d}}' % (n, n), qos=n % 2)
    eventually(lambda: len(values(database)) == 30)
    assert worker.tally.connected
    assert worker.tally.received == 30  # nothing came a second time, as it would after a lost connection


def test_every_format_reaches_its_points_in_their_units(
    worker: Worker, database: Database, peer: Callable[[str], Peer], eventually: Eventually
) -> None:
    plc = peer("plc-1")
    pack: list[dict[Any, Any]] = [{-2: "plc-1/", 0: "pressure", 1: "hPa", 2: 1000}, {0: "water_level", 1: "cm", 2: 250}]
    plc.say("facility/hill/plc-1/senml", cbor2.dumps(pack), qos=1)
    plc.say("facility/hill/plc-1/telemetry", b'[{"n":"pressure","u":"kPa","v":200}]', qos=1)
    plc.say("facility/hill/plc-1/telemetry", b'{"values":{"pressure":{"value":0.3,"unit":"MPa"}}}', qos=1)
    plc.say("tb/plc-1/v1/devices/me/telemetry", b'{"pressure":400000}', qos=1)
    with database.transaction() as tx:
        tx.execute(text("UPDATE device SET address = 'attic' WHERE code = 'foreign-1'"))
    told = {"Time": f"{datetime.now(UTC):%FT%T}", "SI7021": {"Temperature": 212}, "TempUnit": "F"}
    peer("attic").say("foreign/attic/SENSOR", json.dumps(told).encode(), qos=1)
    eventually(lambda: len(values(database)) == 6)
    assert sorted(values(database)) == [2.5, 100.0, 100_000.0, 200_000.0, 300_000.0, 400_000.0]
    assert worker.tally.rejected.total() == 0


def test_a_unit_that_is_none_of_the_points_is_kept_as_a_reject(
    worker: Worker, database: Database, peer: Callable[[str], Peer], eventually: Eventually
) -> None:
    plc = peer("plc-1")
    plc.say("facility/hill/plc-1/telemetry", b'{"values":{"pressure":{"value":3,"unit":"furlong"}}}', qos=1)
    eventually(lambda: rows(database, select(reject.c.reason)) == [("unknown_unit",)])


def test_the_data_type_of_a_time_is_no_pressure(
    worker: Worker, database: Database, peer: Callable[[str], Peer], eventually: Eventually
) -> None:
    node = peer("edge-1")
    node.say("spBv1.0/Plant/NBIRTH/edge-1", payload(session(1), at=AT))
    node.say("spBv1.0/Plant/DBIRTH/edge-1/plc", payload(metric("pressure", AT, edge.DATE_TIME), at=AT, seq=1))
    eventually(lambda: rows(database, select(reject.c.reason).where(reject.c.reason == "unknown_unit")) != [])
