"""Technical files: added, never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Date, cast, exists, func, insert, select

from facility_monitor.store.database import Tx
from facility_monitor.store.tables import site, technical_file, technical_file_reminder


class Known(NamedTuple):
    """A paper that there is; ``replaced_by`` is the one that has taken its place."""

    id: int
    site_id: int
    equipment_id: int | None
    content: Mapping[str, Any]
    replaced_by: int | None


def lock(tx: Tx, number: int) -> Known | None:
    """A paper; until the transaction ends nobody else replaces it."""
    newer = select(technical_file.c.id).where(technical_file.c.replaces == number).scalar_subquery()
    columns = [technical_file.c[name] for name in Known._fields[:-1]]
    row = tx.execute(select(*columns, newer).where(technical_file.c.id == number).with_for_update()).one_or_none()
    return None if row is None else Known._make(row)


def add(tx: Tx, values: Mapping[str, Any]) -> int:
    """Insert a paper; returns its id."""
    number: int = tx.execute(insert(technical_file).values(**values).returning(technical_file.c.id)).scalar_one()
    return number


class Ending(NamedTuple):
    id: int
    site_id: int
    equipment_id: int | None
    title: str
    valid_until: date


def ending(tx: Tx, now: datetime, within_days: int) -> list[Ending]:
    """Standing papers that end within so many days of their site, or have ended, of which nobody was told."""
    newer = technical_file.alias("newer")
    until = cast(technical_file.c.content["valid_until"].astext, Date)
    today = cast(func.timezone(site.c.timezone, now), Date)
    asked = (
        select(
            *(technical_file.c[name] for name in ("id", "site_id", "equipment_id")),
            technical_file.c.content["title"].astext,
            until,
        )
        .join(site, site.c.id == technical_file.c.site_id)
        .where(
            until <= today + within_days,
            ~exists().where(newer.c.replaces == technical_file.c.id),
            ~exists().where(technical_file_reminder.c.file_id == technical_file.c.id),
        )
        .order_by(technical_file.c.id)
    )
    return [Ending._make(row) for row in tx.execute(asked)]


def remind(tx: Tx, numbers: Collection[int], now: datetime) -> None:
    """Note that the managers were told of these."""
    tx.execute(insert(technical_file_reminder), [{"file_id": number, "reminded_at": now} for number in numbers])
