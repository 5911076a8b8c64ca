"""The plant's inventory: sites, spaces, equipment, devices and points added and changed, each consistent with the rest.

References have been checked to exist, and to be seen by the caller; here they must also fit together.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select

from facility_monitor.domain.elevator import elevator, register
from facility_monitor.domain.person import Person, Role
from facility_monitor.domain.reading.mapping import mapping
from facility_monitor.errors import InvalidInput
from facility_monitor.store import versioned
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.people import accounts
from facility_monitor.store.repair import tickets
from facility_monitor.store.tables import device, equipment, payload_mapping, point, site, space

Values = Mapping[str, Any]
"""Column to value."""
CHANGED = "equipment_attributes_changed"
POINT_CHANGED = "point_changed"
"""What the ledger records of a change in the register, and of a point: each value, from what to what, and by whom."""


def add_site(tx: Tx, values: Values, person: Person) -> int:
    """Add a site, which ``person`` sees from then on; returns its id. Raises Conflict."""
    site_id = versioned.add(tx, site, values)
    if person.role is not Role.ADMIN:
        accounts.grant_sites(tx, person.id, accounts.sites_of(tx, person.id) | {site_id})
    return site_id


def add_space(tx: Tx, values: Values) -> int:
    """Add a space; returns its id. Raises InvalidInput where the parent is of another site."""
    _same_site(tx, values["site_id"], {"parent_id": (space, values.get("parent_id"))})
    return versioned.add(tx, space, values)


def change_space(tx: Tx, space_id: int, version: int, changes: Values) -> None:
    """Change a space. Raises NotFound, Stale; InvalidInput where it would come to stand inside of itself."""
    standing = versioned.lock(tx, space, space_id, version)
    parent_id = changes.get("parent_id")
    _same_site(tx, standing["site_id"], {"parent_id": (space, parent_id)})
    while parent_id is not None:
        if parent_id == space_id:
            raise InvalidInput({"parent_id": "would put the space inside of itself"})
        parent_id = tx.execute(select(space.c.parent_id).where(space.c.id == parent_id)).scalar_one()
    versioned.change(tx, space, space_id, version, changes)


def add_equipment(tx: Tx, values: Values, person: Person, now: datetime) -> int:
    """Add a piece of equipment; returns its id. Raises InvalidInput where its space is of another site, or the register
    of an elevator cannot be true."""
    _same_site(tx, values["site_id"], {"space_id": (space, values.get("space_id"))})
    _believable(values["kind"], values.get("attributes") or {}, {}, now)
    equipment_id = versioned.add(tx, equipment, values)
    _entered(tx, equipment_id, values["site_id"], {}, values, person, now)
    return equipment_id


def change_equipment(tx: Tx, equipment_id: int, version: int, changes: Values, person: Person, now: datetime) -> None:
    """Change a piece of equipment. Raises NotFound, Stale; InvalidInput where its space is of another site, or the
    register of an elevator would hold something new that cannot be true."""
    standing = versioned.lock(tx, equipment, equipment_id, version)
    _same_site(tx, standing["site_id"], {"space_id": (space, changes.get("space_id"))})
    _believable(standing["kind"], changes.get("attributes") or {}, standing["attributes"], now)
    versioned.change(tx, equipment, equipment_id, version, changes)
    _entered(tx, equipment_id, standing["site_id"], standing["attributes"], changes, person, now)


def _believable(kind: str, attributes: Values, before: Values, now: datetime) -> None:
    """What stood before and was not touched is left: nobody is kept from mending one thing by another."""
    if kind != elevator.KIND:
        return
    wrong = {
        f"attributes.{name}": why
        for name, why in register.check(attributes, now.date()).items()
        if attributes.get(name) != before.get(name)
    }
    if wrong:
        raise InvalidInput(wrong)


def _entered(
    tx: Tx, equipment_id: int, site_id: int, before: Values, values: Values, person: Person, now: datetime
) -> None:
    """Who changed which attribute from what to what, in the ledger."""
    after = values.get("attributes", before)
    told = _told(before, after)
    if told:
        entry = Entry(CHANGED, now, now, site_id, equipment_id, None, None, person.id, None, {"changes": told})
        ledger.append(tx, [entry])


def _told(before: Values, after: Values) -> dict[str, Any]:
    """From what to what each value has changed, by its name."""
    names = sorted(name for name in {**before, **after} if before.get(name) != after.get(name))
    return {name: {"from": before.get(name), "to": after.get(name)} for name in names}


def add_device(tx: Tx, values: Values) -> int:
    """Add a device; returns its id. Raises InvalidInput where its equipment is of another site."""
    _same_site(tx, values["site_id"], {"equipment_id": (equipment, values.get("equipment_id"))})
    return versioned.add(tx, device, values)


def change_device(tx: Tx, device_id: int, version: int, changes: Values) -> None:
    """Change a device. Raises NotFound, Stale, InvalidInput where its equipment is of another site."""
    standing = versioned.lock(tx, device, device_id, version)
    _same_site(tx, standing["site_id"], {"equipment_id": (equipment, changes.get("equipment_id"))})
    versioned.change(tx, device, device_id, version, changes)


def add_point(tx: Tx, values: Values) -> int:
    """Add a point; returns its id. Raises InvalidInput where device and equipment are of different sites."""
    of_device = tx.execute(select(device.c.site_id).where(device.c.id == values["device_id"])).scalar_one()
    _same_site(tx, of_device, {"equipment_id": (equipment, values["equipment_id"])})
    return versioned.add(tx, point, values)


def change_point(tx: Tx, point_id: int, version: int, changes: Values, person: Person, now: datetime) -> None:
    """Change a point, and let the ledger say who did.

    Raises NotFound, Stale; InvalidInput where it should be expected in no rhythm any more while a ticket waits for it
    to speak: what is expected at no time is never silent.
    """
    standing = versioned.lock(tx, point, point_id, version)
    if standing["report_period_s"] is not None and changes.get("report_period_s", 0) is None:
        waiting = tickets.of_point(tx, point_id)
        if waiting:
            raise InvalidInput({"report_period_s": f"stays while ticket {waiting[0]} is open: it goes by this point"})
    versioned.change(tx, point, point_id, version, changes)
    told = _told({name: standing[name] for name in changes}, changes)
    if told:
        at = tx.execute(select(equipment.c.site_id).where(equipment.c.id == standing["equipment_id"])).scalar_one()
        body = {"point_id": point_id, "key": standing["key"], "changes": told}
        entry = Entry(POINT_CHANGED, now, now, at, standing["equipment_id"], None, None, person.id, None, body)
        ledger.append(tx, [entry])


def add_mapping(tx: Tx, values: Values) -> int:
    """Add a payload mapping; returns its id. Raises InvalidInput naming each field that a decoder could not read."""
    _readable(values)
    return versioned.add(tx, payload_mapping, values)


def change_mapping(tx: Tx, mapping_id: int, version: int, changes: Values) -> None:
    """Change a payload mapping. Raises NotFound, Stale, InvalidInput."""
    standing = versioned.lock(tx, payload_mapping, mapping_id, version)
    _readable({**standing, **changes})
    versioned.change(tx, payload_mapping, mapping_id, version, changes)


def _readable(values: Values) -> None:
    try:
        mapping(values["topic_filter"], values["definition"])
    except InvalidInput as wrong:
        raise InvalidInput(
            {name if name == "topic_filter" else f"definition.{name}": why for name, why in wrong.fields.items()}
        ) from None


def _same_site(tx: Tx, site_id: int, references: Mapping[str, tuple[Table, int | None]]) -> None:
    for field, (table, number) in references.items():
        if number is None:
            continue
        other = tx.execute(select(table.c.site_id).where(table.c.id == number)).scalar_one_or_none()
        if other != site_id:
            raise InvalidInput({field: f"no {table.name} of this site"})
