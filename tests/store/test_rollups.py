"""Rollups say what the readings themselves say, whatever came late, was folded twice, or is gone by now."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from facility_monitor.domain.instant import SECOND, instant, moment
from facility_monitor.domain.reading import rollup
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.errors import InvalidInput
from facility_monitor.flows.plant.commission import commission
from facility_monitor.store import partitions
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.reading import readings, retention, retention_policies, rollups
from facility_monitor.store.views import rollups as views
from tests.flows.conftest import SITE

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


Store = Callable[[Tx, Sequence[Reading]], list[Reading]]
WAYS: tuple[Store, ...] = (readings.insert, readings.append)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the small site, in which nothing has been summed up since ``BEGIN``."""
    database = Database(database_url, pool=4)
    with database.transaction() as tx:
        commission(tx, SITE, "test", BEGIN)
        tx.execute(text("UPDATE rollup_progress SET late_before = :begin, folded_before = :begin"), {"begin": BEGIN})
    yield database
    database.close()


def points(database: Database) -> list[int]:
    with database.transaction() as tx:
        return list(tx.execute(text("SELECT id FROM point ORDER BY id LIMIT 2")).scalars())


def put(database: Database, *found: Reading, by: Store = readings.insert) -> list[Reading]:
    with database.transaction() as tx:
        return by(tx, found)


def read(point: int, at: datetime, value: float, quality: Quality = Quality.GOOD, sequence: int = 1) -> Reading:
    return Reading(point, instant(at), sequence, value, quality, instant(at))


def asked(database: Database, point: int, start: datetime, end: datetime, step_s: int) -> list[dict[str, Any]]:
    span = instant(start), instant(end)
    with database.transaction() as tx:
        return views.steps(tx, point, span, rollup.steps(span, step_s, UTC))


def expected(stored: list[Reading], point: int, start: datetime, end: datetime, step_s: int) -> list[dict[str, Any]]:
    """The same from the readings alone."""
    step = step_s * SECOND
    of: dict[int, list[Reading]] = {}
    for each in sorted(stored, key=lambda each: (each.at, each.sequence)):
        if each.point_id == point and instant(start) <= each.at < instant(end) and each.quality is not Quality.BAD:
            of.setdefault(each.at - each.at % step, []).append(each)
    return [
        {
            "at": moment(at),
            "min": min(each.value for each in found),
            "max": max(each.value for each in found),
            "mean": pytest.approx(sum(each.value for each in found) / len(found)),
            "last": found[-1].value,
            "last_at": moment(found[-1].at),
            "count": len(found),
        }
        for at, found in sorted(of.items())
    ]


def shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in ("at", "min", "max", "mean", "last", "last_at", "count")} for row in rows]


@pytest.mark.parametrize("seed", range(3))
def test_steps_equal_what_the_readings_say_while_they_come_in_time_late_and_twice(
    database: Database, seed: int
) -> None:
    chance = random.Random(seed)
    mine = points(database)
    stored: dict[tuple[int, int, int], Reading] = {}
    clock = BEGIN
    for _ in range(12):
        clock += timedelta(minutes=chance.choice([1, 7, 50, 300, 1500]))
        for _ in range(chance.randrange(60)):
            late = chance.choice([1, 1, 1, 90, 4_000, 100_000]) * chance.random()
            quality = chance.choice([Quality.GOOD, Quality.GOOD, Quality.UNCERTAIN, Quality.BAD])
            came = read(
                chance.choice(mine),
                clock - timedelta(seconds=round(late)),
                chance.choice([chance.gauss(50, 20), 0.0, 1e280, -1e-310]),
                quality,
                chance.randrange(2),
            )
            was_there = came[:3] in stored
            assert put(database, came, by=chance.choice(WAYS)) == ([] if was_there else [came])
            stored.setdefault(came[:3], came)
        if chance.random() < 0.7:
            rollups.fold(database, clock)
            if chance.random() < 0.3:
                rollups.fold(database, clock)
        start = BEGIN - DAY + timedelta(seconds=chance.randrange(86_400))
        end = start + timedelta(seconds=chance.randrange(60, 400_000))
        for step_s in (60, 1_800, 3_600, 86_400):
            found = shown(asked(database, mine[0], start, end, step_s))
            assert found == expected(list(stored.values()), mine[0], start, end, step_s)


@pytest.mark.parametrize("store", WAYS)
def test_a_reading_stored_while_the_mark_advances_is_never_left_out(database: Database, store: Store) -> None:
    (point, _) = points(database)
    at = BEGIN + timedelta(minutes=1)
    later = BEGIN + timedelta(minutes=30)
    advanced = threading.Event()

    def advance() -> None:
        while not advanced.is_set():
            with database.transaction() as tx:
                if rollups.advance(tx, later):
                    advanced.set()

    with database.transaction() as tx:
        store(tx, [read(point, at, 1.0)])
        other = threading.Thread(target=advance)
        other.start()
        # The insert that has not committed holds the mark up.
        assert not advanced.wait(0.3)
    assert advanced.wait(10)
    other.join()
    rollups.fold(database, later)
    with database.transaction() as tx:
        assert tx.execute(text("SELECT at, count FROM rollup_minute")).all() == [(at, 1)]


def test_the_mark_that_cannot_be_moved_in_time_lets_the_inserts_go_first(database: Database) -> None:
    (point, _) = points(database)
    with database.transaction() as tx:
        readings.insert(tx, [read(point, BEGIN + timedelta(minutes=1), 1.0)])
        with database.transaction() as other:
            assert not rollups.advance(other, BEGIN + timedelta(minutes=30))
            assert other.execute(text("SELECT 1")).scalar_one() == 1


def test_what_is_older_than_the_policy_goes_and_its_rollups_stay(database: Database) -> None:
    (point, _) = points(database)
    days = 200
    with database.transaction() as tx:
        partitions.prepare(tx, BEGIN)
        partitions.prepare(tx, BEGIN + days * DAY)
    for day in range(0, days, 5):
        put(database, read(point, BEGIN + day * DAY, float(day)), read(point, BEGIN + day * DAY + DAY / 2, day + 0.5))
    now = BEGIN + days * DAY
    before = shown(asked(database, point, BEGIN, now, 86_400))
    while rollups_behind(database, now):
        rollups.fold(database, now)
    gone = retention.apply(database, now)
    assert len(gone) >= 4  # the weeks that stood ready at the beginning
    with database.transaction() as tx:
        (oldest,) = tx.execute(text("SELECT min(at) FROM reading")).one()
        (minutes,) = tx.execute(text("SELECT min(at) FROM rollup_minute")).one()
    assert now - 97 * DAY <= oldest <= now - 83 * DAY
    assert minutes == BEGIN
    assert shown(asked(database, point, BEGIN, now, 86_400)) == before
    # What comes for a minute whose readings are gone does not replace the sum of all of them.
    put(database, read(point, BEGIN + timedelta(seconds=1), -1.0))
    rollups.fold(database, now)
    assert shown(asked(database, point, BEGIN, BEGIN + DAY, 86_400)) == before[:1]


def rollups_behind(database: Database, now: datetime) -> bool:
    with database.transaction() as tx:
        stands = rollups.progress(tx)
    return stands.folded_before < stands.late_before or stands.late_before < instant(now - timedelta(minutes=10))


def test_nothing_goes_that_no_rollup_holds_yet(database: Database) -> None:
    (point, _) = points(database)
    put(database, read(point, BEGIN, 1.0))
    assert retention.apply(database, BEGIN + 1000 * DAY) == []
    with database.transaction() as tx:
        assert tx.execute(text("SELECT count(*) FROM reading")).scalar_one() == 1


def test_readings_are_stored_while_old_ones_go(database: Database) -> None:
    (point, other) = points(database)
    put(database, read(point, BEGIN, 1.0))
    now = BEGIN + 150 * DAY
    with database.transaction() as tx:
        partitions.prepare(tx, now)
    while rollups_behind(database, now):
        rollups.fold(database, now)
    with database.transaction() as tx:
        # A transaction that reads and writes the newest partition holds no old one for long.
        readings.insert(tx, [read(other, now, 1.0)])
        retention.apply(database, now)
        readings.insert(tx, [read(other, now + timedelta(seconds=1), 2.0)])
    retention.apply(database, now)
    with database.transaction() as tx:
        assert tx.execute(text("SELECT count(*) FROM reading WHERE point_id = :p"), {"p": other}).scalar_one() == 2
        assert tx.execute(text("SELECT count(*) FROM reading WHERE point_id = :p"), {"p": point}).scalar_one() == 0


def test_a_policy_that_contradicts_itself_is_refused_by_the_field(database: Database) -> None:
    with database.transaction() as tx, pytest.raises(InvalidInput) as wrong:
        retention_policies.change(tx, {"hour_days": 10}, BEGIN, "test", "test", BEGIN)
    assert set(wrong.value.fields) == {"hour_days"}
