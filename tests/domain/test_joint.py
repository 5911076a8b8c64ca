"""Joint fluctuation: what no point of an equipment shows alone, several show together."""

from __future__ import annotations

import json
from collections.abc import Iterable

from facility_monitor.domain.alarm.condition import Circumstances, Seen, Signal
from facility_monitor.domain.alarm.condition.joint import Joint
from facility_monitor.domain.alarm.condition.normal import Allowance, Learning, Watch
from facility_monitor.domain.instant import SECOND
from facility_monitor.domain.reading.reading import Quality, Reading

METRICS = ("flow", "vibration")
PUMP = Joint(
    (("flow", Allowance(4, tolerance_share=0.1)), ("vibration", Allowance(4, tolerance=0.02))),
    Learning(60, follow=600 * SECOND),
    Watch(0.6),
)
Row = tuple[float | None, float | None]
"""Flow and vibration of one second; None where none came."""


def rows(count: int, flow: float = 30.0, vibration: float = 0.2) -> list[Row]:
    return [(flow + 0.1 * ((at * 61 % 101) / 100 - 0.5), vibration) for at in range(count)]


def shown(by: Joint, told: Iterable[Row], seen: Seen | None = None, start: int = 0) -> list[Seen]:
    """What it says at the end of each second."""
    answers = []
    for at, row in enumerate(told, start):
        for point, (metric, value) in enumerate(zip(METRICS, row, strict=True)):
            if value is not None:
                instant = at * SECOND
                memory = by.begin() if seen is None else seen.memory
                seen = by.see(memory, Reading(point, instant, at, value, Quality.GOOD, instant), metric)
        assert seen is not None
        answers.append(seen)
    return answers


def last(by: Joint, told: Iterable[Row]) -> Signal:
    return shown(by, told)[-1].signal


def test_each_alone_is_within_what_it_may_and_both_together_are_not() -> None:
    assert last(PUMP, [*rows(100), (27.7, 0.2)]) is Signal.UNDECIDED
    assert last(PUMP, [*rows(100), (30.0, 0.216)]) is Signal.UNDECIDED
    assert last(PUMP, [*rows(100), (27.7, 0.216)]) is Signal.ABNORMAL
    assert last(PUMP, [*rows(100), (27.7, 0.216), *rows(1)]) is Signal.NORMAL


def test_one_that_is_far_off_is_enough() -> None:
    assert last(PUMP, [*rows(100), (20.0, 0.2)]) is Signal.ABNORMAL


def test_none_of_the_points_follows_while_one_of_them_is_abnormal() -> None:
    away = shown(PUMP, rows(100) + rows(2000, vibration=0.3))
    drifted = shown(PUMP, rows(100) + rows(2000, flow=31, vibration=0.3))
    assert {seen.signal for seen in away[100:]} == {Signal.ABNORMAL}
    normal = drifted[100].memory[1]
    assert drifted[-1].memory[1]["flow"][2] == normal["flow"][2]
    assert drifted[-1].memory[1]["vibration"][2] == normal["vibration"][2]


def test_a_point_that_came_later_counts_once_it_has_learned() -> None:
    alone = [(flow, None) for flow, _ in rows(100)]
    assert last(PUMP, [*alone, (20.0, None)]) is Signal.ABNORMAL
    assert last(PUMP, [*alone, *rows(59), (30.0, 0.9)]) is Signal.NORMAL
    assert last(PUMP, [*alone, *rows(60), (30.0, 0.9)]) is Signal.ABNORMAL


def test_a_restart_in_the_middle_changes_nothing() -> None:
    told = rows(90) + rows(30, flow=20) + rows(30)
    whole = shown(PUMP, told)
    for cut in (1, 30, 60, 100, 125):
        head = shown(PUMP, told[:cut])
        kept = head[-1]._replace(memory=json.loads(json.dumps(head[-1].memory)))
        assert head + shown(PUMP, told[cut:], kept, start=cut) == whole
    assert max(len(json.dumps(seen.memory)) for seen in whole) < 2048


def test_it_tells_how_far_off_they_are() -> None:
    seen = shown(PUMP, [*rows(100), (24.0, 0.2)])[-1]
    told = "flow, vibration together are off their learned normals by 2 times what is allowed"
    assert PUMP.sentence(seen.value)["en"] == told
    names = {"flow": {"zh-CN": "流量", "en": "Flow"}, "vibration": {"zh-CN": "振动加速度", "en": "Vibration"}}
    here = PUMP.bound(Circumstances(metric_names=names))
    assert here.sentence(seen.value)["zh-CN"].startswith("流量, 振动加速度 共同偏离")
    assert here.told(seen.value, 0, seen.memory)["en"].startswith("Flow ")
    assert repr(here) == repr(PUMP), "memories are told apart by it: a new name must not undo what was learned"
