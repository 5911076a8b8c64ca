"""Units become each other exactly, or not at all."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor import catalogue
from facility_monitor.domain.reading.unit import _UNITS, conversion, senml_unit


def convert(value: float, sent: str, wanted: str) -> float | None:
    change = conversion(sent, wanted)
    return None if change is None else change(value)


@pytest.mark.parametrize(
    ("value", "sent", "wanted", "expected"),
    [
        (0.45, "MPa", "Pa", 450_000.0),
        (450.0, "kPa", "Pa", 450_000.0),
        (4.5, "bar", "Pa", 450_000.0),
        (1013.25, "mbar", "Pa", 101_325.0),
        (1013.25, "hPa", "Pa", 101_325.0),
        (1.0, "atm", "Pa", 101_325.0),
        (1.0, "kgf/cm2", "Pa", 98_066.5),
        (10.0, "mH2O", "Pa", 98_066.5),
        (212.0, "degF", "Cel", 100.0),
        (-40.0, "°F", "Cel", -40.0),
        (295.15, "K", "Cel", 22.0),
        (21.5, "C", "Cel", 21.5),
        (21.5, "℃", "Cel", 21.5),
        (0.0, "Cel", "K", 273.15),
        (61.2, "%", "%RH", 61.2),
        (50.0, "%", "1", 0.5),
        (0.5, "/", "%", 50.0),
        (7.0, "count", "1", 7.0),
        (90.0, "l/min", "l/s", 1.5),
        (36.0, "m3/h", "l/s", 10.0),
        (36.0, "m³/h", "m3/s", 0.01),
        (123.0, "mm", "m", 0.123),
        (2.5, "km", "m", 2500.0),
        (90.0, "min", "h", 1.5),
        (3000.0, "mV", "V", 3.0),
        (20.0, "mA", "A", 0.02),
        (1.5, "kW", "W", 1500.0),
        (1.0, "kWh", "J", 3_600_000.0),
        (10.0, "dBm", "dBW", -20.0),
        (-70.0, "dBm", "dBm", -70.0),
        (1500.0, "ppb", "ppm", 1.5),
        (5.0, "µg/m³", "kg/m3", 5e-9),
        (36.0, "km/h", "m/s", 10.0),
        (5.0, "Wh/km", "J/m", 18.0),
        (180.0, "deg", "rad", math.pi),
        (1450.0, "rpm", "1/min", 1450.0),
    ],
)
def test_a_known_unit_is_converted(value: float, sent: str, wanted: str, expected: float) -> None:
    assert convert(value, sent, wanted) == expected


@pytest.mark.parametrize(
    ("sent", "pascals"), [("psi", 6894.757293168361), ("mmHg", 133.322387415), ("inHg", 3386.388640341)]
)
def test_a_unit_of_no_round_size_is_what_its_definition_says(sent: str, pascals: float) -> None:
    assert convert(1.0, sent, "Pa") == pytest.approx(pascals, rel=1e-15)


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ("furlong", "m"),
        ("", "m"),
        ("m", "s"),
        ("m", "furlong"),
        ("kPa", "Cel"),
        ("%RH", "%EL"),
        ("%RH", "count"),
        ("mpa", "Pa"),
        ("pa", "Pa"),
        ("%/m", "dB/m"),
        ("g", "m/s2"),
        ("k" * 100_000, "Pa"),
    ],
)
def test_what_is_unknown_or_another_quantity_is_not_guessed(sent: str, wanted: str) -> None:
    assert conversion(sent, wanted) is None


def test_in_senml_per_cent_is_the_plain_ratio_and_c_and_f_are_no_temperatures() -> None:
    assert convert(0.5, senml_unit("%"), "%RH") == 50.0
    assert convert(50.0, senml_unit("/100"), "%RH") == 50.0
    assert conversion(senml_unit("C"), "Cel") is None
    assert conversion(senml_unit("F"), "Cel") is None
    assert convert(21.5, senml_unit("Cel"), "Cel") == 21.5


def test_every_metric_of_the_catalogue_has_a_unit_that_can_be_converted_to() -> None:
    units = {metric["unit"] for metric in catalogue.read("metrics")}
    assert not [unit for unit in units if convert(1.5, unit, unit) != 1.5]


@given(st.sampled_from(sorted(_UNITS)), st.sampled_from(sorted(_UNITS)), st.floats(-1e12, 1e12))
def test_there_and_back_is_the_same(one: str, other: str, value: float) -> None:
    there, back = conversion(one, other), conversion(other, one)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        scale = abs(value) + abs(there.shift) + 1
        assert back(there(value)) == pytest.approx(value, rel=1e-12, abs=scale * 1e-12)


@given(st.sampled_from(sorted(_UNITS)), st.floats(allow_nan=False, allow_infinity=False))
def test_a_unit_is_itself(name: str, value: float) -> None:
    same = conversion(name, name)
    assert same is not None
    assert same(value) == value


@given(st.text(), st.text())
def test_any_text_is_a_unit_or_none(sent: str, wanted: str) -> None:
    conversion(sent, wanted)
