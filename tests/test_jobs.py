"""Jobs run at the start and then in their turn; one that fails is named, counted and comes again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, text

from facility_monitor.jobs import JOBS, Job, Jobs
from facility_monitor.store import partitions
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.tables import session
from tests.people import NOW, new_person

SOON = timedelta(seconds=0.05)
NEVER = timedelta(days=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)


def test_at_the_start_partitions_stand_ready_and_expired_sessions_are_gone(database: Database) -> None:
    later = datetime.now(UTC) + timedelta(weeks=30)
    with database.transaction() as tx:
        person = new_person(tx)
        for token, expires_at in ((b"old", NOW), (b"new", later + timedelta(hours=1))):
            values = {"token_hash": token, "person_id": person, "created_at": NOW, "expires_at": expires_at}
            tx.execute(insert(session).values(values))

    with database.transaction() as tx:
        chunks_come_by_themselves = partitions.is_hypertable(tx)

    def ready(at: datetime) -> bool:
        asked = text("SELECT to_regclass(:name) IS NOT NULL")
        monday = at - timedelta(days=at.weekday())
        with database.transaction() as tx:
            return bool(tx.execute(asked, {"name": f"reading_{monday:%Y_%m_%d}"}).scalar_one())

    def sessions() -> list[bytes]:
        with database.transaction() as tx:
            return list(tx.execute(select(session.c.token_hash)).scalars())

    assert not ready(later)
    jobs = Jobs(database, clock=lambda: later)
    jobs.start()
    eventually(lambda: (chunks_come_by_themselves or ready(later + timedelta(weeks=4))) and sessions() == [b"new"])
    jobs.stop()
    assert not jobs.failures


def test_a_job_comes_again_in_its_turn_and_its_work_is_committed(database: Database) -> None:
    def note(tx: Tx, now: datetime) -> None:
        tx.execute(text("INSERT INTO noted VALUES (:now)"), {"now": now})

    with database.transaction() as tx:
        tx.execute(text("CREATE TABLE noted (at timestamptz)"))

    def noted() -> int:
        with database.transaction() as tx:
            return int(tx.execute(select(func.count()).select_from(text("noted"))).scalar_one())

    jobs = Jobs(database, [Job("note", SOON, note)])
    jobs.start()
    eventually(lambda: noted() >= 3)
    jobs.stop()
    after = noted()
    time.sleep(3 * SOON.total_seconds())
    assert noted() == after


def test_a_job_that_fails_is_named_counted_and_comes_again_soon(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[int] = []

    def fail_twice(tx: Tx, now: datetime) -> None:
        tries.append(1)
        if len(tries) <= 2:
            raise ValueError("out of order")

    jobs = Jobs(database, [Job("sweep", NEVER, fail_twice)], again=SOON)
    jobs.start()
    eventually(lambda: len(tries) == 3)
    time.sleep(3 * SOON.total_seconds())
    jobs.stop()
    assert len(tries) == 3
    assert jobs.failures == {"sweep": 2}
    assert "job sweep failed" in caplog.text
    assert "out of order" in caplog.text


def test_one_job_that_fails_does_not_stop_another(database: Database) -> None:
    done = threading.Event()

    def fail(tx: Tx, now: datetime) -> None:
        raise ValueError

    jobs = Jobs(database, [Job("bad", SOON, fail), Job("good", SOON, lambda *_: done.set())])
    jobs.start()
    assert done.wait(10)
    jobs.stop()


def test_a_database_that_is_away_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    jobs = Jobs(database, JOBS, again=SOON)
    jobs.start()
    eventually(lambda: all(jobs.failures[job.name] >= 2 for job in JOBS))
    jobs.stop()
    database.close()
    assert not any(record.exc_info for record in caplog.records)


def test_two_processes_are_not_at_one_job_together(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()
    runs: list[str] = []

    def slow(tx: Tx, now: datetime) -> None:
        runs.append("slow")
        begun.set()
        go_on.wait(10)

    def quick(tx: Tx, now: datetime) -> None:
        runs.append("quick")

    one, two = Jobs(database, [Job("sweep", NEVER, slow)]), Jobs(database, [Job("sweep", SOON, quick)])
    one.start()
    assert begun.wait(10)
    two.start()
    time.sleep(4 * SOON.total_seconds())
    assert runs == ["slow"]
    go_on.set()
    eventually(lambda: "quick" in runs)
    one.stop()
    two.stop()


def test_a_job_that_fails_while_the_others_stop_holds_nobody_up(database: Database) -> None:
    begun = threading.Event()

    def fail(tx: Tx, now: datetime) -> None:
        begun.set()
        time.sleep(0.2)
        raise ValueError

    jobs = Jobs(database, [Job("bad", NEVER, fail)])
    jobs.start()
    assert begun.wait(10)
    stopping = threading.Thread(target=jobs.stop, daemon=True)
    stopping.start()
    stopping.join(5)
    assert not stopping.is_alive()
    assert jobs.failures == {"bad": 1}


def test_jobs_never_started_can_be_stopped(database: Database) -> None:
    jobs = Jobs(database)
    jobs.stop()
    assert not jobs.failures
