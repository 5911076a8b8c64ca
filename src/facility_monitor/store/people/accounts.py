"""People's accounts: who there is, and what they sign in with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Row,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from facility_monitor.domain.person import Person, Role
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import duty, person, site_access


class Account(NamedTuple):
    """A person with what only the log-in and the administration need."""

    person: Person
    password_hash: str
    disabled: bool
    version: int


_NOW = bindparam("now", type_=DateTime(timezone=True))
COLUMNS: Select[Any] = select(
    *(person.c[name] for name in ("id", "username", "name", "role", "locale", "organisation_id")),
    exists(
        select(duty.c.id).where(
            duty.c.person_id == person.c.id,
            duty.c.starts_at <= _NOW,
            or_(duty.c.ends_at.is_(None), duty.c.ends_at > _NOW),
        )
    ).label("on_duty"),
)
"""What ``person_of`` reads: a person, and whether they have a shift at ``now``, a parameter, at any site."""


def person_of(row: Row[Any]) -> Person:
    return Person(
        row.id, row.username, row.name, Role(row.role), row.locale, row.organisation_id, on_duty=bool(row.on_duty)
    )


def _one(tx: Tx, condition: ColumnElement[bool], now: datetime) -> Account | None:
    row = tx.execute(
        COLUMNS.add_columns(person.c.password_hash, person.c.disabled, person.c.version).where(condition), {"now": now}
    ).one_or_none()
    return None if row is None else Account(person_of(row), row.password_hash, row.disabled, row.version)


def by_username(tx: Tx, username: str, now: datetime) -> Account | None:
    """The account of a user name, disabled ones too."""
    return _one(tx, person.c.username == username, now)


def by_id(tx: Tx, person_id: int, now: datetime) -> Account | None:
    """The account of a person, disabled ones too."""
    return _one(tx, person.c.id == person_id, now)


def add(tx: Tx, values: Mapping[str, Any]) -> int:
    """Insert a person; returns the id."""
    number: int = tx.execute(insert(person).values(**values).returning(person.c.id)).scalar_one()
    return number


def save_password(tx: Tx, person_id: int, password_hash: str) -> None:
    tx.execute(update(person).where(person.c.id == person_id).values(password_hash=password_hash))


def sites_of(tx: Tx, person_id: int) -> set[int]:
    """The sites that are granted to a person."""
    return set(tx.execute(select(site_access.c.site_id).where(site_access.c.person_id == person_id)).scalars())


def grant_sites(tx: Tx, person_id: int, site_ids: Collection[int]) -> None:
    """Let a person see exactly these sites."""
    wanted, granted = set(site_ids), sites_of(tx, person_id)
    if gone := granted - wanted:
        tx.execute(delete(site_access).where(site_access.c.person_id == person_id, site_access.c.site_id.in_(gone)))
    if new := wanted - granted:
        tx.execute(insert(site_access), [{"person_id": person_id, "site_id": each} for each in sorted(new)])


def active_admins(tx: Tx) -> int:
    """How many admins can sign in; their rows are locked until the transaction ends."""
    locked = select(person.c.id).where(person.c.role == Role.ADMIN, ~person.c.disabled).with_for_update().subquery()
    return tx.execute(select(func.count()).select_from(locked)).scalar_one()
