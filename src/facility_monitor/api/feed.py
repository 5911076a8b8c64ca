"""The ledger as it grows: one thread listens to the database and wakes every open stream of the app."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from anyio import CapacityLimiter

from facility_monitor.errors import Unavailable
from facility_monitor.store.database import Database

log = logging.getLogger(__name__)

_LOOK_S = 0.25
"""How often the thread looks whether it shall stop."""
_READERS = 4
"""Threads, and thereby connections, that all streams share: they must not take those of the other requests."""
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.25, 8.0


class Feed:
    """Wakes streams when the ledger has grown. ``start`` and ``end`` belong to the event loop's thread.

    A wake says only that there may be something to read: after a lost connection all are woken once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._streams: set[asyncio.Event] = set()
        self._ending = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self.readers = CapacityLimiter(_READERS)
        self.listening = False

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return len(self._streams)

    @property
    def ending(self) -> bool:
        """Whether streams shall come to their end."""
        return self._ending.is_set()

    def start(self) -> None:
        """Begin to listen; streams may be opened before the connection stands."""
        self._loop = asyncio.get_running_loop()
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="ledger-feed", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Let every stream end and the thread stop. Doing it twice is the same as once."""
        self._ending.set()
        self._wake_all()

    async def stopped(self) -> None:
        """Returns when the thread has stopped, after ``end``."""
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    @contextmanager
    def subscribed(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever there may be something new, or the stream shall end; the caller clears it."""
        woken = asyncio.Event()
        self._streams.add(woken)
        try:
            yield woken
        finally:
            self._streams.discard(woken)

    def _wake_all(self) -> None:
        for woken in self._streams:
            woken.set()

    def _wake_from_thread(self) -> None:
        assert self._loop is not None  # noqa: S101 - the thread is started after the loop is known
        try:
            self._loop.call_soon_threadsafe(self._wake_all)
        except RuntimeError:
            self._ending.set()  # the loop is gone without a word: nobody is left to wake

    def _run(self) -> None:
        wait = _FIRST_WAIT_S
        while not self._ending.is_set():
            try:
                with self._database.listen() as connection:
                    connection.execute("LISTEN ledger")
                    self.listening, wait = True, _FIRST_WAIT_S
                    self._wake_from_thread()  # what was written while nobody listened
                    self._listen(connection)
            except (psycopg.OperationalError, Unavailable) as error:
                log.warning("the ledger's feed lost the database, next try in %.2f s: %s", wait, error)
                self.listening = False
                self._ending.wait(wait)
                wait = min(wait * 2, _LONGEST_WAIT_S)
        self.listening = False

    def _listen(self, connection: psycopg.Connection[object]) -> None:
        while not self._ending.is_set():
            for _ in connection.notifies(timeout=_LOOK_S, stop_after=1):
                self._wake_from_thread()
