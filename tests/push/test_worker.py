"""Each message leaves at once, in the right order, and at least once whatever dies in between."""

from __future__ import annotations

import logging
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import event

from facility_monitor.domain.message.signature import verify
from facility_monitor.domain.person import Person, Role
from facility_monitor.flows.message import announce
from facility_monitor.push.backoff import Backoff
from facility_monitor.push.channel import Delivered, Message
from facility_monitor.push.lane import LIFE_SAFETY, ORDINARY
from facility_monitor.push.sender import Outcome
from facility_monitor.push.worker import Worker
from facility_monitor.store.database import Database
from facility_monitor.store.message import outbox
from tests.people import SECRET, new_channel, new_message, new_person
from tests.push.conftest import Answer, House, Receiver, eventually

MS = timedelta(milliseconds=1)
HANGS = Answer(hangs=True)
GONE = Answer(410)
DOWN = Answer(503)

QUICK = replace(
    ORDINARY,
    lease=1000 * MS,
    margin=500 * MS,
    retry=Backoff(20 * MS, 100 * MS),
    rest=Backoff(20 * MS, 100 * MS),
)
"""The ordinary lane with little patience."""


def test_a_message_leaves_within_milliseconds_of_its_commit(house: House, receiver: Receiver) -> None:
    house.worker()
    channel = house.channel(receiver.url)
    waits = []
    for number in range(1, 16):
        (message,) = house.message(channel)
        committed = datetime.now(UTC)
        waits.append((receiver.wait_for(number)[-1].at - committed) / MS)
        house.settled(message)
    assert statistics.median(waits) < 50, waits


def test_what_was_sent_is_noted(house: House, receiver: Receiver) -> None:
    worker = house.worker()
    (message,) = house.message(house.channel(receiver.url))
    row = house.settled(message)
    (request,) = receiver.requests
    assert verify(SECRET, request.headers, request.body, datetime.now(UTC)).endswith(f"-{message}")
    assert (row.attempts, row.leased_until, row.error) == (1, None, None)
    assert row.created_at <= request.at <= row.sent_at
    assert worker.tally == Counter({Outcome.SENT: 1})


def test_what_waited_before_the_worker_came_is_sent_most_urgent_first(house: House, receiver: Receiver) -> None:
    channel = house.channel(receiver.url)
    for urgency in (4, 2, 3, 1):
        house.message(channel, urgency=urgency, tag=f"u{urgency}")
    house.worker()
    bodies = [each.body.decode() for each in receiver.wait_for(4)]
    assert [f'"tag":"u{n}"' in body for n, body in enumerate(bodies, start=1)] == [True] * 4


def test_a_message_for_later_leaves_when_it_is_due(house: House, receiver: Receiver) -> None:
    house.worker()
    (message,) = house.message(house.channel(receiver.url), age=-250 * MS)
    (request,) = receiver.wait_for(1)
    late = request.at - house.row(message).due_at
    assert timedelta() <= late < 200 * MS


def test_an_idle_worker_asks_the_database_nothing(house: House, receiver: Receiver) -> None:
    worker = house.worker()
    (message,) = house.message(house.channel(receiver.url))
    house.settled(message)
    eventually(lambda: worker.tally[Outcome.SENT] == 1)
    time.sleep(0.05)
    asked: list[str] = []
    event.listen(worker._database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    time.sleep(0.5)
    assert asked == []


def test_the_language_is_the_persons_else_the_services(house: House) -> None:
    seen: list[tuple[str | None, str]] = []

    class Notebook:
        def send(self, message: Message) -> Delivered:
            seen.append((message.person, message.locale))
            return Delivered()

        def close(self) -> None:
            pass

    house.worker(channels={"webhook": Notebook()}, locale="zh-CN")
    with house.database.transaction() as tx:
        person = new_person(tx, name="Li", locale="en")
        new_message(tx, new_channel(tx, person, kind="webhook"), datetime.now(UTC), person_id=person)
    eventually(lambda: len(seen) == 1)
    house.message(house.channel("x"))
    eventually(lambda: len(seen) == 2)
    assert seen == [("Li", "en"), (None, "zh-CN")]


def test_a_refusal_is_final_and_says_why(house: House, receiver: Receiver) -> None:
    worker = house.worker(QUICK)
    (message,) = house.message(house.channel(receiver.answer("/", GONE)))
    row = house.settled(message, "failed")
    assert (row.error, row.attempts) == ("answered 410 Gone", 1)
    time.sleep(0.1)
    assert len(receiver.requests) == 1
    assert worker.tally == Counter({Outcome.REFUSED: 1})


def test_what_did_not_get_through_is_sent_again_under_the_same_id(house: House, receiver: Receiver) -> None:
    worker = house.worker(QUICK)
    (message,) = house.message(house.channel(receiver.answer("/", DOWN, Answer(500), Answer())))
    row = house.settled(message)
    assert (row.attempts, row.error) == (3, None)
    assert len({each.id for each in receiver.requests}) == 1
    assert len({each.body for each in receiver.requests}) == 1
    assert worker.tally == Counter({Outcome.RETRIED: 2, Outcome.SENT: 1})


def test_a_receiver_that_asks_for_a_pause_gets_it_for_all_messages(house: House, receiver: Receiver) -> None:
    house.worker(QUICK)
    channel = house.channel(receiver.answer("/", Answer(429, {"retry-after": "1"}), Answer()))
    house.message(channel)
    receiver.wait_for(1)
    house.message(channel)
    first, second, third = receiver.wait_for(3)
    assert min(second.at, third.at) - first.at >= 1000 * MS


def test_a_pause_that_is_asked_for_is_bounded(house: House, receiver: Receiver) -> None:
    house.worker(replace(QUICK, patience=100 * MS))
    house.message(house.channel(receiver.answer("/", Answer(429, {"retry-after": "99999"}), Answer())))
    receiver.wait_for(2)


def test_a_message_too_old_is_given_up_after_a_last_try(house: House, receiver: Receiver) -> None:
    worker = house.worker(QUICK)
    channel = house.channel(receiver.answer("/", DOWN))
    (message,) = house.message(channel, age=QUICK.give_up_after)
    row = house.settled(message, "failed")
    assert (row.error, row.attempts, len(receiver.requests)) == ("given up: answered 503 Service Unavailable", 1, 1)
    eventually(lambda: worker.tally == Counter({Outcome.GIVEN_UP: 1}))


def test_a_channel_switched_off_meanwhile_is_not_used(house: House, receiver: Receiver) -> None:
    house.worker()
    (message,) = house.message(house.channel(receiver.url, enabled=False))
    assert "switched off" in house.settled(message, "failed").error
    assert receiver.requests == []


def test_a_fault_in_a_channel_is_logged_and_the_message_comes_again(
    house: House, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty:
        def __init__(self) -> None:
            self.faults = 1

        def send(self, message: Message) -> Delivered:
            if self.faults:
                self.faults -= 1
                raise KeyError("geheim")
            return house.webhook.send(message)

        def close(self) -> None:
            pass

    house.worker(QUICK, channels={"webhook": Faulty()})
    (message,) = house.message(house.channel(receiver.url))
    assert house.settled(message).attempts == 2
    assert "channel kind webhook is at fault" in caplog.text


def test_a_kind_that_this_worker_does_not_know_waits_for_one_that_does(house: House, receiver: Receiver) -> None:
    without = house.worker(QUICK, channels={})
    (message,) = house.message(house.channel(receiver.url))
    eventually(lambda: house.row(message).attempts > 0)
    without.stop()
    house.worker(QUICK)
    house.settled(message)


def test_a_message_that_cannot_be_read_does_not_stop_others(house: House, receiver: Receiver) -> None:
    house.worker(QUICK)
    channel = house.channel(receiver.url)
    (unreadable,) = house.message(channel, from_a_later_version=1)
    (message,) = house.message(channel)
    house.settled(message)
    assert house.row(unreadable).state == "queued"


def test_a_dead_channel_does_not_delay_another(house: House, receiver: Receiver) -> None:
    worker = house.worker(replace(QUICK, threads=2))
    dead = house.channel(receiver.answer("/dead", HANGS))
    house.message(*[dead] * 30)
    receiver.wait_for(1, "/dead")
    alive = house.channel(receiver.url + "/alive")
    started = time.monotonic()
    for number in range(1, 6):
        house.message(alive)
        receiver.wait_for(number, "/alive")
    assert time.monotonic() - started < 1
    assert len(receiver.wait_for(1, "/dead")) == 1
    assert worker.tally[Outcome.RETRIED] == 0


def test_a_dead_channel_costs_few_tries_and_gets_all_once_it_is_back(house: House, receiver: Receiver) -> None:
    worker = house.worker(QUICK)
    channel = house.channel(receiver.answer("/", DOWN))
    messages = house.message(*[channel] * 40)
    eventually(lambda: worker.tally[Outcome.RETRIED] >= 4)
    assert len(receiver.requests) < 20
    receiver.answer("/", Answer())
    for message in messages:
        house.settled(message)
    accepted = receiver.requests[-40:]
    assert len({each.id for each in accepted}) == 40
    assert sum(house.row(message).attempts for message in messages) == len(receiver.requests)


def test_life_safety_is_never_behind_others(house: House, receiver: Receiver) -> None:
    house.worker(replace(LIFE_SAFETY, threads=1), replace(QUICK, threads=1))
    receiver.answer("/stuck", HANGS)
    stuck = house.channel(receiver.url + "/stuck")
    other = house.channel(receiver.url + "/other")
    house.message(stuck)
    receiver.wait_for(1, "/stuck")  # the only thread for others is taken
    house.message(other, urgency=1)
    receiver.answer("/stuck", Answer())
    started = time.monotonic()
    house.message(stuck, urgency=0)  # also where its own channel is
    receiver.wait_for(2, "/stuck")
    assert time.monotonic() - started < 1
    assert [each.path for each in receiver.requests] == ["/stuck", "/stuck"]
    receiver.release()
    receiver.wait_for(1, "/other")


def test_two_workers_share_without_doubles(house: House, receiver: Receiver) -> None:
    lane = replace(QUICK, threads=2, run=2, lease=20_000 * MS)
    channels = [house.channel(f"{receiver.url}/{n}") for n in range(10)]
    messages = house.message(*channels * 12)
    workers = [house.worker(lane, start=False) for _ in range(2)]
    for worker in workers:
        worker.start()
    requests = receiver.wait_for(len(messages))
    eventually(lambda: sum(worker.tally[Outcome.SENT] for worker in workers) == len(messages))
    assert len({each.id for each in requests}) == len(requests) == len(messages)
    assert all(worker.tally[Outcome.SENT] > 0 for worker in workers)


def test_a_sender_slower_than_its_lease_does_not_overwrite_the_next_one(house: House, receiver: Receiver) -> None:
    slow = house.worker(replace(QUICK, lease=200 * MS, margin=50 * MS))
    channel = house.channel(receiver.answer("/", HANGS, Answer(202)))
    (message,) = house.message(channel)
    receiver.wait_for(1)
    house.worker(QUICK)
    second = house.settled(message)
    receiver.release()
    eventually(lambda: slow.tally[Outcome.LEASE_LOST] == 1)
    assert house.row(message) == second
    assert len({each.id for each in receiver.requests}) == 1
    assert len(receiver.requests) == 2


WORKER = """
import sys, time
from dataclasses import replace
from datetime import timedelta
from facility_monitor.push.lane import ORDINARY
from facility_monitor.push.webhook import Webhook
from facility_monitor.push.worker import Worker
from facility_monitor.store.database import Database
lane = replace(ORDINARY, lease=timedelta(seconds=1), margin=timedelta(seconds=0.5))
Worker(Database(sys.argv[1]), {"webhook": Webhook()}, lanes=(lane,)).start()
time.sleep(60)
"""


def test_a_worker_killed_between_send_and_settle_sends_again_under_the_same_id(
    house: House, receiver: Receiver
) -> None:
    receiver.answer("/", HANGS, Answer())
    (message,) = house.message(house.channel(receiver.url + "/"))
    process = subprocess.Popen([sys.executable, "-c", WORKER, house.database.url])
    try:
        receiver.wait_for(1)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert house.row(message).state == "queued"
    house.worker(QUICK)
    row = house.settled(message)
    first, second = receiver.requests
    assert first.id == second.id
    assert first.body == second.body
    assert row.attempts == 1  # the try that nobody could settle is not counted


def cut_all_connections(url: str) -> None:
    """What a restart of the database does to everybody."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_restart_of_the_database_loses_nothing(house: House, receiver: Receiver) -> None:
    worker = house.worker(replace(QUICK, lease=20_000 * MS))
    held = house.channel(receiver.answer("/held", HANGS))
    (before,) = house.message(held)
    receiver.wait_for(1)
    cut_all_connections(house.database.url)
    receiver.release()  # was sent while there was no connection to settle it on
    (after,) = house.message(house.channel(receiver.url + "/after"))
    house.settled(before)
    house.settled(after)
    eventually(lambda: worker.tally == Counter({Outcome.SENT: 2}))
    assert len(receiver.requests) == 2
    assert worker.alive
    cut_all_connections(house.database.url)
    time.sleep(0.05)
    (idle,) = house.message(held)
    house.settled(idle)


def test_a_worker_waits_for_a_database_that_is_not_there_and_stops_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    worker = Worker(database, {})
    worker.start()
    eventually(lambda: "connecting again" in caplog.text)
    assert worker.alive
    started = time.monotonic()
    worker.stop()
    assert time.monotonic() - started < 1
    database.close()
    assert all(record.levelno == logging.WARNING and record.exc_info is None for record in caplog.records)


def test_stopping_finishes_what_is_being_sent_and_gives_back_the_rest(house: House, receiver: Receiver) -> None:
    worker = house.worker(replace(ORDINARY, threads=1))
    one, two = house.channel(receiver.answer("/one", HANGS)), house.channel(receiver.url + "/two")
    sending, next_in_run, unbegun = house.message(one, one, two)
    receiver.wait_for(1)
    eventually(lambda: house.row(next_in_run).leased_until is not None)
    threading.Timer(0.2, receiver.release).start()
    started = time.monotonic()
    worker.stop(grace=5)
    assert 0.1 < time.monotonic() - started < 2
    assert [house.row(each).state for each in (sending, next_in_run, unbegun)] == ["sent", "queued", "queued"]
    assert [house.row(each).leased_until for each in (next_in_run, unbegun)] == [None, None]
    assert len(receiver.requests) == 1


def test_stopping_keeps_the_lease_of_what_hangs_beyond_its_grace_and_gives_back_what_was_not_begun(
    house: House, receiver: Receiver
) -> None:
    worker = house.worker(replace(ORDINARY, threads=1))
    hanging, unbegun = house.message(house.channel(receiver.answer("/", HANGS)), house.channel(receiver.url + "/two"))
    receiver.wait_for(1)
    eventually(lambda: house.row(unbegun).leased_until is not None)
    started = time.monotonic()
    worker.stop(grace=0.1)
    assert time.monotonic() - started < 1
    row = house.row(hanging)
    assert (row.state, row.attempts) == ("queued", 0)
    assert row.leased_until > datetime.now(UTC)
    assert house.row(unbegun).leased_until is None


def test_stopping_an_idle_worker_takes_no_time_and_leaves_no_connection(house: House) -> None:
    worker = house.worker()
    time.sleep(0.05)
    started = time.monotonic()
    worker.stop()
    worker.stop()
    assert time.monotonic() - started < 0.5


def test_a_worker_that_was_never_started_can_be_stopped(house: House) -> None:
    house.worker(start=False).stop()


def test_a_test_notice_goes_all_the_way(house: House, receiver: Receiver) -> None:
    house.worker()
    channel = house.channel(receiver.url)
    with house.database.transaction() as tx:
        person = Person(1, "wang", "Wang", Role.MANAGER, "en", None)
        message = announce.test_notice(tx, channel, person, datetime.now(UTC))
    house.settled(message)
    assert b'"type":"test"' in receiver.requests[0].body
    with house.database.transaction() as tx:
        assert outbox.counts(tx)[outbox.State.SENT] == 1
