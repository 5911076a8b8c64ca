"""What a kind of channel has to do: the promise that the worker relies on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from facility_monitor.domain.message.notice import Notice

SEND_WITHIN = timedelta(seconds=20)
"""How long one ``send`` may take. One that takes longer risks that the message is sent twice."""


@dataclass(frozen=True, slots=True)
class Message:
    """One notice to one address.

    ``id`` stays the same each time the message is sent, and no other message ever has it, not even after the database
    was made anew. ``person`` is the name of whom it is for, None for another system. ``created_at`` is aware UTC.
    ``token`` lets its holder say what became of it, and answer it, in that person's name (``domain.message_token``).
    """

    id: str
    notice: Notice
    locale: str
    person: str | None
    created_at: datetime
    ledger_id: int | None
    alarm_id: int | None
    urgency: int
    token: str | None = field(repr=False)
    address: str = field(repr=False)
    secret: str | None = field(repr=False)


class Delivered(NamedTuple):
    """The other side has taken the message. ``reference`` is the other side's name for it, where it gives one."""

    reference: str | None = None


class Refused(Exception):
    """It will never be taken: no use to send it again. The text says why, without address or secret."""


class Ended(Refused):
    """The address itself is no more: nothing will ever be taken there again. The channel is switched off."""


class TryLater(Exception):
    """It was not taken this time, or nobody knows. The text says why, without address or secret.

    ``retry_after`` is how long the other side asks to be left alone; None where it does not say.
    """

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Channel(Protocol):
    """One kind of channel, for all addresses of that kind.

    Built once by the service and called from many threads, though never by one worker twice at once for the same
    address and urgency. No transaction is open meanwhile. Nothing that it logs or raises holds an address or a secret:
    both may let others in.
    """

    def send(self, message: Message) -> Delivered:
        """Send ``message`` within SEND_WITHIN.

        Raises Refused or TryLater. Anything else that comes out is a fault of the channel; the worker logs it and
        treats it as TryLater. The same message may come again, also after it was delivered.
        """
        ...

    def close(self) -> None:
        """Let go of connections. Nothing is sent afterwards."""
        ...
