"""Requests that a colleague takes a shift."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, exists, insert, or_, select, update

from facility_monitor.domain.person import Role
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import duty, duty_swap, person, site, site_access


def add(tx: Tx, shift_id: int, asked_by: int, person_id: int, now: datetime) -> int:
    values = {"duty_id": shift_id, "asked_by": asked_by, "person_id": person_id, "asked_at": now}
    made: int = tx.execute(insert(duty_swap).values(values).returning(duty_swap.c.id)).scalar_one()
    return made


def is_open(tx: Tx, shift_id: int) -> bool:
    """Whether somebody was asked for a shift and has not answered."""
    return bool(tx.execute(select(exists(_open().where(duty_swap.c.duty_id == shift_id)))).scalar())


def open_one(tx: Tx, swap_id: int) -> Row[Any] | None:
    """A request without an answer, if that is what it is."""
    return tx.execute(_open().where(duty_swap.c.id == swap_id)).one_or_none()


def end(tx: Tx, shift_id: int, outcome: str, now: datetime) -> None:
    """End the request that stands for a shift, if there is one."""
    standing = (duty_swap.c.duty_id == shift_id, duty_swap.c.outcome.is_(None))
    tx.execute(update(duty_swap).where(*standing).values(outcome=outcome, decided_at=now))


def stand_ins(tx: Tx, shift: Row[Any], roles: Collection[Role]) -> list[dict[str, Any]]:
    """Who else of these ``roles`` sees the site of a shift, by name; ``busy`` where they have duty at that time."""
    other = duty.alias("other")
    overlaps = [other.c.person_id == person.c.id, or_(other.c.ends_at.is_(None), other.c.ends_at > shift.starts_at)]
    if shift.ends_at is not None:
        overlaps.append(other.c.starts_at < shift.ends_at)
    busy = exists().where(*overlaps)
    granted = select(site_access.c.person_id).where(site_access.c.site_id == shift.site_id)
    rows = tx.execute(
        select(person.c.id, person.c.name, person.c.username, busy.label("busy"))
        .where(person.c.role.in_(roles), ~person.c.disabled, person.c.id != shift.person_id)
        .where(or_(person.c.role == Role.ADMIN, person.c.id.in_(granted)))
        .order_by(person.c.name, person.c.id)
    )
    return [dict(row) for row in rows.mappings()]


def _open() -> Select[Any]:
    return (
        select(duty_swap, duty.c.site_id, duty.c.starts_at, duty.c.ends_at, site.c.name, site.c.timezone)
        .join(duty, duty.c.id == duty_swap.c.duty_id)
        .join(site, site.c.id == duty.c.site_id)
        .where(duty_swap.c.outcome.is_(None))
    )
