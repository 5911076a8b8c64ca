"""The faults: each does its harm once and undoes it, and leaves the rest to the ingest."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import NamedTuple

import psycopg

from facility_monitor.bench.ground import Ground
from facility_monitor.bench.servers import connect

KEPT_S = 10
"""A publisher that keeps what it has sent for so long loses nothing with the broker, which saves every 5 s."""


class Fault(NamedTuple):
    """``times``: how often in the long form; ``brief``: in the short one.

    ``kept_s``: how long publishers keep what was acknowledged, to send it again when their connection was lost.
    """

    name: str
    harm: Callable[[Ground, float], None]
    times: int
    brief: int
    kept_s: int = 0


def _ingest_killed(ground: Ground, _away_s: float) -> None:
    ground.kill_ingest()


def _broker_killed(ground: Ground, _away_s: float) -> None:
    """Under load, while the ingest keeps up and its session is saved: what waits in the queue dies with Mosquitto."""
    ground.wait_saved()
    ground.wait_caught_up()
    ground.running.broker.kill()
    ground.running.broker.launch()


def _backlog_lost(ground: Ground, _away_s: float) -> None:
    """What was acknowledged waits in the broker's memory, for an ingest that is frozen, and dies with it there."""
    ground.wait_saved()
    ingest = ground.ingests[0].process
    ingest.send_signal(signal.SIGSTOP)
    time.sleep(ground.chance.uniform(1.0, 3.0))
    ground.running.broker.kill()
    ground.running.broker.launch()
    ingest.send_signal(signal.SIGCONT)


def _database_killed(ground: Ground, _away_s: float) -> None:
    ground.postgres.kill()
    ground.postgres.launch()


def _database_away(ground: Ground, away_s: float) -> None:
    ground.postgres.kill()
    time.sleep(away_s)
    ground.postgres.launch()


def _stalled(ground: Ground, away_s: float) -> None:
    network = ground.chance.choice((ground.to_broker, ground.to_database))
    network.stall()
    time.sleep(ground.chance.uniform(0.5, min(away_s, 5.0)))
    network.flow()


def _reset(ground: Ground, _away_s: float) -> None:
    ground.chance.choice((ground.to_broker, ground.to_database)).reset()


def _dropped(ground: Ground, _away_s: float) -> None:
    network = ground.chance.choice((ground.to_broker, ground.to_database))
    network.drop()
    time.sleep(1.0)
    network.flow()


def _two_workers(ground: Ground, _away_s: float) -> None:
    """The holder freezes, loses its slot to a spare, and wakes up while that one works."""
    frozen, held = ground.ingests[0], ground.holder()
    ground.start_ingest()
    frozen.process.send_signal(signal.SIGSTOP)
    with connect(ground.database_url) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (held,))
    ground.holder(but=held)
    time.sleep(ground.chance.uniform(0.0, 1.5))
    frozen.process.send_signal(signal.SIGCONT)
    time.sleep(ground.chance.uniform(0.5, 1.0))
    ground.ingests.remove(frozen)
    frozen.kill()


def _disk_full(ground: Ground, away_s: float) -> None:
    """The file system of the database is filled to its last byte, and emptied again."""
    ballast = ground.postgres.folder / "ballast"
    said = ground.postgres.log_path.stat().st_size  # it may meet the full disk, and end, before we have filled it
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 20))
        except OSError:
            os.fsync(file.fileno())
    ground.wait_refused(said)
    time.sleep(min(away_s, 10.0))
    ballast.unlink()
    try:
        psycopg.connect(ground.database_url, connect_timeout=5).close()
    except psycopg.OperationalError:
        # it ends when its log cannot be written; a supervisor starts it again
        ground.postgres.kill()
        ground.postgres.launch()


DISK_FULL = Fault("disk of the database full", _disk_full, 2, 1)
FAULTS = (
    Fault("ingest killed", _ingest_killed, 60, 2),
    Fault("broker killed", _broker_killed, 20, 1),
    Fault("backlog lost with the broker", _backlog_lost, 10, 0, KEPT_S),
    Fault("database killed", _database_killed, 20, 1),
    Fault("database away", _database_away, 1, 1),
    Fault("network stalls", _stalled, 6, 1),
    Fault("network reset", _reset, 10, 2),
    Fault("network dead", _dropped, 4, 1),
    Fault("two workers, one slot", _two_workers, 10, 1),
    DISK_FULL,
)
