"""Floods: which are running, and what came in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, select, text, update
from sqlalchemy.dialects.postgresql import insert

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.text import Text
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import alarm_occurrence, flood


class Flood(NamedTuple):
    """``told_at`` is when its summary was last told; ``first_out_id`` the alarm that came first."""

    id: int
    site_id: int
    started_at: datetime
    told_at: datetime
    first_out_id: int


class System(NamedTuple):
    """A kind of equipment, and how many alarms came from it."""

    kind: str
    name: Text
    alarms: int


class Summary(NamedTuple):
    """The alarms of a site that were announced in a span: how many, from where, and the first of them."""

    site_name: Text
    alarms: int
    still_active: int
    systems: Sequence[System]
    severities: Sequence[tuple[str, int]]
    worst: Severity
    first_out_id: int
    first_out_title: Text
    first_out_place: Text


_COLUMNS = (flood.c.id, flood.c.site_id, flood.c.started_at, flood.c.told_at, flood.c.first_out_id)


def locked(tx: Tx) -> list[Flood]:
    """The floods that go on, locked until the transaction ends."""
    asked = select(*_COLUMNS).where(flood.c.ended_at.is_(None)).order_by(flood.c.id)
    return [Flood(*row) for row in tx.execute(asked.with_for_update())]


class Standing(NamedTuple):
    """Whether a flood goes on at a site, and how many alarms were announced there, those of its summary included."""

    flooding: bool
    announced: int


_STANDINGS = text("""
SELECT id, EXISTS (SELECT FROM flood WHERE site_id = site.id AND ended_at IS NULL),
       (SELECT count(*) FROM alarm_occurrence WHERE site_id = site.id AND announced_at > :since)
FROM site WHERE id = ANY (:sites)
""")


def standings(tx: Tx, site_ids: Collection[int], since: datetime) -> dict[int, Standing]:
    """How each of these sites stands; what was announced is counted after ``since``."""
    rows = tx.execute(_STANDINGS, {"sites": list(site_ids), "since": since})
    return {number: Standing(*rest) for number, *rest in rows}


def start(tx: Tx, site_id: int, first_out_id: int, now: datetime) -> Flood | None:
    """Begin a flood at a site; None where another has begun one at the same time."""
    values = {"site_id": site_id, "started_at": now, "told_at": now, "first_out_id": first_out_id}
    row = tx.execute(insert(flood).values(values).on_conflict_do_nothing().returning(*_COLUMNS)).one_or_none()
    return None if row is None else Flood(*row)


def told(tx: Tx, flood_id: int, now: datetime) -> None:
    """Note that its summary was told."""
    tx.execute(update(flood).where(flood.c.id == flood_id).values(told_at=now))


def end(tx: Tx, flood_id: int, now: datetime) -> None:
    """Note that it is over."""
    tx.execute(update(flood).where(flood.c.id == flood_id).values(ended_at=now))


def grown(tx: Tx, known: Flood) -> bool:
    """Whether alarms came since its summary was told."""
    since = (alarm_occurrence.c.site_id == known.site_id, alarm_occurrence.c.announced_at > known.told_at)
    return bool(tx.execute(select(exists().where(*since))).scalar_one())


_SUMMARY = text("""
WITH came AS (
    SELECT alarm.id, alarm.active AND alarm.raise_count = occurrence.number AS active, alarm.severity,
        alarm.equipment_id, equipment.kind, occurrence.announced_at, occurrence.raised_at,
        rule_version.definition -> 'name' AS title
    FROM alarm_occurrence AS occurrence JOIN alarm ON alarm.id = occurrence.alarm_id
    JOIN equipment ON equipment.id = alarm.equipment_id
    JOIN rule_version ON rule_version.rule_id = alarm.rule_id AND rule_version.version = alarm.rule_version
    WHERE occurrence.site_id = :site_id AND occurrence.announced_at > :since
), systems AS (
    SELECT kind, equipment_kind.name, count(*) AS alarms
    FROM came JOIN equipment_kind ON equipment_kind.code = kind GROUP BY kind, equipment_kind.name
), first AS (
    SELECT id, title, equipment_id FROM came ORDER BY raised_at, id LIMIT 1
)
SELECT site.name, (SELECT count(*) FROM came) AS alarms, (SELECT count(*) FROM came WHERE active) AS still_active,
    (SELECT jsonb_agg(jsonb_build_array(kind, name, alarms) ORDER BY alarms DESC, kind) FROM systems) AS systems,
    (SELECT jsonb_object_agg(severity, number) FROM
        (SELECT severity, count(*) AS number FROM came GROUP BY severity) AS counted) AS severities,
    first.id, first.title, first.equipment_id
FROM site, first WHERE site.id = :site_id
""")


def summary(tx: Tx, site_id: int, since: datetime) -> Summary:
    """What was announced at a site after ``since``, of which there is at least one."""
    row = tx.execute(_SUMMARY, {"site_id": site_id, "since": since}).one()
    place = plant.places(tx, [row.equipment_id])[row.equipment_id]
    severities = [(each.value, row.severities[each]) for each in Severity if each in row.severities]
    return Summary(
        site_name=row.name,
        alarms=row.alarms,
        still_active=row.still_active,
        systems=[System(*each) for each in row.systems],
        severities=severities,
        worst=Severity(severities[0][0]),
        first_out_id=row.id,
        first_out_title=row.title,
        first_out_place=place.full,
    )
