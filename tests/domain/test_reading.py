"""Instants and the identity of unnumbered values."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.domain.instant import LATEST, instant, moment
from facility_monitor.domain.reading.reading import unnumbered

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.integers(0, LATEST))
def test_an_instant_survives_the_way_to_a_datetime_and_back(at: int) -> None:
    assert instant(moment(at)) == at


def test_the_zone_of_a_moment_does_not_matter() -> None:
    utc = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert instant(utc.astimezone(timezone(timedelta(hours=8)))) == instant(utc)


def test_a_naive_moment_is_no_instant() -> None:
    with pytest.raises(TypeError):
        instant(datetime(2026, 3, 2, 8, 0))  # noqa: DTZ001


@given(finite)
def test_the_identity_of_a_value_fits_a_bigint_below_zero(value: float) -> None:
    assert -(2**63) <= unnumbered(value) < 0
    assert unnumbered(value) == unnumbered(value)


@given(finite, finite)
def test_different_values_have_different_identities(one: float, other: float) -> None:
    if not math.isclose(one, other, rel_tol=1e-15):
        assert unnumbered(one) != unnumbered(other)


def test_opposite_values_are_not_the_same() -> None:
    assert unnumbered(1.5) != unnumbered(-1.5)
