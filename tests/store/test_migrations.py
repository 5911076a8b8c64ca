"""The migrations and ``store.tables`` describe the same database, and every step down can be taken."""

from __future__ import annotations

import re
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from facility_monitor.store import migrate
from facility_monitor.store.database import Database
from facility_monitor.store.tables import metadata

_PARTITION = re.compile(r"(reading|rollup_minute|rollup_hour|rollup_day)_(unplanned|\d{4}_\d\d_\d\d)")


def _differences(url: str) -> list[Any]:
    database = Database(url, pool=1)
    try:
        with database.engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True, "include_name": _ours}
            )
            return list(compare_metadata(context, metadata))
    finally:
        database.close()


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    # Partitions come and go by themselves; alembic keeps a table of its own.
    return kind != "table" or not (name == "alembic_version" or _PARTITION.fullmatch(name or ""))


def _tables(url: str) -> set[str]:
    database = Database(url, pool=1)
    try:
        with database.transaction() as tx:
            return set(tx.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars())
    finally:
        database.close()


def test_the_tables_in_code_are_those_that_the_migrations_make(database_url: str) -> None:
    assert _differences(database_url) == []


def test_a_difference_would_be_found(database_url: str) -> None:
    database = Database(database_url, pool=1)
    with database.transaction() as tx:
        tx.execute(text("ALTER TABLE site DROP COLUMN version; DROP INDEX alarm_live_raised_at"))
    database.close()
    assert len(_differences(database_url)) == 2


def test_the_database_goes_down_to_nothing_and_up_again(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    migrate.downgrade(empty_database_url, "base")
    assert _tables(empty_database_url) == {"alembic_version"}
    migrate.upgrade(empty_database_url)
    assert _differences(empty_database_url) == []


def test_each_revision_can_be_left_and_entered(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    migrate.downgrade(empty_database_url, "-1")
    migrate.upgrade(empty_database_url)
    assert _differences(empty_database_url) == []
