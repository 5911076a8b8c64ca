"""What calendars are made of told in the ledger, so that no plan or holiday changes without a trace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from facility_monitor.domain.fire.upkeep import Basis, UpkeepEvent
from facility_monitor.domain.person import Person
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.fire import upkeep
from facility_monitor.store.tables import site


def tell(tx: Tx, now: datetime) -> int:
    """Append to the chain of each site how the plans and days of its calendar differ from what it tells of them.

    Returns at how many sites they do. It is in nobody's name: a new version has brought other plans, or somebody has
    changed them past the service.
    """
    return _append(tx, _changes(tx), None, now)


def tell_days(tx: Tx, person: Person, now: datetime) -> int:
    """The same of the days alone, which ``person`` has just changed, at sites whose calendar was told before."""
    told = {site_id: {"days": body["days"]} for site_id, body in _changes(tx, known=True).items() if "days" in body}
    return _append(tx, told, person, now)


def _changes(tx: Tx, *, known: bool = False) -> dict[int, dict[str, Any]]:
    told = upkeep.told_bases(tx)
    site_ids = told if known else tx.execute(select(site.c.id).order_by(site.c.id)).scalars()
    bases = upkeep.bases(tx, site_ids)
    return {site_id: told.get(site_id, Basis()).changes(basis) for site_id, basis in bases.items()}


def _append(tx: Tx, changes: Mapping[int, Mapping[str, Any]], person: Person | None, now: datetime) -> int:
    where = (None, None, None, None if person is None else person.id, None)
    kind = UpkeepEvent.CALENDAR_CHANGED
    entries = [Entry(kind, now, now, site_id, *where, body) for site_id, body in changes.items() if body]
    ledger.append(tx, entries)
    return len(entries)
