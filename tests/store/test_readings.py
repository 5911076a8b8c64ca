"""Readings are stored each once, by whichever way, and to the last bit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import DBAPIError

from facility_monitor.domain.instant import instant
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.store.database import Database
from facility_monitor.store.reading import readings

NOON = instant(datetime(2026, 3, 2, 12, 0, 0, 123_457, tzinfo=UTC))


def test_what_is_appended_comes_back_to_the_last_bit_and_only_once(database_url: str) -> None:
    database = Database(database_url, pool=1)
    sent = [
        Reading(1, NOON, 0, 0.1 + 0.2, Quality.GOOD, NOON + 1),
        Reading(1, NOON + 1, (1 << 63) - 1, -1e-310, Quality.BAD, NOON + 2),
        Reading(2, 0, -(1 << 63), 1.7e308, Quality.UNCERTAIN, NOON + 3),
    ]
    with database.transaction() as tx:
        assert readings.append(tx, sent[:2]) == sent[:2]
    with database.transaction() as tx:
        # what other statements of the transaction did is not lost where some are stored already
        tx.exec_driver_sql("CREATE TABLE kept ()")
        assert readings.append(tx, sent[1:]) == sent[2:]
    with database.transaction() as tx:
        assert list(readings.since(tx, {1: 0, 2: 0})) == sent
        assert tx.exec_driver_sql("SELECT count(*) FROM kept").scalar_one() == 0
    database.close()


def test_what_the_database_refuses_is_told_as_of_any_statement(database_url: str) -> None:
    database = Database(database_url, pool=1)
    with database.transaction() as tx:
        tx.exec_driver_sql("ALTER TABLE reading ADD CHECK (value < 1000)")
    with database.engine.connect() as tx, pytest.raises(DBAPIError, match="reading"):
        readings.append(tx, [Reading(1, NOON, 0, 1000.0, Quality.GOOD, NOON)])
    database.close()
