"""The alarm report: the figures of each queue (a site), with names, beside the standard's targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from facility_monitor.domain.alarm import kpi, nuisance
from facility_monitor.domain.alarm.condition.limit import Level
from facility_monitor.domain.alarm.kpi import Figures, Frequent, Occurrence, Source, Times
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.store.alarm import rules
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import alarm, alarm_occurrence, equipment, person, point, rule, shelving, site
from facility_monitor.store.views.shapes import named

MOST_SHOWN = 100
"""Rows of a list inside the report; the count beside it is of all."""


def report(tx: Tx, sight: Sight, start: datetime, end: datetime, site_id: int | None = None) -> list[dict[str, Any]]:
    """The figures of every queue that is seen, or of one, for ``start`` <= raised < ``end``; ``domain.kpi`` defines
    them. What an alarm means for the queue stands at the end of the period, or now where that lies ahead.
    """
    asked = select(site.c.id, site.c.code, site.c.name).where(sight.at_site(site.c.id)).order_by(site.c.code)
    if site_id is not None:
        asked = asked.where(site.c.id == site_id)
    return [
        {"site": dict(row), **_queue(tx, sight, row["id"], start, end)} for row in tx.execute(asked).mappings().all()
    ]


def _queue(tx: Tx, sight: Sight, site_id: int, start: datetime, end: datetime) -> dict[str, Any]:
    raised = list(_occurrences(tx, sight, site_id, start, end))
    found = kpi.figures(raised, start, end)
    stale = _stale(tx, sight, site_id, min(end, sight.now))
    listed = {each.source for each in (*found.top, *found.chattering[:MOST_SHOWN], *found.fleeting[:MOST_SHOWN])}
    names = _names(tx, {*listed, *(each["source"] for each in stale)})
    of_source = {source: [each for each in raised if each.source == source] for source in listed}
    fleeting = found.fleeting[:MOST_SHOWN]
    return {
        **_rates(found),
        "top": {"items": [_shown(each, names) for each in found.top], "share": found.top_share},
        "chattering": {
            "count": len(found.chattering),
            "items": [
                {**_shown(each, names), "proposal": _for_chatter(tx, names[each.source], of_source[each.source])}
                for each in found.chattering[: kpi.TOP]
            ],
        },
        "fleeting": {
            "count": sum(each.raises for each in found.fleeting),
            "items": [
                {**_shown(each, names), "proposal": _for_fleeting(names[each.source], of_source[each.source])}
                for each in fleeting[: kpi.TOP]
            ],
        },
        "stale": {
            "count": len(stale),
            "items": [{**each, **names[each["source"]].shown} for each in stale[:MOST_SHOWN]],
        },
        "shelved": _shelved(tx, sight, site_id, start, end),
    }


def _rates(found: Figures) -> dict[str, Any]:
    return {
        "alarms": found.alarms,
        "per_10_min": {
            "average": found.average_10_min,
            "peak": found.peak_10_min,
            "over_10_share": found.over_10_share,
        },
        "per_day": {"average": found.average_day, "peak": found.peak_day},
        "floods": {
            "count": len(found.floods),
            "share_of_time": found.flood_share,
            "items": [each._asdict() for each in found.floods[:MOST_SHOWN]],
        },
        "priorities": [
            {"severity": severity, "share": share, "target": kpi.PRIORITIES[severity]}
            for severity, share in found.priorities.items()
        ],
        "acknowledge_s": _durations(found.acknowledge),
        "return_s": _durations(found.returned),
        "not_announced": dict(sorted(found.not_announced.items())),
    }


def _durations(found: Times) -> dict[str, Any]:
    return {"count": found.measured, "median": found.median, "p90": found.p90}


def _occurrences(tx: Tx, sight: Sight, site_id: int, start: datetime, end: datetime) -> list[Occurrence]:
    """In the order of their raises."""
    raised = alarm_occurrence.c
    columns = (raised.raised_at, raised.returned_at, raised.acknowledged_at, raised.announced_at, raised.quiet)
    rows = tx.execute(
        select(alarm.c.rule_id, alarm.c.point_id, alarm.c.severity, *columns)
        .join(alarm, alarm.c.id == raised.alarm_id)
        .where(raised.site_id == site_id, raised.raised_at >= start, raised.raised_at < end)
        .where(sight.thing(alarm.c.site_id, alarm.c.equipment_id))
        .order_by(raised.raised_at, raised.alarm_id, raised.number)
    )
    return [Occurrence((row[0], row[1]), Severity(row[2]), *row[3:]) for row in rows]


def _stale(tx: Tx, sight: Sight, site_id: int, at: datetime) -> list[dict[str, Any]]:
    """What was active at ``at`` for more than 24 h, the oldest first."""
    raised = alarm_occurrence.c
    rows = tx.execute(
        select(alarm.c.id, alarm.c.rule_id, alarm.c.point_id, raised.raised_at)
        .join(alarm, alarm.c.id == raised.alarm_id)
        .where(raised.site_id == site_id, raised.raised_at < at - kpi.STALE)
        .where(or_(raised.returned_at.is_(None), raised.returned_at > at))
        .where(sight.thing(alarm.c.site_id, alarm.c.equipment_id))
        .order_by(raised.raised_at, alarm.c.id)
    )
    return [
        {"alarm_id": row.id, "source": (row.rule_id, row.point_id), "active_s": (at - row.raised_at).total_seconds()}
        for row in rows
    ]


class _Named(NamedTuple):
    """What a source is called, and the limit by which its newest alarm was judged, if any."""

    source: Source
    shown: dict[str, Any]
    limit: Mapping[str, Any] | None
    life_safety: bool


def _names(tx: Tx, sources: set[Source]) -> dict[Source, _Named]:
    if not sources:
        return {}
    points = {
        row.id: {"point": {"id": row.id, "key": row.key}, "equipment": {"id": row.number, "name": row.name}}
        for row in tx.execute(
            select(point.c.id, point.c.key, equipment.c.id.label("number"), equipment.c.name)
            .join(equipment, equipment.c.id == point.c.equipment_id)
            .where(point.c.id == func.any([point_id for _, point_id in sources]))
        )
    }
    versions = tx.execute(
        select(rule.c.id, rule.c.version).where(rule.c.id == func.any([rule_id for rule_id, _ in sources]))
    )
    known = {row.id: rules.version(tx, row.id, row.version) for row in versions}
    newest = (
        select(alarm.c.rule_id, alarm.c.point_id, alarm.c.limit)
        .where(tuple_(alarm.c.rule_id, alarm.c.point_id).in_(sources))
        .ext(distinct_on(alarm.c.rule_id, alarm.c.point_id))
        .order_by(alarm.c.rule_id, alarm.c.point_id, alarm.c.raised_at.desc())
    )
    judged = {(row[0], row[1]): row[2] for row in tx.execute(newest)}
    found = {}
    for source in sources:
        by, place = known[source[0]], points[source[1]]
        shown = {"rule": {"id": by.id, "code": by.code, "name": by.name}, **place}
        found[source] = _Named(source, shown, judged.get(source), by.life_safety)
    return found


def _shown(each: Frequent, names: dict[Source, _Named]) -> dict[str, Any]:
    return {**names[each.source].shown, "count": each.raises, "share": each.share}


_MOST_GAPS = 200
_EXTREMES = text("""
SELECT gap.number, min(reading.value), max(reading.value)
FROM unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[])) WITH ORDINALITY AS gap (start, stop, number)
JOIN reading ON reading.point_id = :point_id AND reading.at BETWEEN gap.start AND gap.stop
GROUP BY gap.number
""")


def _for_chatter(tx: Tx, by: _Named, raises: Sequence[Occurrence]) -> dict[str, Any] | None:
    """What would have bridged the gaps between raises that followed within a minute, from the readings in them."""
    within = kpi.CHATTER[1]
    pairs = [
        (before.returned_at, after.raised_at)
        for before, after in pairwise(raises)
        if before.returned_at is not None and after.raised_at - before.raised_at <= within
    ][:_MOST_GAPS]
    extremes: dict[int, tuple[float, float]] = {}
    if by.limit is not None and pairs:
        starts, ends = zip(*pairs, strict=True)
        asked = {"starts": list(starts), "ends": list(ends), "point_id": by.source[1]}
        extremes = {number - 1: (low, high) for number, low, high in tx.execute(_EXTREMES, asked)}
    gaps = []
    for number, (start, stop) in enumerate(pairs):
        depth = None
        if by.limit is not None and number in extremes:
            low, high = extremes[number]
            upwards = Level(by.limit["level"]).upwards
            depth = by.limit["value"] - low if upwards else high - by.limit["value"]
        gaps.append(nuisance.Gap(depth, max((stop - start).total_seconds(), 0.0)))
    return _proposal(by, nuisance.for_chatter(gaps, by.limit["deadband"] if by.limit else 0.0))


def _for_fleeting(by: _Named, raises: Sequence[Occurrence]) -> dict[str, Any] | None:
    lasted = [
        (each.returned_at - each.raised_at).total_seconds()
        for each in raises
        if each.returned_at is not None and each.returned_at - each.raised_at <= kpi.FLEETING
    ]
    return _proposal(by, nuisance.for_fleeting(lasted, by.life_safety))


def _proposal(by: _Named, proposal: nuisance.Proposal | None) -> dict[str, Any] | None:
    return None if proposal is None else {**proposal._asdict(), "unit": by.limit["unit"] if by.limit else None}


def _shelved(tx: Tx, sight: Sight, site_id: int, start: datetime, end: datetime) -> dict[str, Any]:
    """Shelvings of which any part lies in the period, the latest first."""
    rows = tx.execute(
        select(shelving, person.c.name, func.count().over().label("of_all"))
        .join(person, person.c.id == shelving.c.requested_by)
        .where(shelving.c.site_id == site_id, shelving.c.requested_at < end)
        .where(func.coalesce(shelving.c.ended_at, shelving.c.expires_at) >= start)
        .where(sight.thing(shelving.c.site_id, shelving.c.equipment_id))
        .order_by(shelving.c.requested_at.desc(), shelving.c.id.desc())
        .limit(MOST_SHOWN)
    ).mappings()
    items = [
        {
            **{name: row[name] for name in ("alarm_id", "kind", "reason", "requested_at", "expires_at", "ended_at")},
            "ended_how": row["ended_how"],
            "requested_by": named(row["requested_by"], row["name"]),
            "of_all": row["of_all"],
        }
        for row in rows
    ]
    return {"count": items[0]["of_all"] if items else 0, "items": items}
