"""The database: where transactions begin and end. Only doors and services open one; the floors below pass it on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson
import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from facility_monitor.errors import Unavailable

Tx = Connection
"""An open transaction. Whoever is handed one neither commits nor rolls back."""

log = logging.getLogger(__name__)

CONNECT_S = 5
_NETWORK: dict[str, Any] = {
    "connect_timeout": CONNECT_S,
    # a network that swallows everything ends no connection by itself; these do after 20 s (libpq, section 34.1.2)
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,
}
_OPTIONS: dict[str, Any] = {"connect_args": _NETWORK, "json_deserializer": orjson.loads}

LEDGER_LOCK = 0x4C45_4447
"""Advisory lock that puts ledger ids in the order of their commits."""


def sqlalchemy_url(url: str) -> str:
    """``url`` with the driver named, as SQLAlchemy wants it."""
    return "postgresql+psycopg://" + url.partition("://")[2]


class Database:
    """A pool of connections. Safe to share between threads; ``close`` it when done."""

    def __init__(self, url: str, pool: int = 10) -> None:
        self.url = url
        self.engine: Engine = create_engine(
            sqlalchemy_url(url), pool_size=pool, max_overflow=5, pool_pre_ping=True, **_OPTIONS
        )
        self._alone: Engine = create_engine(sqlalchemy_url(url), poolclass=NullPool, **_OPTIONS)
        for engine in (self.engine, self._alone):
            event.listen(engine, "connect", _in_utc)

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """One transaction: committed at the end of the block, rolled back where it raises.

        Raises Unavailable where the database cannot be reached, or has not the tables of this version.
        """
        try:
            with self.engine.begin() as tx:
                yield tx
        except ProgrammingError as error:
            if isinstance(error.orig, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
                raise Unavailable(f"database: {first_line(error.orig)}: run facility-monitor migrate") from error
            raise
        except OperationalError as error:
            if error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError):
                raise Unavailable(f"database: {first_line(error.orig)}") from error
            raise

    def alone(self) -> Connection:
        """A connection that was in nobody's hands before and will not be after; the caller closes it.

        Raises OperationalError where the database cannot be reached.
        """
        return self._alone.connect()

    def listen(self) -> psycopg.Connection[Any]:
        """A connection of its own in autocommit, for LISTEN and for advisory locks; the caller closes it.

        Raises Unavailable.
        """
        try:
            return psycopg.connect(self.url, autocommit=True, options="-c timezone=UTC", **_NETWORK)
        except psycopg.OperationalError as error:
            raise Unavailable(f"database: {first_line(error)}") from error

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def driver_cursor(tx: Tx) -> Iterator[psycopg.Cursor[Any]]:
    """A cursor of the driver within ``tx``, for COPY. What goes wrong is raised as that of any other statement is."""
    driver: psycopg.Connection[Any] = tx.connection.driver_connection  # type: ignore[assignment]
    try:
        with driver.cursor() as cursor:
            yield cursor
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error, dialect=tx.dialect) from error


def _in_utc(connection: psycopg.Connection[Any], _record: object) -> None:
    connection.execute("SET timezone TO 'UTC'")
    connection.commit()


def first_line(error: BaseException | None) -> str:
    """What went wrong in one line."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


def now(tx: Tx) -> datetime:
    """The database's clock at the start of this transaction, aware UTC."""
    moment: datetime = tx.execute(text("SELECT now()")).scalar_one()
    return moment
