"""Subscribe: a browser or an installed app becomes a channel of the person who is signed in there."""

from __future__ import annotations

from facility_monitor.domain.message.subscription import Subscription
from facility_monitor.domain.person import Person
from facility_monitor.errors import Conflict, NotFound
from facility_monitor.flows.people import sign_in
from facility_monitor.store.database import Tx
from facility_monitor.store.message import subscriptions

MOST = 20
"""Subscriptions of one person that are switched on."""


def subscribe(tx: Tx, subscription: Subscription, person: Person, session: str | None) -> int:
    """Returns the channel's id; the same each time for one endpoint, whoever was signed in there before.

    It ends when ``session`` is signed out (a token; None where the person came by other means), not when that expires:
    whoever has gone to sleep on duty has to be woken.

    Raises Conflict for one too many.
    """
    if subscriptions.of_others(tx, subscription, person.id) >= MOST:
        raise Conflict(f"{person.username} has {MOST} subscriptions: end one first")
    return subscriptions.put(tx, subscription, person.id, None if session is None else sign_in.token_hash(session))


def unsubscribe(tx: Tx, channel_id: int, person: Person) -> None:
    """Raises NotFound for what is no subscription of this person."""
    if not subscriptions.end(tx, channel_id, person.id, "ended on the phone"):
        raise NotFound(f"subscription {channel_id}")
