"""Steps of time, and from which tier each part of an answer is read."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.domain.instant import SECOND, instant, moment
from facility_monitor.domain.reading.rollup import DAY_S, NICE_S, Span, Tier, nice_step, sources, steps

START = instant(datetime(2026, 3, 2, tzinfo=UTC))
HOUR_S = 3_600
WHOLE = dict.fromkeys(Tier, 0)


def at(seconds: float) -> int:
    return START + round(seconds * SECOND)


def test_a_year_in_800_steps_is_cut_by_the_next_step_that_a_clock_has() -> None:
    assert nice_step((START, at(365 * DAY_S)), 800) == DAY_S // 2
    assert nice_step((START, at(HOUR_S)), 800) == 5
    assert nice_step((START, at(1)), 800) == 1
    assert nice_step((START, at(10**9)), 2) == NICE_S[-1]


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.sampled_from(NICE_S))
def test_steps_cover_the_span_and_nothing_before_or_after(first: int, length: int, step_s: int) -> None:
    span = (first, first + min(length, 900 * step_s) * SECOND)
    edges = steps(span, step_s, UTC)
    assert edges[0] <= span[0] < edges[1]
    assert edges[-2] < span[1] <= edges[-1]
    assert {after - before for before, after in pairwise(edges)} == {step_s * SECOND}


def test_days_begin_at_midnight_of_the_site_also_when_its_clock_is_changed() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    span = (instant(datetime(2026, 3, 28, 12, tzinfo=berlin)), instant(datetime(2026, 3, 30, 12, tzinfo=berlin)))
    local = [moment(edge).astimezone(berlin) for edge in steps(span, DAY_S, berlin)]
    assert [(each.month, each.day, each.hour) for each in local] == [(3, 28, 0), (3, 29, 0), (3, 30, 0), (3, 31, 0)]
    assert [each.utcoffset() != local[0].utcoffset() for each in local] == [False, False, True, True]


def test_weeks_begin_on_mondays() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    span = (instant(datetime(2026, 3, 5, tzinfo=zone)), instant(datetime(2026, 3, 10, tzinfo=zone)))
    days = [moment(edge).astimezone(zone) for edge in steps(span, 7 * DAY_S, zone)]
    assert [(each.day, each.weekday()) for each in days] == [(2, 0), (9, 0), (16, 0)]


def test_each_part_is_read_from_the_coarsest_tier_that_says_the_same() -> None:
    span = (at(-90 * 60), at(2 * DAY_S + 30))
    found = sources(span, [], folded=at(3 * DAY_S), late=[], since=WHOLE)
    assert found[Tier.DAY] == [(at(0), at(2 * DAY_S))]
    assert found[Tier.HOUR] == [(at(-HOUR_S), at(0))]
    assert found[Tier.MINUTE] == [(at(-90 * 60), at(-HOUR_S))]
    assert found[Tier.READING] == [(at(2 * DAY_S), at(2 * DAY_S + 30))]


def test_where_a_minute_came_late_its_readings_are_read_themselves() -> None:
    found = sources((at(0), at(HOUR_S)), [], folded=at(HOUR_S), late=[at(600)], since=WHOLE)
    assert found[Tier.READING] == [(at(600), at(660))]
    assert found[Tier.MINUTE] == [(at(0), at(600)), (at(660), at(HOUR_S))]
    assert found[Tier.HOUR] == []


def test_where_readings_are_gone_a_divided_minute_counts_whole() -> None:
    since = WHOLE | {Tier.READING: at(DAY_S)}
    found = sources((at(30), at(90)), [], folded=at(DAY_S), late=[], since=since)
    assert found[Tier.MINUTE] == [(at(30), at(90))]
    assert found[Tier.READING] == []


_times = st.integers(-3 * DAY_S, 3 * DAY_S).map(at)


@given(
    st.tuples(_times, _times).map(sorted).filter(lambda span: span[0] < span[1]),
    st.lists(_times, max_size=8),
    _times,
    st.lists(_times, max_size=4),
)
@pytest.mark.parametrize("gone", [{}, {Tier.READING: START}, {Tier.READING: START, Tier.MINUTE: at(-DAY_S)}])
def test_the_spans_of_all_tiers_are_the_span_and_do_not_overlap(
    gone: dict[Tier, int], bounds: list[int], edges: list[int], folded: int, late: list[int]
) -> None:
    span: Span = (bounds[0], bounds[1])
    minutes = sorted({Tier.MINUTE.begin(each) for each in late})
    found = sources(span, edges, folded=Tier.MINUTE.begin(folded), late=minutes, since=WHOLE | gone)
    parts = sorted(part for spans in found.values() for part in spans)
    assert parts[0][0] == span[0]
    assert parts[-1][1] == span[1]
    assert all(before[1] == after[0] for before, after in pairwise(parts))
