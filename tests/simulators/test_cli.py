"""The command: lists, output, one-line errors."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from simulators.catalogue import SCENARIOS
from simulators.cli import main


def test_the_scenarios_are_listed_with_their_truth(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)["scenarios"]}
    assert set(listed) == set(SCENARIOS)
    assert listed["quiet-day"]["truth"] == []
    smoke = next(truth for truth in listed["demo"]["truth"] if truth["device"] == "sd-017")
    assert smoke["limit"] == "smoke_alarm"
    assert smoke["raised_from_s"] < 6 < smoke["raised_to_s"]


def test_a_small_site_lists_only_what_it_can_play(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list", "--count", "1", "--kind", "elevator"]) == 0
    names = {one["name"] for one in json.loads(capsys.readouterr().out)["scenarios"]}
    assert names == {"quiet-day", "entrapment", "door-fault", "overtravel", "leveling-drift"}


def test_the_devices_are_listed_for_another_program_to_register(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-devices", "--site", "lab", "--count", "5"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["site"] == "lab"
    assert [device["code"] for device in body["devices"]] == [
        *("dr-0001-env", "pr-0001-plc", "el-0001-gw", "sd-0001", "fp-0001-plc")
    ]


def test_a_compressed_run_prints_its_messages_and_ends_at_now(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.time()
    assert main(["--scenario", "quiet-day", "--count", "5", "--duration", "10m", "--speed", "600", "--stdout"]) == 0
    ended = time.time()
    captured = capsys.readouterr()
    sent = [json.loads(line) for line in captured.out.splitlines()]
    summary = json.loads(captured.err.splitlines()[-1])
    times = [line["payload"]["ts"] / 1000 for line in sent]
    assert len(sent) == summary["published"] == summary["messages"] > 300
    assert ended - began == pytest.approx(1.0, abs=0.7)
    assert times[0] == pytest.approx(began - 600 + 1, abs=6)
    assert max(times) <= ended
    first_seq = min(line["payload"]["seq"] for line in sent)
    assert began * 1000 - 1000 <= first_seq <= ended * 1000, "numbers start at the epoch millisecond"


def test_the_same_seed_and_start_print_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    def run(seed: str) -> str:
        arguments = ["--scenario", "fire", "--count", "5", "--duration", "12m", "--start", "2026-01-05T08:00:00+08:00"]
        arguments += ["--seq-start", "0", "--speed", "max", "--late", "0.2", "--misreads", "0.2", "--stdout"]
        assert main([*arguments, "--seed", seed]) == 0
        return capsys.readouterr().out

    assert run("3") == run("3")
    assert run("3") != run("4")


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "simulators", "--scenario", "demo", "--stdout"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert json.loads(child.stdout.readline())["topic"].startswith("facility/jade-garden/")
        child.stdout.close()
        assert child.wait(10) == 0
        assert child.stderr is not None
        assert "Traceback" not in child.stderr.read()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([], "say where to send: either --mqtt URL or --stdout"),
        (["--mqtt", "mqtt://h", "--stdout"], "say where to send"),
        (["--stdout", "--scenario", "flood"], "unknown scenario 'flood'"),
        (["--stdout", "--count", "0"], "argument --count: must be at least 1"),
        (["--stdout", "--kind", "elevator"], "--kind and --first need --count"),
        (["--stdout", "--speed", "0"], "argument --speed: '0' is neither a factor above 0 nor max"),
        (["--stdout", "--speed", "10"], "--speed above 1 needs a --duration"),
        (["--stdout", "--duration", "soon"], "argument --duration: 'soon' is no time span"),
        (["--stdout", "--start", "2999-01-01T00:00:00Z"], "--start lies in the future"),
        (["--stdout", "--history", "2h"], "--history of demo is at most 1800 s"),
        (["--stdout", "--loss", "1.5"], "argument --loss: '1.5' is no number from 0 to 1"),
        (["--stdout", "--offline", "1"], "argument --offline: must be below 1"),
        (["--stdout", "--site", "Jade Garden"], "argument --site: 'Jade Garden' is no code"),
        (["--stdout", "--record", "x"], "--record needs --mqtt"),
        (["--stdout", "--count", "4"], "scenario demo needs"),
        (["--unknown"], "unrecognized arguments: --unknown"),
    ],
)
def test_wrong_options_are_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], error: str
) -> None:
    monkeypatch.delenv("SIMULATORS_MQTT_URL", raising=False)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("simulators: " + error), captured.err
    assert len(captured.err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["--help"], ["replay", "--help"]])
def test_help_tells_every_option_with_its_unit(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert "SPAN: seconds, or a number with s, m, h or d" in " ".join(text.split())
    assert "--mqtt URL" in text
