"""Adoption: an unknown device becomes one of ours, and what it has sent is stored after all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from facility_monitor.domain.plant import RESERVED_CODES
from facility_monitor.domain.reading.telemetry import Reason
from facility_monitor.errors import InvalidInput, NotFound
from facility_monitor.flows.plant import inventory
from facility_monitor.store.database import Tx
from facility_monitor.store.reading import letters
from facility_monitor.store.tables import reject, site, unknown_device


def adopt(
    tx: Tx, unknown_id: int, device: Mapping[str, Any], points: Sequence[Mapping[str, Any]], by: str, now: datetime
) -> tuple[int, int]:
    """Add ``device`` (site_id, equipment_id, code, name) with ``points`` (key, metric, ...), for an unknown one.

    Returns the new device's id and how many dead letters are replayed. The name under which it was heard becomes its
    address where it is not its code. Raises NotFound; InvalidInput where it speaks under another site's topics, or
    bears a code of the service's own; Conflict where a device has the code or the address.
    """
    asked = select(unknown_device).where(unknown_device.c.id == unknown_id).with_for_update()
    heard = tx.execute(asked).mappings().one_or_none()
    if heard is None:
        raise NotFound(f"unknown_device {unknown_id}")
    if heard["site"]:
        spoken = tx.execute(select(site.c.id).where(site.c.code == heard["site"])).scalar_one_or_none()
        if spoken != device["site_id"]:
            raise InvalidInput({"site_id": f"the device speaks under the topics of {heard['site']}"})
    if device["code"] in RESERVED_CODES:
        raise InvalidInput({"code": "is the service's own account at the broker"})
    address = None if heard["device"] == device["code"] else heard["device"]
    device_id = inventory.add_device(tx, {**device, "address": address})
    for each in points:
        inventory.add_point(tx, {"equipment_id": device["equipment_id"], **each, "device_id": device_id})
    tx.execute(delete(unknown_device).where(unknown_device.c.id == unknown_id))
    sent = (
        reject.c.device == heard["device"],
        reject.c.reason == Reason.UNKNOWN_DEVICE,
        reject.c.site.is_not_distinct_from(heard["site"] or None),
    )
    return device_id, letters.request(tx, sent, by, now)
