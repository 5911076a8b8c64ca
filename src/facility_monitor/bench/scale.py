"""Whether more points cost more than their memory: throughput, start-up and memory from 1,000 to 100,000 points."""

from __future__ import annotations

from facility_monitor.bench.generator import Job, publishing
from facility_monitor.bench.product import built, compare, ingesting, wait_ready, wait_stored
from facility_monitor.bench.report import Cell, Report
from facility_monitor.bench.servers import Servers
from facility_monitor.bench.stream import starting_now
from facility_monitor.bench.throughput import ABNORMAL_EVERY, STALLED_S
from facility_monitor.errors import Unavailable

POINTS = (1_000, 10_000, 100_000)


def measure(running: Servers, report: Report, messages: int) -> None:
    """The same messages with ever more points; every point has spoken when the memory is measured."""
    rows: list[dict[str, Cell]] = []
    residents: list[int] = []
    rates: list[float] = []
    started = 0.0
    for points in POINTS:
        stream = starting_now(points, step=20, abnormal_every=ABNORMAL_EVERY)
        job = Job(running.broker.simulators_url, stream, max(messages, points))
        with (
            built(running, points) as database,
            ingesting(running.folder, database, running.broker.url) as ingest,
        ):
            started = wait_ready(ingest, job.url, database)
            with publishing(job) as generator:
                generator.go()
                ended = wait_stored(database, stream, job.count, STALLED_S)
                published = generator.result()
            if ended is None:
                raise Unavailable(f"not everything was stored within {STALLED_S:.0f} s: {ingest.last_words()}")
            residents.append(ingest.resident())
            found = compare(database, stream, job.count)
        report.check(f"readings lost or doubled with {points} points", found.lost + found.doubled, 0)
        rates.append(job.count / (ended - published.started))
        more = points - POINTS[0]
        rows.append(
            {
                "points": points,
                "messages/s": rates[-1],
                "of the first": rates[-1] / rates[0],
                "start-up s": started,
                "memory MB": residents[-1] / 1e6,
                "bytes/point": (residents[-1] - residents[0]) / more if more else None,
            }
        )
    report.table("points", rows)
    report.target("throughput with 100,000 points, of that with 1,000", rates[-1] / rates[0], at_least=0.85)
    per_point = (residents[-1] - residents[0]) / (POINTS[-1] - POINTS[0])
    report.target("bytes of memory per point", per_point, at_most=2_048.0)
    report.target("start-up with 100,000 points, s", started, at_most=10.0)
