"""A slot: the right to be the one worker that evaluates its points, and the connection that carries that right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from facility_monitor.errors import FacilityMonitorError
from facility_monitor.ingest.lifeline import Lifeline
from facility_monitor.store.database import Database, Tx, first_line

LEASE_S = 6
"""A holder that is not heard of for so long has lost its slot: it is frozen, or the network to it is dead."""
UNHURRIED_S = 600
"""The same where many memories are rebuilt first."""
SLOT_LOCK = 0x534C_4F54
"""Space of the advisory locks of slots; the second number of the lock is the slot's."""


class SlotLost(FacilityMonitorError):
    """The database connection, and with it the slot, is gone: somebody else may hold it by now."""


class Slot:
    """One slot, held from a successful ``claim`` until ``release`` or the loss of the connection.

    The lock and all transactions live on one connection. So nothing can be committed by a worker that has lost its
    slot without noticing. The server ends that connection, and with it the lock, where its holder falls silent; the
    holder ends it where the server does.
    """

    def __init__(self, database: Database, number: int) -> None:
        self._database = database
        self.number = number
        self._connection: Connection | None = None
        self._lifeline: Lifeline | None = None

    def claim(self) -> bool:
        """Take the slot if it is free. Raises SlotLost where the database does not answer."""
        self.release()
        try:
            self._connection = self._database.alone()
            self._lifeline = Lifeline(self._database, self._connection)
            with self.transaction() as tx:
                tx.execute(text(f"SET idle_session_timeout = '{LEASE_S}s'"))
                tx.execute(text(f"SET idle_in_transaction_session_timeout = '{LEASE_S}s'"))
                lock = {"space": SLOT_LOCK, "slot": self.number}
                taken = tx.execute(text("SELECT pg_try_advisory_lock(:space, :slot)"), lock).scalar_one()
        except OperationalError as error:
            raise SlotLost(first_line(error.orig)) from error
        if not taken:
            self.release()
        return self._connection is not None

    @contextmanager
    def transaction(self, *, unhurried: bool = False) -> Iterator[Tx]:
        """One transaction on the slot's connection. Raises SlotLost where it breaks; other errors roll back.

        ``unhurried``: between two statements there may be more than ``LEASE_S`` of work.
        """
        if self._connection is None or self._lifeline is None:
            raise SlotLost("not held")
        try:
            # an unhurried one leaves the server idle for long, which does not mean that the network is dead
            with nullcontext() if unhurried else self._lifeline.watching(), self._connection.begin():
                if unhurried:
                    self._connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{UNHURRIED_S}s'"))
                yield self._connection
        except DBAPIError as error:
            if error.connection_invalidated or isinstance(error, OperationalError):
                self.release()
                raise SlotLost(first_line(error.orig)) from error
            raise

    def confirm(self) -> None:
        """Raises SlotLost where it is held no longer."""
        with self.transaction() as tx:
            tx.execute(text("SELECT"))

    def release(self) -> None:
        """Give the slot back, if it is held."""
        connection, self._connection = self._connection, None
        lifeline, self._lifeline = self._lifeline, None
        if lifeline is not None:
            lifeline.close()
        if connection is not None:
            connection.close()
