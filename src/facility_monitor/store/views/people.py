"""People, organisations, contracts, duty and channels, as people read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from facility_monitor.domain.message import address
from facility_monitor.store.database import Tx
from facility_monitor.store.people import accounts
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import channel, contract, duty, duty_swap, organisation, person, site_access
from facility_monitor.store.views.shapes import named


def people(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1
) -> list[dict[str, Any]]:
    """People in the order of their ids, with the sites that are granted to them."""
    granted = (
        select(func.array_agg(site_access.c.site_id.op("ORDER BY")(site_access.c.site_id)))
        .where(site_access.c.person_id == person.c.id)
        .scalar_subquery()
    )
    rows = tx.execute(
        accounts.COLUMNS.add_columns(person.c.disabled, person.c.version, func.coalesce(granted, []).label("site_ids"))
        .where(sight.people(), person.c.id > after, *conditions)
        .order_by(person.c.id)
        .limit(limit),
        {"now": sight.now},
    )
    return [dict(row) for row in rows.mappings()]


def organisations(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1
) -> list[dict[str, Any]]:
    """Organisations in the order of their ids."""
    asked = select(organisation).where(sight.organisation(organisation.c.id), organisation.c.id > after, *conditions)
    return [dict(row) for row in tx.execute(asked.order_by(organisation.c.id).limit(limit)).mappings()]


def contracts(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1
) -> list[dict[str, Any]]:
    """Contracts in the order of their ids."""
    asked = select(contract).where(sight.contract(), contract.c.id > after, *conditions)
    return [dict(row) for row in tx.execute(asked.order_by(contract.c.id).limit(limit)).mappings()]


def shifts(
    tx: Tx, sight: Sight, *conditions: ColumnElement[bool], after: tuple[datetime, int] | None = None, limit: int = 1
) -> list[dict[str, Any]]:
    """Shifts in the order in which they begin, each with its person."""
    asked = (
        select(duty, person.c.name, person.c.username)
        .join(person, person.c.id == duty.c.person_id)
        .where(sight.at_site(duty.c.site_id), *conditions)
    )
    if after is not None:
        starts_at, number = after
        later = (duty.c.starts_at == starts_at) & (duty.c.id > number)
        asked = asked.where(or_(duty.c.starts_at > starts_at, later))
    rows = tx.execute(asked.order_by(duty.c.starts_at, duty.c.id).limit(limit)).mappings()
    return [
        {**row, "person": {"id": row["person_id"], "name": row["name"], "username": row["username"]}} for row in rows
    ]


def swaps(tx: Tx, sight: Sight, *conditions: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Requests to swap that wait for an answer, of shifts that are not over, the oldest first."""
    asking, asked = person.alias("asking"), person.alias("asked")
    rows = tx.execute(
        select(
            *(duty_swap.c.id, duty_swap.c.asked_at, duty_swap.c.duty_id),
            *(duty_swap.c.asked_by, asking.c.name.label("by"), duty_swap.c.person_id, asked.c.name.label("to")),
        )
        .join(duty, duty.c.id == duty_swap.c.duty_id)
        .join(asking, asking.c.id == duty_swap.c.asked_by)
        .join(asked, asked.c.id == duty_swap.c.person_id)
        .where(duty_swap.c.outcome.is_(None), or_(duty.c.ends_at.is_(None), duty.c.ends_at > sight.now))
        .where(sight.at_site(duty.c.site_id), *conditions)
        .order_by(duty_swap.c.id)
    ).all()
    numbers = {row.duty_id for row in rows}
    of = {each["id"]: each for each in shifts(tx, sight, duty.c.id.in_(numbers), limit=len(numbers))}
    return [
        {
            "id": row.id,
            "shift": of[row.duty_id],
            "asked_by": named(row.asked_by, row.by),
            "person": named(row.person_id, row.to),
            "asked_at": row.asked_at,
        }
        for row in rows
    ]


def overlapping(start: datetime, end: datetime) -> ColumnElement[bool]:
    """Whether the row of ``duty`` has any moment from ``start``, up to ``end`` where that is later."""
    begun = duty.c.starts_at <= start if end <= start else duty.c.starts_at < end
    return begun & or_(duty.c.ends_at.is_(None), duty.c.ends_at > start)


def channels(tx: Tx, *conditions: ColumnElement[bool], after: int = 0, limit: int = 1) -> list[dict[str, Any]]:
    """Channels in the order of their ids, without their secrets, nor what is secret in their addresses."""
    asked = select(channel).where(channel.c.id > after, *conditions)
    return [
        {
            **{name: row[name] for name in row if name != "secret"},
            "address": address.shown(row["kind"], row["address"]),
            "has_secret": row["secret"] is not None,
        }
        for row in tx.execute(asked.order_by(channel.c.id).limit(limit)).mappings()
    ]
