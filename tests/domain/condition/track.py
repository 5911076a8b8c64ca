"""What a rule says of a stream of readings, looked at now and then, and with its memory sent through JSON each time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from facility_monitor.domain.alarm.condition import Condition, Seen, Signal
from facility_monitor.domain.alarm.judge import UNTRACKED, Change, Track, Verdict, elapse, judge
from facility_monitor.domain.alarm.rule import Rule, Scope, Severity
from facility_monitor.domain.instant import SECOND
from facility_monitor.domain.reading.reading import Quality, Reading

Told = tuple[Change, float, float]
"""(change, seconds, value)"""


def rule(
    condition: Condition,
    *,
    on: float = 0,
    off: float = 0,
    misread_filter: bool = False,
    realarm: float | None = None,
) -> Rule:
    return Rule(
        id=1,
        code="a-rule",
        version=1,
        name={"en": "A rule"},
        severity=Severity.HIGH,
        life_safety=False,
        scope=Scope("x"),
        condition=condition,
        on_delay=round(on * SECOND),
        off_delay=round(off * SECOND),
        opens_ticket=False,
        response={},
        cause={},
        respond_within_s=None,
        misread_filter=misread_filter,
        realarm=None if realarm is None else round(realarm * SECOND),
    )


def reading(seconds: float, value: float, quality: Quality = Quality.GOOD) -> Reading:
    at = round(seconds * SECOND)
    return Reading(1, at, at, value, quality, at)


def restarted(track: Track) -> Track:
    """The track as it comes back from where it is kept."""
    if track.seen is None:
        return track
    memory, signal, value, due = json.loads(json.dumps(track.seen, allow_nan=False))
    seen = Seen(memory, Signal(signal), value, due)
    assert seen == track.seen
    return Track(track.timer, seen)


def told(
    by: Rule, values: Iterable[tuple[float, float] | tuple[float, float, str]], looks: Sequence[float] = ()
) -> list[Told]:
    """The verdicts on (seconds, value[, metric]), with looks at the clock in between and a restart after each.

    The metric ``bad`` stands for a reading of bad quality.
    """
    steps: list[tuple[float, int, float, str]] = [(float(look), 0, 0.0, "") for look in looks]
    steps += [(float(each[0]), 1, float(each[1]), each[2] if len(each) == 3 else "x") for each in values]
    track, held, since = UNTRACKED, 0.0, None
    said: list[Verdict] = []
    for at, is_reading, value, metric in sorted(steps):
        if is_reading:
            new = reading(at, value, Quality.BAD if metric == "bad" else Quality.GOOD)
            track, verdicts = judge(by, track, held, new, metric, since=since, late=False)
            held, since = value, new.at
        else:
            track, verdicts = elapse(by, track, held, round(at * SECOND) - 1)
        said += verdicts
        track = restarted(track)
    return [(each.change, each.at / SECOND, each.value) for each in said]
