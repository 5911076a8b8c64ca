"""A push service on this machine, with phones: in a process of its own, so that to check costs the product nothing.

It notes when a request comes and answers 201 after a while, as a real one would over the internet. Requests are checked
and opened only when somebody asks what has come.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import NamedTuple

from facility_monitor.bench.phone import Phone, Wrong, proven
from facility_monitor.domain.message.subscription import Subscription
from facility_monitor.errors import Unavailable

ANSWER_S = 0.05
"""How long a push service takes to answer, with the way to it and back."""
HEAD_BYTES = 16_384


class Arrival(NamedTuple):
    """A message that a phone has opened. ``at`` is when the head of its request was read, seconds since 1970."""

    at: float
    phone: int
    id: str
    path: str


class Taken(NamedTuple):
    """What has come since the last time, and what was wrong with requests that nobody would take."""

    arrivals: list[Arrival]
    wrong: list[str]


class PushService:
    """One that runs. ``subscriptions`` are those of its phones."""

    def __init__(self, child: subprocess.Popen[str], subscriptions: list[Subscription]) -> None:
        self._child = child
        self.subscriptions = subscriptions

    def wait(self, number: int, seconds: float) -> int:
        """Until ``number`` requests have come or the time is over; returns how many there are."""
        return int(self._ask(f"wait {number} {seconds}"))

    def take(self) -> Taken:
        """Open and forget all that came."""
        arrivals, wrong = json.loads(self._ask("take"))
        return Taken([Arrival(*each) for each in arrivals], wrong)

    def _ask(self, words: str) -> str:
        if self._child.stdin is None or self._child.stdout is None:
            raise RuntimeError("started without a pipe")
        self._child.stdin.write(f"{words}\n")
        self._child.stdin.flush()
        return self._child.stdout.readline()


@contextmanager
def push_service(phones: int, key: str) -> Iterator[PushService]:
    """With so many phones, for messages of the service whose application server key is ``key``."""
    words = [sys.executable, "-m", "facility_monitor.bench.push_service", str(phones), key]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        told = child.stdout.readline() if child.stdout is not None else ""
        if not told:
            raise Unavailable("the push service does not start: see above")
        yield PushService(child, [Subscription(*each) for each in json.loads(told)])
    finally:
        child.kill()
        child.wait()


class _Request(NamedTuple):
    at: float
    phone: int
    headers: Mapping[str, str]
    body: bytes


class _Endpoint:
    """The HTTP side; the one thread that serves writes, the one that asks reads."""

    def __init__(self) -> None:
        self.requests: list[_Request] = []
        self.port = 0
        self.came = threading.Condition()
        self._listening = threading.Event()

    def start(self) -> None:
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._listening.wait()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, limit=HEAD_BYTES, backlog=1_024)
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        await server.serve_forever()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                at = time.time()
                first, *lines = head.decode("latin-1").splitlines()
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
                phone = int(first.split()[1].rpartition("/")[2])
                with self.came:
                    self.requests.append(_Request(at, phone, headers, body))
                    self.came.notify_all()
                await asyncio.sleep(ANSWER_S)
                writer.write(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    def wait(self, number: int, seconds: float) -> int:
        with self.came:
            self.came.wait_for(lambda: len(self.requests) >= number, seconds)
            return len(self.requests)

    def take(self) -> list[_Request]:
        with self.came:
            taken, self.requests = self.requests, []
            return taken


def _opened(requests: list[_Request], phones: list[Phone], key: str, audience: str) -> Taken:
    taken = Taken([], [])
    for request in requests:
        try:
            proven(request, key, audience, datetime.now(UTC))
            document = phones[request.phone].opened(request)
        except Wrong as error:
            taken.wrong.append(str(error))
        else:
            taken.arrivals.append(Arrival(request.at, request.phone, document["id"], document["path"]))
    return taken


def main() -> None:
    """``python -m facility_monitor.bench.push_service PHONES KEY``: tells its subscriptions, then answers questions."""
    phones, key = [Phone() for _ in range(int(sys.argv[1]))], sys.argv[2]
    endpoint = _Endpoint()
    endpoint.start()
    audience = f"http://127.0.0.1:{endpoint.port}"
    told = [(f"{audience}/send/{number}", *phone.keys.values()) for number, phone in enumerate(phones)]
    print(json.dumps(told), flush=True)
    for line in sys.stdin:
        match line.split():
            case ["wait", number, seconds]:
                print(endpoint.wait(int(number), float(seconds)), flush=True)
            case _:
                print(json.dumps(_opened(endpoint.take(), phones, key, audience)), flush=True)


if __name__ == "__main__":
    main()
