"""What judging a reading costs, by kind of rule, in the steady state: nothing is abnormal, everything has been learned.

The evaluator of live operation, without broker and database: one thread, points in turn, batches as the ingest takes,
the garbage collector called as usual as there. Figures are CPU time.
"""

from __future__ import annotations

import argparse
import gc
import math
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from facility_monitor.bench.report import Cell, Report
from facility_monitor.domain.alarm.attempt import Attempt
from facility_monitor.domain.alarm.condition import Circumstances
from facility_monitor.domain.alarm.evaluator import Evaluator, Remembered
from facility_monitor.domain.alarm.judge import UNTRACKED
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.alarm.rule_document import parsed
from facility_monitor.domain.instant import SECOND, Instant
from facility_monitor.domain.plant import Point
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.ingest.tenure import MOST_VALUES

POINTS, BATCH, PARTS = 1_000, 500, 10
PERIOD: Instant = 10 * SECOND
TARGETS: Mapping[str, float] = {"limit": 3.0, "fluctuation": 10.0}
"""Microseconds a reading."""
LEARNING = {"spreads": 8, "learn_readings": 30, "smooth_s": 30, "follow_s": 3600}
KINDS: Mapping[str, Mapping[str, Any]] = {
    "limit": {"level": "high", "value": 80, "unit": "%RH", "deadband": 5},
    "rate": {"way": "down", "change": 20, "span_s": 60, "unit": "%RH"},
    "silence": {},
    "stuck": {"for_s": 3600},
    "fluctuation": {"unit": "%RH", **LEARNING},
}


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--readings", type=int, default=300_000, help="judged for each kind (default: %(default)s)")


def run(options: argparse.Namespace, report: Report) -> None:
    bare = _cost_us([], options.readings)
    costs = {kind: _cost_us([rule(kind, spec)], options.readings) for kind, spec in KINDS.items()}
    three = _cost_us([rule("limit", KINDS["limit"])] * 3, options.readings)
    rows: list[dict[str, Cell]] = [
        {"rules of a point": kind, "us/reading": round(cost, 2), "of it the rules": round(cost - bare, 2)}
        for kind, cost in {"none": bare, **costs, "three limits": three}.items()
    ]
    report.table("Judging", rows)
    for kind, most in TARGETS.items():
        report.target(f"us a reading for a rule of kind {kind}", round(costs[kind] - bare, 2), at_most=most)


def rule(kind: str, spec: Mapping[str, Any]) -> Rule:
    """A rule of ``kind`` on humidity."""
    document = {
        "name": {},
        "severity": "low",
        "scope": {"metric": "humidity"},
        "kind": kind,
        kind: spec,
        "response": {},
    }
    made = parsed(1, kind, 1, document)
    bound = made.condition.bound(Circumstances(report_period=PERIOD))
    return made if bound is None else replace(made, condition=bound)


def _cost_us(rules: Sequence[Rule], count: int) -> float:
    """Microseconds a reading, after all points have learned."""
    watching = tuple(replace(each, id=number) for number, each in enumerate(rules))
    points = {number: Point(number, number, 1, watching, "%RH", "humidity") for number in range(POINTS)}
    evaluator = Evaluator()
    evaluator.install(points, {number: Remembered(None, (UNTRACKED,) * len(watching)) for number in points})
    rng = random.Random(1)
    warm_up = _readings(rng, 0, 60 * POINTS)
    _judge(evaluator, warm_up)
    steady = _readings(rng, 60 * POINTS, count)
    gc.collect()
    usual = gc.get_threshold()
    gc.set_threshold(MOST_VALUES)
    gc.freeze()  # the collector shall not walk again and again through what is the measurement's own
    cost, size = math.inf, max(1, count // PARTS)
    for start in range(0, count, size):
        part = steady[start : start + size]
        began = time.process_time()
        _judge(evaluator, part)
        cost = min(cost, (time.process_time() - began) / len(part) * 1e6)
    gc.unfreeze()
    gc.set_threshold(*usual)
    return cost


def _readings(rng: random.Random, first: int, count: int) -> list[Reading]:
    found = []
    for number in range(first, first + count):
        at = 1_780_000_000 * SECOND + number // POINTS * PERIOD + number % POINTS
        found.append(Reading(number % POINTS, at, number, 60 + rng.random(), Quality.GOOD, at))
    return found


def _judge(evaluator: Evaluator, readings: Sequence[Reading]) -> None:
    for start in range(0, len(readings), BATCH):
        attempt = Attempt()
        for reading in readings[start : start + BATCH]:
            evaluator.take(attempt, reading)
        evaluator.settle(attempt)
        evaluator.keep(attempt)
