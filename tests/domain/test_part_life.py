"""When parts must go, and what that costs: days, counts and money that hold for whatever is entered."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.catalogue import read
from facility_monitor.domain.elevator.budget import Change, Planned, WhatIf, budget, quarter_begin
from facility_monitor.domain.elevator.part import quantities
from facility_monitor.domain.elevator.part_life import (
    Aspect,
    History,
    LifeRule,
    Line,
    Nature,
    applicable,
    expectations,
    nearest,
)
from facility_monitor.domain.elevator.trend import DAY, Sample
from facility_monitor.domain.elevator.usage import Reading, RopeDrive, usage
from facility_monitor.store.elevator.part_lives import rows
from simulators.wear import history

TODAY = date(2026, 11, 25)
DAYS = st.dates(date(1990, 1, 1), TODAY)


def _rule(aspect: Aspect, expected: float, quantity: str | None = None, **more: object) -> LifeRule:
    given: dict[str, object] = {"line": Line.PLANNING, "lowest": expected, "highest": expected, **more}
    name = {"en": "life"}
    return LifeRule(
        code=f"{aspect}-{quantity}",
        part_kind="wire_rope",
        aspect=aspect,
        quantity=quantity,
        expected=expected,
        unit="1",
        name=name,
        standard="own",
        clause="-",
        grade="P",
        effective_from=date(2000, 1, 1),
        **given,  # type: ignore[arg-type]
    )


def _catalogue() -> list[LifeRule]:
    return [
        LifeRule(**{**row, "aspect": Aspect(row["aspect"]), "line": Line(row["line"])})
        for row in rows(read("part_lives"))
    ]


@given(DAYS, st.integers(1, 240), st.integers(0, 60), st.integers(0, 60))
def test_an_age_ends_between_its_earliest_and_its_latest_day(since: date, months: int, less: int, more: int) -> None:
    rule = _rule(Aspect.CALENDAR, months, lowest=max(months - less, 0), highest=months + more)
    (found,) = expectations([rule], History(since), TODAY)
    assert found.latest is not None
    assert since <= found.earliest <= found.expected <= found.latest
    # a month is 28 to 31 days
    assert 28 * months <= (found.expected - since).days <= 31 * months


@given(st.integers(1, 2000), st.integers(8, 900), st.integers(0, 900))
def test_a_steady_counter_ends_when_its_counts_are_gone(per_day: int, read_for: int, older: int) -> None:
    begin = TODAY - timedelta(days=read_for)
    readings = [Reading(begin + timedelta(days=n), 5_000 + per_day * n) for n in range(0, read_for + 1, 2)]
    installed = begin - timedelta(days=older)
    found = usage(readings, installed, TODAY)
    assert found is not None
    assert found.per_day == pytest.approx(per_day)
    # the days before the first reading count at the same rate
    assert found.used == pytest.approx(per_day * (read_for + older))
    life = per_day * (read_for + older + 500)
    (ends,) = expectations([_rule(Aspect.COUNTER, life, "trips")], History(installed, {"trips": found}), TODAY)
    assert abs((ends.expected - TODAY).days - 500) <= 1


@given(st.lists(st.integers(1, 500), min_size=20, max_size=60), st.integers(1, 18))
def test_a_counter_that_was_reset_goes_on_counting(steps: list[int], at: int) -> None:
    begin = TODAY - timedelta(days=len(steps))
    total, shown, reset = 0, 1000, 0
    readings = [Reading(begin, shown)]
    for n, step in enumerate(steps):
        shown, reset = (step, reset + step) if n == at else (shown + step, reset)
        total += step
        readings.append(Reading(begin + timedelta(days=n + 1), shown))
    found = usage(readings, begin, TODAY)
    assert found is not None
    assert found.used == pytest.approx(total)
    assert found.slowest <= found.per_day <= found.fastest


@given(
    st.floats(200, 900), st.floats(200, 900), st.integers(0, 8), st.integers(0, 4), st.floats(1, 20), st.integers(1, 9)
)
def test_bends_grow_with_pulleys_and_reverse_ones_count_four_times(
    sheave: float, deflector: float, pulleys: int, reverse: int, traction: float, more: int
) -> None:
    drive = RopeDrive(sheave, deflector, pulleys, reverse, traction)
    bends = drive.bends_per_trip()
    assert bends >= traction
    grown = drive._replace(pulleys=pulleys + 4 * more).bends_per_trip()
    assert grown == pytest.approx(drive._replace(reverse_pulleys=reverse + more).bends_per_trip())
    assert grown > bends
    smaller = drive._replace(deflector=deflector / 2).bends_per_trip()
    assert smaller - traction == pytest.approx(16 * (bends - traction))


def test_the_bends_of_a_drive_worked_by_hand() -> None:
    # 2:1 roping: two car and counterweight pulleys of 400 mm, one of them bent in reverse, at a sheave of 400 mm
    assert RopeDrive(400, 400, 1, 1, 1.0).bends_per_trip() == 1 + 1 + 4
    assert RopeDrive(500, None, 1).bends_per_trip() == 2


def test_a_rope_is_judged_by_both_lines_and_goes_by_the_earlier() -> None:
    nature = Nature("wire_rope", construction="8x19")
    rules = [rule for rule in applicable(_catalogue(), nature, TODAY) if rule.quantity == "diameter_loss"]
    assert {(rule.line, rule.expected) for rule in rules} == {(Line.DISCARD, 10), (Line.MAKER, 6)}
    at = instant_of(TODAY)
    half_years = [Sample(at - n * 182 * DAY, 0.5 + (9 - n) * 0.45) for n in range(9, -1, -1)]
    found = expectations(rules, History(date(2021, 1, 1), {}, {"diameter_loss": half_years}), TODAY)
    maker, discard = found
    assert (maker.rule.line, discard.rule.line) == (Line.MAKER, Line.DISCARD)
    # 0.45 % in half a year from 4.55 %: 6 % is 1.6 years ahead, 10 % six
    assert abs((maker.expected - TODAY).days - 1.45 / 0.45 * 182) < 10
    assert maker.earliest < maker.expected
    assert discard.expected > maker.expected
    assert nearest(found) == maker


def instant_of(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY


@pytest.mark.parametrize(("nominal", "left", "lost"), [(8.0, 7.52, 6.0), (13.0, 11.7, 10.0), (10.0, 9.3, 7.0)])
def test_a_rope_that_has_lost_just_the_limit_has_not_lost_more(nominal: float, left: float, lost: float) -> None:
    assert quantities("wire_rope", {"nominal_diameter_mm": nominal}, {"diameter_mm": left}) == {"diameter_loss": lost}


def test_one_measurement_beyond_the_line_ends_a_part_but_an_early_line_does_not() -> None:
    rules = applicable(_catalogue(), Nature("wire_rope", construction="6x19"), TODAY)
    seen = TODAY - timedelta(days=40)
    measured = {"broken_wires_spread": [Sample(instant_of(seen), 14.0)]}
    found = expectations(rules, History(TODAY - timedelta(days=400), {}, measured), TODAY)
    assert found[0].rule.line is Line.EARLY
    assert found[0].expected == seen
    first = nearest(found)
    assert first is not None
    assert first.rule.aspect is Aspect.CALENDAR
    measured["broken_wires_spread"].append(Sample(instant_of(TODAY), 25.0))
    ended = nearest(expectations(rules, History(TODAY - timedelta(days=400), {}, measured), TODAY))
    assert ended is not None
    assert ended.rule.line is Line.DISCARD
    assert ended.expected == TODAY


def test_simulated_wear_is_foretold_within_its_range_and_steady_parts_are_left_alone() -> None:
    """Histories of the wear simulator, read as a rope that loses diameter: 10 mm of drift are the line."""
    rule = _rule(Aspect.CONDITION, 10, "diameter_loss", line=Line.DISCARD)
    within = told = false = 0
    for seed in range(60):
        worn = history(seed, "rope", "leveling", 1.7e9, 60, wear_weeks=40)
        assert worn.onset is not None
        assert worn.crosses is not None
        until = worn.crosses - 12 * 7 * 86_400
        way = 1 if sum(value for _, value in worn.samples) > 0 else -1
        samples = [Sample(round(at * 1e6), way * value) for at, value in worn.samples if worn.onset <= at <= until]
        found = expectations([rule], History(date(2020, 1, 1), {}, {"diameter_loss": samples}), TODAY)
        if found:
            told += 1
            crosses = date(1970, 1, 1) + timedelta(days=worn.crosses // 86_400)
            # an adjustment, which a simulated elevator gets now and then, moves the crossing by up to six weeks
            slack = timedelta(weeks=6)
            latest = found[0].latest or date.max - slack
            within += found[0].earliest - slack <= crosses <= latest + slack
        steady = history(seed, "steady", "leveling", 1.7e9, 60)
        quiet = [Sample(round(at * 1e6), value) for at, value in steady.samples]
        false += bool(expectations([rule], History(date(2020, 1, 1), {}, {"diameter_loss": quiet}), TODAY))
    assert told >= 54, told
    assert within >= 0.9 * told, (told, within)
    assert false <= 3, false


PLANNED = st.builds(
    Planned,
    part_id=st.integers(1, 50),
    kind=st.sampled_from(["wire_rope", "inverter"]),
    due_on=st.dates(date(2020, 1, 1), date(2034, 1, 1)),
    earliest=st.just(TODAY),
    latest=st.none(),
    quantity=st.integers(1, 20),
    unit_price=st.integers(0, 10**9),
    currency=st.sampled_from(["CNY", "EUR"]),
    lead_time_days=st.integers(0, 400),
    life_days=st.one_of(st.none(), st.integers(1, 6000)),
)


@given(st.lists(PLANNED, max_size=12), st.dates(date(2024, 1, 31), date(2030, 12, 31)))
def test_a_budget_has_every_part_that_is_due_once_in_its_quarter(parts: list[Planned], today: date) -> None:
    made = budget(parts, today)
    assert len(made.quarters) == 13
    assert made.quarters[0].year == today.year
    assert made.quarters[-1].year == today.year + 3
    for quarter in made.quarters:
        begin = date(quarter.year, quarter.number * 3 - 2, 1)
        for item in quarter.items:
            assert quarter_begin(max(item.due_on, today)) == begin
            assert item.order_by == item.due_on - timedelta(days=item.planned.lead_time_days)
            assert item.cost == item.planned.quantity * item.planned.unit_price
    firsts = [item.planned for quarter in made.quarters for item in quarter.items if item.nth == 1]
    end = date(made.quarters[-1].year, made.quarters[-1].number * 3, 1) + timedelta(days=32)
    due = [each for each in parts if each.due_on < end.replace(day=1)]
    assert sorted(firsts, key=repr) == sorted(due, key=repr)
    summed = {name: sum(year.get(name, 0) for year in made.years.values()) for name in made.total}
    assert summed == dict(made.total)


@given(st.lists(PLANNED, max_size=8), st.integers(0, 24), st.decimals(-99, 300, places=2))
def test_what_if_changes_nothing_but_the_answer(parts: list[Planned], months: int, percent: Decimal) -> None:
    before = budget(parts, TODAY)
    asked = WhatIf(months, {}, [Change(None, percent)])
    changed = budget(parts, TODAY, asked)
    assert budget(parts, TODAY) == before
    for quarter in changed.quarters:
        for item in quarter.items:
            exact = item.planned.unit_price * (100 + percent) / 100
            assert type(item.cost) is int
            assert abs(Decimal(item.cost) / item.planned.quantity - exact) <= Decimal("0.5")
            if item.nth == 1 and months:
                assert item.due_on > item.planned.due_on


def test_an_order_counts_back_from_the_day_and_a_price_is_rounded_to_the_even_fen() -> None:
    rope = Planned(1, "wire_rope", date(2027, 2, 10), TODAY, None, 6, 125, "CNY", 45)
    (item,) = budget([rope], TODAY).quarters[1].items
    assert (item.order_by, item.cost) == (date(2026, 12, 27), 750)
    assert WhatIf(prices=[Change("wire_rope", Decimal(10))]).price("wire_rope", 125) == 138  # 137.5
    assert WhatIf(prices=[Change("wire_rope", Decimal(2))]).price("wire_rope", 125) == 128  # 127.5
    assert WhatIf(prices=[Change("inverter", Decimal(10))]).price("wire_rope", 125) == 125


def test_postponing_beyond_a_discard_line_is_said() -> None:
    rope = Planned(1, "wire_rope", date(2027, 2, 10), TODAY, None, 6, 125, "CNY", 45, discard=True)
    moved = budget([rope], TODAY, WhatIf(postponed={1: 6}))
    (item,) = [item for quarter in moved.quarters for item in quarter.items]
    assert item.risky
    assert item.due_on == date(2027, 8, 10)
