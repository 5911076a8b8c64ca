"""What is done for a ticket besides its steps: hours and parts, the call afterwards, and who could do it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, or_, select, text, update

from facility_monitor.store.database import Tx
from facility_monitor.store.tables import duty, follow_up, person, site_access, ticket_work


def add(tx: Tx, ticket_id: int, person_id: int, hours: float, parts: Sequence[Mapping[str, Any]], at: datetime) -> int:
    """Note hours worked and parts used; returns the row's id."""
    values = {"ticket_id": ticket_id, "person_id": person_id, "hours": hours, "at": at}
    made = insert(ticket_work).values(**values, parts=[dict(part) for part in parts]).returning(ticket_work.c.id)
    number: int = tx.execute(made).scalar_one()
    return number


def workers(tx: Tx, ticket_id: int) -> set[int]:
    """Who has noted hours or parts."""
    return set(tx.execute(select(ticket_work.c.person_id).where(ticket_work.c.ticket_id == ticket_id)).scalars())


def add_follow_up(tx: Tx, ticket_id: int, due_at: datetime) -> None:
    """Note that somebody has to be called by then."""
    tx.execute(insert(follow_up).values(ticket_id=ticket_id, due_at=due_at))


def open_follow_up(tx: Tx, ticket_id: int) -> int | None:
    """The newest call of a ticket that nobody has made yet."""
    asked = select(follow_up.c.id).where(follow_up.c.ticket_id == ticket_id, follow_up.c.done_at.is_(None))
    return tx.execute(asked.order_by(follow_up.c.id.desc()).limit(1)).scalar_one_or_none()


def drop_follow_up(tx: Tx, ticket_id: int) -> None:
    """The closing counts no longer: nobody waits for a call."""
    tx.execute(delete(follow_up).where(follow_up.c.ticket_id == ticket_id, follow_up.c.done_at.is_(None)))


def finish_follow_up(tx: Tx, number: int, values: Mapping[str, Any]) -> None:
    """Note what was said."""
    tx.execute(update(follow_up).where(follow_up.c.id == number).values(**values, version=follow_up.c.version + 1))


class Staff(NamedTuple):
    """People of a site: those on duty now, and its managers."""

    on_duty: list[int]
    managers: list[int]


def staff(tx: Tx, site_ids: Collection[int], now: datetime) -> dict[int, Staff]:
    """The staff of each of these sites."""
    found = {number: Staff([], []) for number in site_ids}
    shifts = select(duty.c.site_id, duty.c.person_id).where(duty.c.site_id.in_(site_ids), duty.c.starts_at <= now)
    for number, person_id in tx.execute(shifts.where(or_(duty.c.ends_at.is_(None), duty.c.ends_at > now))):
        found[number].on_duty.append(person_id)
    access = select(site_access.c.site_id, person.c.id).join(person, person.c.id == site_access.c.person_id)
    for number, person_id in tx.execute(access.where(site_access.c.site_id.in_(site_ids), person.c.role == "manager")):
        found[number].managers.append(person_id)
    return found


class Candidate(NamedTuple):
    """Somebody who could take a ticket: on duty at its site, skilled in its kind, or of a contractor for it."""

    id: int
    name: str
    on_duty: bool
    skilled: bool
    contracted: bool
    open_tickets: int


_CANDIDATES = text("""
SELECT person.id, person.name,
    EXISTS (SELECT FROM duty WHERE duty.person_id = person.id AND duty.site_id = equipment.site_id
        AND starts_at <= :now AND (ends_at IS NULL OR ends_at > :now)) AS on_duty,
    EXISTS (SELECT FROM person_skill AS skill WHERE skill.person_id = person.id
        AND skill.equipment_kind = equipment.kind) AS skilled,
    person.role = 'contractor' AS contracted,
    (SELECT count(*) FROM ticket WHERE assignee_id = person.id AND closed_at IS NULL) AS open_tickets
FROM ticket AS asked JOIN equipment ON equipment.id = asked.equipment_id
JOIN site ON site.id = equipment.site_id CROSS JOIN person
WHERE asked.id = :ticket AND NOT person.disabled AND (
    person.role = 'engineer' AND EXISTS (
        SELECT FROM site_access WHERE site_access.person_id = person.id AND site_access.site_id = equipment.site_id)
    OR person.role = 'contractor' AND EXISTS (
        SELECT FROM contract WHERE contract.organisation_id = person.organisation_id
        AND contract.site_id = equipment.site_id
        AND (contract.equipment_kind IS NULL OR contract.equipment_kind = equipment.kind)
        AND starts_on <= timezone(site.timezone, :now)::date
        AND (ends_on IS NULL OR ends_on >= timezone(site.timezone, :now)::date)))
ORDER BY open_tickets, person.id
""")


def candidates(tx: Tx, ticket_id: int, now: datetime) -> list[Candidate]:
    """Who could take a ticket, those with the fewest open ones first."""
    return [Candidate(*row) for row in tx.execute(_CANDIDATES, {"ticket": ticket_id, "now": now})]
