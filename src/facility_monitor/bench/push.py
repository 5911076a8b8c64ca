"""How fast an alarm is on its way to phones: from the publication of the reading to the request at the push service.

Ingest and worker run each in a process of its own, under a steady load of readings. The push service is one of our own,
on this machine; it proves and opens every message as a real one and the phone would.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import insert, select

from facility_monitor.bench import plant, wire
from facility_monitor.bench.generator import Job, publishing
from facility_monitor.bench.product import Ingest, built, ingesting, wait_ready
from facility_monitor.bench.push_service import PushService, push_service
from facility_monitor.bench.report import Cell, Report, percentile
from facility_monitor.bench.servers import Servers, connect, servers
from facility_monitor.bench.stream import KEYS, SITE, starting_now
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.instant import SECOND
from facility_monitor.domain.message.subscription import Subscription
from facility_monitor.domain.person import Role
from facility_monitor.errors import Unavailable
from facility_monitor.flows.message import announce
from facility_monitor.flows.people import service_keys
from facility_monitor.ingest import topics
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.message import subscriptions
from facility_monitor.store.people import accounts
from facility_monitor.store.tables import duty, site

POINTS = 1_000
ABNORMAL_EVERY = 500
"""Two alarms a second at 1,000 messages a second; critical ones, which no flood folds."""
ON_DUTY = 5
P50_MS, P99_MS = 50.0, 300.0
ALL_TOLD_S = 10.0
PATIENCE_S = 60.0
WORKER = ("-m", "facility_monitor.cli", "worker")

_QUEUED = "SELECT count(*) FROM outbox WHERE state = 'queued'"
_RAISED = """
SELECT outbox.id, (extract(epoch FROM occurred_at) * 1000)::float8,
       (extract(epoch FROM pg_xact_commit_timestamp(ledger.xmin)) * 1000)::float8
FROM outbox JOIN ledger ON ledger.id = ledger_id
WHERE ledger.kind IN ('alarm_raised', 'alarm_reraised') AND occurred_at >= to_timestamp(%s / 1e6)
"""


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--seconds", type=float, default=30.0, help="under load (default: %(default)s)")
    command.add_argument("--rate", type=int, default=1_000, help="messages per second (default: %(default)s)")
    command.add_argument("--recipients", type=int, default=1_000, help="of one alarm (default: %(default)s)")
    command.add_argument("--database-url", metavar="URL", help="a PostgreSQL to take instead of one of our own")


def run(options: argparse.Namespace, report: Report) -> None:
    """Raises Unavailable where a server is missing."""
    with servers(options.database_url) as running:
        _under_load(running, report, options.rate, options.seconds)
        _all_at_once(running, report, options.recipients)


class Trial(NamedTuple):
    """All that takes part."""

    database_url: str
    phones: PushService
    ingest: Ingest
    worker: Ingest


@contextmanager
def _trial(running: Servers, on_duty: int) -> Iterator[Trial]:
    """With so many on duty, each with a phone that has been reached once."""
    with built(running, POINTS, severity=Severity.CRITICAL) as url:
        now = datetime.now(UTC)
        database = Database(url, pool=1)
        try:
            with database.transaction() as tx:
                key = service_keys.application_server_key(tx, now)
            with (
                push_service(on_duty, key) as phones,
                ingesting(running.folder, url, running.broker.url) as ingest,
                ingesting(running.folder, url, running.broker.url, WORKER, FM_PUSH_LOOPBACK="true") as worker,
            ):
                with database.transaction() as tx:
                    channels = _staff(tx, phones.subscriptions, now)
                    admin = accounts.by_username(tx, _name(0), now)
                    if admin is None:
                        raise Unavailable("nobody is on duty")
                    announce.test_notice(tx, channels[0], admin.person, now)
                wait_ready(ingest, running.broker.simulators_url, url)
                if not phones.wait(1, PATIENCE_S):
                    raise Unavailable(f"the worker sends nothing: {worker.last_words()}")
                phones.take()
                yield Trial(url, phones, ingest, worker)
        finally:
            database.close()


def _name(number: int) -> str:
    return f"p{number}"


def _staff(tx: Tx, phones: Sequence[Subscription], now: datetime) -> list[int]:
    """Somebody on duty for each phone; returns the channels."""
    site_id = tx.execute(select(site.c.id).where(site.c.code == SITE)).scalar_one()
    channels = []
    for number, phone in enumerate(phones):
        account = {"username": _name(number), "name": f"Person {number}", "role": Role.ENGINEER, "locale": "en"}
        person_id = accounts.add(tx, {**account, "password_hash": "", "organisation_id": None})
        shift = {"site_id": site_id, "person_id": person_id, "starts_at": now - timedelta(hours=1)}
        tx.execute(insert(duty).values(shift))
        channels.append(subscriptions.put(tx, phone, person_id, None))
    return channels


def _under_load(running: Servers, report: Report, rate: int, seconds: float) -> None:
    stream = starting_now(POINTS, step=SECOND // rate, abnormal_every=ABNORMAL_EVERY)
    job = Job(running.broker.simulators_url, stream, round(rate * seconds), paced=True)
    with _trial(running, ON_DUTY) as trial:
        with publishing(job) as generator:
            base = generator.go()
            generator.result()
        _wait_sent(trial)
        taken = trial.phones.take()
        with connect(trial.database_url) as connection:
            rows = connection.execute(_RAISED, (base,)).fetchall()
    raised = {number: (occurred, committed) for number, occurred, committed in rows}
    came = Counter(int(each.id.rpartition("-")[2]) for each in taken.arrivals)
    warm = (base + SECOND) / 1e3
    whole, stored, sent = [], [], []
    for each in taken.arrivals:
        occurred, committed = raised.get(int(each.id.rpartition("-")[2]), (0.0, 0.0))
        if occurred >= warm:
            whole.append(each.at * 1e3 - occurred)
            stored.append(committed - occurred)
            sent.append(each.at * 1e3 - committed)
    steps = {"reading published to alarm committed": stored, "alarm committed to request": sent, "both": whole}
    report.table(
        f"to the request at the push service, ms, {rate:,} messages/s, {ON_DUTY} on duty",
        [{"from": name, **_percentiles(figures)} for name, figures in steps.items()],
    )
    report.target("reading published to request, p50 ms", percentile(whole, 0.5), at_most=P50_MS)
    report.target("reading published to request, p99 ms", percentile(whole, 0.99), at_most=P99_MS)
    _check(report, "under load", len(raised.keys() - came.keys()), sum(came.values()) - len(came), taken.wrong)


def _all_at_once(running: Servers, report: Report, recipients: int) -> None:
    with _trial(running, recipients) as trial:
        with wire.connect(running.broker.simulators_url, "bench-one") as publisher:
            began = time.time()
            values = f'{{"ts":{began * 1e3},"values":{{"{KEYS[1]}":950}}}}'
            publisher.sendall(wire.publish(topics.telemetry(SITE, plant.PROBE), values, 1))
            trial.phones.wait(recipients, PATIENCE_S)
        settled = _wait_sent(trial) - began
        taken = trial.phones.take()
    after = sorted(each.at - began for each in taken.arrivals)
    if not after:
        raise Unavailable(f"nobody was told: {trial.worker.last_words()}")
    figures: dict[str, Cell] = {"recipients": recipients, "first s": after[0], "p50 s": percentile(after, 0.5)}
    report.table(
        "one alarm to many, from the reading's publication",
        [{**figures, "last s": after[-1], "all noted as sent s": settled, "requests/s": len(after) / after[-1]}],
    )
    report.target(f"{recipients:,} recipients of one alarm, s", after[-1], at_most=ALL_TOLD_S)
    told = Counter(each.phone for each in taken.arrivals)
    _check(report, "one alarm to many", recipients - len(told), len(taken.arrivals) - len(told), taken.wrong)


def _wait_sent(trial: Trial) -> float:
    """When nothing was left to send, seconds since 1970."""
    until = time.monotonic() + PATIENCE_S
    with connect(trial.database_url) as connection:
        while connection.execute(_QUEUED).fetchone() != (0,):
            if time.monotonic() > until:
                raise Unavailable(f"the worker does not get done: {trial.worker.last_words()}")
            time.sleep(0.02)
    return time.time()


def _check(report: Report, where: str, lost: int, doubled: int, wrong: Sequence[str]) -> None:
    report.check(f"messages lost, {where}", lost, 0)
    report.check(f"messages doubled, {where}", doubled, 0)
    report.check(f"requests that a push service or the phone would not take, {where}", len(wrong), 0)
    if wrong:
        report.say(f"for example: {wrong[0]}")


def _percentiles(figures: Sequence[float]) -> dict[str, Cell]:
    return {
        "p50": percentile(figures, 0.5),
        "p99": percentile(figures, 0.99),
        "longest": max(figures),
        "of": len(figures),
    }
