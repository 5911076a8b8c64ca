"""Dead letters are replayed by the slot's own worker: exactly once, marked, entered in the books, judged as late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Select, func, select, text, true

from facility_monitor.demo.embedded import EmbeddedBroker
from facility_monitor.domain.person import Person, Role
from facility_monitor.flows.plant.inventory import add_mapping, add_point
from facility_monitor.flows.reading.adoption import adopt
from facility_monitor.ingest.self_watch import SelfWatch
from facility_monitor.ingest.worker import Worker
from facility_monitor.store.database import Database
from facility_monitor.store.reading import balances, letters
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import alarm, device, equipment, point, reading, reject, site, unknown_device
from facility_monitor.store.views import balances as views
from tests.ingest.conftest import AT, Publisher
from tests.ingest.test_worker import TELEMETRY, Eventually, count, rows, worker  # noqa: F401

ADMIN = Person(1, "admin", "Admin", Role.ADMIN, "en", None)


def one(database: Database, query: Select[Any]) -> Any:
    ((value,),) = rows(database, query)
    return value


def ask(database: Database) -> int:
    with database.transaction() as tx:
        return letters.request(tx, [true()], "zhang", datetime.now(UTC))


def books(database: Database) -> dict[str | None, tuple[int, ...]]:
    """The balance of each device by its code."""
    with database.transaction() as tx:
        found = views.devices(tx, Sight(ADMIN, datetime.now(UTC)), None, after=0, limit=100)
        sites = views.sites(tx, Sight(ADMIN, datetime.now(UTC)))
    assert all(each["account"].difference == 0 for each in (*found, *sites))
    return {each["code"]: each["account"][:4] for each in found if each["account"].received}


@pytest.fixture
def add_humidity(database: Database) -> Callable[[], None]:
    def add() -> None:
        with database.transaction() as tx:
            of = {"device_id": select(device.c.id).where(device.c.code == "plc-1").scalar_subquery()}
            number = tx.execute(select(of["device_id"])).scalar_one()
            room = tx.execute(select(equipment.c.id).where(equipment.c.code == "pr-1")).scalar_one()
            add_point(tx, {"device_id": number, "equipment_id": room, "key": "humidity", "metric": "humidity"})

    return add


def test_after_a_point_is_added_its_values_are_stored_once_and_the_letters_are_marked(
    worker: Worker,  # noqa: F811
    database: Database,
    publisher: Publisher,
    eventually: Eventually,
    add_humidity: Callable[[], None],
) -> None:
    for n in range(5):
        publisher.send(TELEMETRY, {"ts": AT + n, "seq": n, "values": {"pressure": 450_000, "humidity": 60 + n}})
    publisher.send(TELEMETRY, b'{"values":{"humidity":70}}')
    publisher.send(TELEMETRY, b"{")
    eventually(lambda: count(database, reject) == 7)
    assert books(database) == {"plc-1": (12, 5, 0, 7)}
    add_humidity()
    assert ask(database) == 7
    assert ask(database) == 0  # asked for already
    eventually(lambda: one(database, select(func.count(reject.c.replayed_at))) == 7)
    assert count(database, reading) == 11
    kept = rows(database, select(reject.c.outcome, reject.c.requested_by).order_by(reject.c.id))
    assert [outcome["stored"] for outcome, _ in kept] == [1] * 6 + [0]
    assert kept[6][0]["reason"] == "unreadable"
    assert {by for _, by in kept} == {"zhang"}
    at, received = rows(database, select(reading.c.at, reading.c.received_at).where(reading.c.value == 70))[0]
    assert at == received == rows(database, select(reject.c.received_at).order_by(reject.c.id))[5][0]
    assert books(database) == {"plc-1": (12, 11, 0, 1)}
    assert ask(database) == 1  # only the one of which nothing is stored
    eventually(lambda: one(database, select(func.count(reject.c.replayed_at))) == 7)
    assert count(database, reading) == 11
    assert books(database) == {"plc-1": (12, 11, 0, 1)}
    with database.transaction() as tx:
        tx.execute(text("UPDATE ingest_slot SET settled = 1000"))
    assert balances.fold(database, datetime.now(UTC)) > 0
    assert books(database) == {"plc-1": (12, 11, 0, 1)}


def test_an_unknown_device_is_listed_and_adopted_and_what_it_sent_is_stored_without_an_alarm_of_its_past(
    worker: Worker,  # noqa: F811
    database: Database,
    publisher: Publisher,
    eventually: Eventually,
) -> None:
    for n in range(3):
        values = {"p": {"value": 300 - n, "unit": "kPa"}}
        publisher.send("facility/hill/ab-cd/telemetry", {"ts": AT + n * 60_000, "values": values})
    publisher.send("facility/hill/ab-cd/status", b"offline")
    publisher.send("facility/hill/new-1/telemetry", b'{"values":{"temp":{"value":20,"unit":"Cel"}}}')
    eventually(lambda: one(database, select(func.sum(unknown_device.c.messages))) == 5)
    heard = rows(database, select(unknown_device.c.site, unknown_device.c.device).order_by(unknown_device.c.device))
    assert heard == [("hill", "ab-cd"), ("hill", "new-1")]
    with database.transaction() as tx:
        number = tx.execute(select(unknown_device.c.id).where(unknown_device.c.device == "ab-cd")).scalar_one()
        room, at = tx.execute(select(equipment.c.id, equipment.c.site_id).where(equipment.c.code == "pr-1")).one()
        new = {"site_id": at, "equipment_id": room, "code": "gauge-7", "name": {"en": "Adopted"}}
        points = [{"key": "p", "metric": "pressure"}]
        _, replayed = adopt(tx, number, new, points, "zhang", datetime.now(UTC))
    assert replayed == 4
    eventually(lambda: count(database, reading) == 3)
    assert rows(database, select(reading.c.value).order_by(reading.c.at)) == [(300_000,), (299_000,), (298_000,)]
    assert count(database, alarm) == 0  # below the limit for longer than the delay, but long ago
    assert one(database, select(device.c.address).where(device.c.code == "gauge-7")) == "ab-cd"
    assert rows(database, select(unknown_device.c.device)) == [("new-1",)]
    eventually(lambda: one(database, select(func.count(reject.c.replayed_at))) == 4)
    assert one(database, select(device.c.state).where(device.c.code == "gauge-7")) == "unknown"
    eventually(lambda: books(database) == {"gauge-7": (3, 3, 0, 0)})


def test_after_a_mapping_is_added_what_came_on_its_topic_is_stored(
    worker: Worker,  # noqa: F811
    database: Database,
    publisher: Publisher,
    eventually: Eventually,
) -> None:
    definition = {"device": {"path": "id"}, "values": {"temperature": {"path": "t"}}}
    with database.transaction() as tx:
        add_mapping(tx, {"topic_filter": "foreign/attic/#", "definition": {**definition, "each": "nothing"}})
    eventually(lambda: _subscribed(worker, publisher, database))
    publisher.send("foreign/attic/up", b'{"id":"0e:9c:00","t":21.5}')
    up = select(func.count()).select_from(reject).where(reject.c.topic == "foreign/attic/up")
    eventually(lambda: one(database, up) == 1)
    with database.transaction() as tx:
        tx.execute(text("UPDATE payload_mapping SET definition = definition - 'each'"))
    ask(database)
    eventually(lambda: count(database, reading) == 1)


def _subscribed(_worker: Worker, publisher: Publisher, database: Database) -> bool:
    publisher.send("foreign/attic/probe", b"?")
    return count(database, reject) > 0


def test_a_letter_that_cannot_be_replayed_is_marked_and_the_others_go_on(
    worker: Worker,  # noqa: F811
    database: Database,
    publisher: Publisher,
    eventually: Eventually,
    add_humidity: Callable[[], None],
) -> None:
    for value in (12, 13, 14):
        publisher.send(TELEMETRY, {"values": {"humidity": value}})
    eventually(lambda: count(database, reject) == 3)
    add_humidity()
    with database.transaction() as tx:
        tx.execute(text("ALTER TABLE reading ADD CONSTRAINT picky CHECK (value <> 13)"))
    ask(database)
    eventually(lambda: one(database, select(func.count(reject.c.replayed_at))) == 3)
    outcomes = [outcome for (outcome,) in rows(database, select(reject.c.outcome).order_by(reject.c.id))]
    assert [each["stored"] for each in outcomes] == [1, 0, 1]
    assert "picky" in outcomes[1]["detail"]


def test_messages_that_never_came_are_counted_by_their_numbers_until_they_come(
    worker: Worker,  # noqa: F811
    database: Database,
    publisher: Publisher,
    eventually: Eventually,
) -> None:
    def missing() -> int:
        with database.transaction() as tx:
            found = views.devices(tx, Sight(ADMIN, datetime.now(UTC)), None, after=0, limit=100)
        return sum(each["account"].missing for each in found)

    for n in (1, 2, 5, 9):
        publisher.send(TELEMETRY, {"ts": AT + n, "seq": n, "values": {"pressure": n}})
    eventually(lambda: missing() == 5)
    publisher.send(TELEMETRY, {"ts": AT + 4, "seq": 4, "values": {"pressure": 4}})
    publisher.send(TELEMETRY, {"ts": AT + 4, "seq": 4, "values": {"pressure": 4}})
    eventually(lambda: missing() == 4)


def test_messages_that_the_broker_drops_raise_an_alarm_that_goes_when_no_more_are_dropped(
    worker: Worker,  # noqa: F811
    database: Database,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    says, clock = SelfWatch.says, [0.0]
    looked: list[float] = []

    def dropping(watch: SelfWatch, difference: int, counter: int | None, clocks: int, now: float, at: int) -> Any:
        looked.append(now)
        return says(watch, difference, 7 if clock[0] else 5, clocks, now + clock[0], at)

    monkeypatch.setattr(SelfWatch, "says", dropping)
    eventually(lambda: len(looked) > 0)
    assert count(database, alarm) == 0
    clock[0] = 1.0
    eventually(lambda: count(database, alarm) == 1)
    ((kind, value),) = rows(
        database,
        select(point.c.metric, alarm.c.value).join(point, point.c.id == alarm.c.point_id),
    )
    assert (kind, value) == ("broker_dropped", 2.0)
    assert one(database, select(site.c.code).join(alarm, alarm.c.site_id == site.c.id)) == "monitoring-system"


def test_what_the_broker_says_of_itself_is_known(
    worker: Worker,  # noqa: F811
    own_broker: EmbeddedBroker,
    mosquitto: object,
    eventually: Eventually,
) -> None:
    eventually(lambda: worker.tally.broker.get("dropped") == 0, 15.0)  # type: ignore[call-arg]
