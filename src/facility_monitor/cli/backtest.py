"""``backtest``: what rules would have raised over the readings of a CSV file; needs neither database nor broker."""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from facility_monitor.api.alarm.rule_files import RuleFile, drafts
from facility_monitor.api.models.rules import NewRule
from facility_monitor.cli import csv_readings
from facility_monitor.domain.alarm.backtest import Episode, backtest
from facility_monitor.domain.alarm.condition import Circumstances
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.alarm.rule_document import parsed
from facility_monitor.domain.code import newest
from facility_monitor.domain.instant import SECOND, Instant, moment
from facility_monitor.domain.limit import by_quantity
from facility_monitor.domain.plant import Point
from facility_monitor.errors import InvalidInput
from facility_monitor.store import codes, limits
from facility_monitor.yaml_text import read


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "backtest", help="what rules would have raised over a CSV file", description=f"{__doc__} See docs/rules.md."
    )
    command.add_argument("--rules", type=Path, required=True, metavar="FILE.yaml", help="as `rules export` writes it")
    command.add_argument("--csv", type=Path, required=True, metavar="FILE")
    command.add_argument("--time", metavar="COLUMN", help="ISO 8601 (UTC where it has no zone) or Unix time")
    command.add_argument(
        "--point",
        metavar="NAME=COLUMN",
        action="append",
        required=True,
        help="the metric, or EQUIPMENT.METRIC, that a column holds; may be repeated",
    )
    command.add_argument("--delimiter", default=",", help="default: a comma; tab for a tabulator")
    command.add_argument("--period", help="the points' report period, such as 5s; the time of a file that has none")
    command.add_argument("--attribute", metavar="NAME=NUMBER", action="append", default=[], help="such as a set point")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Raises InvalidInput."""
    delimiter = "\t" if options.delimiter in ("\\t", "tab") else options.delimiter
    if len(delimiter) != 1:
        raise InvalidInput({"--delimiter": "must be one character, or tab"})
    period = None if options.period is None else span(options.period)
    if options.time is None and period is None:
        raise InvalidInput({"--time": "must name the column of the time; without one, --period"})
    columns = _named(options.point, "--point")
    names = list(columns)
    attributes = _named(options.attribute, "--attribute")
    points = _points(RuleFile(read(options.rules)), names, period, attributes)
    of_point = {number: columns[name] for number, name in enumerate(names)}
    oddities: Counter[str] = Counter()
    read_file = partial(csv_readings.read, options.csv, delimiter, options.time, period, of_point, oddities)
    try:
        episodes = backtest(points, read_file())
    except csv_readings.OutOfOrder:
        oddities.clear()
        episodes = backtest(points, read_file(sort=True))
    for episode in episodes:
        print(json.dumps(_told(episode, names), ensure_ascii=False))
    for what, count in sorted(oddities.items()):
        print(f"{what}: {count}", file=sys.stderr)
    return 0


def span(told: str) -> Instant:
    """Microseconds of ``5s``, ``500ms``, ``10min``, ``1h``, ``1d``. Raises InvalidInput."""
    units = {"ms": SECOND // 1000, "s": SECOND, "m": 60 * SECOND, "min": 60 * SECOND, "h": 3600 * SECOND}
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)?", told.strip())
    length = 0 if found is None else round(float(found[1]) * {**units, "d": 86400 * SECOND}[found[2] or "s"])
    if not 0 < length <= 366 * 86400 * SECOND:
        raise InvalidInput({"--period": f"{told!r} is no span of time such as 5s, 10min or 1h, at most 366d"})
    return length


def _named(given: Sequence[str], option: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for told in given:
        name, equals, value = told.partition("=")
        if not name or not equals or not value:
            raise InvalidInput({option: f"{told!r} must be NAME=VALUE"})
        if name in found:
            raise InvalidInput({option: f"{name} is given twice"})
        found[name] = value
    return found


def _attribute(name: str, told: str) -> float | str:
    """A number, or a word such as a code set. Raises InvalidInput for a number that is none."""
    try:
        number = float(told)
    except ValueError:
        return told
    if "_" in told or not math.isfinite(number):
        raise InvalidInput({"--attribute": f"{name}: {told!r} is no number"})
    return number


def _points(
    file: RuleFile, names: Sequence[str], period: Instant | None, attributes: Mapping[str, str]
) -> dict[int, Point]:
    """The points by their numbers, each with the rules that watch it."""
    given = {**file.attributes, **{name: _attribute(name, value) for name, value in attributes.items()}}
    to = Circumstances(given, period, limits=by_quantity(limits.shipped()), codes=newest(codes.shipped()))
    equipment = list(dict.fromkeys(name.rpartition(".")[0] for name in names))
    metrics: dict[str, set[str]] = {}
    for name in names:
        metrics.setdefault(name.rpartition(".")[0], set()).add(name.rpartition(".")[2])
    written = list(enumerate(drafts(file.written)))
    points, watched = {}, 0
    for number, name in enumerate(names):
        place, _, metric = name.rpartition(".")
        watching = tuple(
            _bound(rule, index, to, metrics[place]) for index, rule in written if rule.scope.metric == metric
        )
        watched += len(watching)
        points[number] = Point(number, equipment.index(place), 0, watching, metric=metric)
    if not watched:
        asked = sorted({rule.scope.metric for _, rule in written})
        raise InvalidInput({"--point": f"no rule watches {', '.join(names)}; they watch {', '.join(asked)}"})
    return points


def _bound(written: NewRule, index: int, to: Circumstances, metrics: set[str]) -> Rule:
    rule = parsed(index, written.code, 1, written.document())
    missing = sorted(set(rule.condition.inputs) - metrics)
    if missing:
        raise InvalidInput({f"rules.{index}": f"{rule.code} needs --point {missing[0]}=COLUMN too"})
    condition = rule.condition.bound(replace(to, life_safety=rule.life_safety, metric=rule.scope.metric))
    if condition is None:
        if written.limit is not None and written.limit.quantity not in (None, *to.limits):
            quantity = written.limit.quantity
            raise InvalidInput({f"rules.{index}.limit.quantity": f"there is no dated limit of {quantity}"})
        field = f"rules.{index}.{rule.condition.kind}"
        raise InvalidInput({field: f"{rule.code} counts from an attribute that is not given (attributes, --attribute)"})
    return replace(rule, condition=condition)


def _told(episode: Episode, names: Sequence[str]) -> dict[str, Any]:
    return {
        "rule": episode.rule.code,
        "point": names[episode.point_id],
        "raised_at": _iso(episode.raised_at),
        "cleared_at": None if episode.cleared_at is None else _iso(episode.cleared_at),
        "value": episode.value,
        "severity": episode.rule.severity.value,
    }


def _iso(at: Instant) -> str:
    return moment(at).isoformat().replace("+00:00", "Z")
