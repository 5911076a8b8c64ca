"""The ground of a trial: everything that a fault may hit, and how to see that it is over."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random
from urllib.parse import parse_qs, urlsplit, urlunsplit

import psycopg

from facility_monitor.bench.product import Ingest, ingesting, wait_ready
from facility_monitor.bench.proxy import Proxy
from facility_monitor.bench.servers import Servers, connect
from facility_monitor.bench.stream import code
from facility_monitor.demo.embedded import EmbeddedPostgres
from facility_monitor.domain.instant import MILLISECOND
from facility_monitor.errors import Unavailable

BEHIND = 200 * MILLISECOND
"""What was due so long ago is stored where the ingest keeps up. What came since, 400 messages, and a batch whose
acknowledgements are still on their way fit into the broker's window together: nothing waits in its queue."""
BACK_S = 60.0
"""How long we wait for the ingest to store again before we give it up."""


@dataclass
class Ground:
    """Broker and database behind networks that can be cut, and the ingests, which are started again when they end."""

    running: Servers
    postgres: EmbeddedPostgres
    database_url: str
    points: list[int]
    """of the first device"""
    chance: Random
    to_broker: Proxy
    to_database: Proxy
    ingests: list[Ingest] = field(default_factory=list)
    began: float = field(default_factory=time.time)
    _stack: ExitStack = field(default_factory=ExitStack)

    def start_ingest(self) -> Ingest:
        """One more, as a supervisor would start it."""
        mqtt = urlsplit(self.running.broker.url)
        account, _, _ = mqtt.netloc.rpartition("@")
        started = self._stack.enter_context(
            ingesting(
                self.running.folder,
                f"postgresql://postgres@127.0.0.1:{self.to_database.port}{urlsplit(self.database_url).path}",
                urlunsplit(mqtt._replace(netloc=f"{account}@127.0.0.1:{self.to_broker.port}")),
            )
        )
        self.ingests.append(started)
        return started

    def kill_ingest(self) -> None:
        """Kill the first one; another takes its place."""
        self.ingests.pop(0).kill()
        self.start_ingest()

    def holder(self, but: int | None = None) -> int:
        """The process of the database that serves whoever holds the slot, once somebody does, and it is not ``but``."""
        asked = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 LIMIT 1"
        until = time.monotonic() + BACK_S
        with connect(self.database_url) as connection:
            while time.monotonic() < until:
                row = connection.execute(asked).fetchone()
                if row is not None and row[0] != but:
                    pid: int = row[0]
                    return pid
                time.sleep(0.02)
        raise Unavailable("nobody holds the slot")

    def progress(self) -> int:
        """How many readings of the first device are stored."""
        with connect(self.database_url) as connection:
            row = connection.execute(
                "SELECT count(*) FROM reading WHERE point_id = ANY (%s)", (self.points,)
            ).fetchone()
        return row[0] if row else 0

    def back(self, before: int) -> float:
        """Seconds until more is stored than ``before``. Raises Unavailable where that takes too long."""
        began = time.monotonic()
        while time.monotonic() - began < BACK_S:
            try:
                if self.progress() > before:
                    return time.monotonic() - began
            except (Unavailable, psycopg.Error):
                time.sleep(0.1)  # the database is not back yet
            time.sleep(0.01)
        raise Unavailable(f"nothing is stored any more: {self.ingests[0].last_words()}")

    def wait_saved(self) -> None:
        """Until the broker has saved the ingest's session."""
        saved = self.running.broker.password_file.with_name("mosquitto.db")
        while not saved.exists() or saved.stat().st_mtime < self.began:
            time.sleep(0.1)

    def wait_caught_up(self) -> None:
        """Until what was due a moment ago is stored: nothing waits in the broker's queue."""
        until = time.monotonic() + BACK_S
        with connect(self.database_url) as connection:
            while time.monotonic() < until:
                due = time.time_ns() // 1000 - BEHIND
                asked = "SELECT EXISTS (SELECT FROM reading WHERE point_id = ANY (%s) AND at >= to_timestamp(%s / 1e6))"
                if connection.execute(asked, (self.points, due)).fetchone() == (True,):
                    return
                time.sleep(0.02)
        raise Unavailable(f"the ingest does not catch up: {self.ingests[0].last_words()}")

    def wait_refused(self, said: int) -> None:
        """Until the database says that it has no room, beyond the first ``said`` bytes of its log.

        Raises Unavailable where it goes on: the fault is none then.
        """
        log = self.postgres.log_path
        until = time.monotonic() + BACK_S
        while time.monotonic() < until:
            if b"No space left on device" in log.read_bytes()[said:]:
                return
            time.sleep(0.1)
        raise Unavailable("the disk did not become full")

    def close(self) -> None:
        """End the ingests."""
        self._stack.close()


def _points(database_url: str) -> list[int]:
    asked = "SELECT point.id FROM point JOIN device ON device.id = device_id WHERE device.code = %s"
    with connect(database_url) as connection:
        return [row[0] for row in connection.execute(asked, (code(0),))]


@contextmanager
def ground(running: Servers, postgres: EmbeddedPostgres, database_url: str, seed: int) -> Iterator[Ground]:
    """With one ingest that works."""
    where = urlsplit(running.broker.url)
    sockets = parse_qs(urlsplit(postgres.url).query)["host"][0]

    def to_database() -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"{sockets}/.s.PGSQL.5432")
        return connection

    with (
        Proxy(lambda: socket.create_connection(("127.0.0.1", where.port or 0))) as broker,
        Proxy(to_database) as database,
    ):
        made = Ground(running, postgres, database_url, _points(database_url), Random(seed), broker, database)
        try:
            wait_ready(made.start_ingest(), running.broker.simulators_url, database_url)
            made.began = time.time()
            yield made
        finally:
            made.close()
