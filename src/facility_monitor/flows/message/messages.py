"""What becomes of messages after they were queued: answered without a log-in, handed on, folded, sent once more."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from facility_monitor.domain.message import message_token
from facility_monitor.domain.message.message_token import BadToken
from facility_monitor.domain.person import SCOPES, Person, Scope
from facility_monitor.errors import Conflict, Forbidden, NotFound
from facility_monitor.flows.alarm import alarms
from facility_monitor.flows.people import service_keys
from facility_monitor.store.alarm import alarms as kept
from facility_monitor.store.database import Tx
from facility_monitor.store.message import folding, handing_on, outbox, receipts
from facility_monitor.store.message.receipts import Sent
from facility_monitor.store.people import accounts
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import alarm
from facility_monitor.store.views import seen


class Asked(NamedTuple):
    """A message whose token somebody holds, and the person it was sent to, who is thereby known."""

    message: Sent
    person: Person


def of_token(tx: Tx, token: str, now: datetime) -> Asked:
    """Raises NotFound for a token that was not given out, is over, or whose person may no longer sign in."""
    try:
        number = message_token.message_of(service_keys.token_key(tx, now), token, now)
    except BadToken as wrong:
        raise NotFound(f"this link: {wrong}") from None
    message = receipts.sent(tx, number)
    account = None if message is None else accounts.by_id(tx, message.person_id, now)
    if message is None or account is None or account.disabled:
        raise NotFound("this link: its message or its person is gone")
    return Asked(message, account.person)


def saw(tx: Tx, token: str, now: datetime, *, opened: bool) -> None:
    """The message is on the person's screen, or was opened there. Raises NotFound."""
    receipts.seen(tx, of_token(tx, token, now).message.id, now, opened=opened)


def acknowledge(tx: Tx, token: str, now: datetime, acted_at: datetime | None = None) -> Asked:
    """The person takes the alarm of the message, without signing in. Works once.

    With ``acted_at``, the time of an act that a phone kept for want of a network, it may be said again: a phone whose
    answer was lost cannot know that it arrived.

    Raises NotFound, Forbidden where the person may not acknowledge, Conflict for a message that was answered before, or
    whose alarm has come again since: then another message calls.
    """
    asked = of_token(tx, token, now)
    message, person = asked
    if message.alarm_id is None:
        raise Conflict("this message is of no alarm")
    if Scope.ACKNOWLEDGE_ALARMS not in SCOPES[person.role]:
        raise Forbidden(f"{person.username} may not acknowledge alarms")
    seen.must_see(tx, Sight(person, now), alarm, message.alarm_id)
    kept.lock(tx, message.alarm_id)  # before the message, as whoever acknowledges in the app does
    if message.outdated:
        raise Conflict("the alarm has come again since: this message is of the time before")
    if not receipts.answered(tx, message.id, now) and acted_at is None:
        raise Conflict("this message was answered before")
    alarms.acknowledge(tx, message.alarm_id, person, f"{message.channel_kind} #{message.id}", now, acted_at)
    return asked


def sweep(tx: Tx, now: datetime) -> None:
    """Let other channels take over what waits too long, and fold what nobody needs any more by itself."""
    handing_on.hand_on(tx, (), now)
    folding.fold_stale(tx, now)


def send_again(tx: Tx, number: int, now: datetime) -> None:
    """Queue a message that had failed once more. Raises Conflict for one that has not."""
    if not outbox.queue_again(tx, number, now):
        raise Conflict(f"message {number} has not failed")
