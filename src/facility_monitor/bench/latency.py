"""From publication to commit, and to the committed alarm, at a steady pace."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager

from facility_monitor.bench.generator import Job, publishing
from facility_monitor.bench.product import built, compare, ingesting, wait_ready, wait_stored
from facility_monitor.bench.report import Report, percentile
from facility_monitor.bench.servers import Servers, connect
from facility_monitor.bench.stream import starting_now
from facility_monitor.bench.throughput import POINTS
from facility_monitor.domain.instant import SECOND

RATES = (1_000, 5_000)
ALARM_RATE = 2_000
ABNORMAL_EVERY = 100
"""Twenty alarms a second at 2,000 messages a second."""

COMMITTED = """
SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin) - at) * 1000)::float8
FROM reading WHERE at >= to_timestamp(%s / 1e6)
"""
"""Milliseconds from publication to commit by the server's clock, which is read just before the log is flushed."""
RAISED = """
SELECT (extract(epoch FROM occurred_at) * 1000)::float8,
       (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)::float8
FROM ledger WHERE kind = 'alarm_raised' AND occurred_at >= to_timestamp(%s / 1e6) ORDER BY id
"""


def measure(running: Servers, report: Report, seconds: float) -> None:
    """Latencies in milliseconds, counted from when a message was due: a stall hides nothing."""
    rows = []
    for rate in (*RATES, ALARM_RATE):
        figures, alarms = _paced(running, report, rate, seconds, ABNORMAL_EVERY if rate == ALARM_RATE else 0)
        rows.append({"to": "commit", "messages/s": rate, **_percentiles(figures)})
        if rate == ALARM_RATE:
            rows.append({"to": "alarm, as others hear of it", "messages/s": rate, **_percentiles(alarms)})
            report.target("publish to committed alarm, p99 ms at 2,000/s", percentile(alarms, 0.99), at_most=150.0)
    report.table("latency in ms, from publication", rows)


def _paced(
    running: Servers, report: Report, rate: int, seconds: float, abnormal_every: int
) -> tuple[list[float], list[float]]:
    stream = starting_now(POINTS, step=SECOND // rate, abnormal_every=abnormal_every)
    job = Job(running.broker.simulators_url, stream, round(rate * seconds), paced=True)
    with built(running, POINTS) as database, ingesting(running.folder, database, running.broker.url) as ingest:
        wait_ready(ingest, job.url, database)
        with _heard(database) as heard, publishing(job) as generator:
            base = generator.go()
            published = generator.result()
            wait_stored(database, stream._replace(base=base), job.count, 30.0)
            time.sleep(0.2)
        found = compare(database, stream._replace(base=base), job.count)
        report.check(f"readings lost or doubled at {rate}/s", found.lost + found.doubled, 0)
        report.check(f"reconnects of the generator at {rate}/s", published.reconnects, 0)
        warm = base + SECOND
        with connect(database) as connection:
            committed = [row[0] for row in connection.execute(COMMITTED, (warm,))]
            raised = connection.execute(RAISED, (warm,)).fetchall()
    alarms = [heard[bisect_left(heard, at)] - occurred for occurred, at in raised if heard and at <= heard[-1]]
    return committed, alarms


@contextmanager
def _heard(database_url: str) -> Iterator[list[float]]:
    """When the ledger was heard of, in milliseconds since 1970: as the push worker and the web hear of alarms."""
    heard: list[float] = []
    with connect(database_url) as connection:
        connection.execute("LISTEN ledger")
        stopping = threading.Event()

        def listen() -> None:
            while not stopping.is_set():
                heard.extend(time.time() * 1000 for _ in connection.notifies(timeout=0.2))

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield heard
        finally:
            stopping.set()
            thread.join()


def _percentiles(figures: list[float]) -> dict[str, float | int]:
    return {
        "p50": percentile(figures, 0.5),
        "p99": percentile(figures, 0.99),
        "longest": max(figures),
        "of": len(figures),
    }
