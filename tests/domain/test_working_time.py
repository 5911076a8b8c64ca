"""Five working days, with holidays and the days that are worked instead."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.domain.repair.working_time import HOLD_LONGEST, after_working_days, working_time

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = timedelta(days=5)
# New Year's holiday of 2026 as it was published: the week off, the Saturday after it worked.
SPRING = {date(2026, 2, 16) + timedelta(days=n): False for n in range(8)} | {date(2026, 2, 28): True}


def at(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("since", "exceptions", "until"),
    [
        ("2026-03-02T10:00", {}, "2026-03-09T10:00"),  # Monday to Monday
        ("2026-03-06T16:00", {}, "2026-03-13T16:00"),  # Friday to Friday
        ("2026-03-07T12:00", {}, "2026-03-14T00:00"),  # a Saturday begins on Monday
        ("2026-02-13T10:00", SPRING, "2026-02-28T10:00"),
        ("2026-02-13T10:00", {}, "2026-02-20T10:00"),
    ],
)
def test_five_working_days_end_when_the_fifth_is_over(since: str, exceptions: dict[date, bool], until: str) -> None:
    assert after_working_days(at(since), DAYS, HOLD_LONGEST, SHANGHAI, exceptions) == at(until)


def test_a_day_is_a_day_at_the_site() -> None:
    # Sunday evening in London is Monday in Shanghai
    since = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
    assert working_time(since, since + timedelta(hours=2), SHANGHAI, {}) == timedelta(hours=2)
    assert working_time(since, since + timedelta(hours=2), ZoneInfo("Europe/London"), {}) == timedelta(0)


def test_where_nobody_ever_works_it_ends_all_the_same() -> None:
    never = {date(2026, 1, 1) + timedelta(days=n): False for n in range(800)}
    assert after_working_days(at("2026-03-02T10:00"), DAYS, HOLD_LONGEST, SHANGHAI, never) == at("2026-03-18T10:00")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.timedeltas(timedelta(minutes=1), timedelta(days=6)),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
)
def test_what_is_given_is_what_is_counted(since: datetime, days: timedelta, zone: str) -> None:
    until = after_working_days(since, days, timedelta(days=366), ZoneInfo(zone), SPRING)
    assert working_time(since, until, ZoneInfo(zone), SPRING) == days
