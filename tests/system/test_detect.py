"""Faults in real recordings are found, and quiet ones stay quiet: held to what docs/detection.md promises."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from facility_monitor.bench import detect


@pytest.fixture(scope="module")
def found(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    told = tmp_path_factory.mktemp("detect") / "alarms.jsonl"
    figures = detect.run(Namespace(data=shared_data, alarms=told))
    return {**figures, "told": [json.loads(line) for line in told.read_text("utf-8").splitlines()]}


def test_nothing_was_left_out(found: dict[str, Any]) -> None:
    assert set(found["sets"]) == {"skab", "lwsndr", "nab", "occupancy", "stafford_mqtt"}
    assert found["skipped"] == []


def test_faults_of_a_pump_loop_are_found(found: dict[str, Any]) -> None:
    skab = found["sets"]["skab"]
    assert skab["f1"] >= 0.85
    assert skab["far"] <= 0.12
    assert (skab["events"], skab["found"] >= 18, skab["false_episodes"] <= 14) == (19, True, True)


def test_steam_in_a_room_is_found_within_a_minute_and_its_neighbour_is_silent(found: dict[str, Any]) -> None:
    lwsndr = found["sets"]["lwsndr"]
    assert lwsndr["found_in_time"] == lwsndr["blocks"] == 1
    assert lwsndr["f1"] >= 0.85
    assert lwsndr["files"]["lwsndr/singlehop-indoor-moteid2.csv"]["alarms"] == 0


def test_a_failing_air_conditioner_scores_as_promised(found: dict[str, Any]) -> None:
    nab = found["sets"]["nab"]["files"]
    assert nab["nab/realKnownCause/ambient_temperature_system_failure.csv"]["score_standard"] >= 85
    assert min(file["score_standard"] for file in nab.values()) >= 40


@pytest.mark.parametrize("quiet", ["occupancy", "stafford_mqtt"])
def test_quiet_rooms_and_misreads_raise_nothing(found: dict[str, Any], quiet: str) -> None:
    assert found["sets"][quiet]["alarms"] == 0


def test_every_alarm_is_told_with_its_times(found: dict[str, Any], shared_data: Path) -> None:
    assert len(found["told"]) == sum(
        file["alarms"] for figures in found["sets"].values() for file in figures["files"].values()
    )
    for alarm in found["told"]:
        assert list(alarm) == ["file", "rule", "point", "raised_at", "cleared_at"]
        assert (shared_data / alarm["file"]).is_file()
        assert alarm["raised_at"].endswith("Z")
        assert alarm["cleared_at"] is None or alarm["raised_at"] < alarm["cleared_at"]
