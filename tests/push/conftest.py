"""A receiver of webhooks that answers as it is told, and a database with workers on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest
from sqlalchemy import Row, select

from facility_monitor.push.lane import LIFE_SAFETY, ORDINARY, Lane
from facility_monitor.push.webhook import Webhook
from facility_monitor.push.worker import Worker
from facility_monitor.store.database import Database
from facility_monitor.store.tables import outbox
from tests.people import new_channel, new_message

PATIENCE_S = 10.0


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass(frozen=True)
class Answer:
    status: int = 201
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    hangs: bool = False
    """first waits until ``Receiver.release``"""


class Receiver:
    """An HTTP server that keeps every request it has read, before it answers."""

    def __init__(self) -> None:
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.requests: list[Request] = []
        self.connections = 0
        self._answers: dict[str, list[Answer]] = {}
        self._came = threading.Condition()
        self._released = threading.Event()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(self, path: str, *answers: Answer) -> str:
        """Give ``answers`` in turn to requests of ``path``, the last one ever after. Returns the URL."""
        self._answers[path] = list(answers)
        return self.url + path

    def _answer_to(self, path: str) -> Answer:
        left = self._answers.get(path, [Answer()])
        return left.pop(0) if len(left) > 1 else left[0]

    def take(self, request: Request) -> Answer:
        with self._came:
            self.requests.append(request)
            self._came.notify_all()
            answer = self._answer_to(request.path)
        if answer.hangs:
            self._released.wait()
        return answer

    def release(self) -> None:
        """Let those that hang answer."""
        self._released.set()

    def wait_for(self, number: int, path: str | None = None) -> list[Request]:
        """The requests (of ``path``) as soon as there are ``number`` of them."""

        def came() -> list[Request]:
            return [each for each in self.requests if path in (None, each.path)]

        with self._came:
            assert self._came.wait_for(lambda: len(came()) >= number, PATIENCE_S), f"only {len(came())} requests came"
            return came()

    def close(self) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, receiver: Receiver) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.receiver = receiver

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that has lost patience and gone is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.receiver.connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        answer = self.server.receiver.take(Request(self.path, dict(self.headers), body, datetime.now(UTC)))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "content-length" not in answer.headers:
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class House:
    """A database, the messages in it, and the workers that serve it."""

    def __init__(self, url: str, webhook: Webhook) -> None:
        self.database = Database(url, pool=3)
        self.webhook = webhook
        self._workers: list[Worker] = []
        self._databases = [self.database]

    def worker(self, *lanes: Lane, start: bool = True, **options: Any) -> Worker:
        """A worker with a pool of its own, as in a process of its own."""
        database = Database(self.database.url, pool=3)
        channels = options.pop("channels", {"webhook": self.webhook})
        worker = Worker(database, channels, lanes=lanes or (LIFE_SAFETY, ORDINARY), **options)
        self._databases.append(database)
        self._workers.append(worker)
        if start:
            worker.start()
        return worker

    def channel(self, address: str, **columns: Any) -> int:
        with self.database.transaction() as tx:
            return new_channel(tx, kind="webhook", address=address, **columns)

    def message(self, *channels: int, age: timedelta = timedelta(), urgency: int = 2, **notice: Any) -> list[int]:
        """Queue a message for each of ``channels``, as old as ``age``."""
        with self.database.transaction() as tx:
            moment = datetime.now(UTC) - age
            return [new_message(tx, channel, moment, urgency=urgency, **notice) for channel in channels]

    def row(self, outbox_id: int) -> Row[Any]:
        with self.database.transaction() as tx:
            return tx.execute(select(outbox).where(outbox.c.id == outbox_id)).one()

    def settled(self, outbox_id: int, state: str = "sent") -> Row[Any]:
        """The message's row as soon as it is in ``state``."""
        eventually(lambda: self.row(outbox_id).state == state)
        return self.row(outbox_id)

    def close(self) -> None:
        for worker in self._workers:
            worker.stop(grace=0)
        for database in self._databases:
            database.close()


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until ``holds``; fails after a while."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.005)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def patient_webhook() -> Iterator[Webhook]:
    webhook = Webhook(read_timeout=PATIENCE_S)
    yield webhook
    webhook.close()


@pytest.fixture
def house(module_database_url: str, patient_webhook: Webhook) -> Iterator[House]:
    house = House(module_database_url, patient_webhook)
    yield house
    house.close()
    with psycopg.connect(module_database_url) as connection:
        connection.execute("DELETE FROM outbox; DELETE FROM channel; DELETE FROM person")
