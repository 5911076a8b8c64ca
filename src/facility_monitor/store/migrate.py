"""Bringing a database to the newest shape (or back), and the reference data with it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from facility_monitor.errors import Unavailable
from facility_monitor.store import catalogue, partitions
from facility_monitor.store.database import Database, now

MIGRATE_LOCK = 0x4D49_4752
"""Advisory lock: two processes that migrate at once go one after the other."""


def _scripts() -> Path:
    """The migrations: inside an installed package, at the project's root in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parents[1] / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    return config


def _alembic(database: Database, direction: str, revision: str) -> None:
    config = _config()
    with database.listen() as lock, database.engine.connect() as connection:
        lock.execute("SELECT pg_advisory_lock(%s)", (MIGRATE_LOCK,))
        config.attributes["connection"] = connection
        getattr(command, direction)(config, revision)


def upgrade(database_url: str, revision: str = "head") -> None:
    """Migrate up to ``revision``; at the head also load the catalogue and prepare the readings' next partitions.

    Safe to call at every start. Raises Unavailable where the database cannot be reached.
    """
    database = Database(database_url, pool=1)
    try:
        _alembic(database, "upgrade", revision)
        if revision == "head":
            with database.transaction() as tx:
                catalogue.load(tx, now(tx))
                partitions.prepare(tx, now(tx))
    finally:
        database.close()


def downgrade(database_url: str, revision: str) -> None:
    """Migrate down to ``revision`` (``base`` for an empty database). Drops what newer revisions held."""
    database = Database(database_url, pool=1)
    try:
        _alembic(database, "downgrade", revision)
    finally:
        database.close()


def standing(database: Database) -> str:
    """The revision at which the database stands. Raises Unavailable where that is not the newest, or it is away."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    with database.transaction() as tx:
        found = MigrationContext.configure(tx).get_current_revision()
    if found != newest:
        raise Unavailable(f"stands at revision {found}, not {newest}: run facility-monitor migrate")
    return f"revision {found}"
