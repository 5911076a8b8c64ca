"""A lifeline: a database connection on which nothing comes back any more is cut, so that its user can go on.

A network that swallows everything does not end a connection; who waits for an answer on it waits for hours. A statement
that takes long is left alone: another connection asks the server whether it is at work.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection

from facility_monitor.errors import Unavailable
from facility_monitor.store.database import Database

log = logging.getLogger(__name__)

PATIENCE_S = 4.0
"""How long a transaction takes before anybody asks."""

_AT_WORK = """
SELECT state = 'active' AND wait_event_type IS DISTINCT FROM 'Client' FROM pg_stat_activity WHERE pid = %s
"""


class Lifeline:
    """Watches the transactions of one connection from a thread of its own, from its making until ``close``."""

    def __init__(self, database: Database, connection: Connection) -> None:
        raw = connection.connection.driver_connection
        if not isinstance(raw, psycopg.Connection):
            raise TypeError("not a connection of psycopg")
        self._listen = database.listen
        self._server_process = raw.info.backend_pid
        # of our own: the number of the connection's may stand for something else by the time that we cut it
        self._socket = socket.socket(fileno=os.dup(raw.fileno()))
        self._since: float | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="lifeline", daemon=True)
        self._thread.start()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While a transaction runs."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._since = None

    def close(self) -> None:
        """Watch no more."""
        self._closing.set()

    def _watch(self) -> None:
        with self._socket:
            while not self._closing.wait(PATIENCE_S / 4):
                since = self._since
                if since is None or time.monotonic() - since < PATIENCE_S or self._is_at_work():
                    continue
                if self._since == since:
                    log.warning("the database does not answer: cutting the connection")
                    self._socket.shutdown(socket.SHUT_RDWR)
                    return

    def _is_at_work(self) -> bool:
        try:
            with self._listen() as connection:
                row = connection.execute(_AT_WORK, (self._server_process,)).fetchone()
        except (Unavailable, psycopg.Error) as error:
            log.warning("the database does not answer: %s", error)
            return False
        return row is not None and bool(row[0])
