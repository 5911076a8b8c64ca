"""All kinds of conditions: from the name and the spec of a rule's document to the condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from facility_monitor.domain.alarm.condition import Condition
from facility_monitor.domain.alarm.condition.combination import AllOf, AnyOf, Combination, Node, NotOf, Part
from facility_monitor.domain.alarm.condition.dew_point import DewPoint
from facility_monitor.domain.alarm.condition.fluctuation import Fluctuation
from facility_monitor.domain.alarm.condition.joint import Joint
from facility_monitor.domain.alarm.condition.limit import Level, Limit
from facility_monitor.domain.alarm.condition.limit_by_date import LimitByDate
from facility_monitor.domain.alarm.condition.normal import Allowance, Learning, Watch
from facility_monitor.domain.alarm.condition.quality import BadQuality
from facility_monitor.domain.alarm.condition.rate import Rate, Way
from facility_monitor.domain.alarm.condition.silence import Silence
from facility_monitor.domain.alarm.condition.state import State
from facility_monitor.domain.alarm.condition.stuck import Stuck
from facility_monitor.domain.alarm.condition.times import Times
from facility_monitor.domain.instant import SECOND, Instant
from facility_monitor.domain.reading.reading import Quality

Spec = Mapping[str, Any]
"""What a rule's document has under its kind's name, checked when it came in; times are in seconds."""


def _instant(seconds: float | None) -> Instant:
    return round((seconds or 0) * SECOND)


def _limit(spec: Spec) -> Condition:
    limit = Limit(
        level=Level(spec["level"]),
        value=float(spec.get("value") or 0),
        unit=spec["unit"],
        deadband=float(spec.get("deadband") or 0),
        relative_to=spec.get("relative_to"),
    )
    return limit if spec.get("quantity") is None else LimitByDate(spec["quantity"], limit)


def _state(spec: Spec) -> Condition:
    return State(
        values=tuple(float(value) for value in spec.get("values") or ()),
        other=bool(spec.get("other")),
        codes=tuple((each["code_set"], float(each["code"])) for each in spec.get("codes") or ()),
        means=tuple(spec.get("means") or ()),
        default_code_set=spec.get("default_code_set"),
    )


def _quality(spec: Spec) -> Condition:
    return BadQuality(Quality[str(spec.get("worst", "bad")).upper()])


def _rate(spec: Spec) -> Condition:
    return Rate(
        way=Way(spec["way"]),
        change=float(spec["change"]),
        span=_instant(spec["span_s"]),
        unit=spec["unit"],
        deadband=float(spec.get("deadband") or 0),
    )


def _stuck(spec: Spec) -> Condition:
    rest = tuple(float(value) for value in spec.get("rest") or ())
    return Stuck(_instant(spec["for_s"]), float(spec.get("band") or 0), rest)


def _silence(spec: Spec) -> Condition:
    return Silence(spec.get("missed"), _instant(spec.get("period_s")) or None)


def _times(spec: Spec) -> Condition:
    return Times(_single(spec["of"]), spec["count"], _instant(spec["within_s"]))


def _dew_point(spec: Spec) -> Condition:
    metrics = {name: spec[name] for name in ("surface", "temperature", "humidity") if spec.get(name)}
    return DewPoint(float(spec["margin"]), float(spec.get("deadband") or 0), **metrics)


def _combination(spec: Spec) -> Condition:
    return Combination(_node(spec), _node(spec["until"]) if spec.get("until") else None)


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
    return Allowance(float(spec["spreads"]), float(tolerance), float(share), point.get("unit") or "")


def _watch(spec: Spec) -> Watch:
    return Watch(float(spec.get("return_at", 0.6)), _instant(spec.get("relearn_after_s")) or None)


def _node(spec: Spec) -> Node:
    if spec.get("all"):
        return AllOf(tuple(_node(each) for each in spec["all"]))
    if spec.get("any"):
        return AnyOf(tuple(_node(each) for each in spec["any"]))
    if spec.get("not"):
        return NotOf(_node(spec["not"]))
    return Part(spec["metric"], _single(spec), _instant(spec.get("for_s")), _instant(spec.get("within_s")))


def _single(spec: Spec) -> Condition:
    """The condition on the single value that stands under its kind's name in ``spec``."""
    kind = next(kind for kind in SINGLE if spec.get(kind) is not None)
    return SINGLE[kind](spec[kind])


SINGLE: Mapping[str, Callable[[Spec], Condition]] = {
    Limit.kind: _limit,
    State.kind: _state,
    BadQuality.kind: _quality,
}
"""Kinds that go by the single value, and can be part of others."""
KINDS: Mapping[str, Callable[[Spec], Condition]] = {
    **SINGLE,
    Rate.kind: _rate,
    Stuck.kind: _stuck,
    Silence.kind: _silence,
    Times.kind: _times,
    DewPoint.kind: _dew_point,
    Combination.kind: _combination,
    Fluctuation.kind: _fluctuation,
    Joint.kind: _joint,
}


def condition(kind: str, spec: Spec) -> Condition:
    """The condition of ``kind`` that ``spec`` describes."""
    return KINDS[kind](spec)
