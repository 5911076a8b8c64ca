"""The product's own ingest, ``facility-monitor ingest`` in a process of its own, and what it costs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from facility_monitor.bench import plant, wire
from facility_monitor.bench.bare_client import forget
from facility_monitor.bench.servers import Servers, connect
from facility_monitor.bench.stream import KEYS, SITE, Stream, code
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.errors import Unavailable
from facility_monitor.ingest import topics
from facility_monitor.ingest.tenure import CLIENT
from facility_monitor.store.database import Database

COMMAND = ("-m", "facility_monitor.cli", "ingest")
_EFFORT = re.compile(r"processor seconds: (.+)")
READY_S = 60.0
"""How long an ingest may take until it stores its first reading."""


@dataclass
class Ingest:
    """An ingest that runs."""

    process: subprocess.Popen[bytes]
    log: Path

    def __post_init__(self) -> None:
        self.began = time.monotonic()

    def kill(self) -> None:
        """As a crash would."""
        self.process.kill()
        self.process.wait()

    def last_words(self) -> str:
        """The end of its log."""
        return " | ".join(self.log.read_text(errors="replace").splitlines()[-3:])

    def effort(self) -> dict[str, float]:
        """Seconds of processor time by stage, as it told when it ended. Raises Unavailable where it told nothing."""
        told = _EFFORT.findall(self.log.read_text(errors="replace"))
        if not told:
            raise Unavailable(f"the ingest has not ended in good order: {self.last_words()}")
        stages = (each.split(" ") for each in told[-1].split(", "))
        return {stage: float(seconds) for stage, seconds in stages}

    def resident(self) -> int:
        """Bytes of memory."""
        words = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(words[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def built(
    running: Servers,
    points: int,
    delays: plant.Delays = plant.Delays(),  # noqa: B008
    severity: Severity = Severity.HIGH,
) -> Iterator[str]:
    """The URL of a database with the bench's plant; afterwards neither it nor a session at the broker is left."""
    with running.database() as url:
        database = Database(url, pool=1)
        try:
            with database.transaction() as tx:
                plant.build(tx, points, delays, datetime.now(UTC), severity)
        finally:
            database.close()
        try:
            yield url
        finally:
            forget(running.broker.url, f"{CLIENT}/0")


@contextmanager
def ingesting(
    folder: Path, database_url: str, mqtt_url: str, command: Sequence[str] = COMMAND, **settings: str
) -> Iterator[Ingest]:
    """Start it; it is ended on leaving, in good order where it still runs."""
    log = folder / f"{command[-1]}.log"
    environment = {**os.environ, "FM_DATABASE_URL": database_url, "FM_MQTT_URL": mqtt_url, **settings}
    with log.open("ab") as words:
        process = subprocess.Popen(
            [sys.executable, *command],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
        )
    try:
        yield Ingest(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_ready(ingest: Ingest, simulators_url: str, database_url: str) -> float:
    """Send a probe's reading until one is stored; returns the seconds since the ingest was started.

    Raises Unavailable where that takes too long.
    """
    topic, payload = topics.telemetry(SITE, plant.PROBE), f'{{"{KEYS[0]}": 500}}'
    with wire.connect(simulators_url, "bench-first") as publisher, connect(database_url) as connection:
        while time.monotonic() - ingest.began < READY_S and ingest.process.poll() is None:
            publisher.sendall(wire.publish(topic, payload, 1))
            time.sleep(0.02)
            if connection.execute("SELECT EXISTS (SELECT FROM reading)").fetchone() == (True,):
                return time.monotonic() - ingest.began
    raise Unavailable(f"the ingest stores nothing: {ingest.last_words()}")


def wait_stored(database_url: str, stream: Stream, messages: int, seconds: float) -> float | None:
    """When the last of ``messages`` was stored, in seconds since 1970; None where that does not happen in time."""
    device, key, at, _ = list(stream.readings(messages - 1))[-1]
    until = time.monotonic() + seconds
    with connect(database_url) as connection:
        asked = "SELECT point.id FROM point JOIN device ON device.id = device_id WHERE device.code = %s AND key = %s"
        row = connection.execute(asked, (code(device), KEYS[key])).fetchone()
        if row is None:
            raise Unavailable("the plant is not there")
        last = "SELECT EXISTS (SELECT FROM reading WHERE point_id = %s AND at = to_timestamp(%s / 1e6))"
        while time.monotonic() < until:
            if connection.execute(last, (row[0], at)).fetchone() == (True,):
                return time.time()
            time.sleep(0.01)
    return None


class Stored(NamedTuple):
    """How what is stored differs from what was published."""

    stored: int
    lost: int
    doubled: int
    strange: int
    """stored but never published"""


def compare(database_url: str, stream: Stream, messages: int) -> Stored:
    """Every reading of the first ``messages`` against every row."""
    asked = """
        SELECT device.code, key, (extract(epoch FROM at) * 1000000)::bigint, value
        FROM reading JOIN point ON point.id = point_id JOIN device ON device.id = device_id WHERE device.code <> %s
    """
    with connect(database_url) as connection:
        found = [tuple(row) for row in connection.execute(asked, (plant.PROBE,)).fetchall()]
    expected = {
        (code(device), KEYS[key], at, value)
        for number in range(messages)
        for device, key, at, value in stream.readings(number)
    }
    once = set(found)
    return Stored(len(found), len(expected - once), len(found) - len(once), len(once - expected))


def cpu_seconds(processes: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """Seconds of CPU that each of these groups of processes has used so far; those that are gone count nothing."""
    ticks = os.sysconf("SC_CLK_TCK")
    used = {}
    for name, pids in processes.items():
        total = 0
        for pid in pids:
            stat = Path(f"/proc/{pid}/stat")
            if stat.exists():
                words = stat.read_text().rpartition(")")[2].split()
                total += int(words[11]) + int(words[12])
        used[name] = total / ticks
    return used
