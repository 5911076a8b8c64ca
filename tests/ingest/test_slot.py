"""A slot and its connection: who falls silent on it loses the slot, and nobody waits for ever on a dead one."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from facility_monitor.bench.proxy import Proxy
from facility_monitor.ingest.slot import Slot, SlotLost
from facility_monitor.store.database import Database


@pytest.fixture
def network(database_url: str) -> Iterator[Proxy]:
    """Between a worker and the database."""
    where = urlsplit(database_url)
    folder = parse_qs(where.query).get("host")

    def connect() -> socket.socket:
        if folder is None:
            return socket.create_connection((where.hostname or "127.0.0.1", where.port or 5432))
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"{folder[0]}/.s.PGSQL.5432")
        return connection

    with Proxy(connect) as proxy:
        yield proxy


@pytest.fixture
def far(database_url: str, network: Proxy) -> Iterator[Database]:
    """The same database, at the other end of the network."""
    where = urlsplit(database_url)
    account = where.netloc.rpartition("@")[0] or "postgres"
    database = Database(f"postgresql://{account}@127.0.0.1:{network.port}{where.path}", pool=1)
    yield database
    database.close()


def test_who_falls_silent_loses_the_slot(
    database_url: str, monkeypatch: pytest.MonkeyPatch, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    monkeypatch.setattr("facility_monitor.ingest.slot.LEASE_S", 1)
    database = Database(database_url, pool=1)
    frozen, spare = Slot(database, 7), Slot(database, 7)
    assert frozen.claim()
    assert not spare.claim()
    eventually(spare.claim)
    with pytest.raises(SlotLost), frozen.transaction() as tx:
        tx.execute(text("SELECT 1"))
    with spare.transaction() as tx:
        assert tx.execute(text("SELECT 1")).scalar_one() == 1
    spare.release()
    database.close()


def test_nobody_waits_for_an_answer_that_the_network_has_swallowed(
    far: Database, network: Proxy, monkeypatch: pytest.MonkeyPatch, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    monkeypatch.setattr("facility_monitor.ingest.slot.LEASE_S", 1)
    monkeypatch.setattr("facility_monitor.ingest.lifeline.PATIENCE_S", 0.4)
    slot = Slot(far, 7)
    assert slot.claim()
    with slot.transaction() as tx:  # a statement that takes long is no reason
        tx.execute(text("SELECT pg_sleep(1.2)"))
    network.drop()
    with pytest.raises(SlotLost), slot.transaction() as tx:
        tx.execute(text("SELECT 1"))
    network.flow()
    eventually(slot.claim)
    slot.release()
