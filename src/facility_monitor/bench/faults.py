"""Which faults lose, double or change nothing: everything is killed and cut off, again and again, under load."""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from facility_monitor.bench import plant
from facility_monitor.bench.generator import Job, Published, publishing
from facility_monitor.bench.product import Stored, built, compare, ingesting, wait_ready, wait_stored
from facility_monitor.bench.report import Cell, Report
from facility_monitor.bench.servers import Servers, connect, servers
from facility_monitor.bench.stream import Stream, starting_now
from facility_monitor.domain.instant import SECOND
from facility_monitor.errors import BadSettings, Unavailable

if TYPE_CHECKING:
    from facility_monitor.bench.harms import Fault

POINTS = 200
RATE = 2_000
"""Messages per second: every point speaks ten times a second."""
DELAYS = plant.Delays(high=0.25, high_high=0.35, off=0.15)
"""Values stay abnormal for 0.3 s at a time: the first rule's delay always runs out, the second's only where somebody
takes a value for standing that a later one had ended."""
ABNORMAL_EVERY = 50
MOST_S = 1_800
"""Longest trial."""
SHOWN = 5
"""Transitions that are told where they differ."""
CAUGHT_UP_S = 180.0
DISK_MB = 400
BRIEFLY_AWAY_S = 3.0

# A flood is told by when its alarms come to people, which a fault does change.
TRANSITIONS = r"""
SELECT device.code, point.key, rule.code, ledger.kind, ledger.occurred_at
FROM ledger JOIN alarm ON alarm.id = alarm_id JOIN point ON point.id = alarm.point_id
JOIN device ON device.id = point.device_id JOIN rule ON rule.id = alarm.rule_id
WHERE ledger.kind NOT LIKE 'flood\_%'
"""


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--short", action="store_true", help="a few of each, all in one trial; some two minutes")
    command.add_argument("--only", nargs="+", metavar="FAULT", help="the first word of each fault: ingest broker ...")
    command.add_argument("--times", type=int, metavar="N", help="of each fault, N at most in the long form")
    command.add_argument("--away", type=float, default=60.0, help="seconds without the database (default: %(default)s)")
    command.add_argument("--seed", type=int, default=1, help="of the moments at which things are killed")


def run(options: argparse.Namespace, report: Report) -> None:
    """Raises Unavailable where a server is missing, or does not come back."""
    from facility_monitor.bench.harms import DISK_FULL, FAULTS

    chosen = [fault for fault in FAULTS if options.only is None or fault.name.split()[0] in options.only]
    if not chosen:
        raise BadSettings(f"--only: there are {', '.join(fault.name.split()[0] for fault in FAULTS)}")
    if options.times is not None and options.times < 1:
        raise BadSettings("--times: must be 1 or more")
    with ExitStack() as stack:
        disk = stack.enter_context(_small_disk(report)) if DISK_FULL in chosen else None
        if disk is None:
            chosen = [fault for fault in chosen if fault is not DISK_FULL]
        if options.short:
            running = stack.enter_context(servers(disk=disk))
            plan = [(fault, fault.brief) for fault in chosen if fault.brief]
            _trial(running, report, plan, min(options.away, BRIEFLY_AWAY_S), options.seed)
            return
        for fault in chosen:
            # what the others leave behind has no room on the small one
            with servers(disk=disk if fault is DISK_FULL else None) as running:
                times = min(fault.times, options.times or fault.times)
                _trial(running, report, [(fault, times)], options.away, options.seed)


def _trial(running: Servers, report: Report, plan: Sequence[tuple[Fault, int]], away_s: float, seed: int) -> None:
    """Do the harm of ``plan`` under load, then compare with the same stream undisturbed."""
    from facility_monitor.bench.ground import ground

    if running.postgres is None:
        raise Unavailable("needs a PostgreSQL of its own")
    stream = starting_now(POINTS, SECOND // RATE, abnormal_every=ABNORMAL_EVERY, stretch=3)._replace(beyond=1_050.0)
    kept = RATE * max(fault.kept_s for fault, _ in plan)
    job = Job(running.broker.simulators_url, stream, RATE * MOST_S, paced=True, kept=kept)
    rows: list[dict[str, Cell]] = []
    with built(running, POINTS, DELAYS) as url, ground(running, running.postgres, url, seed) as here:
        with publishing(job) as generator:
            stream = stream._replace(base=generator.go())
            for fault, times in plan:
                longest = 0.0
                for _ in range(times):
                    time.sleep(here.chance.uniform(0.2, 1.5))
                    fault.harm(here, away_s)
                    longest = max(longest, here.back(here.progress()))
                rows.append({"fault": fault.name, "times": times, "back after s, at most": longest})
                report.target(f"{fault.name}: back within s", longest, at_most=10.0)
            generator.stop()
            published = generator.result()
        began = time.monotonic()
        wait_stored(url, stream, published.acknowledged, CAUGHT_UP_S)
        caught_up = time.monotonic() - began
        _settle(url)
        disturbed, found = _transitions(url), compare(url, stream, published.acknowledged)
    undisturbed = _undisturbed(running, stream, published.acknowledged)
    name = " + ".join(fault.name for fault, _ in plan) if len(plan) == 1 else "all of them"
    report.table(name, [row | _outcome(published, found, caught_up) for row in rows])
    for what, number in (("lost", found.lost), ("doubled", found.doubled), ("never published", found.strange)):
        report.check(f"{name}: readings {what}", number, 0)
    report.check(f"{name}: alarm transitions", len(disturbed), len(undisturbed))
    report.check(f"{name}: transitions that an undisturbed run has not", len(disturbed - undisturbed), 0)
    for words, these in (("too many", disturbed - undisturbed), ("missing", undisturbed - disturbed)):
        for device, key, rule, kind, at in sorted(these, key=str)[:SHOWN]:
            report.say(f"{words}: {device} {key} {rule} {kind} at {at}")


def _outcome(published: Published, found: Stored, caught_up: float) -> dict[str, Cell]:
    return {
        "acknowledged": published.acknowledged,
        "stored": found.stored,
        "lost": found.lost,
        "doubled": found.doubled,
        "caught up after s": caught_up,
    }


def _undisturbed(running: Servers, stream: Stream, messages: int) -> set[tuple[object, ...]]:
    """The transitions of the same stream, published as fast as the broker takes it, with nothing in its way."""
    job = Job(running.broker.simulators_url, stream, messages)
    with built(running, POINTS, DELAYS) as url, ingesting(running.folder, url, running.broker.url) as ingest:
        wait_ready(ingest, job.url, url)
        with publishing(job) as generator:
            generator.go()
            generator.result()
        wait_stored(url, stream, messages, CAUGHT_UP_S)
        _settle(url)
        return _transitions(url)


def _settle(url: str) -> None:
    """Until no delay runs any more, which the clock ends."""
    running = "SELECT EXISTS (SELECT FROM rule_state WHERE phase IN ('pending', 'returning'))"
    until = time.monotonic() + 20
    with connect(url) as connection:
        while connection.execute(running).fetchone() == (True,) and time.monotonic() < until:
            time.sleep(0.05)


def _transitions(url: str) -> set[tuple[object, ...]]:
    with connect(url) as connection:
        return {tuple(row) for row in connection.execute(TRANSITIONS).fetchall()}


@contextmanager
def _small_disk(report: Report) -> Iterator[Path | None]:
    """A file system of its own, small enough to be filled; None where we may not mount one."""
    with tempfile.TemporaryDirectory(prefix="fm-bench-disk-") as made:
        folder = Path(made)
        words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=755", "tmpfs", str(folder)]
        mounted = os.geteuid() == 0 and subprocess.run(words, capture_output=True, check=False).returncode == 0
        if not mounted:
            report.say("skipped: a full disk, since it takes root to mount one")
            yield None
            return
        try:
            yield folder
        finally:
            subprocess.run(["umount", str(folder)], check=False)
