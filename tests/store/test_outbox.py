"""Messages are taken under leases: most urgent first, one holder each, and only who still holds one may settle it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, delete, select

from facility_monitor.store.database import Database, Tx
from facility_monitor.store.message import outbox
from facility_monitor.store.message.outbox import Claimed, Draft, State
from facility_monitor.store.tables import channel
from facility_monitor.store.tables import outbox as table
from tests.people import NOW, new_channel, new_entry, new_message, new_person, new_site

LEASE = timedelta(seconds=30)
SECOND = timedelta(seconds=1)


@pytest.fixture
def database(module_database_url: str) -> Iterator[Database]:
    database = Database(module_database_url, pool=3)
    yield database
    with database.transaction() as tx:
        tx.execute(delete(table))
        tx.execute(delete(channel))
    database.close()


def claim(tx: Tx, now: datetime = NOW, urgencies: range = range(5), **options: Any) -> list[Claimed]:
    settings: dict[str, Any] = {"without": (), "run": 100, "limit": 100, "lease": LEASE}
    return outbox.claim(tx, urgencies, **(settings | options), now=now)


def ids(claimed: list[Claimed]) -> list[int]:
    return [each.lease.outbox_id for each in claimed]


def row(tx: Tx, outbox_id: int) -> Row[Any]:
    return tx.execute(select(table).where(table.c.id == outbox_id)).one()


def test_messages_come_most_urgent_first_then_as_they_came_due(database: Database) -> None:
    with database.transaction() as tx:
        channel = new_channel(tx)
        late_low, low, high, life = (
            new_message(tx, channel, NOW - age * SECOND, urgency=urgency)
            for urgency, age in ((4, 0), (4, 9), (2, 5), (0, 1))
        )
        future = new_message(tx, channel, NOW + SECOND, urgency=0)
        assert ids(claim(tx)) == [life, high, low, late_low]
        assert ids(claim(tx, NOW + SECOND)) == [future]


def test_only_the_urgencies_asked_for_are_taken(database: Database) -> None:
    with database.transaction() as tx:
        channel = new_channel(tx)
        life, other = new_message(tx, channel, urgency=0), new_message(tx, channel, urgency=1)
        assert ids(claim(tx, urgencies=range(1))) == [life]
        assert ids(claim(tx, urgencies=range(1, 5))) == [other]


def test_a_claim_takes_a_short_run_of_each_channel_and_passes_over_those_left_out(database: Database) -> None:
    with database.transaction() as tx:
        busy, long, short = new_channel(tx), new_channel(tx), new_channel(tx)
        new_message(tx, busy)
        of_long = [new_message(tx, long) for _ in range(3)]
        of_short = new_message(tx, short)
        assert ids(claim(tx, without=[busy], run=2)) == [*of_long[:2], of_short]
        assert ids(claim(tx, without=[busy], run=2)) == of_long[2:]


def test_a_claim_brings_all_that_sending_needs(database: Database) -> None:
    with database.transaction() as tx:
        person = new_person(tx, name="李工", locale="zh-CN")
        channel = new_channel(tx, person, kind="webhook", address="http://x/", secret="whsec_s")
        message = new_message(tx, channel, person_id=person, urgency=3)
        (got,) = claim(tx)
    assert (got.lease.outbox_id, got.lease.until, got.urgency, got.attempts) == (message, NOW + LEASE, 3, 0)
    assert (got.kind, got.address, got.secret, got.enabled) == ("webhook", "http://x/", "whsec_s", True)
    assert (got.person_name, got.person_locale, got.channel_id, got.created_at) == ("李工", "zh-CN", channel, NOW)
    assert got.notice["tag"] == "alarm-7"
    assert "whsec_s" not in repr(got)
    assert "http://x/" not in repr(got)


@pytest.mark.parametrize("off", ["channel", "person"])
def test_a_claim_tells_that_the_channel_was_switched_off_since(database: Database, off: str) -> None:
    with database.transaction() as tx:
        person = new_person(tx, disabled=off == "person")
        new_message(tx, new_channel(tx, person, enabled=off != "channel"), person_id=person)
        assert [each.enabled for each in claim(tx)] == [False]


def test_two_claims_at_once_share_and_do_not_wait_for_each_other(database: Database) -> None:
    with database.transaction() as tx:
        messages = [new_message(tx, new_channel(tx)) for _ in range(4)]
    with database.transaction() as one, database.transaction() as two:
        first = ids(claim(one, limit=2))
        second = ids(claim(two))
    assert first == messages[:2]
    assert second == messages[2:]


def test_a_leased_message_comes_again_when_the_lease_has_run_out(database: Database) -> None:
    with database.transaction() as tx:
        message = new_message(tx, new_channel(tx))
        assert ids(claim(tx)) == [message]
        assert claim(tx, NOW + LEASE - timedelta(microseconds=1)) == []
        assert outbox.next_due(tx, range(5), without=()) == NOW + LEASE
        assert ids(claim(tx, NOW + LEASE)) == [message]


def test_what_was_sent_stays_sent(database: Database) -> None:
    with database.transaction() as tx:
        message = new_message(tx, new_channel(tx))
        (got,) = claim(tx)
        assert outbox.settle(tx, [outbox.sent(got.lease, NOW + SECOND)]) == {message}
        assert claim(tx, NOW + timedelta(days=1)) == []
        after = row(tx, message)
    assert (after.state, after.sent_at, after.attempts, after.leased_until, after.error) == (
        State.SENT,
        NOW + SECOND,
        1,
        None,
        None,
    )


def test_what_did_not_get_through_comes_again_when_it_is_due(database: Database) -> None:
    with database.transaction() as tx:
        message = new_message(tx, new_channel(tx))
        (got,) = claim(tx)
        outbox.settle(tx, [outbox.later(got.lease, NOW + 7 * SECOND, "answered 503")])
        assert row(tx, message).error == "answered 503"
        assert claim(tx, NOW + 6 * SECOND) == []
        assert outbox.next_due(tx, range(5), without=()) == NOW + 7 * SECOND
        (again,) = claim(tx, NOW + 7 * SECOND)
        assert again.attempts == 1


def test_what_was_refused_stays_failed_with_its_reason(database: Database) -> None:
    with database.transaction() as tx:
        message = new_message(tx, new_channel(tx))
        (got,) = claim(tx)
        outbox.settle(tx, [outbox.failed(got.lease, "answered\0 410\udc80" + "x" * 1000)])
        after = row(tx, message)
    assert (after.state, after.attempts) == (State.FAILED, 1)
    assert after.error.startswith("answered\ufffd 410?x")
    assert len(after.error) == outbox.ERROR_LENGTH


def test_what_is_given_back_untried_is_as_it_was(database: Database) -> None:
    with database.transaction() as tx:
        message = new_message(tx, new_channel(tx))
        (got,) = claim(tx)
        outbox.settle(tx, [outbox.later(got.lease, NOW, "first try")])
        (got,) = claim(tx)
        assert outbox.settle(tx, [outbox.released(got.lease)]) == {message}
        (got,) = claim(tx)
        assert (got.attempts, row(tx, message).error) == (1, "first try")


def test_a_slow_sender_whose_lease_ran_out_overwrites_nothing(database: Database) -> None:
    with database.transaction() as tx:
        message = new_message(tx, new_channel(tx))
        (slow,) = claim(tx)
    with database.transaction() as tx:
        (quick,) = claim(tx, NOW + LEASE)
    with database.transaction() as tx:  # while the other one holds it
        assert outbox.settle(tx, [outbox.failed(slow.lease, "too late")]) == set()
        assert outbox.settle(tx, [outbox.released(slow.lease)]) == set()
        assert row(tx, message).leased_until == quick.lease.until
    with database.transaction() as tx:
        assert outbox.settle(tx, [outbox.sent(quick.lease, NOW + LEASE)]) == {message}
    with database.transaction() as tx:  # and after it has settled
        assert outbox.settle(tx, [outbox.later(slow.lease, NOW, "too late")]) == set()
        assert (row(tx, message).state, row(tx, message).attempts) == (State.SENT, 1)


def test_a_late_sender_whose_message_nobody_took_may_still_settle(database: Database) -> None:
    with database.transaction() as tx:
        message = new_message(tx, new_channel(tx))
        (slow,) = claim(tx)
        assert outbox.settle(tx, [outbox.sent(slow.lease, NOW + 5 * LEASE)]) == {message}


def test_a_ledger_entry_is_queued_once_a_channel(database: Database) -> None:
    with database.transaction() as tx:
        entry, one, two = new_entry(tx, new_site(tx)), new_channel(tx), new_channel(tx)
        drafts = [Draft(entry, None, None, channel, 2, {}) for channel in (one, two, one)]
        assert len(outbox.add(tx, drafts, NOW)) == 2
        assert outbox.add(tx, drafts, NOW) == []
        assert outbox.add(tx, [], NOW) == []


def test_next_due_looks_only_at_what_could_be_claimed(database: Database) -> None:
    with database.transaction() as tx:
        assert outbox.next_due(tx, range(5), without=()) is None
        one, two = new_channel(tx), new_channel(tx)
        new_message(tx, one, NOW, urgency=1)
        new_message(tx, two, NOW + SECOND, urgency=1)
        assert outbox.next_due(tx, range(5), without=()) == NOW
        assert outbox.next_due(tx, range(5), without=[one]) == NOW + SECOND
        assert outbox.next_due(tx, range(1), without=()) is None


def test_counts_and_the_longest_wait(database: Database) -> None:
    with database.transaction() as tx:
        assert outbox.counts(tx) == dict.fromkeys(State, 0)
        assert outbox.oldest_due(tx, NOW) == timedelta()
        channel = new_channel(tx)
        for _ in range(3):
            new_message(tx, channel, NOW - 9 * SECOND)
        (first, second, _third) = claim(tx)
        outbox.settle(tx, [outbox.sent(first.lease, NOW), outbox.failed(second.lease, "no")])
        assert outbox.counts(tx) == {**dict.fromkeys(State, 0), State.QUEUED: 1, State.SENT: 1, State.FAILED: 1}
        assert outbox.oldest_due(tx, NOW) == 9 * SECOND
        assert outbox.oldest_due(tx, NOW - timedelta(hours=1)) == timedelta()


def test_the_insert_wakes_whoever_listens_when_it_commits(database: Database) -> None:
    with database.listen() as ear:
        ear.execute("LISTEN outbox")
        with database.transaction() as tx:
            channel = new_channel(tx)
            new_message(tx, channel)
            assert list(ear.notifies(timeout=0.05)) == []
        assert [each.channel for each in ear.notifies(timeout=5, stop_after=1)] == ["outbox"]
