"""Devices of the demo compound, and any number of generated ones."""

from __future__ import annotations

from collections import Counter

import pytest

from simulators.errors import SimulatorError
from simulators.sites import KINDS, demo_devices, generated_devices


def test_the_demo_compound_has_its_49_devices() -> None:
    codes = [device.code for device in demo_devices()]
    assert len(codes) == len(set(codes)) == 49
    assert {"dr-1-env", "dr-2-env", "pr-2-plc", "el-4-gw", "sd-001", "sd-040", "fp-1-plc"} <= set(codes)


def test_generated_devices_have_one_of_each_kind_first_and_keep_the_demo_proportions() -> None:
    assert Counter(device.kind.code for device in generated_devices(5)) == dict.fromkeys(KINDS, 1)
    assert Counter(device.kind.code for device in generated_devices(490)) == {
        code: 10 * kind.in_demo for code, kind in KINDS.items()
    }


def test_sites_with_different_first_numbers_share_no_code() -> None:
    one = {device.code for device in generated_devices(100, kind="pump_room")}
    other = {device.code for device in generated_devices(100, kind="pump_room", first=101)}
    assert len(one | other) == 200
    assert "pr-0001-plc" in one
    assert "pr-0200-plc" in other


def test_a_device_says_what_another_program_needs_to_register_it() -> None:
    device = generated_devices(1, kind="pump_room")[0].as_json()
    assert device["code"] == "pr-0001-plc"
    assert device["equipment_code"] == "pr-0001"
    assert device["kind"] == "pump_room"
    points = device["points"]
    assert isinstance(points, list)
    assert {"key": "pressure", "metric": "pressure", "unit": "Pa", "report_period_s": 5.0} in points


def test_impossible_numbers_and_kinds_are_refused() -> None:
    with pytest.raises(SimulatorError, match="at least 1"):
        generated_devices(0)
    with pytest.raises(SimulatorError, match="unknown kind"):
        generated_devices(1, kind="lake")
