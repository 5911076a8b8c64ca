"""Publishes a stream with QoS 1, in a process of its own: as fast as the broker takes it, or at the stream's own pace.

At its own pace a message is sent when its event time has come, so that event times are the times of publication, and
what a stall holds up counts as late from when it was due.
"""

from __future__ import annotations

import json
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from facility_monitor.bench import wire
from facility_monitor.bench.stream import Stream
from facility_monitor.domain.instant import Instant
from facility_monitor.errors import Unavailable

CHUNK = 64
"""Messages in one write."""


@dataclass
class Job:
    """What to publish. ``window``: how many messages may be without a PUBACK; ``kept``: how many of those that have
    theirs are sent again, before all others, when the connection was lost."""

    url: str
    stream: Stream
    count: int
    paced: bool = False
    window: int = 1_000
    kept: int = 0
    client_id: str = "generator"


@dataclass
class Published:
    """What a generator has done; times are seconds since 1970."""

    acknowledged: int = 0
    started: float = 0.0
    ended: float = 0.0
    cpu_s: float = 0.0
    reconnects: int = 0

    @property
    def rate(self) -> float:
        """Messages acknowledged per second."""
        return self.acknowledged / (self.ended - self.started)


@dataclass
class Publishing:
    """A generator that waits for ``go``."""

    _child: subprocess.Popen[str]
    _job: Job
    _told: list[Published] = field(default_factory=list)

    def go(self) -> Instant:
        """Start; returns the stream's base, which for a paced one is now."""
        base = time.time_ns() // 1000 if self._job.paced else self._job.stream.base
        self._say(str(base))
        return base

    def stop(self) -> None:
        """Publish no more than has been sent; the result follows when all of that is acknowledged."""
        self._child.send_signal(signal.SIGTERM)

    def done(self) -> Published | None:
        """What it did, once it has finished."""
        return self.result() if self._told or self._child.poll() is not None else None

    def result(self) -> Published:
        """Wait for its end. Raises Unavailable where it failed."""
        if not self._told:
            said, _ = self._child.communicate()
            if self._child.returncode != 0:
                raise Unavailable("the generator has failed: see above")
            self._told.append(Published(**json.loads(said)))
        return self._told[0]

    def _say(self, words: str) -> None:
        if self._child.stdin is None:
            raise RuntimeError("started without a pipe")
        self._child.stdin.write(f"{words}\n")
        self._child.stdin.flush()


@contextmanager
def publishing(job: Job) -> Iterator[Publishing]:
    """A generator in a process of its own, its messages encoded and its connection open; ended on leaving."""
    words = [sys.executable, "-m", "facility_monitor.bench.generator", json.dumps(asdict(job))]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if child.stdout is None or child.stdout.readline() != "ready\n":
            raise Unavailable("the generator does not start: see above")
        yield Publishing(child, job)
    finally:
        child.kill()
        child.wait()


class Generator:
    """Publishes in order, and again from the first unacknowledged or kept message when the connection was lost."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._packets = [] if job.paced else [self._packet(number) for number in range(job.count)]
        self._connection = wire.connect(job.url, job.client_id)
        self._told = Published()
        self._sent = 0
        self._furthest = 0
        self._stopping = False

    def run(self, base: Instant) -> Published:
        """Publish everything; returns when all of it is acknowledged."""
        self._job.stream = self._job.stream._replace(base=base)
        told = self._told
        told.started = time.time()
        while told.acknowledged < self._job.count:
            try:
                self._publish()
            except OSError:
                self._reconnect()
        told.ended = time.time()
        told.cpu_s = time.process_time()
        return told

    def _publish(self) -> None:
        """Until everything is acknowledged. Raises OSError where the connection is lost."""
        job, told = self._job, self._told
        connection, pending, odd = self._connection, memoryview(b""), 0
        poller = select.poll()
        while told.acknowledged < job.count:
            if self._stopping:  # here nothing is on its way that is not counted
                job.count = self._furthest
            due, wait = self._due()
            most = min(due, told.acknowledged + job.window)
            if not pending and self._sent < most:
                upto = min(most, self._sent + CHUNK)
                pending = memoryview(b"".join(self._next(number) for number in range(self._sent, upto)))
                self._sent = upto
                self._furthest = max(self._furthest, upto)
            poller.register(connection, select.POLLIN | (select.POLLOUT if pending else 0))
            for _, event in poller.poll(wait):
                if event & select.POLLOUT:
                    pending = pending[connection.send(pending) :]
                if event & ~select.POLLOUT:
                    heard = connection.recv(65_536)
                    if not heard:
                        raise ConnectionResetError
                    whole, odd = divmod(odd + len(heard), wire.PUBACK_BYTES)
                    told.acknowledged += whole

    def stop(self, *_: object) -> None:
        """End when all that was ever sent, on whatever connection, is acknowledged."""
        self._stopping = True

    def _due(self) -> tuple[int, int]:
        """How many messages may have been sent by now, and the milliseconds until there are more."""
        if not self._job.paced:
            return self._job.count, 1000
        stream = self._job.stream
        now = time.time_ns() // 1000
        due = min(self._job.count, (now - stream.base) // stream.step + 1)
        return due, max(1, (stream.at(due) - now) // 1000)

    def _next(self, number: int) -> bytes:
        return self._packets[number] if self._packets else self._packet(number)

    def _packet(self, number: int) -> bytes:
        topic, payload = self._job.stream.message(number)
        return wire.publish(topic, payload, wire.message_id(number))

    def _reconnect(self) -> None:
        self._connection.close()
        self._told.reconnects += 1
        while True:
            try:
                self._connection = wire.connect(self._job.url, self._job.client_id)
            except OSError:
                time.sleep(0.05)
            else:
                self._sent = self._told.acknowledged = max(0, self._told.acknowledged - self._job.kept)
                return


def main() -> None:
    """``python -m facility_monitor.bench.generator JOB``: says ready, waits for its base, publishes, reports."""
    told: dict[str, Any] = json.loads(sys.argv[1])
    generator = Generator(Job(**told | {"stream": Stream(*told["stream"])}))
    signal.signal(signal.SIGTERM, generator.stop)
    print("ready", flush=True)
    print(json.dumps(asdict(generator.run(int(sys.stdin.readline())))))


if __name__ == "__main__":
    main()
