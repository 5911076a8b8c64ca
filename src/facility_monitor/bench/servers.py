"""The servers of a bench: a real Mosquitto and a real PostgreSQL, started for it and removed after it."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from facility_monitor.errors import Unavailable
from facility_monitor.store import migrate

if TYPE_CHECKING:
    # an installation that serves has none of the libraries that the embedded servers need
    from facility_monitor.demo.embedded import EmbeddedBroker, EmbeddedPostgres

POSTGRES_SETTINGS = {
    # commit times of rows, which the latencies are read from
    "track_commit_timestamp": "on",
    "track_wal_io_timing": "on",
}
SMALL_DISK = {
    # a log that is cut off often, or it alone would fill the disk in time
    "max_wal_size": "64MB",
}


@dataclass(frozen=True, slots=True)
class Servers:
    """What runs: ``postgres`` is None where the database server is not ours."""

    folder: Path
    broker: EmbeddedBroker
    postgres: EmbeddedPostgres | None
    admin_url: str
    """A database of the server that may create others."""

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a migrated database that is dropped at the end."""
        name = f"fm_bench_{secrets.token_hex(6)}"
        self._execute("CREATE DATABASE {}", name)
        try:
            url = urlunsplit(urlsplit(self.admin_url)._replace(path=f"/{name}"))
            migrate.upgrade(url)
            yield url
        finally:
            self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _execute(self, statement: str, name: str) -> None:
        with connect(self.admin_url) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


@contextmanager
def servers(database_url: str | None = None, disk: Path | None = None) -> Iterator[Servers]:
    """Start both, on free ports and in a temporary folder; ``database_url`` takes the place of our PostgreSQL.

    ``disk`` is a small one where the database's files are instead.

    Raises Unavailable where one of them is missing or does not start.
    """
    try:
        from facility_monitor.demo.embedded import EmbeddedBroker, EmbeddedPostgres, free_port
    except ModuleNotFoundError as missing:
        raise Unavailable(f"{missing.name} is missing: pip install 'facility-monitor[demo]'") from None
    with tempfile.TemporaryDirectory(prefix="fm-bench-", ignore_cleanup_errors=True) as made:
        place = Path(made)
        # ports of their own choice, so that a broker that was killed comes back where it was
        with EmbeddedBroker(place, free_port(), free_port(), kind="mosquitto") as broker:
            if database_url is not None:
                yield Servers(place, broker, None, database_url)
                return
            settings = POSTGRES_SETTINGS if disk is None else POSTGRES_SETTINGS | SMALL_DISK
            with EmbeddedPostgres(disk or place, settings=settings) as postgres:
                yield Servers(place, broker, postgres, postgres.url)


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection in autocommit. Raises Unavailable."""
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        raise Unavailable(f"database: {str(error).strip().partition(chr(10))[0]}") from error
