"""Plan duty: rotas become shifts, two months ahead; a shift that was swapped, or has begun, stays as it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from facility_monitor.domain.message.rota import Holidays, Rota, shifts
from facility_monitor.domain.message.swap import Outcome
from facility_monitor.errors import Conflict
from facility_monitor.store.database import Tx
from facility_monitor.store.fire import upkeep
from facility_monitor.store.people import rotas, swaps

AHEAD_DAYS = 60


def plan(tx: Tx, now: datetime, rota_id: int | None = None) -> int:
    """Make the shifts that are missing, of one rota or of all; returns how many those were."""
    rows = rotas.all_of(tx, rota_id)
    off = {site_id: upkeep.holidays(tx, site_id) for site_id in {row.site_id for row in rows}}
    planned = []
    for row in rows:
        zone = ZoneInfo(row.timezone)
        rota = Rota(
            weekdays=frozenset(row.weekdays),
            starts=row.starts,
            ends=row.ends,
            first_day=row.first_day,
            last_day=row.last_day,
            every_weeks=row.every_weeks,
            holidays=Holidays(row.holidays),
        )
        yesterday = now.astimezone(zone).date() - timedelta(days=1)  # a night shift may have begun then
        planned += [
            rotas.Shift(row.id, row.site_id, row.person_id, row.position, *each)
            for each in shifts(rota, zone, off[row.site_id], yesterday, AHEAD_DAYS)
            if each.ends_at > now
        ]
    return rotas.add_shifts(tx, planned)


def replan(tx: Tx, now: datetime, rota_id: int) -> int:
    """Plan a rota anew: after it, or the holidays, have changed."""
    rotas.drop_future_shifts(tx, rota_id, now)
    return plan(tx, now, rota_id)


def swap(tx: Tx, shift_id: int, person_id: int, now: datetime) -> None:
    """Somebody else takes a shift, all that is left of it. Raises Conflict where it is over, or already theirs."""
    shift = rotas.lock_shift(tx, shift_id)
    if shift.ends_at is not None and shift.ends_at <= now:
        raise Conflict("the shift is over")
    if shift.person_id == person_id:
        raise Conflict("the shift is that person's already")
    swaps.end(tx, shift_id, Outcome.OVERTAKEN, now)
    rotas.give_shift(tx, shift, person_id, now)
