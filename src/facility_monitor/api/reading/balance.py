"""The ingest's balance: what arrived, and what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from facility_monitor.api.auth import ReadsIngest
from facility_monitor.api.models import ingest as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.problems import documented
from facility_monitor.domain.reading.balance import Account
from facility_monitor.store.views import balances as views

router = APIRouter(prefix="/ingest", tags=["ingest"])
_DEVICES = by_id("balance")

FRESH = timedelta(seconds=10)
"""A slot's holder that has said nothing for longer is not there."""


@router.get(
    "/balance",
    summary="What arrived, and what became of it",
    response_model=models.Balance,
    responses=documented(401, 403, 422, 503),
)
def show_balance(
    call: ReadsIngest, part: Part, site_id: Annotated[PathId | None, Query(alias="site")] = None
) -> dict[str, Any]:
    """Received = stored + duplicate + rejected + in flight, exact across crashes: each batch is entered in its own
    transaction. `site`, `limit` and `cursor` choose the devices."""
    (after,) = _DEVICES.after(part) or (0,)
    with call.transaction() as tx:
        sites = views.sites(tx, call.sight)
        slots = views.slots(tx)
        devices = views.devices(tx, call.sight, site_id, after=after, limit=part.limit + 1)
    for slot in slots:
        slot["alive"] = "reported_at" in slot and call.now - slot["reported_at"] < FRESH
    in_flight = sum(slot["in_flight"] for slot in slots if slot["alive"])
    total = Account(*map(sum, zip(*(row["account"] for row in sites), strict=True))) if sites else Account()
    page = _DEVICES.page(devices, part.limit, id_of)
    page["items"] = [_shown(row) for row in page["items"]]
    return {
        "totals": {**_counts(total), "received": total.received + in_flight, "in_flight": in_flight},
        "sites": [_shown(row) for row in sites],
        "slots": slots,
        "broker": next((slot["broker"] for slot in slots if slot["alive"] and slot["broker"]), {}),
        "devices": page,
    }


def _counts(account: Account) -> dict[str, int]:
    return {**account._asdict(), "difference": account.difference}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, **_counts(row["account"])}
