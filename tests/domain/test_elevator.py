"""An elevator's test: which limit holds for what, what cannot be true, and that the worst value decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.domain.elevator.elevator import (
    Door,
    ElevatorTest,
    Floor,
    Register,
    Worker,
    check,
    judge,
    label,
    passed,
    register,
    worst,
)
from facility_monitor.domain.limit import DatedLimit, Direction, applicable

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TODAY = NOW.date()
SHANGHAI = timezone(timedelta(hours=8))
UNKNOWN = Register(None, None)
KNOWN = Register(("B1", "1", "2", "3"), 1.75)
ZHAO, SUN = Worker("Zhao", "T-1"), Worker("Sun", "T-2")


def limit(quantity: str, value: float, direction: Direction = Direction.AT_MOST, **more: Any) -> DatedLimit:
    standing = {"standard": "S-2009", "clause": "1", "grade": "O", "effective_from": date(2009, 1, 1)}
    name = {"en": quantity}
    return DatedLimit(f"{quantity}-{value}", quantity, name, direction, value, "x", **{**standing, **more})


LEVELING = limit("leveling", 10, Direction.WITHIN)
FORCE = limit("closing_force", 150)
SPEED = [limit("speed", 92, Direction.AT_LEAST), limit("speed", 105)]


def floor(name: str = "1", **values: float) -> Floor:
    return Floor(name, values or {"leveling_up_mm": 3.0})


def a_test(*floors: Floor, **more: Any) -> ElevatorTest:
    plain = ElevatorTest(NOW - timedelta(hours=1), (ZHAO, SUN), floors or (floor(),))
    return replace(plain, **more)


# --- limits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "value", "good"),
    [
        (Direction.WITHIN, 10, True),
        (Direction.WITHIN, -10, True),
        (Direction.WITHIN, 10.001, False),
        (Direction.WITHIN, -10.001, False),
        (Direction.AT_MOST, 10, True),
        (Direction.AT_MOST, -50, True),
        (Direction.AT_MOST, 10.001, False),
        (Direction.AT_LEAST, 10, True),
        (Direction.AT_LEAST, 9.999, False),
    ],
)
def test_the_limit_itself_is_still_good(direction: Direction, value: float, good: bool) -> None:
    one = limit("x", 10, direction)
    assert one.met_by(value) is good
    assert (one.excess(value) <= 0) is good


def test_a_limit_holds_from_its_first_to_its_last_day() -> None:
    old = limit("x", 10, effective_from=date(2010, 3, 1), effective_to=date(2024, 3, 31))
    new = limit("x", 8, effective_from=date(2024, 4, 1))
    found = {
        day: [each.value for each in applicable([old, new], "x", day, None, None)]
        for day in (date(2010, 2, 28), date(2010, 3, 1), date(2024, 3, 31), date(2024, 4, 1), date(2030, 1, 1))
    }
    assert list(found.values()) == [[], [10], [10], [8], [8]]


@pytest.mark.parametrize(
    ("door", "width", "expected"),
    [
        ("centre", 700, [3.2]),
        ("centre", 800, [3.2]),
        ("centre", 800.5, [4.0]),
        ("centre", 1000, [4.0]),
        ("centre", 1001, []),
        ("side", 800, [3.7]),
        ("side", 900, []),
        (None, None, []),
    ],
)
def test_a_door_is_judged_by_the_narrowest_class_that_takes_it_in(
    door: str | None, width: float | None, expected: list[float]
) -> None:
    classes = [
        limit("t", value, door_type=kind, clear_width_up_to_mm=up_to)
        for kind, up_to, value in (("centre", 1000, 4.0), ("centre", 800, 3.2), ("side", 800, 3.7))
    ]
    assert [each.value for each in applicable(classes, "t", TODAY, door, width)] == expected


# --- judging --------------------------------------------------------------------------------------------------


def test_every_value_is_judged_floor_by_floor_and_the_worst_decides() -> None:
    test = a_test(floor("1", leveling_up_mm=-12.0, leveling_down_mm=2.0), floor("2", closing_force_n=180.0))
    verdicts = judge(test, UNKNOWN, [LEVELING, FORCE], TODAY)
    assert [(each.floor, each.field, each.value, each.passed) for each in verdicts] == [
        ("1", "leveling_up_mm", -12.0, False),
        ("1", "leveling_down_mm", 2.0, True),
        ("2", "closing_force_n", 180.0, False),
    ]
    assert passed(verdicts) is False
    found = worst(verdicts)
    assert found is not None
    assert found.field == "leveling_up_mm"  # 20 % beyond; the force is 20 % beyond too, and comes later
    assert passed(verdicts[1:2]) is True
    assert worst(verdicts[1:2]) is None


def test_without_a_limit_in_force_a_value_is_kept_and_not_judged() -> None:
    verdicts = judge(a_test(floor("1", reopen_s=2.0)), UNKNOWN, [LEVELING], TODAY)
    assert [(each.limit, each.passed) for each in verdicts] == [(None, None)]
    assert passed(verdicts) is None
    mixed = judge(a_test(floor("1", reopen_s=2.0, leveling_up_mm=1.0)), UNKNOWN, [LEVELING], TODAY)
    assert passed(mixed) is True


@pytest.mark.parametrize(
    ("rated", "measured", "share", "good"),
    [(1.75, 1.61, 92.0, True), (1.75, 1.609, 91.94, False), (1.75, 1.8375, 105.0, True), (1.75, 1.84, 105.14, False)],
)
def test_speed_is_judged_as_a_share_of_the_rated_one(rated: float, measured: float, share: float, good: bool) -> None:
    car = {"speed.rated_m_s": rated, "speed.measured_m_s": measured}
    verdicts = judge(a_test(car=car), UNKNOWN, SPEED, TODAY)[1:]
    assert [each.value for each in verdicts] == [share, share]
    assert all(each.passed for each in verdicts) is good


def test_the_rated_speed_comes_from_the_register_where_the_test_leaves_it_out() -> None:
    test = a_test(car={"speed.measured_m_s": 1.75})
    assert check(test, KNOWN, NOW) == {}
    assert judge(test, KNOWN, SPEED, TODAY)[-1].value == 100
    assert check(test, UNKNOWN, NOW).keys() == {"speed.rated_m_s"}
    assert check(a_test(car={"speed.rated_m_s": 1.0, "speed.measured_m_s": 1.0}), KNOWN, NOW) == {
        "speed.rated_m_s": "the register says 1.75 m/s"
    }


# --- what cannot be true --------------------------------------------------------------------------------------


def test_a_plain_test_is_in_order() -> None:
    assert check(a_test(), KNOWN, NOW) == {}
    assert check(a_test(), UNKNOWN, NOW) == {}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("leveling_up_mm", 350.1, "doors stay locked"),
        ("leveling_down_mm", -351, "doors stay locked"),
        ("holding_mm", 1200, "doors stay locked"),
        ("door_open_s", 0.4, "between 0.5 and 60 s"),
        ("door_close_s", 61, "between 0.5 and 60 s"),
        ("door_open_s", 3200, "looks like ms"),
        ("reopen_s", 2500, "looks like ms"),
        ("door_command_to_motion_ms", 0.35, "looks like s"),
        ("door_command_to_motion_ms", 1.2, "looks like s"),
        ("closing_force_n", 0, "between 1 and 2000 N"),
        ("closing_force_n", 0.128, "looks like kN"),
        ("leveling_up_mm", float("nan"), "finite"),
        ("closing_force_n", float("inf"), "finite"),
    ],
)
def test_what_cannot_be_is_refused_with_its_path(field: str, value: float, says: str) -> None:
    test = a_test(floor("1"), floor("2", **{field: value}), door=Door("centre", 900))
    wrong = check(test, UNKNOWN, NOW)
    assert wrong.keys() == {f"floors.1.{field}"}
    assert says in wrong[f"floors.1.{field}"]


@pytest.mark.parametrize(("width", "says"), [(90, "looks like cm"), (0.9, "looks like m"), (9000, "between 400 and")])
def test_a_width_in_another_unit_is_named(width: float, says: str) -> None:
    assert says in check(a_test(door=Door("side", width)), UNKNOWN, NOW)["door.clear_width_mm"]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("vibration.vertical_m_s2", 30, "looks like cm/s2"),
        ("vibration.horizontal_a95_m_s2", -0.1, "between 0 and 10"),
        ("speed.measured_m_s", 105, "looks like m/min"),
        ("speed.measured_m_s", 1740, "looks like mm/s"),
        ("speed.measured_m_s", 6.3, "looks like km/h"),
    ],
)
def test_what_is_measured_of_the_car_is_looked_at_too(field: str, value: float, says: str) -> None:
    assert says in check(a_test(car={field: value}), KNOWN, NOW)[field]


def test_levelings_in_metres_are_known_by_all_of_them_being_too_fine() -> None:
    metres = a_test(floor("1", leveling_up_mm=0.004), floor("2", leveling_up_mm=-0.003, leveling_down_mm=0.0))
    assert "looks like m" in check(metres, UNKNOWN, NOW)["floors.0.leveling_up_mm"]
    one_is_not = a_test(floor("1", leveling_up_mm=0.05), floor("2", leveling_up_mm=-3.0))
    assert check(one_is_not, UNKNOWN, NOW) == {}
    assert check(a_test(floor("1", leveling_up_mm=0.05)), UNKNOWN, NOW) == {}
    assert "looks like m" in check(a_test(floor("1", leveling_up_mm=0.004)), UNKNOWN, NOW)["floors.0.leveling_up_mm"]
    beside = a_test(floor("1", leveling_up_mm=4, holding_mm=0.012), floor("2", holding_mm=0.015))
    assert "looks like m" in check(beside, UNKNOWN, NOW)["floors.0.holding_mm"]
    # 1.2 beside twelves may be centimetres, or a good floor: nobody can know, so it stands
    assert check(a_test(floor("1", leveling_up_mm=12), floor("2", leveling_up_mm=1.2)), UNKNOWN, NOW) == {}


def test_a_floor_must_exist_once_and_say_something() -> None:
    assert check(a_test(floor("B1"), floor("9")), KNOWN, NOW) == {
        "floors.1.floor": "no such floor: this elevator serves B1, 1, 2, 3"
    }
    assert "floors.0" in check(a_test(floor("1"), floor("2"), floor("1")), UNKNOWN, NOW)["floors.2.floor"]
    assert check(a_test(Floor("1", {})), UNKNOWN, NOW).keys() == {"floors.0"}
    assert check(a_test(floors=()), UNKNOWN, NOW).keys() == {"floors"}


def test_door_times_need_the_door() -> None:
    test = a_test(floor("1", door_open_s=2.5))
    assert check(test, UNKNOWN, NOW).keys() == {"door"}
    assert check(replace(test, door=Door("centre", 900)), UNKNOWN, NOW) == {}


@pytest.mark.parametrize(
    ("workers", "fields"),
    [
        ((ZHAO, SUN), set()),
        ((Worker("Zhao", "T-1"), Worker("Zhao", "T-2")), set()),
        ((ZHAO,), {"workers"}),
        ((), {"workers"}),
        ((ZHAO, Worker("Sun", " t-1")), {"workers", "workers.1.certificate_no"}),
        ((ZHAO, Worker("Sun", "Ｔ-1")), {"workers", "workers.1.certificate_no"}),
        ((ZHAO, SUN, ZHAO), {"workers.2.certificate_no"}),
    ],
)
def test_two_people_are_told_apart_by_their_certificates(workers: tuple[Worker, ...], fields: set[str]) -> None:
    assert check(a_test(workers=workers), UNKNOWN, NOW).keys() == fields


def test_a_test_from_the_future_is_refused_and_an_old_one_is_late() -> None:
    ahead = a_test(performed_at=NOW + timedelta(minutes=5, microseconds=1))
    assert check(ahead, UNKNOWN, NOW).keys() == {"performed_at"}
    assert check(a_test(performed_at=NOW + timedelta(minutes=5)), UNKNOWN, NOW) == {}
    assert not a_test(performed_at=NOW - timedelta(hours=24)).late(NOW)
    assert a_test(performed_at=NOW - timedelta(hours=24, microseconds=1)).late(NOW)


# --- what makes two tests the same ----------------------------------------------------------------------------


def test_the_order_of_floors_and_workers_makes_no_other_test() -> None:
    one = a_test(floor("1"), floor("2", closing_force_n=100.0))
    assert one.fingerprint() == replace(one, floors=one.floors[::-1], workers=(SUN, ZHAO)).fingerprint()
    assert one.fingerprint() == replace(one, performed_at=one.performed_at.astimezone(SHANGHAI)).fingerprint()


@pytest.mark.parametrize(
    "changes",
    [
        {"performed_at": NOW},
        {"workers": (ZHAO, Worker("Li", "T-3"))},
        {"floors": (floor("2"),)},
        {"floors": (floor("1", leveling_up_mm=3.1),)},
        {"door": Door("side", 900)},
        {"car": {"vibration.vertical_m_s2": 0.1}},
        {"remarks": "x"},
    ],
)
def test_any_other_content_makes_another_test(changes: dict[str, Any]) -> None:
    assert replace(a_test(), **changes).fingerprint() != a_test().fingerprint()


# --- the register ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"floors": 3, "rated_speed": 1}, Register(("1", "2", "3"), 1.0)),
        ({"floors": [-1, 1, "2a"], "rated_speed": 1.75}, Register(("-1", "1", "2A"), 1.75)),
        ({}, UNKNOWN),
        ({"floors": 0, "rated_speed": 0}, UNKNOWN),
        ({"floors": True, "rated_speed": True}, UNKNOWN),
        ({"floors": [1, None], "rated_speed": "fast"}, UNKNOWN),
        ({"floors": {"1": "x"}, "rated_speed": -1}, UNKNOWN),
        ({"floors": []}, UNKNOWN),
    ],
)
def test_the_register_says_what_it_can(attributes: dict[str, Any], expected: Register) -> None:
    assert register(attributes) == expected


@pytest.mark.parametrize(
    ("written", "read"),
    [(3, "3"), (" b1 ", "B1"), ("１２", "12"), (True, None), (1.5, None), ("", None), ("x" * 9, None)],
)
def test_a_floor_is_a_short_label(written: object, read: str | None) -> None:
    assert label(written) == read


@given(st.lists(st.floats(-400, 400), min_size=1, max_size=8))
def test_what_is_let_pass_is_judged_completely(levels: list[float]) -> None:
    test = a_test(*(floor(str(number), leveling_up_mm=value) for number, value in enumerate(levels)))
    if check(test, UNKNOWN, NOW):
        return
    verdicts = judge(test, UNKNOWN, [LEVELING], TODAY)
    assert [each.value for each in verdicts] == levels
    assert passed(verdicts) is all(abs(each) <= 10 for each in levels)
