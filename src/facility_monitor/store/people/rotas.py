"""Rotas, and the shifts that they make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as put

from facility_monitor.store.database import Tx
from facility_monitor.store.tables import duty, rota, site


def all_of(tx: Tx, rota_id: int | None = None) -> Sequence[Row[Any]]:
    """The rows of ``rota``, each with the zone of its site."""
    asked = select(rota, site.c.timezone).join(site, site.c.id == rota.c.site_id).order_by(rota.c.id)
    return tx.execute(asked if rota_id is None else asked.where(rota.c.id == rota_id)).all()


class Shift(NamedTuple):
    rota_id: int
    site_id: int
    person_id: int
    position: str
    rota_day: date
    starts_at: datetime
    ends_at: datetime


def add_shifts(tx: Tx, shifts: Sequence[Shift]) -> int:
    """Add those whose day their rota has no shift for yet."""
    if not shifts:
        return 0
    made = put(duty).values([each._asdict() for each in shifts]).on_conflict_do_nothing()
    return len(tx.execute(made.returning(duty.c.id)).all())


def drop_future_shifts(tx: Tx, rota_id: int, now: datetime) -> None:
    """Take back what a rota has planned; what has begun or was swapped stays."""
    planned = (duty.c.rota_id == rota_id, duty.c.starts_at > now, duty.c.instead_of.is_(None))
    tx.execute(delete(duty).where(*planned))


def lock_shift(tx: Tx, shift_id: int) -> Row[Any]:
    """A shift that there is, locked until the transaction ends."""
    return tx.execute(select(duty).where(duty.c.id == shift_id).with_for_update()).one()


def give_shift(tx: Tx, shift: Row[Any], person_id: int, now: datetime) -> None:
    """What is left of a shift becomes another person's; what has passed stays on record as it was."""
    begun = shift.starts_at < now
    theirs = {"person_id": person_id, "instead_of": shift.instead_of or shift.person_id, "version": shift.version + 1}
    if begun:
        theirs["starts_at"] = now
        kept = {name: getattr(shift, name) for name in ("site_id", "person_id", "position", "starts_at", "instead_of")}
        tx.execute(insert(duty).values(**kept, ends_at=now))
    tx.execute(update(duty).where(duty.c.id == shift.id).values(theirs))


def shift_count(tx: Tx, rota_id: int) -> int:
    """How many shifts stand that a rota has made."""
    return tx.execute(select(func.count()).select_from(duty).where(duty.c.rota_id == rota_id)).scalar_one()
