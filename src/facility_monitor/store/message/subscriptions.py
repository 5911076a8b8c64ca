"""Push subscriptions: channels that browsers and installed apps make themselves, one for each endpoint."""

from __future__ import annotations

from sqlalchemy import func, select, text, true, update
from sqlalchemy.dialects.postgresql import insert

from facility_monitor.domain.message.subscription import Subscription
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import channel

KIND = "web_push"


def put(tx: Tx, subscription: Subscription, person_id: int, session_hash: bytes | None) -> int:
    """Make it a channel of this person; one that there is already changes hands. Returns the channel's id.

    ``session_hash`` is of the session in which the phone has said so, None where it was none.
    """
    row = {
        "kind": KIND,
        "address": subscription.endpoint,
        "secret": subscription.keys(),
        "person_id": person_id,
        "session_hash": session_hash,
    }
    made = insert(channel).values(row)
    again = made.on_conflict_do_update(
        index_elements=["address"],
        index_where=text("kind = 'web_push'"),  # as a parameter it would not be known to fit the index
        set_={
            "secret": made.excluded.secret,
            "person_id": person_id,
            "session_hash": session_hash,
            "enabled": True,
            "ended": None,
            "version": channel.c.version + 1,
        },
    )
    number: int = tx.execute(again.returning(channel.c.id)).scalar_one()
    return number


def end(tx: Tx, channel_id: int, person_id: int, reason: str) -> bool:
    """Switch off a subscription of this person; whether there is one."""
    mine = (channel.c.id == channel_id, channel.c.kind == KIND, channel.c.person_id == person_id)
    switched = update(channel).where(*mine).values(enabled=False, ended=reason, version=channel.c.version + 1)
    return tx.execute(switched).rowcount > 0


def end_of_session(tx: Tx, session_hash: bytes, reason: str) -> None:
    """Switch off what was subscribed in this session."""
    of_session = (channel.c.session_hash == session_hash, channel.c.enabled)
    tx.execute(update(channel).where(*of_session).values(enabled=False, ended=reason, version=channel.c.version + 1))


def end_all(tx: Tx, person_id: int, reason: str, keep: bytes | None = None) -> None:
    """Switch off the subscriptions of a person, but for those of the session whose token hash is ``keep``."""
    mine = (channel.c.person_id == person_id, channel.c.kind == KIND, channel.c.enabled)
    others = update(channel).where(*mine, channel.c.session_hash.is_distinct_from(keep) if keep else true())
    tx.execute(others.values(enabled=False, ended=reason, version=channel.c.version + 1))


def of_others(tx: Tx, subscription: Subscription, person_id: int) -> int:
    """How many other subscriptions of this person are switched on."""
    found: int = tx.execute(
        select(func.count())
        .select_from(channel)
        .where(
            channel.c.person_id == person_id,
            channel.c.kind == KIND,
            channel.c.enabled,
            channel.c.address != subscription.endpoint,
        )
    ).scalar_one()
    return found
