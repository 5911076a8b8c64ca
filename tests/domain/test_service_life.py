"""Service and scrap dates: from the right date, by the rule of the day, most special first."""

from __future__ import annotations

from datetime import date

import pytest

from facility_monitor.catalogue import read
from facility_monitor.domain.calendar_month import add_months
from facility_monitor.domain.fire.service_life import Dates, ServiceRule, Step, dates_of, due

RULES = [ServiceRule(**{"effective_to": None, **row, "step": Step(row["step"])}) for row in read("service_rules")]
MADE = date(2020, 2, 29)


@pytest.mark.parametrize(
    ("subtype", "first", "following", "scrap"),
    [("water", 3, 1, 6), ("powder", 5, 2, 10), ("clean_gas", 5, 2, 10), ("co2", 5, 2, 12)],
)
def test_extinguishers_are_serviced_and_scrapped_by_their_agent(
    subtype: str, first: int, following: int, scrap: int
) -> None:
    # it ages on the shelf: installed later, it is serviced no later
    never = due(RULES, "extinguisher", subtype, Dates(MADE, date(2022, 6, 1), None), date(2026, 1, 1))
    assert [(each.step, each.on) for each in never] == [
        (Step.FIRST_SERVICE, add_months(MADE, first * 12)),
        (Step.SCRAP, add_months(MADE, scrap * 12)),
    ]
    once = due(RULES, "extinguisher", subtype, Dates(MADE, None, date(2025, 5, 1)), date(2026, 1, 1))
    assert {each.step: each.on for each in once}[Step.NEXT_SERVICE] == date(2025 + following, 5, 1)
    assert all(each.rule.standard and each.rule.grade for each in never)


def test_a_detector_ends_twelve_years_after_it_was_installed() -> None:
    known = Dates(MADE, date(2021, 6, 1), date(2024, 6, 1))
    found = {each.step: each.on for each in due(RULES, "smoke_detector", None, known, date(2026, 1, 1))}
    assert found == {Step.LIFE: date(2033, 6, 1), Step.NEXT_SERVICE: date(2027, 6, 1)}


def test_of_what_the_register_does_not_say_nothing_is_computed() -> None:
    assert due(RULES, "extinguisher", "co2", dates_of({"made_on": "once", "serviced_on": 5}), MADE) == []
    assert due(RULES, "hydrant", None, Dates(MADE, MADE, MADE), MADE) == []


def test_months_end_with_their_last_day() -> None:
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2024, 12, 31), 2) == date(2025, 2, 28)
