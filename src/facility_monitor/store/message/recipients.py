"""Who is told: people on duty, those who stand in where nobody is, and other systems."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from sqlalchemy import func, select, text

from facility_monitor.domain.message.coverage import Watch
from facility_monitor.domain.message.rota import Position
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import channel, person

AT_ONCE = 2
"""By so many channels at once people are told where life is at stake."""


class Rank(IntEnum):
    """In which capacity somebody is told. Only the first rank that can be reached at a site is."""

    ON_DUTY = 0
    SUPERVISOR = 1
    """on duty"""
    MANAGER = 2
    """of the site, on duty or not"""
    ADMIN = 3
    """standing in for managers"""


class Recipient(NamedTuple):
    """A channel to use for a site. ``person_id`` and ``rank`` are None for another system's channel.

    ``first``: the person has none that is preferred to it; the others stand by for when it fails. ``reserve``: of a
    further rank, for where life is at stake, since the nearer ones have but one channel together.
    """

    site_id: int
    channel_id: int
    kind: str
    person_id: int | None
    rank: Rank | None
    first: bool = True
    reserve: bool = False


# Somebody on duty without a working channel hears as little as nobody: ranks are compared among those with a channel.
_OF_SITES = text("""
WITH asked AS (SELECT DISTINCT unnest(CAST(:sites AS integer[])) AS site_id),
entitled (site_id, person_id, rank) AS (
    SELECT site_id, person_id, CASE duty.position WHEN 'engineer' THEN 0 WHEN 'supervisor' THEN 1 ELSE 2 END
    FROM duty JOIN asked USING (site_id)
    WHERE starts_at <= :now AND (ends_at IS NULL OR ends_at > :now)
    UNION
    SELECT site_id, person_id, 2 FROM site_access JOIN asked USING (site_id) JOIN person ON person.id = person_id
    WHERE role = 'manager'
    UNION
    SELECT site_id, person.id, 3 FROM asked CROSS JOIN person WHERE role = 'admin'
), standing AS (
    SELECT site_id, person_id, min(rank) AS rank FROM entitled WHERE rank >= :least GROUP BY site_id, person_id
), reachable AS (
    SELECT standing.site_id, channel.id AS channel_id, kind, person.id AS person_id, rank,
        min(rank) OVER (PARTITION BY standing.site_id) AS nearest,
        count(*) OVER (PARTITION BY standing.site_id ORDER BY rank RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            AS nearer,
        preference = min(preference) OVER (PARTITION BY person.id) AS first
    FROM standing JOIN person ON person.id = standing.person_id AND NOT person.disabled
    JOIN channel ON channel.person_id = person.id AND channel.enabled
)
SELECT site_id, channel_id, kind, person_id, rank, first, rank <> nearest FROM reachable
WHERE rank = nearest OR nearer < :channels
UNION ALL
SELECT asked.site_id, channel.id, kind, NULL, NULL, true, false FROM asked JOIN channel
    ON channel.person_id IS NULL AND channel.enabled AND (channel.site_id IS NULL OR channel.site_id = asked.site_id)
ORDER BY site_id, channel_id
""")


def of_sites(tx: Tx, site_ids: Iterable[int], now: datetime, position: Position = Position.ENGINEER) -> list[Recipient]:
    """Every channel to use at ``now`` for matters of each of ``site_ids``, in one query.

    People: those on duty at the site in ``position``; where none of them can be reached (not disabled, an enabled
    channel), the next position's; then the site's managers; where none of these can be, the admins. Where those have
    but one channel together, the next ones too, as a reserve. Other systems: channels of nobody for this site or for
    all.
    """
    asked = {"sites": list(site_ids), "now": now, "least": list(Position).index(position), "channels": AT_ONCE}
    return [
        Recipient(site_id, channel_id, kind, person_id, None if rank is None else Rank(rank), first, reserve)
        for site_id, channel_id, kind, person_id, rank, first, reserve in tx.execute(_OF_SITES, asked)
    ]


class Way(NamedTuple):
    """A channel of a person; ``first`` as in Recipient."""

    channel_id: int
    kind: str
    person_id: int
    first: bool


def of_people(tx: Tx, person_ids: Iterable[int]) -> list[Way]:
    """Every enabled channel of these people, of those among them who are not disabled."""
    first = channel.c.preference == func.min(channel.c.preference).over(partition_by=channel.c.person_id)
    rows = tx.execute(
        select(channel.c.id, channel.c.kind, channel.c.person_id, first)
        .join(person, person.c.id == channel.c.person_id)
        .where(channel.c.person_id == func.any(list(person_ids)), channel.c.enabled, ~person.c.disabled)
        .order_by(channel.c.id)
    )
    return [Way(*row) for row in rows]


class Owner(NamedTuple):
    """Whose a channel is (None: nobody's, another system's) and whether it is switched on."""

    person_id: int | None
    enabled: bool


def of_channel(tx: Tx, channel_id: int) -> Owner | None:
    """The owner of one channel; None for an unknown channel."""
    row = tx.execute(select(channel.c.person_id, channel.c.enabled).where(channel.c.id == channel_id)).one_or_none()
    return None if row is None else Owner(*row)


_UNATTENDED = text("""
SELECT site.code FROM site WHERE NOT EXISTS (
    SELECT FROM duty JOIN person ON person.id = duty.person_id AND NOT person.disabled
    JOIN channel ON channel.person_id = person.id AND channel.enabled
    WHERE duty.site_id = site.id AND duty.position = 'engineer' AND starts_at <= :now
        AND (ends_at IS NULL OR ends_at > :now)
) ORDER BY site.code
""")


def unattended(tx: Tx, now: datetime) -> list[str]:
    """Codes of the sites at which nobody is on duty who can be reached: for metrics, before it matters."""
    return list(tx.execute(_UNATTENDED, {"now": now}).scalars())


_WATCHES = text("""
SELECT site_id, starts_at, ends_at,
    CASE WHEN person.disabled THEN 0
        ELSE (SELECT count(*) FROM channel WHERE channel.person_id = person.id AND channel.enabled) END
FROM duty JOIN person ON person.id = duty.person_id
WHERE site_id = ANY (CAST(:sites AS integer[])) AND position = :position
    AND starts_at < :until AND (ends_at IS NULL OR ends_at > :since)
""")


def watches(
    tx: Tx, site_ids: Iterable[int], position: Position, since: datetime, until: datetime
) -> dict[int, list[Watch]]:
    """The shifts of each of ``site_ids`` in ``position``, with how many channels reach who has them, as of now."""
    numbers = list(site_ids)
    found: dict[int, list[Watch]] = {number: [] for number in numbers}
    given = {"sites": numbers, "position": position, "since": since, "until": until}
    for site_id, *rest in tx.execute(_WATCHES, given):
        found[site_id].append(Watch(*rest))
    return found
