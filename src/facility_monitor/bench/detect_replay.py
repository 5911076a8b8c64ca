"""A recording goes through the product's own evaluator, and the alarms come out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import yaml

from facility_monitor.bench.detect_recordings import Recording
from facility_monitor.domain.alarm.attempt import Attempt
from facility_monitor.domain.alarm.evaluator import Evaluator, Remembered
from facility_monitor.domain.alarm.judge import UNTRACKED, Change
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.alarm.rule_document import parsed
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.plant import Point
from facility_monitor.domain.reading.reading import Quality, Reading, unnumbered


class Raised(NamedTuple):
    """An alarm of a recording; ``cleared_at`` is None where it still stood at the end."""

    rule: str
    point: str
    raised_at: Instant
    cleared_at: Instant | None

    def covers(self, at: Instant) -> bool:
        return self.raised_at <= at and (self.cleared_at is None or at < self.cleared_at)


@cache
def settings() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The rules' documents by kind of signal."""
    text = resources.files(__package__).joinpath("detect_rules.yaml").read_text("utf-8")
    documents: Mapping[str, Sequence[Mapping[str, Any]]] = yaml.safe_load(text)
    return documents


def rules(signals: str) -> list[Rule]:
    """The rules for one kind of signal."""
    return [parsed(number, each["code"], 1, each) for number, each in enumerate(settings()[signals], 1)]


def replay(recording: Recording, by: Sequence[Rule]) -> list[Raised]:
    """All alarms in the order in which they were raised."""
    at_equipment: dict[int, list[str]] = defaultdict(list)
    for _, metric, equipment in recording.points:
        at_equipment[equipment].append(metric)
    points = {
        place: Point(
            place,
            equipment,
            1,
            tuple(rule for rule in by if metric == _bearer(rule, at_equipment[equipment])),
            metric=metric,
        )
        for place, (_, metric, equipment) in enumerate(recording.points)
    }
    evaluator, attempt = Evaluator(), Attempt()
    evaluator.install(points, {at: Remembered(None, (UNTRACKED,) * len(point.rules)) for at, point in points.items()})
    stored: set[tuple[int, Instant, int]] = set()
    for _, place, at, value in recording.told:
        identity = (place, at, unnumbered(value))
        if identity in stored:
            continue  # the very same once more: it is stored once and judged once
        stored.add(identity)
        evaluator.take(attempt, Reading(*identity, value, Quality.GOOD, at))
    standing: dict[tuple[int, int], Raised] = {}
    raised: list[Raised] = []
    evaluator.settle(attempt)
    for rule, point, verdict, _ in attempt.judgements:
        pair = (rule.id, point.id)
        if verdict.change is Change.RAISED:
            standing[pair] = Raised(rule.code, recording.points[point.id].name, verdict.at, None)
        elif verdict.change is Change.RETURNED:
            raised.append(standing.pop(pair)._replace(cleared_at=verdict.at))
    return sorted([*raised, *standing.values()], key=lambda each: (each.raised_at, each.rule, each.point))


def _bearer(rule: Rule, metrics: Sequence[str]) -> str | None:
    """The metric whose point bears the rule's alarms at an equipment that has ``metrics``.

    It is that of the rule's scope; where that was not recorded, the first of those that the rule goes by.
    """
    candidates = (rule.scope.metric, *rule.condition.inputs)
    return next((metric for metric in candidates if metric in metrics), None)
