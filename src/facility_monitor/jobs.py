"""What has to be done from time to time. The scheduler only wakes; what is due stands in the database."""

from __future__ import annotations

import logging
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import text

from facility_monitor.errors import Unavailable
from facility_monitor.flows.alarm import quiet
from facility_monitor.flows.elevator import early_warnings, part_orders
from facility_monitor.flows.evidence import evidence
from facility_monitor.flows.evidence.seal import seal_daily
from facility_monitor.flows.fire import calendar_basis, duties, technical_files, upkeep
from facility_monitor.flows.message import escalate, messages
from facility_monitor.flows.people import plan_duty
from facility_monitor.flows.repair import residents, ticket_clock
from facility_monitor.settings import Settings
from facility_monitor.store import kept_answers, partitions
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.evidence import signing_key, time_stamps
from facility_monitor.store.evidence.checkpoints import Checkpoints
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.people import sessions
from facility_monitor.store.reading import balances, retention, rollups, unknown_devices

log = logging.getLogger(__name__)

AGAIN = timedelta(minutes=1)
"""How soon a job comes again that has failed."""


class Job(NamedTuple):
    """``act`` runs in a transaction of its own: at the start, then every ``every``."""

    name: str
    every: timedelta
    act: Callable[[Tx, datetime], object]


class Series(NamedTuple):
    """A job of many transactions, which ``act`` opens itself."""

    name: str
    every: timedelta
    act: Callable[[Database, datetime], object]


JOBS: Sequence[Job | Series] = (
    Job("ticket clock", timedelta(seconds=10), ticket_clock.tick),
    Job("partitions", timedelta(days=1), partitions.prepare),
    Series("ingest balance", timedelta(seconds=5), balances.fold),
    Job("alarms", timedelta(seconds=5), quiet.review),
    Series("rollups", timedelta(seconds=5), rollups.fold),
    Series("retention", timedelta(minutes=10), retention.apply),
    Job("unknown devices", timedelta(minutes=1), unknown_devices.prune),
    Job("escalation", timedelta(seconds=2), escalate.take_due_steps),
    Job("duty", timedelta(hours=1), plan_duty.plan),
    Job("messages", timedelta(seconds=5), messages.sweep),
    Job("sessions", timedelta(hours=1), sessions.prune),
    Job("upkeep", timedelta(minutes=10), upkeep.keep_going),
    Job("upkeep calendars", timedelta(minutes=10), calendar_basis.tell),
    Job("early warnings", timedelta(hours=6), early_warnings.look_at_telemetry),
    Job("duties", timedelta(minutes=1), duties.review),
    Job("parts", timedelta(hours=1), part_orders.warn),
    Job("technical files", timedelta(hours=1), technical_files.remind),
    Job("residents", timedelta(hours=1), residents.forget),
    Job("kept answers", timedelta(hours=1), kept_answers.prune),
)


def sweep_evidence(files: Files) -> Series:
    """The job that removes photos and files which no record names."""
    return Series("evidence", timedelta(hours=1), lambda database, now: evidence.sweep(database, files, now))


def sealing(settings: Settings) -> list[Series]:
    """The jobs that keep the ledger's checkpoints, outside of the database."""
    checkpoints = Checkpoints(settings.checkpoints)

    def seal(database: Database, now: datetime) -> None:
        seal_daily(database, checkpoints, signing_key.kept(settings.signing_key), now)

    def stamp(_database: Database, _now: datetime) -> None:
        time_stamps.fetch_missing(checkpoints, settings.timestamp_url or "")

    hour = timedelta(hours=1)
    return [
        Series("checkpoints", hour, seal),
        *([Series("time stamps", hour, stamp)] if settings.timestamp_url else []),
    ]


def _utc() -> datetime:
    return datetime.now(UTC)


class Jobs:
    """Runs ``jobs`` on threads of its own from ``start`` to ``stop``.

    Any number of processes may do so on one database: while one is at a job, the others pass it over. A job that fails
    is logged with its name, counted, and comes again after ``again``.
    """

    def __init__(
        self,
        database: Database,
        jobs: Sequence[Job | Series] = JOBS,
        *,
        again: timedelta = AGAIN,
        clock: Callable[[], datetime] = _utc,
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._again = again
        self._clock = clock
        # a run that was missed is made up for once, however late and however many there were
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
        self._changing = threading.Lock()
        self._stopping = False
        self.failures: Counter[str] = Counter()
        """How often each job has failed, by name."""

    def start(self) -> None:
        """Begin: every job runs at once for the first time. Returns without waiting for them."""
        for job in self._jobs:
            self._scheduler.add_job(
                self._run,
                "interval",
                [job],
                id=job.name,
                seconds=job.every.total_seconds(),
                next_run_time=datetime.now(UTC),
            )
        self._scheduler.start()

    def stop(self) -> None:
        """End; waits for the jobs that are running."""
        with self._changing:
            self._stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _run(self, job: Job | Series) -> None:
        try:
            with self._database.transaction() as tx:
                if not _alone(tx, job.name):
                    return
                if isinstance(job, Series):
                    job.act(self._database, self._clock())
                else:
                    job.act(tx, self._clock())
        except Exception as error:
            self.failures[job.name] += 1
            log.error("job %s failed, comes again in %s: %s", job.name, self._again, error, exc_info=_unknown(error))
            # a scheduler that is shutting down holds the lock of its jobs until they have ended: never ask it then
            with self._changing:
                if not self._stopping:
                    self._scheduler.modify_job(job.name, next_run_time=datetime.now(UTC) + self._again)


def _alone(tx: Tx, name: str) -> bool:
    """Whether no other process is at this job; holds until the transaction ends."""
    lock = {"key": zlib.crc32(f"job {name}".encode())}
    alone: bool = tx.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), lock).scalar_one()
    return alone


def _unknown(error: Exception) -> bool:
    return not isinstance(error, Unavailable)
