"""Messages stored per second, beside what the broker, the client library and a client in C do alone."""

from __future__ import annotations

import time
from pathlib import Path

from facility_monitor.bench import bare_client
from facility_monitor.bench.generator import Job, Published, publishing
from facility_monitor.bench.product import built, compare, cpu_seconds, ingesting, wait_ready, wait_stored
from facility_monitor.bench.report import Report
from facility_monitor.bench.servers import Servers, connect
from facility_monitor.bench.stream import starting_now
from facility_monitor.errors import Unavailable
from facility_monitor.flows.reading.effort import Stage

POINTS = 1_000
ABNORMAL_EVERY = 5_000
"""One value in so many raises an alarm, and the next one of its point ends it: a plant, not a catastrophe."""
PACK = 100
STALLED_S = 120.0

PUBLISHED_ELSEWHERE = 11_111
"""Messages per second of one leading platform on 36 cores, by its own account."""


def measure(running: Servers, report: Report, messages: int) -> None:
    """Single readings with three rules a point, and packs of 100, beside the subscribers that throw away."""
    stream = starting_now(POINTS, step=20, abnormal_every=ABNORMAL_EVERY)
    job = Job(running.broker.simulators_url, stream, messages)
    rows = []
    with publishing(job) as generator:
        generator.go()
        alone = generator.result()
    rows.append(_row("generator, nobody subscribed", alone.rate, alone))
    in_c = _thrown_away(running, job, "mosquitto_sub -q 1, in C, throws away", rows)
    bare = _thrown_away(running, job, "bare paho 3.1.1, manual ack, throws away", rows)
    stages: list[dict[str, str | float | None]] = []
    stored = ingested(running, report, job, "facility-monitor ingest, three rules a point", rows, stages)
    packs = Job(running.broker.simulators_url, starting_now(POINTS, step=200, pack=PACK), messages // 50)
    readings = PACK * ingested(running, report, packs, f"the same, packs of {PACK} readings in SenML", rows, stages)
    report.table("messages stored per second", rows)
    report.table("CPU us/message in the ingest, by stage", stages)
    report.table(
        "ratios",
        [
            {"ratio": "bare paho / C", "value": bare / in_c},
            {"ratio": "stored / C", "value": stored / in_c},
            {"ratio": "stored / bare paho", "value": stored / bare},
            {"ratio": "readings/s in packs", "value": readings},
        ],
    )
    report.target("generator / C: the generator is not the limit", alone.rate / in_c, at_least=1.0)
    report.target("stored / bare paho (aim 0.7)", stored / bare, at_least=0.5)
    report.target("messages stored per second", stored, at_least=PUBLISHED_ELSEWHERE)
    report.target("readings per second in packs of 100 (aim 100,000)", readings, at_least=50_000)


def ingested(
    running: Servers,
    report: Report,
    job: Job,
    what: str,
    rows: list[dict[str, str | float | None]],
    stages: list[dict[str, str | float | None]],
) -> float:
    """Messages per second from the first publication until the last is stored; checks that all are, each once."""
    url = running.broker.url
    with built(running, job.stream.points) as database:
        with ingesting(running.folder, database, url) as ingest:
            wait_ready(ingest, job.url, database)
            processes = {
                "ingest": [ingest.process.pid],
                "database": backends(database),
                "broker": running.broker.pids(),
            }
            with publishing(job) as generator:
                before = cpu_seconds(processes)
                generator.go()
                ended = wait_stored(database, job.stream, job.count, STALLED_S)
                used = {name: spent - before[name] for name, spent in cpu_seconds(processes).items()}
                published = generator.result()
            if ended is None:
                raise Unavailable(f"not everything was stored within {STALLED_S:.0f} s: {ingest.last_words()}")
        spent, of_messages = ingest.effort(), [stage for stage in Stage if stage is not Stage.START]
        stages.append({"what": what} | {stage: spent[stage] / job.count * 1e6 for stage in of_messages})
        found = compare(database, job.stream, job.count)
    for name, value in (("lost", found.lost), ("doubled", found.doubled), ("never published", found.strange)):
        report.check(f"{what}: readings {name}", value, 0)
    rate = job.count / (ended - published.started)
    rows.append(_row(what, rate, published, {name: spent / job.count * 1e6 for name, spent in used.items()}))
    return rate


def backends(database_url: str) -> list[int]:
    """The processes that serve this database, where they are of this machine."""
    with connect(database_url) as connection:
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return [row[0] for row in connection.execute(asked) if Path(f"/proc/{row[0]}").exists()]


def _thrown_away(running: Servers, job: Job, what: str, rows: list[dict[str, str | float | None]]) -> float:
    subscriber = bare_client.in_c if " C" in what else bare_client.paho
    with subscriber(running.broker.url, job.count) as client, publishing(job) as generator:
        generator.go()
        client.wait()
        ended = time.time()
        published = generator.result()
    rate = job.count / (ended - published.started)
    rows.append(_row(what, rate, published))
    return rate


def _row(
    what: str, rate: float, published: Published, cpu: dict[str, float] | None = None
) -> dict[str, str | float | None]:
    spent = cpu or {}
    return {
        "what": what,
        "messages/s": rate,
        "published/s": published.rate,
        "CPU us/message: generator": published.cpu_s / published.acknowledged * 1e6,
        **{name: spent.get(name) for name in ("broker", "ingest", "database")},
    }
