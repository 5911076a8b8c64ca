"""How fast readings are stored and judged, side by side with what the parts can do alone."""

from __future__ import annotations

import argparse

from facility_monitor.bench import database_alone, latency, scale, throughput
from facility_monitor.bench.report import Report
from facility_monitor.bench.servers import servers

PARTS = ("throughput", "database", "latency", "points")


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, metavar="PART", help=", ".join(PARTS))
    command.add_argument("--messages", type=int, default=100_000, help="messages in one run (default: %(default)s)")
    command.add_argument("--seconds", type=float, default=10.0, help="length of a paced run (default: %(default)s)")
    command.add_argument("--database-url", metavar="URL", help="a PostgreSQL to take instead of one of our own")


def run(options: argparse.Namespace, report: Report) -> None:
    """Raises Unavailable where a server is missing."""
    with servers(options.database_url) as running:
        if "throughput" in options.only:
            throughput.measure(running, report, options.messages)
        if "database" in options.only:
            database_alone.measure(running, report, options.messages)
        if "latency" in options.only:
            latency.measure(running, report, options.seconds)
        if "points" in options.only:
            scale.measure(running, report, options.messages)
