"""Commissioning: a site as one document (spaces, equipment, devices, points, people) brought into the database.

Whatever has a code is found by it and brought up to date, or made; nothing is ever removed. The same document may
be loaded again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from facility_monitor.domain.elevator import elevator, register
from facility_monitor.domain.plant import RESERVED_CODES
from facility_monitor.errors import InvalidInput
from facility_monitor.store.alarm import rules
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import device, equipment, organisation, point, rule, site, space

Document = Mapping[str, Any]


def commission(tx: Tx, document: Document, changed_by: str, now: datetime) -> int:
    """Bring the site of ``document`` in; returns its id. Raises InvalidInput naming the field that is missing, or what
    the register of an elevator cannot be.

    ``{code, name, timezone, latitude, longitude, spaces: [{code, kind, name, parent}], equipment: [{code, kind, name,
    space, attributes}], devices: [{code, name, equipment, address, points: [{key, metric, equipment,
    report_period_s}]}], organisations: [{code, name, phone}], rules: [{code, ...}]}``; names of parents, spaces and
    equipment are codes.
    """
    try:
        return _commission(tx, document, changed_by, now)
    except KeyError as missing:
        raise InvalidInput(
            {str(missing).strip("'"): "is missing, or names something that the document has not"}
        ) from None


def _commission(tx: Tx, document: Document, changed_by: str, now: datetime) -> int:
    row = {"code": document["code"], "name": document["name"], "timezone": document["timezone"]}
    row |= {name: document[name] for name in ("latitude", "longitude") if name in document}
    site_id = _put(tx, site, [row], ["code"])[document["code"]]

    spaces: dict[str, int] = {}
    for each in document.get("spaces", ()):
        parent = spaces[each["parent"]] if each.get("parent") else None
        row = {"site_id": site_id, "parent_id": parent} | {name: each[name] for name in ("code", "kind", "name")}
        spaces |= _put(tx, space, [row], ["site_id", "code"])

    _believable(document.get("equipment", ()), now)
    plant = _put(
        tx,
        equipment,
        [
            {
                "site_id": site_id,
                "space_id": spaces[each["space"]] if each.get("space") else None,
                "kind": each["kind"],
                "code": each["code"],
                "name": each["name"],
                "attributes": each.get("attributes", {}),
            }
            for each in document.get("equipment", ())
        ],
        ["site_id", "code"],
    )
    listed = document.get("devices", ())
    for each in listed:
        if each["code"] in RESERVED_CODES:
            raise InvalidInput({"devices.code": f"{each['code']} is the service's own account at the broker"})
    devices = _put(
        tx,
        device,
        [
            {
                "site_id": site_id,
                "equipment_id": plant[each["equipment"]] if each.get("equipment") else None,
                "code": each["code"],
                "address": each.get("address"),
                "name": each["name"],
            }
            for each in listed
        ],
        ["code"],
    )
    points = [
        {
            "device_id": devices[each["code"]],
            "equipment_id": plant[measured.get("equipment") or each["equipment"]],
            "key": measured["key"],
            "metric": measured.get("metric", measured["key"]),
            "report_period_s": measured.get("report_period_s"),
        }
        for each in listed
        for measured in each.get("points", ())
    ]
    _put(tx, point, points, ["device_id", "key"], code="key")
    _put(tx, organisation, [dict(each) for each in document.get("organisations", ())], ["code"])

    known = set(tx.execute(select(rule.c.code)).scalars())
    for each in document.get("rules", ()):
        if each["code"] not in known:
            definition = {name: value for name, value in each.items() if name != "code"}
            definition["scope"] = {**definition["scope"], "site_id": site_id}
            rules.add(tx, each["code"], definition, enabled=True, changed_by=changed_by, reason="commissioned", now=now)
    return site_id


def _believable(listed: Iterable[Mapping[str, Any]], now: datetime) -> None:
    wrong = {
        f"equipment.{each['code']}.attributes.{name}": why
        for each in listed
        if each["kind"] == elevator.KIND
        for name, why in register.check(each.get("attributes", {}), now.date()).items()
    }
    if wrong:
        raise InvalidInput(wrong)


def _put(tx: Tx, table: Table, rows: Sequence[dict[str, Any]], key: list[str], code: str = "code") -> dict[str, int]:
    """Upsert ``rows``; returns their ids by code."""
    if not rows:
        return {}
    put = insert(table).values(list(rows))
    changing = {column: put.excluded[column] for column in rows[0] if column not in key}
    stored = tx.execute(
        put.on_conflict_do_update(index_elements=key, set_=changing).returning(table.c.id, table.c[code])
    )
    return {row[1]: row[0] for row in stored}
