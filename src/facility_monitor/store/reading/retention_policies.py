"""How long readings, rollups and dead letters are kept: dated rows that are added and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import RowMapping, insert, select

from facility_monitor.domain.reading.rollup import Tier
from facility_monitor.errors import InvalidInput
from facility_monitor.store.database import Tx
from facility_monitor.store.reading.rollup_tables import retention_policy

LONGEST_DAYS = 36_500


class Policy(NamedTuple):
    """Days for which each tier, and a dead letter, is kept, and how many days late a reading may come."""

    late_days: int
    reject_days: int
    reading_days: int
    minute_days: int
    hour_days: int
    day_days: int

    def days(self, tier: Tier) -> int:
        """How long ``tier`` is kept."""
        days: int = getattr(self, f"{tier.label}_days")
        return days


_COLUMNS = [retention_policy.c[name] for name in Policy._fields]
_TIERS = [f"{tier.label}_days" for tier in Tier]


def in_force(tx: Tx, now: datetime) -> Policy:
    """The policy that holds at ``now``."""
    newest = (retention_policy.c.effective_from.desc(), retention_policy.c.id.desc())
    row = tx.execute(select(*_COLUMNS).where(retention_policy.c.effective_from <= now).order_by(*newest).limit(1)).one()
    return Policy(*row)


def history(tx: Tx) -> list[RowMapping]:
    """All policies, the last to come into force first."""
    order = (retention_policy.c.effective_from.desc(), retention_policy.c.id.desc())
    return list(tx.execute(select(retention_policy).order_by(*order)).mappings())


def change(
    tx: Tx, changes: Mapping[str, int], effective_from: datetime, changed_by: str, reason: str, now: datetime
) -> Policy:
    """From ``effective_from`` on let what ``changes`` says hold, and all else as it would have been.

    Raises InvalidInput where a tier would be kept shorter than a finer one, or readings no longer than they may be
    late: an answer is made of the coarsest tier that will do, and what comes late is summed up with the readings
    beside it.
    """
    if effective_from < now:
        raise InvalidInput({"effective_from": "must not lie in the past"})
    policy = in_force(tx, effective_from)._replace(**changes)
    wrong = {
        name: f"must not be less than {finer} ({getattr(policy, finer)})"
        for finer, name in pairwise(_TIERS)
        if getattr(policy, name) < getattr(policy, finer)
    }
    if policy.late_days >= policy.reading_days:
        wrong["reading_days"] = f"must be more than late_days ({policy.late_days})"
    wrong |= {
        name: f"must lie between 1 and {LONGEST_DAYS}"
        for name, days in policy._asdict().items()
        if not 1 <= days <= LONGEST_DAYS
    }
    if wrong:
        raise InvalidInput(wrong)
    values = {"effective_from": effective_from, "changed_by": changed_by, "reason": reason, "changed_at": now}
    tx.execute(insert(retention_policy).values(**policy._asdict(), **values))
    return policy
