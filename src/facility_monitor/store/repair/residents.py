"""Where labels for residents, and what is kept of their reports, are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, insert, or_, select, update

from facility_monitor.domain.text import Text
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import report_place, resident_report, site, ticket


class Place(NamedTuple):
    """A label that is in use. ``equipment_id`` is what reports are about."""

    id: int
    site_id: int
    equipment_id: int
    name: Text
    site_name: Text
    zone: ZoneInfo


class Recent(NamedTuple):
    """A report that was received lately."""

    id: int
    place_id: int
    received_at: datetime
    digest: bytes
    sender: bytes | None
    phone: str | None


class Told(NamedTuple):
    """What the one who reported is told of the ticket."""

    ticket_id: int
    place: Place
    state: str
    opened_at: datetime
    due_at: datetime
    answer_due_at: datetime | None
    closed_at: datetime | None


_PLACE = (
    *(report_place.c[each] for each in ("id", "site_id", "equipment_id", "name")),
    *(site.c.name.label("site_name"), site.c.timezone),
)


def add_place(tx: Tx, values: Mapping[str, Any]) -> int:
    """Keep a label; returns its id."""
    number: int = tx.execute(insert(report_place).values(**values).returning(report_place.c.id)).scalar_one()
    return number


def revoke_place(tx: Tx, place_id: int, now: datetime) -> int | None:
    """End a label; returns its site, or None where it has ended already."""
    revoked = update(report_place).where(report_place.c.id == place_id, report_place.c.revoked_at.is_(None))
    return tx.execute(revoked.values(revoked_at=now).returning(report_place.c.site_id)).scalar_one_or_none()


def places(tx: Tx, *conditions: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Labels, in use or not, by id."""
    rows = tx.execute(select(report_place).where(*conditions).order_by(report_place.c.id)).mappings()
    return [dict(row) for row in rows]


def place(tx: Tx, place_id: int, *, lock: bool = False) -> Place | None:
    """A label that is in use, None for any other. ``lock``: one report after the other."""
    asked = (
        select(*_PLACE)
        .join(site, site.c.id == report_place.c.site_id)
        .where(report_place.c.id == place_id, report_place.c.revoked_at.is_(None))
    )
    row = tx.execute(asked.with_for_update(of=report_place) if lock else asked).one_or_none()
    return None if row is None else _place(row)


def recent(tx: Tx, place_id: int, phone: str | None, since: datetime) -> Sequence[Recent]:
    """Reports after ``since`` at a label, and those with this telephone number anywhere, the newest first."""
    same = resident_report.c.report_place_id == place_id
    if phone is not None:
        same = or_(same, resident_report.c.phone == phone)
    names = ("id", "report_place_id", "received_at", "digest", "sender", "phone")
    asked = select(*(resident_report.c[each] for each in names)).where(resident_report.c.received_at > since, same)
    return [Recent(*row) for row in tx.execute(asked.order_by(resident_report.c.id.desc()))]


def add(tx: Tx, values: Mapping[str, Any]) -> int:
    """Keep a report; returns its id."""
    number: int = tx.execute(insert(resident_report).values(**values).returning(resident_report.c.id)).scalar_one()
    return number


def told(tx: Tx, report_id: int) -> Told | None:
    """How the ticket of a report stands; None for an unknown one."""
    row = tx.execute(
        select(*_PLACE, *(ticket.c[each].label(f"ticket_{each}") for each in _TICKET))
        .join(ticket, ticket.c.id == resident_report.c.ticket_id)
        .join(report_place, report_place.c.id == resident_report.c.report_place_id)
        .join(site, site.c.id == report_place.c.site_id)
        .where(resident_report.c.id == report_id)
    ).one_or_none()
    if row is None:
        return None
    number, *rest = (getattr(row, f"ticket_{each}") for each in _TICKET)
    return Told(number, _place(row), *rest)


_TICKET = ("id", "state", "opened_at", "due_at", "answer_due_at", "closed_at")


def phone(tx: Tx, ticket_id: int) -> str | None:
    """Whom to call of a resident's ticket; None where no number was given, or it is forgotten."""
    asked = select(resident_report.c.phone).where(resident_report.c.ticket_id == ticket_id)
    return tx.execute(asked).scalar_one_or_none()


def forget(tx: Tx, senders_before: datetime, phones_after: timedelta, now: datetime) -> int:
    """Forget from which address reports came before then, and telephone numbers so long after the ticket closed.

    Returns how many reports were concerned.
    """
    closed = select(ticket.c.id).where(ticket.c.closed_at < now - phones_after).scalar_subquery()
    senders = update(resident_report).where(
        resident_report.c.sender.is_not(None), resident_report.c.received_at < senders_before
    )
    phones = update(resident_report).where(
        resident_report.c.phone.is_not(None), resident_report.c.ticket_id.in_(closed)
    )
    return tx.execute(senders.values(sender=None)).rowcount + tx.execute(phones.values(phone=None)).rowcount


def _place(row: Row[Any]) -> Place:
    return Place(row.id, row.site_id, row.equipment_id, row.name, row.site_name, ZoneInfo(row.timezone))
