"""The readings of a point by steps of time, from whatever tier says it soonest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from facility_monitor.domain.instant import Instant, moment
from facility_monitor.domain.reading.reading import Quality
from facility_monitor.domain.reading.rollup import Span, Tier, sources
from facility_monitor.store.database import Tx
from facility_monitor.store.reading import rollups
from facility_monitor.store.tables import device, metric, point, site


class Nature(NamedTuple):
    """What a point's values mean: their SenML unit, and the zone in which its days begin."""

    unit: str
    zone: ZoneInfo


def nature(tx: Tx, point_id: int) -> Nature:
    """What the values of an existing point mean."""
    asked = select(metric.c.unit, site.c.timezone).select_from(point).join(metric).join(device).join(site)
    row = tx.execute(asked.where(point.c.id == point_id)).one()
    return Nature(row.unit, ZoneInfo(row.timezone))


_STEPS = """
SELECT width_bucket(at, %(edges)s::timestamptz[]) AS step, min(min) AS min, max(max) AS max,
    {mean} AS mean, sum(count) AS count,
    (array_agg(last ORDER BY last_at DESC, sequence DESC))[1] AS last, max(last_at) AS last_at
FROM ({parts}) AS part
GROUP BY 1 ORDER BY 1
"""
_PART = """
SELECT {columns}
FROM unnest(%({tier}_from)s::timestamptz[], %({tier}_to)s::timestamptz[]) AS span (start, stop), LATERAL (
    SELECT * FROM {table} WHERE point_id = %(point)s AND at >= span.start AND at < span.stop
        AND at >= %({tier}_first)s::timestamptz AND at < %({tier}_last)s::timestamptz {only}
) AS kept
"""
_KEPT = "at, min, max, mean, count, last, last_at, 0 AS sequence"
_READ = "at, value AS min, value AS max, value AS mean, 1 AS count, value AS last, at AS last_at, sequence"
_MEAN = rollups.mean(rollups.total("mean", "count"), "sum(count)", "min(min)", "max(max)")


def steps(tx: Tx, point_id: int, span: Span, edges: Sequence[Instant]) -> list[dict[str, Any]]:
    """min, max, mean, count, last and last_at of each step in which ``span`` has readings that are not bad, in order.

    ``edges``: where the steps begin, and where the last one ends. What comes while this is asked may be in it or not.
    """
    stands = rollups.progress(tx)
    found = sources(
        span,
        edges,
        folded=stands.folded_before,
        late=rollups.late(tx, point_id, *span),
        since=rollups.since(tx),
    )
    parts = {tier: spans for tier, spans in found.items() if spans}
    values: dict[str, object] = {"point": point_id, "edges": _times(edges)}
    for tier, spans in parts.items():
        values |= _bounds(tier, spans)
    asked = _STEPS.format(mean=_MEAN, parts="UNION ALL".join(_part(tier) for tier in parts))
    rows = tx.exec_driver_sql(asked, values).mappings()
    return [{**row, "at": moment(edges[row["step"] - 1])} for row in rows]


def _part(tier: Tier) -> str:
    if tier is Tier.READING:
        only = f"AND quality < {Quality.BAD.value}"
        return _PART.format(columns=_READ, tier=tier.label, table="reading", only=only)
    return _PART.format(columns=_KEPT, tier=tier.label, table=f"rollup_{tier.label}", only="")


def _bounds(tier: Tier, spans: Sequence[Span]) -> dict[str, object]:
    """The spans, and for the planner, who then leaves whole partitions out, from where to where they reach."""
    return {
        f"{tier.label}_from": _times([start for start, _ in spans]),
        f"{tier.label}_to": _times([stop for _, stop in spans]),
        f"{tier.label}_first": moment(spans[0][0]),
        f"{tier.label}_last": moment(spans[-1][1]),
    }


def _times(instants: Iterable[Instant]) -> str:
    return "{" + ",".join(moment(each).isoformat() for each in instants) + "}"
