"""The register of fire equipment brought in from a file: all of it, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from facility_monitor.domain.fire.service_life import dates_of, wrong_dates
from facility_monitor.domain.person import Person
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.tables import equipment, space

IMPORTED_EVENT = "register_imported"


class Piece(Protocol):
    """A line of a file."""

    @property
    def line(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> Mapping[str, str]: ...
    @property
    def space(self) -> str | None: ...
    @property
    def attributes(self) -> Mapping[str, Any]: ...


def refusals(tx: Tx, site_id: int, pieces: Sequence[Piece], now: datetime) -> list[tuple[int, str, str]]:
    """What does not fit to the site or its calendar, as (line, field, message)."""
    today = plant.today(tx, site_id, now)
    spaces = set(tx.execute(select(space.c.code).where(space.c.site_id == site_id)).scalars())
    kinds = {row.code: row.kind for row in tx.execute(select(equipment).where(equipment.c.site_id == site_id))}
    wrong = []
    for each in pieces:
        if each.space is not None and each.space not in spaces:
            wrong.append((each.line, "space", "no such space of this site"))
        if kinds.get(each.code, each.kind) != each.kind:
            wrong.append((each.line, "kind", f"the equipment of this code is a {kinds[each.code]}"))
        wrong += [(each.line, name, why) for name, why in wrong_dates(dates_of(each.attributes), today).items()]
    return wrong


def bring_in(tx: Tx, site_id: int, pieces: Sequence[Piece], person: Person, now: datetime) -> int:
    """Add pieces, or bring those of the same code up to date: attributes that the file does not say stay."""
    spaces = {
        row.code: row.id for row in tx.execute(select(space.c.code, space.c.id).where(space.c.site_id == site_id))
    }
    for each in pieces:
        row = {
            "site_id": site_id,
            "space_id": None if each.space is None else spaces[each.space],
            "kind": each.kind,
            "code": each.code,
            "name": dict(each.name),
            "attributes": dict(each.attributes),
        }
        put = insert(equipment).values(row)
        changing = {
            "name": put.excluded.name,
            "attributes": equipment.c.attributes.concat(put.excluded.attributes),
            "version": equipment.c.version + 1,
        }
        if each.space is not None:
            changing["space_id"] = put.excluded.space_id
        tx.execute(put.on_conflict_do_update(index_elements=["site_id", "code"], set_=changing))
    body = {"pieces": len(pieces)}
    ledger.append(tx, [Entry(IMPORTED_EVENT, now, now, site_id, None, None, None, person.id, None, body)])
    return len(pieces)
