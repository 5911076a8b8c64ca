"""Whether the caller sees one thing, asked before anything is done to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Table, select

from facility_monitor.errors import InvalidInput, NotFound
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Condition, Sight
from facility_monitor.store.tables import (
    alarm,
    contract,
    device,
    equipment,
    organisation,
    person,
    point,
    rule,
    site,
    space,
    ticket,
)


def _point(sight: Sight) -> Condition:
    here = select(equipment.c.id).where(sight.thing(equipment.c.site_id, equipment.c.id))
    return point.c.equipment_id.in_(here)


_SEEN: Mapping[Table, Callable[[Sight], Condition]] = {
    site: lambda sight: sight.at_site(site.c.id),
    space: lambda sight: sight.space(),
    equipment: lambda sight: sight.thing(equipment.c.site_id, equipment.c.id),
    device: lambda sight: sight.device(),
    point: _point,
    rule: lambda sight: sight.rule(),
    alarm: lambda sight: sight.thing(alarm.c.site_id, alarm.c.equipment_id),
    ticket: lambda sight: sight.thing(ticket.c.site_id, ticket.c.equipment_id),
    person: lambda sight: sight.people(),
    organisation: lambda sight: sight.organisation(organisation.c.id),
    contract: lambda sight: sight.contract(),
}


def sees(tx: Tx, sight: Sight, table: Table, number: int) -> bool:
    """Whether there is a row ``number`` of ``table`` that the caller sees."""
    asked = select(table.c.id).where(table.c.id == number, _SEEN[table](sight))
    return tx.execute(asked).scalar_one_or_none() is not None


def must_see(tx: Tx, sight: Sight, table: Table, number: int) -> None:
    """Raises NotFound where the caller does not see it."""
    if not sees(tx, sight, table, number):
        raise NotFound(f"{table.name} {number}")


def must_refer(tx: Tx, sight: Sight, references: Mapping[str, tuple[Table, int | None]]) -> None:
    """Raises InvalidInput naming the fields whose thing the caller does not see; None refers to nothing."""
    wrong = {
        field: f"no such {table.name}"
        for field, (table, number) in references.items()
        if number is not None and not sees(tx, sight, table, number)
    }
    if wrong:
        raise InvalidInput(wrong)


def sees_all_sites(tx: Tx, sight: Sight) -> bool:
    """Whether no site is hidden from the caller."""
    return bool(tx.execute(select(sight.sees_all_sites())).scalar_one())
