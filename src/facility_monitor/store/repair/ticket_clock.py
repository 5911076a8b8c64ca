"""The clock of tickets: marks with their due times, holds, calendars, and what the sensors say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql

from facility_monitor.domain.repair.closing import Sensed
from facility_monitor.domain.repair.deadline import Due, Mark
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import (
    alarm,
    calendar_day,
    holiday,
    point,
    reading,
    rule,
    ticket,
    ticket_hold,
    ticket_mark,
)


class Reached(NamedTuple):
    """A mark of a ticket whose time has come and that is not recorded yet."""

    ticket_id: int
    mark: Mark
    due_at: datetime


def add_marks(tx: Tx, dues: Iterable[tuple[int, Due]]) -> None:
    """Note when marks of tickets (by id) are reached; one that was there and is over counts anew."""
    rows = [{"ticket_id": number, "mark": due.mark, "due_at": due.at} for number, due in dues]
    if rows:
        anew = {"recorded_at": None, "idle": False}
        key = [ticket_mark.c.ticket_id, ticket_mark.c.mark, ticket_mark.c.due_at]
        tx.execute(postgresql.insert(ticket_mark).on_conflict_do_update(index_elements=key, set_=anew), rows)


def waiting(tx: Tx, now: datetime, at_most: int) -> list[int]:
    """The ids of tickets with marks that are reached and not recorded, the longest reached first."""
    asked = (
        select(ticket_mark.c.ticket_id)
        .where(ticket_mark.c.recorded_at.is_(None), ~ticket_mark.c.idle, ticket_mark.c.due_at < now)
        .order_by(ticket_mark.c.due_at)
        .limit(at_most)
    )
    return list(dict.fromkeys(tx.execute(asked).scalars()))


def take_reached(tx: Tx, ticket_ids: Collection[int], now: datetime) -> list[Reached]:
    """Take the marks of these locked tickets that are reached: they are recorded with this transaction."""
    rows = tx.execute(
        update(ticket_mark)
        .where(ticket_mark.c.ticket_id.in_(ticket_ids), ticket_mark.c.recorded_at.is_(None), ~ticket_mark.c.idle)
        .where(ticket_mark.c.due_at < now)
        .values(recorded_at=now)
        .returning(ticket_mark.c.ticket_id, ticket_mark.c.mark, ticket_mark.c.due_at)
    )
    found = [Reached(number, Mark(mark), due_at) for number, mark, due_at in rows]
    return sorted(found, key=lambda each: (each.due_at, each.ticket_id))


def rest(tx: Tx, ticket_ids: Collection[int], *, idle: bool) -> None:
    """Let the open marks of tickets rest, as long as they are closed, or wake them."""
    of_these = ticket_mark.c.ticket_id.in_(ticket_ids)
    tx.execute(update(ticket_mark).where(of_these, ticket_mark.c.recorded_at.is_(None)).values(idle=idle))


def drop(tx: Tx, ticket_id: int, mark: Mark, now: datetime) -> None:
    """What a mark waits for has come before its time: it is no longer waited for. One that is reached stays."""
    ahead = (ticket_mark.c.recorded_at.is_(None), ticket_mark.c.due_at >= now)
    of_ticket = (ticket_mark.c.ticket_id == ticket_id, ticket_mark.c.mark == mark)
    tx.execute(update(ticket_mark).where(*of_ticket, *ahead).values(recorded_at=now))


def add_hold(tx: Tx, values: Mapping[str, Any]) -> int:
    """Note a hold that is asked for; returns its id."""
    number: int = tx.execute(insert(ticket_hold).values(**values).returning(ticket_hold.c.id)).scalar_one()
    return number


def hold(tx: Tx, ticket_id: int, hold_id: int) -> Mapping[str, Any] | None:
    """A hold of a locked ticket."""
    asked = select(ticket_hold).where(ticket_hold.c.id == hold_id, ticket_hold.c.ticket_id == ticket_id)
    row = tx.execute(asked).mappings().one_or_none()
    return None if row is None else dict(row)


def undecided(tx: Tx, ticket_id: int) -> int | None:
    """The hold of a ticket that nobody has decided yet."""
    asked = select(ticket_hold.c.id).where(ticket_hold.c.ticket_id == ticket_id, ticket_hold.c.decided_at.is_(None))
    return tx.execute(asked).scalar_one_or_none()


def change_hold(tx: Tx, hold_id: int, values: Mapping[str, Any]) -> None:
    """Note what was decided on a hold."""
    tx.execute(update(ticket_hold).where(ticket_hold.c.id == hold_id).values(**values))


def end_hold(tx: Tx, ticket_id: int, at: datetime) -> None:
    """Note when the hold of a ticket ended that is on."""
    on = (ticket_hold.c.ticket_id == ticket_id, ticket_hold.c.approved, ticket_hold.c.ended_at.is_(None))
    tx.execute(update(ticket_hold).where(*on).values(ended_at=at))


def past_holds(tx: Tx, ticket_id: int) -> list[tuple[datetime, datetime]]:
    """From when to when a ticket was on hold before."""
    asked = select(ticket_hold.c.decided_at, ticket_hold.c.ended_at).where(
        ticket_hold.c.ticket_id == ticket_id, ticket_hold.c.ended_at.is_not(None)
    )
    return [(row[0], row[1]) for row in tx.execute(asked)]


def calendar(tx: Tx, site_id: int) -> dict[date, bool]:
    """Whether people work on the days that differ from Monday to Friday: holidays, and what a site says otherwise."""
    of_site = select(calendar_day.c.day, calendar_day.c.working).where(calendar_day.c.site_id == site_id)
    return dict.fromkeys(tx.execute(select(holiday.c.day)).scalars(), False) | dict(tx.execute(of_site).all())


def sensed(tx: Tx, ticket_id: int, normal_for: timedelta) -> Sensed:
    """Asks the alarms of a ticket, and the readings since they returned of points that report in a rhythm.

    An alarm of its cause that is kept quiet joins no ticket, but is as active. Of one whose rule was switched off no
    sensor says that it is over.
    """
    hushed = exists().where(
        ticket.c.id == ticket_id,
        alarm.c.equipment_id == ticket.c.equipment_id,
        alarm.c.rule_id == rule.c.id,
        rule.c.code == ticket.c.cause,
        alarm.c.active,
    )
    row = tx.execute(
        select(
            func.count(),
            func.count().filter(alarm.c.active),
            func.max(alarm.c.returned_at),
        ).where(or_(alarm.c.ticket_id == ticket_id, hushed))
    ).one()
    spoke = exists(
        select(reading.c.point_id).where(
            reading.c.point_id == alarm.c.point_id, reading.c.at >= alarm.c.returned_at + normal_for
        )
    )
    silent = select(func.count()).select_from(alarm).join(point, point.c.id == alarm.c.point_id)
    silent = silent.join(rule, rule.c.id == alarm.c.rule_id).where(
        alarm.c.ticket_id == ticket_id, or_(point.c.report_period_s.is_not(None) & ~spoke, ~rule.c.enabled)
    )
    return Sensed(row[0], row[1], row[2], tx.execute(silent).scalar_one())
