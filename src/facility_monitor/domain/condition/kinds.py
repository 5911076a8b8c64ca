"""All kinds of conditions: from the name and the spec of a rule's document to the condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from facility_monitor.domain.condition import Condition
from facility_monitor.domain.condition.limit import Level, Limit

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


KINDS: Mapping[str, Callable[[Spec], Condition]] = {
    Limit.kind: _limit,
}


def condition(kind: str, spec: Spec) -> Condition:
    """The condition of ``kind`` that ``spec`` describes."""
    return KINDS[kind](spec)
