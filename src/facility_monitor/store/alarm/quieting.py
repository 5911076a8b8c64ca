"""What keeps the alarms of a rule at a point quiet just now: shelving, windows, suppression by design."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text

from facility_monitor.domain.alarm.alarm import Suppression
from facility_monitor.domain.alarm.annunciation import AUDIBLE, Standing
from facility_monitor.store.database import Tx

Pair = tuple[int, int]
"""(point_id, rule_id)"""

# A point stands where its equipment does; ``up`` holds that space and all around it. A gateway is told by the address:
# what is behind it has its address in front (as Sparkplug's devices have that of their edge node). It is down while its
# will or a silence alarm of its own says so, and keeps nothing quiet where no rule would tell of its silence: else
# nobody heard that it is down. Once it is back, what is behind it has two report periods to be heard again: else the
# silence of each would be a call, a moment before its reading comes. Outranked is a limit where the second one on the
# same side of the same point calls already: it would only say less, once more.
_STANDING = text("""
WITH RECURSIVE asked AS (
    SELECT point.id AS point_id, equipment.id AS equipment_id, equipment.site_id, equipment.kind, equipment.space_id,
        equipment.in_use, device.address
    FROM point JOIN equipment ON equipment.id = point.equipment_id JOIN device ON device.id = point.device_id
    WHERE point.id = ANY (:points)
), up (equipment_id, space_id) AS (
    SELECT DISTINCT equipment_id, space_id FROM asked WHERE space_id IS NOT NULL
    UNION
    SELECT up.equipment_id, space.parent_id FROM up JOIN space ON space.id = up.space_id
    WHERE space.parent_id IS NOT NULL
), above AS (
    SELECT asked.point_id, gateway.id AS gateway_id, gateway.state, gateway.state_at
    FROM asked CROSS JOIN LATERAL string_to_array(asked.address, '/') AS part
    CROSS JOIN generate_series(1, cardinality(part) - 1) AS length
    JOIN device AS gateway ON gateway.address = array_to_string(part[1:length], '/')
        AND gateway.address <> '' AND gateway.site_id = asked.site_id
), own AS (
    SELECT point.device_id, coalesce(bool_or(silence.active), false) AS silent, max(silence.returned_at) AS heard_at
    FROM point JOIN equipment AS at ON at.id = point.equipment_id
    JOIN rule ON rule.enabled AND definition->>'kind' = 'silence'
        AND definition->>'shadow' IS DISTINCT FROM 'true' AND definition->'scope'->>'metric' = point.metric
        AND coalesce(definition->'scope'->>'equipment_kind', at.kind) = at.kind
        AND coalesce(definition->'scope'->>'site_id', at.site_id::text) = at.site_id::text
        AND coalesce(definition->'scope'->>'point_id', point.id::text) = point.id::text
    LEFT JOIN LATERAL (
        SELECT active, returned_at FROM alarm
        WHERE equipment_id = at.id AND point_id = point.id AND rule_id = rule.id ORDER BY raised_at DESC LIMIT 1
    ) AS silence ON true
    WHERE point.device_id IN (SELECT gateway_id FROM above)
    GROUP BY point.device_id
), behind AS (
    SELECT point_id, gateway_id, state = 'offline' OR silent AS down, greatest(state_at, heard_at) AS back_at
    FROM above JOIN own ON own.device_id = above.gateway_id
)
SELECT point_id, rule_id, 'shelved' AS what, id AS number, false AS life_safety FROM shelving
WHERE point_id = ANY (:points) AND ended_at IS NULL AND expires_at > :now
    AND (NOT life_safety OR confirmed_at IS NOT NULL)
UNION ALL
SELECT asked.point_id, NULL, 'not_in_use', NULL, false FROM asked WHERE NOT in_use
UNION ALL
SELECT point_id, NULL, 'parent_down', gateway_id, false FROM behind WHERE down
UNION ALL
SELECT pair.point_id, pair.rule_id, 'parent_down', behind.gateway_id, false
FROM unnest(CAST(:points AS integer[]), CAST(:rules AS integer[])) AS pair (point_id, rule_id)
JOIN behind ON behind.point_id = pair.point_id AND NOT behind.down
JOIN rule ON rule.id = pair.rule_id AND definition->>'kind' = 'silence'
JOIN point ON point.id = pair.point_id
WHERE behind.back_at > CAST(:now AS timestamptz)
    - 2 * make_interval(secs => coalesce((definition->'silence'->>'period_s')::float, report_period_s, :period_s))
UNION ALL
SELECT asked.point_id, NULL, design.cause, design.id, false
FROM asked JOIN suppression_rule AS design ON design.site_id = asked.site_id AND design.enabled
    AND design.point_id <> asked.point_id
    AND (design.equipment_kind IS NULL OR design.equipment_kind = asked.kind)
JOIN point AS source ON source.id = design.point_id
JOIN equipment AS at ON at.id = source.equipment_id
    AND CASE design.reach WHEN 'equipment' THEN at.id = asked.equipment_id
        ELSE at.space_id IN (SELECT space_id FROM up WHERE up.equipment_id = asked.equipment_id) END
JOIN LATERAL (
    SELECT value FROM reading WHERE reading.point_id = source.id ORDER BY reading.at DESC, sequence DESC LIMIT 1
) AS newest ON CASE design.compare WHEN 'equals' THEN newest.value = design.value
    WHEN 'below' THEN newest.value < design.value ELSE newest.value > design.value END
UNION ALL
SELECT asked.point_id, NULL, 'window', service.id, service.life_safety AND service.confirmed_at IS NOT NULL
FROM asked JOIN service_window AS service ON service.site_id = asked.site_id AND service.ended_at IS NULL
    AND service.starts_at <= :now AND service.ends_at > :now
    AND (service.equipment_id IS NULL OR service.equipment_id = asked.equipment_id)
    AND (service.equipment_kind IS NULL OR service.equipment_kind = asked.kind)
    AND (service.space_id IS NULL
        OR service.space_id IN (SELECT space_id FROM up WHERE up.equipment_id = asked.equipment_id))
UNION ALL
SELECT pair.point_id, pair.rule_id, 'outranked', NULL, false
FROM unnest(CAST(:points AS integer[]), CAST(:rules AS integer[])) AS pair (point_id, rule_id)
JOIN rule ON rule.id = pair.rule_id
JOIN alarm AS worse ON worse.point_id = pair.point_id AND worse.cleared_at IS NULL AND worse.active
    AND worse."limit"->>'level' = concat_ws('_', definition->'limit'->>'level', definition->'limit'->>'level')
    AND NOT worse.shadow AND num_nonnulls(worse.shelving_id, worse.window_id, worse.suppressed_by) = 0
""")

_STRONGEST = tuple(Suppression)
_PERIOD_S = 60.0
"""Of a point behind a gateway whose report period nobody has told."""


def standings(tx: Tx, pairs: Mapping[Pair, bool], now: datetime) -> dict[Pair, Standing]:
    """How each of ``pairs`` stands at ``now``, by (point_id, rule_id); the values say which are life safety.

    One statement, whatever their number. Where several windows or designs hold, the first counts, by kind and id.
    """
    if not pairs:
        return {}
    asked = {
        "points": [point_id for point_id, _ in pairs],
        "rules": [rule_id for _, rule_id in pairs],
        "now": now,
        "period_s": _PERIOD_S,
    }
    shelved: dict[Pair, int] = {}
    windows: dict[tuple[int, bool], int] = {}
    designs: dict[tuple[int, int | None], tuple[int, int | None]] = {}
    for point_id, rule_id, what, number, life_safety in tx.execute(_STANDING, asked):
        if what == "shelved":
            shelved[point_id, rule_id] = number
        elif what == "window":
            for covered in {False, life_safety}:
                windows[point_id, covered] = min(number, windows.get((point_id, covered), number))
        else:
            design = (_STRONGEST.index(Suppression(what)), number)
            designs[point_id, rule_id] = min(designs.get((point_id, rule_id), design), design, key=_by_strength)
    return {
        (point_id, rule_id): _standing(
            shelved.get((point_id, rule_id)),
            windows.get((point_id, life_safety)),
            designs.get((point_id, None)) or designs.get((point_id, rule_id)),
        )
        for (point_id, rule_id), life_safety in pairs.items()
    }


def _by_strength(design: tuple[int, int | None]) -> tuple[int, int]:
    return design[0], design[1] or 0


def _standing(shelving_id: int | None, window_id: int | None, design: tuple[int, int | None] | None) -> Standing:
    if design is None:
        return AUDIBLE._replace(shelving_id=shelving_id, window_id=window_id)
    return Standing(shelving_id, window_id, _STRONGEST[design[0]], design[1])
