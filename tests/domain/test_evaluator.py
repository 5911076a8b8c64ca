"""The evaluator leaves out what cannot matter: its verdicts are those of every rule shown every reading."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.domain.alarm.attempt import Attempt
from facility_monitor.domain.alarm.condition.kinds import condition
from facility_monitor.domain.alarm.condition.limit import Level
from facility_monitor.domain.alarm.evaluator import Evaluator, Remembered
from facility_monitor.domain.alarm.judge import UNTRACKED, Track, Verdict, judge
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.instant import SECOND
from facility_monitor.domain.plant import Point
from facility_monitor.domain.reading.reading import Quality, Reading
from tests.domain.test_judge import rule

RULES = (
    rule(Level.HIGH, value=80, deadband=5, on=7, off=7),
    replace(rule(Level.LOW, value=20, deadband=2), id=2),
    replace(rule(Level.HIGH_HIGH, value=90, deadband=10, confirm=True, realarm=20), id=3),
    replace(rule(), id=4, condition=condition("stuck", {"for_s": 30})),
)
BATCHES = st.lists(
    st.lists(
        st.tuples(
            st.integers(-12, 15),
            st.sampled_from([0.0, 20.0, 21.0, 50.0, 80.0, 80.5, 95.0]),
            st.sampled_from([Quality.GOOD, Quality.GOOD, Quality.BAD]),
        ),
        max_size=8,
    ),
    max_size=8,
)


@given(BATCHES, st.sets(st.sampled_from(range(4)), min_size=1))
def test_every_rule_comes_to_the_verdicts_that_it_comes_to_alone(
    batches: list[list[tuple[int, float, Quality]]], chosen: set[int]
) -> None:
    rules = tuple(RULES[index] for index in sorted(chosen))
    evaluator = Evaluator()
    evaluator.install({1: Point(1, 1, 1, rules)}, {1: Remembered(None, (UNTRACKED,) * len(rules))})
    arrived: list[Reading] = []
    said: list[tuple[int, Verdict]] = []
    at = 0
    for steps in batches:
        batch: list[Reading] = []
        for gap, value, quality in steps:
            at += gap
            batch.append(Reading(1, at * SECOND, len(arrived) + len(batch), value, quality, at * SECOND))
        attempt = Attempt()
        for dropped in (Attempt(), attempt):  # the first time the transaction fails, and nothing of it stays
            for reading in evaluator.take_calm(dropped, batch):
                evaluator.take(dropped, reading)
        evaluator.keep(attempt)
        said += [(each.rule.id, each.verdict) for each in attempt.judgements]
        arrived += batch
    assert sorted(said) == sorted((by.id, verdict) for by in rules for verdict in _alone(by, arrived))


def _alone(by: Rule, arrived: list[Reading]) -> list[Verdict]:
    track: Track = UNTRACKED
    last: Reading | None = None
    said: list[Verdict] = []
    for reading in arrived:
        late = last is not None and reading.at < last.at
        since, held = (None, reading.value) if last is None else (last.at, last.value)
        track, verdicts = judge(by, track, held, reading, since=since, late=late)
        said += verdicts
        last = last if late else reading
    return said


def test_what_has_ended_is_told_by_what_it_is_now_not_as_what_it_was() -> None:
    rules = (replace(rule(Level.HIGH, value=80, deadband=5), id=1), replace(RULES[3], id=2))
    evaluator, attempt = Evaluator(), Attempt()
    evaluator.install({1: Point(1, 1, 1, rules)}, {1: Remembered(None, (UNTRACKED,) * 2)})
    for number, (at, value) in enumerate(((0, 95.0), (40, 95.0), (50, 60.0))):
        evaluator.take(attempt, Reading(1, at * SECOND, number, value, Quality.GOOD, at * SECOND))
    told = [each.seen["en"] for each in attempt.judgements]
    assert told == [
        "95 %RH, above the limit of 80 %RH",
        "stuck at 95 for more than 30 s",
        "60 %RH (limit 80 %RH)",
        "the reading moves again",
    ]
