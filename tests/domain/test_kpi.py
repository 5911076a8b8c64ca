"""The key figures, against examples that were counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from facility_monitor.domain.alarm.kpi import Flood, Frequent, Occurrence, Times, figures, flood_episodes, is_stale
from facility_monitor.domain.alarm.nuisance import Gap, Proposal, for_chatter, for_fleeting, rounded_up
from facility_monitor.domain.alarm.rule import Severity

START = datetime(2026, 3, 2, tzinfo=UTC)
END = START + timedelta(days=1)
PUMP, ROOM = (1, 11), (2, 22)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def raised(
    minutes: float,
    *,
    source: tuple[int, int] = PUMP,
    severity: Severity = Severity.HIGH,
    lasts: float | None = 30,
    taken: float | None = None,
    quiet: str | None = None,
) -> Occurrence:
    """A raise, and after how many minutes it was over and acknowledged."""
    return Occurrence(
        source,
        severity,
        at(minutes),
        None if lasts is None else at(minutes + lasts),
        None if taken is None else at(minutes + taken),
        None if quiet else at(minutes),
        quiet,
    )


def test_a_day_with_five_alarms() -> None:
    found = figures(
        [
            raised(0, taken=2, lasts=10),
            raised(9.9, taken=4, lasts=20),
            raised(10, taken=30, lasts=None, source=ROOM, severity=Severity.CRITICAL),
            raised(600, lasts=40, severity=Severity.LOW),
            raised(1439, lasts=50, severity=Severity.MEDIUM),
            raised(700, quiet="shelved"),
            raised(701, quiet="shelved"),
            raised(702, quiet="parent_down"),
        ],
        START,
        END,
    )
    assert found.alarms == 5
    assert found.average_10_min == pytest.approx(5 / 144)
    assert (found.peak_10_min, found.over_10_share) == (2, 0)  # 0 and 9.9 min; 10 min is the next step
    assert (found.average_day, found.peak_day) == (5, 5)
    assert (found.floods, found.flood_share) == ([], 0)
    assert found.top == [Frequent(PUMP, 4, 0.8), Frequent(ROOM, 1, 0.2)]
    assert found.top_share == 1
    assert found.priorities == {
        Severity.CRITICAL: 0.2,
        Severity.HIGH: 0.4,
        Severity.MEDIUM: 0.2,
        Severity.LOW: 0.2,
    }
    assert found.acknowledge == Times(3, 240, 1800)  # 2, 4, 30 minutes
    assert found.returned == Times(4, 1800, 3000)  # 10, 20, 40, 50 minutes: the median lies between
    assert found.not_announced == {"shelved": 2, "parent_down": 1}


def test_a_period_without_alarms_has_no_times() -> None:
    found = figures([], START, END)
    assert (found.alarms, found.average_10_min, found.peak_10_min, found.top_share) == (0, 0, 0, 0)
    assert found.acknowledge == found.returned == Times(0, None, None)


def test_a_flood_goes_from_the_eleventh_in_ten_minutes_until_fewer_than_five_are_left() -> None:
    # one a minute from 0 to 14: the eleventh comes at 10, but that of 0 is ten minutes old by then
    slow = [at(n) for n in range(15)]
    assert flood_episodes(slow, END) == []
    # one every 50 s: the eleventh comes at 500 s; the last five at 550 .. 750 s, of which the first is old at 1150 s
    quick = [START + timedelta(seconds=50 * n) for n in range(16)]
    (found,) = flood_episodes(quick, END)
    assert found == Flood(START + timedelta(seconds=500), START + timedelta(seconds=1150), 16)


def test_floods_apart_are_counted_apart_and_the_end_of_the_period_ends_one() -> None:
    once = [START + timedelta(seconds=n) for n in range(11)]
    twice = once + [each + timedelta(hours=1) for each in once]
    assert [each.alarms for each in flood_episodes(twice, END)] == [11, 11]
    found = figures([raised(n / 60) for n in range(11)], START, at(5))
    assert found.floods == [Flood(START + timedelta(seconds=10), at(5), 11)]
    assert found.flood_share == pytest.approx(290 / 300)
    assert found.over_10_share == 1


def test_three_raises_in_a_minute_chatter_and_a_short_one_alone_is_fleeting() -> None:
    found = figures(
        [
            raised(0, lasts=0.2),
            raised(0.5, lasts=0.2),
            raised(1.0, lasts=0.2),  # 60 s after the first: still within the minute
            raised(60, lasts=0.5),  # alone
            raised(0, source=ROOM, lasts=0.2, quiet="shelved"),
            raised(0.5, source=ROOM, lasts=0.2),
            raised(1.1, source=ROOM, lasts=5),
        ],
        START,
        END,
    )
    assert found.chattering == [Frequent(PUMP, 3, 3 / 7)]
    assert found.fleeting == [Frequent(ROOM, 2, 2 / 7), Frequent(PUMP, 1, 1 / 7)]


def test_stale_is_longer_than_a_day() -> None:
    assert not is_stale(START, END)
    assert is_stale(START, END + timedelta(seconds=1))


def test_a_deadband_or_an_off_delay_bridges_every_gap_of_a_chatter() -> None:
    gaps = [Gap(0.8, 4), Gap(1.9, 11.5), Gap(1.2, 7)]
    assert for_chatter(gaps, deadband=0.5) == Proposal(2.1, 13, None, 3)  # 1.9 * 1.1 = 2.09; 11.5 * 1.1 = 12.65
    assert for_chatter([*gaps, Gap(None, 20)], deadband=0.5) == Proposal(None, 22, None, 4)
    assert for_chatter(gaps, deadband=5.0) == Proposal(None, 13, None, 3)
    assert for_chatter([], deadband=0) is None


def test_an_on_delay_outlasts_what_is_fleeting_but_life_safety_never_waits() -> None:
    assert for_fleeting([3, 20, 12], life_safety=False) == Proposal(None, None, 23, 3)
    assert for_fleeting([3], life_safety=True) is None


@pytest.mark.parametrize(("value", "up"), [(0, 0), (2.09, 2.1), (2.1, 2.1), (11_550, 12_000), (0.0331, 0.034)])
def test_proposals_have_two_digits(value: float, up: float) -> None:
    assert rounded_up(value) == up
