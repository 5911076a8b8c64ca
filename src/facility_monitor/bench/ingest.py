"""How fast readings are stored and judged, side by side with what the parts can do alone."""

from __future__ import annotations

import argparse
import time

from facility_monitor.bench import bare_client
from facility_monitor.bench.generator import Job, Published, publishing
from facility_monitor.bench.report import Report
from facility_monitor.bench.servers import Servers, servers
from facility_monitor.bench.stream import Stream

PARTS = ("baselines",)


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, metavar="PART", help=", ".join(PARTS))
    command.add_argument("--messages", type=int, default=150_000, help="messages in one run (default: %(default)s)")
    command.add_argument("--database-url", metavar="URL", help="a PostgreSQL to take instead of one of our own")


def run(options: argparse.Namespace, report: Report) -> None:
    """Raises Unavailable where a server is missing."""
    with servers(options.database_url) as running:
        _baselines(options, report, running)


def _baselines(options: argparse.Namespace, report: Report, running: Servers) -> None:
    stream = Stream(points=1_000, base=time.time_ns() // 1000, step=10)
    job = Job(running.broker.simulators_url, stream, options.messages)
    rows = []
    with publishing(job) as generator:
        generator.go()
        alone = generator.result()
    rows.append(_row("generator, nobody subscribed", alone.rate, alone))
    with bare_client.in_c(running.broker.url, job.count) as client, publishing(job) as generator:
        generator.go()
        client.wait()
        ended = time.time()
        published = generator.result()
    rows.append(_row("mosquitto_sub -q 1 (C)", job.count / (ended - published.started), published))
    with bare_client.paho(running.broker.url, job.count) as client, publishing(job) as generator:
        generator.go()
        client.wait()
        ended = time.time()
        published = generator.result()
    rows.append(_row("bare paho subscriber", job.count / (ended - published.started), published))
    report.table("baselines", rows)


def _row(what: str, rate: float, published: Published) -> dict[str, str | float]:
    return {"what": what, "messages/s": rate, "published/s": published.rate, "generator CPU s": published.cpu_s}
