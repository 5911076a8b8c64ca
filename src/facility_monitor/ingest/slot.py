"""A slot: the right to be the one worker that evaluates its points, and the connection that carries that right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from facility_monitor.errors import FacilityMonitorError
from facility_monitor.store.database import Database, Tx, first_line

SLOT_LOCK = 0x534C_4F54
"""Space of the advisory locks of slots; the second number of the lock is the slot's."""


class SlotLost(FacilityMonitorError):
    """The database connection, and with it the slot, is gone: somebody else may hold it by now."""


class Slot:
    """One slot, held from a successful ``claim`` until ``release`` or the loss of the connection.

    The lock and all transactions live on one connection. So nothing can be committed by a worker that has lost its
    slot without noticing.
    """

    def __init__(self, database: Database, number: int) -> None:
        self._database = database
        self.number = number
        self._connection: Connection | None = None

    def claim(self) -> bool:
        """Take the slot if it is free. Raises SlotLost where the database does not answer."""
        self.release()
        try:
            connection = self._database.engine.connect()
            lock = {"space": SLOT_LOCK, "slot": self.number}
            taken = connection.execute(text("SELECT pg_try_advisory_lock(:space, :slot)"), lock).scalar_one()
            connection.commit()
        except OperationalError as error:
            raise SlotLost(first_line(error.orig)) from error
        if not taken:
            connection.close()
            return False
        self._connection = connection
        return True

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """One transaction on the slot's connection. Raises SlotLost where it breaks; other errors roll back."""
        if self._connection is None:
            raise SlotLost("not held")
        try:
            with self._connection.begin():
                yield self._connection
        except DBAPIError as error:
            if error.connection_invalidated or isinstance(error, OperationalError):
                self.release()
                raise SlotLost(first_line(error.orig)) from error
            raise

    def release(self) -> None:
        """Give the slot back, if it is held."""
        connection, self._connection = self._connection, None
        if connection is not None:
            if not connection.invalidated:
                connection.detach()  # closed for good: back in the pool it would keep the lock
            connection.close()
