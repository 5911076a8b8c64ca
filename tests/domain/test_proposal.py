"""What a key of an unknown device may mean."""

from __future__ import annotations

import pytest

from facility_monitor.domain.reading.proposal import propose

METRICS = {"temperature": "Cel", "humidity": "%RH", "pressure": "Pa", "water_leak": "1", "battery": "V", "rssi": "dBm"}


@pytest.mark.parametrize(
    ("key", "unit", "metric"),
    [
        ("humidity", None, "humidity"),
        ("SI7021.Temperature", None, "temperature"),
        ("temp_2", "degF", "temperature"),
        ("temp_2", "Cel", "temperature"),
        ("roomTemperature", "K", "temperature"),
        ("p", "MPa", "pressure"),
        ("p", "Cel", "temperature"),
        ("linkquality", None, "rssi"),
        ("batteryVoltage", "V", "battery"),
        ("x", "V", "battery"),
        ("nonsense", None, None),
        ("", "", None),
    ],
)
def test_the_name_counts_and_the_unit_must_fit(key: str, unit: str | None, metric: str | None) -> None:
    assert propose(key, unit, METRICS) == metric
