"""The ingest's balance as people read it: in all, by site and by device, and how the slots stand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer, TextualSelect, and_, func, or_, select, text

from facility_monitor.domain.reading.balance import Account
from facility_monitor.store.database import Tx
from facility_monitor.store.reading.balances import BY_BATCH
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import device, ingest_slot, site

_COUNTS = ("received", "stored", "duplicate", "rejected", "missing")


def _entries() -> TextualSelect:
    """Every account with its balance, and with the entries of the batches that are not summed up yet."""
    sums = ", ".join(f"sum({name})::bigint AS {name}" for name in _COUNTS)
    kept = f"SELECT holder, {', '.join(_COUNTS)} FROM ingest_balance"  # noqa: S608
    waiting = BY_BATCH.format(batches="ingest_batch")
    whole = f"SELECT holder, {sums} FROM ({kept} UNION ALL {waiting}) AS entries GROUP BY holder"  # noqa: S608
    return text(whole).columns(holder=Integer, **dict.fromkeys(_COUNTS, BigInteger))


def total(tx: Tx) -> Account:
    """The sums of all accounts, whoever may see them."""
    entry = _entries().subquery("entry")
    asked = select(*(func.coalesce(func.sum(entry.c[name]), 0) for name in _COUNTS))
    return Account(*map(int, tx.execute(asked).one()))


def sites(tx: Tx, sight: Sight) -> list[dict[str, Any]]:
    """The sums of each site that is seen: ``id``, ``code``, ``account``, ``unknown`` (rejects of devices that nobody
    knows); an admin sees one without id too, of what told no site."""
    entry = _entries().subquery("entry")
    unknown = func.sum(entry.c.received).filter(entry.c.holder <= 0)
    asked = (
        select(site.c.id, site.c.code, func.coalesce(unknown, 0), *(func.sum(entry.c[name]) for name in _COUNTS))
        .select_from(entry)
        .outerjoin(device, device.c.id == entry.c.holder)
        .outerjoin(site, site.c.id == func.coalesce(device.c.site_id, -entry.c.holder))
        .where(sight.at_site(site.c.id))
        .group_by(site.c.id, site.c.code)
        .order_by(site.c.id)
    )
    return [
        {"id": number, "code": code, "unknown": int(unknown), "account": Account(*map(int, counts))}
        for number, code, unknown, *counts in tx.execute(asked)
    ]


def devices(tx: Tx, sight: Sight, site_id: int | None, *, after: int, limit: int) -> list[dict[str, Any]]:
    """The accounts of devices in the order of their ids, those without an entry too."""
    entry = _entries().subquery("entry")
    conditions = [sight.device(), device.c.id > after]
    if site_id is not None:
        conditions.append(device.c.site_id == site_id)
    asked = (
        select(
            device.c.id,
            device.c.code,
            site.c.code.label("site"),
            *(func.coalesce(entry.c[name], 0).label(name) for name in _COUNTS),
        )
        .join(site, site.c.id == device.c.site_id)
        .outerjoin(entry, entry.c.holder == device.c.id)
        .where(and_(*conditions))
        .order_by(device.c.id)
        .limit(limit)
    )
    return [
        {
            "id": row["id"],
            "code": row["code"],
            "site": row["site"],
            "account": Account(*(int(row[name]) for name in _COUNTS)),
        }
        for row in tx.execute(asked).mappings()
    ]


def slots(tx: Tx) -> list[dict[str, Any]]:
    """How each slot stands, in its holder's words; and those that have sites and were never held."""
    standing = [dict(row) for row in tx.execute(select(ingest_slot).order_by(ingest_slot.c.slot)).mappings()]
    known = {row["slot"] for row in standing}
    wanted = tx.execute(select(site.c.slot).distinct().where(or_(site.c.slot > 0, site.c.slot == 0))).scalars()
    missing = [{"slot": slot} for slot in {0, *wanted} - known]
    return sorted(standing + missing, key=lambda row: row["slot"])
