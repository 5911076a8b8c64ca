"""Dead letters after they were written: who wants one replayed, what waits for the holder of its slot, what came of
it, and which are old enough to go."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, delete, func, null, or_, select, update

from facility_monitor.domain.instant import instant
from facility_monitor.domain.reading.balance import Holder
from facility_monitor.domain.reading.telemetry import Packet, Status, Telemetry
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import reject, site


class Letter(NamedTuple):
    """A dead letter that somebody wants replayed. ``told`` is what it says, where its bytes alone do not tell it.

    ``live`` where nobody asked: it came to the wrong slot, and is judged as if it had come to the right one at once.
    """

    id: int
    packet: Packet
    holder: Holder
    told: tuple[Telemetry, ...]
    live: bool


def request(tx: Tx, conditions: Iterable[ColumnElement[bool]], by: str, now: datetime) -> int:
    """Have all letters that meet ``conditions`` replayed; returns how many. What is wholly stored is left alone."""
    of_site = select(site.c.slot).where(site.c.code == reject.c.site).scalar_subquery()
    asked = (
        update(reject)
        .where(
            *conditions,
            or_(reject.c.outcome.is_(None), reject.c.outcome["rejected"].as_integer() > 0),
            or_(reject.c.requested_at.is_(None), reject.c.replayed_at.is_not(None)),
        )
        .values(
            requested_at=now,
            requested_by=by,
            replayed_at=null(),
            outcome=null(),
            slot=func.coalesce(of_site, 0),
        )
    )
    return tx.execute(asked).rowcount


def waiting(tx: Tx, slot: int, most: int) -> list[Letter]:
    """The oldest letters that wait for this slot."""
    columns = (reject.c.id, reject.c.topic, reject.c.payload, reject.c.received_at, reject.c.holder, reject.c.told)
    asked = (
        select(*columns, case((reject.c.requested_by.is_(None), True), else_=False))
        .where(reject.c.slot == slot, reject.c.requested_at.is_not(None), reject.c.replayed_at.is_(None))
        .order_by(reject.c.id)
        .limit(most)
    )
    letters = []
    for number, topic, payload, received_at, holder, told, live in tx.execute(asked):
        packet = Packet(topic, bytes(payload), instant(received_at))
        letters.append(Letter(number, packet, holder, tuple(_telemetry(each, packet) for each in told or ()), live))
    return letters


def settle(tx: Tx, number: int, outcome: Mapping[str, Any], now: datetime) -> None:
    """Note what came of a letter."""
    tx.execute(update(reject).where(reject.c.id == number).values(replayed_at=now, outcome=dict(outcome)))


def hand_over(tx: Tx, number: int, slot: int) -> None:
    """Leave a letter to another slot, whose device it is of."""
    tx.execute(update(reject).where(reject.c.id == number).values(slot=slot))


def forget(tx: Tx, until: datetime, most: int) -> int:
    """Delete letters that came before ``until``, ``most`` of them; returns how many. What waits for a replay stays."""
    waits = reject.c.requested_at.is_not(None) & reject.c.replayed_at.is_(None)
    old = select(reject.c.id).where(reject.c.received_at < until, ~waits).order_by(reject.c.received_at).limit(most)
    return tx.execute(delete(reject).where(reject.c.id.in_(old.scalar_subquery()))).rowcount


def told(of: Sequence[Telemetry | Status]) -> str | None:
    """``of`` as it is kept with a letter; None where the letter's bytes tell it as well."""
    if not any(isinstance(each, Telemetry) and each.remembered for each in of):
        return None
    fields = ("site", "device", "at", "sequence", "units", "historical")
    kept = [
        {name: getattr(each, name) for name in fields} | {"values": dict(each.values)}
        for each in of
        if isinstance(each, Telemetry)
    ]
    return json.dumps(kept)


def _telemetry(kept: Mapping[str, Any], packet: Packet) -> Telemetry:
    return Telemetry(**kept, packet=packet, remembered=True)
