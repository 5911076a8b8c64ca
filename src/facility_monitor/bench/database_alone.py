"""PostgreSQL alone: the service's own insert at two batch sizes, and COPY, on one connection."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from facility_monitor.bench.product import built
from facility_monitor.bench.report import Cell, Report
from facility_monitor.bench.servers import Servers
from facility_monitor.bench.stream import KEYS, Stream, starting_now
from facility_monitor.bench.throughput import POINTS
from facility_monitor.domain.instant import moment
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.reading import readings

BATCHES = (500, 2_000)


def measure(running: Servers, report: Report, rows: int) -> None:
    """Rows per second in transactions of one batch each, what is sent to the server encoded within the time."""
    stream = starting_now(POINTS, step=20)
    ways: dict[str, Callable[[Tx, Sequence[Reading]], object]] = {
        "the service's insert": readings.insert,
        "COPY": _copy,
    }
    figures: list[dict[str, Cell]] = []
    for name, store in ways.items():
        for size in BATCHES:
            with built(running, POINTS) as url:
                rate = _rate(url, stream, rows, size, store)
            figures.append({"PostgreSQL alone": f"{name}, batches of {size}", "rows/s": rate})
    report.table("PostgreSQL alone", figures)


def _rate(url: str, stream: Stream, rows: int, size: int, store: Callable[[Tx, Sequence[Reading]], object]) -> float:
    database = Database(url, pool=1)
    try:
        with database.transaction() as tx:
            first = tx.exec_driver_sql("SELECT min(id) FROM point").scalar_one()
        ready = [_reading(stream, number, first) for number in range(rows)]
        began = time.perf_counter()
        for start in range(0, rows, size):
            with database.transaction() as tx:
                store(tx, ready[start : start + size])
        return rows / (time.perf_counter() - began)
    finally:
        database.close()


def _reading(stream: Stream, number: int, first: int) -> Reading:
    device, key, sequence = stream.address(number)
    at = stream.at(number)
    point_id = first + device * len(KEYS) + key
    return Reading(point_id, at, sequence, stream.value(device, sequence), Quality.GOOD, at)


def _copy(tx: Tx, batch: Sequence[Reading]) -> None:
    driver: psycopg.Connection[Any] = tx.connection.driver_connection  # type: ignore[assignment]
    with driver.cursor() as cursor, cursor.copy("COPY reading FROM STDIN") as copy:
        copy.write(
            "".join(
                f"{point}\t{moment(at)}\t{sequence}\t{value!r}\t{quality:d}\t{moment(received_at)}\n"
                for point, at, sequence, value, quality, received_at in batch
            )
        )
