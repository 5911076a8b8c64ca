"""Shifts follow the clock on the wall, also over a change of the clocks; an alarm that nobody takes goes on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from facility_monitor.domain.message.escalation import Next, Policy, Step, chosen, first, following
from facility_monitor.domain.message.rota import Holidays, Position, Rota, shifts

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NIGHTS = Rota(frozenset({6}), time(20), time(8), date(2026, 3, 2))


def test_a_night_in_which_the_clocks_change_is_an_hour_shorter_or_longer() -> None:
    lengths = [each.ends_at - each.starts_at for each in shifts(NIGHTS, BERLIN, (), date(2026, 3, 1), 244)]
    assert lengths.count(timedelta(hours=11)) == lengths.count(timedelta(hours=13)) == 1
    assert set(lengths) == {timedelta(hours=hours) for hours in (11, 12, 13)}


def test_a_shift_at_a_time_that_the_wall_skips_still_stands() -> None:
    early = Rota(frozenset({7}), time(2, 30), time(10), date(2026, 3, 1))
    (planned,) = shifts(early, BERLIN, (), date(2026, 3, 29), 1)
    assert (planned.starts_at.hour, planned.ends_at - planned.starts_at) == (1, timedelta(hours=6, minutes=30))


def test_every_other_week_counts_from_the_week_of_the_first_day() -> None:
    rota = Rota(frozenset({1, 4}), time(8), time(20), date(2026, 3, 4), every_weeks=2, last_day=date(2026, 3, 20))
    days = [each.day.day for each in shifts(rota, BERLIN, (), date(2026, 3, 1), 40)]
    assert days == [5, 16, 19]


def test_holidays_can_be_off_or_the_only_days() -> None:
    week = [date(2026, 3, 2) + timedelta(days=n) for n in range(7)]
    daily = {"weekdays": frozenset(range(1, 8)), "starts": time(8), "ends": time(20), "first_day": week[0]}
    off = Rota(**daily, holidays=Holidays.OFF)  # type: ignore[arg-type]
    only = Rota(**daily, holidays=Holidays.ONLY)  # type: ignore[arg-type]
    holidays = {week[2], week[5]}
    assert [day for day in week if not off.has(day, holidays)] == [day for day in week if only.has(day, holidays)]
    assert {day for day in week if only.has(day, holidays)} == holidays


POLICY = Policy(1, (Step(5 * MINUTE, Position.ENGINEER), Step(20 * MINUTE, Position.MANAGER)), 30 * MINUTE)


def test_steps_come_after_whole_waits_however_late_the_one_before_was() -> None:
    assert first(POLICY, NOW) == Next(0, 0, NOW + 5 * MINUTE)
    late = NOW + timedelta(hours=9)
    assert following(POLICY, 0, 0, late) == Next(1, 0, late + 15 * MINUTE)
    assert following(POLICY, 1, 0, late) == Next(1, 1, late + 30 * MINUTE)
    assert following(Policy(1, POLICY.steps), 1, 0, late) is None


def test_the_policy_that_fits_most_narrowly_holds() -> None:
    of_all = Policy(1, POLICY.steps)
    of_high = Policy(2, POLICY.steps, severity="high")
    of_safety = Policy(3, POLICY.steps, life_safety=True)
    of_lifts = Policy(4, POLICY.steps, equipment_kind="elevator", severity="high")
    of_site = Policy(5, POLICY.steps, site_id=9)
    policies = [of_all, of_high, of_safety, of_lifts, of_site]
    assert chosen(policies, 1, "pump", "low", life_safety=False) is of_all
    assert chosen(policies, 1, "pump", "high", life_safety=False) is of_high
    assert chosen(policies, 1, "pump", "high", life_safety=True) is of_safety
    assert chosen(policies, 1, "elevator", "high", life_safety=True) is of_lifts
    assert chosen(policies, 9, "elevator", "high", life_safety=True) is of_site
    assert chosen([of_high], 1, "pump", "low", life_safety=False) is None
