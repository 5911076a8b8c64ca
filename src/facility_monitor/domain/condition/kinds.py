"""All kinds of conditions: from the name and the spec of a rule's document to the condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from facility_monitor.domain.condition import Condition
from facility_monitor.domain.condition.fluctuation import Fluctuation
from facility_monitor.domain.condition.joint import Joint
from facility_monitor.domain.condition.limit import Level, Limit
from facility_monitor.domain.condition.normal import Allowance, Learning, Watch
from facility_monitor.domain.instant import SECOND, Instant

Spec = Mapping[str, Any]
"""What a rule's document has under its kind's name, checked when it came in; times are in seconds."""


def _limit(spec: Spec) -> Condition:
    return Limit(
        level=Level(spec["level"]),
        value=float(spec["value"]),
        unit=spec["unit"],
        deadband=float(spec.get("deadband", 0)),
        relative_to=spec.get("relative_to"),
    )


def _instant(seconds: float | None) -> Instant:
    return round((seconds or 0) * SECOND)


def _fluctuation(spec: Spec) -> Condition:
    return Fluctuation(spec["unit"], _learning(spec), _allowance(spec, spec), _watch(spec))


def _joint(spec: Spec) -> Condition:
    allowances = tuple((point["metric"], _allowance(spec, point)) for point in spec["points"])
    return Joint(allowances, _learning(spec), _watch(spec))


def _learning(spec: Spec) -> Learning:
    return Learning(
        readings=spec["learn_readings"],
        period=_instant(spec.get("learn_s")),
        smooth=_instant(spec.get("smooth_s")),
        follow=_instant(spec.get("follow_s")),
        by_hour=bool(spec.get("by_hour")),
    )


def _allowance(spec: Spec, point: Spec) -> Allowance:
    tolerance, share = point.get("tolerance") or 0, point.get("tolerance_share") or 0
    return Allowance(float(spec["spreads"]), float(tolerance), float(share))


def _watch(spec: Spec) -> Watch:
    return Watch(float(spec.get("return_at", 0.6)), _instant(spec.get("relearn_after_s")) or None)


KINDS: Mapping[str, Callable[[Spec], Condition]] = {
    Limit.kind: _limit,
    Fluctuation.kind: _fluctuation,
    Joint.kind: _joint,
}


def condition(kind: str, spec: Spec) -> Condition:
    """The condition of ``kind`` that ``spec`` describes."""
    return KINDS[kind](spec)
