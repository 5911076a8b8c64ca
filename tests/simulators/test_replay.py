"""A recording arrives as it was recorded; what cannot be read is named with file, line and field."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from simulators.cli import main

CSV = """time;Humidity RH;temp;leak;note
2024-03-01 08:00:00;45.5;20;false;a
2024-03-01 08:00:10;46;;false;b
2024-03-01 08:00:20;nan;21;true;c
"""
JSON_LINES = [
    {"data": {"humidity": 50, "temp": 18.5, "light": True}, "device_id": "0E:9c:00", "ts": 1594598424.5},
    {"data": {"humidity": 51, "temp": 18.6, "light": False}, "device_id": "f3:6b:f4", "ts": 1594598425.25},
    {"data": {"humidity": 52, "temp": None, "light": False}, "device_id": "0E:9c:00", "ts": 1594598424.0},
]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "room.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "messages.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in JSON_LINES) + "\n", encoding="utf-8")
    return path


def replay(capsys: pytest.CaptureFixture[str], path: Path, *arguments: str) -> list[dict[str, Any]]:
    code = main(["replay", str(path), "--stdout", "--speed", "max", "--seq-start", "7", *arguments])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return [json.loads(line) for line in captured.out.splitlines()]


TABLE = ["--delimiter", ";", "--time", "time", "--value", "humidity=Humidity RH", "--value", "temperature=temp"]
TABLE += ["--device", "dr-1-env"]


def test_csv_columns_become_metrics_and_what_is_empty_is_left_out(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = replay(capsys, table, *TABLE, "--value", "water_leak=leak")
    assert {line["topic"] for line in sent} == {"facility/jade-garden/dr-1-env/telemetry"}
    assert [line["payload"] for line in sent] == [
        {"ts": 1709280000000, "seq": 7, "values": {"humidity": 45.5, "temperature": 20.0, "water_leak": False}},
        {"ts": 1709280010000, "seq": 8, "values": {"humidity": 46.0, "water_leak": False}},
        {"ts": 1709280020000, "seq": 9, "values": {"temperature": 21.0, "water_leak": True}},
    ]


def test_naive_times_are_of_the_zone_given_and_formats_can_be_told(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*TABLE, "--naive-zone", "Asia/Shanghai", "--time-format", "%Y-%m-%d %H:%M:%S", "--limit", "1"]
    assert replay(capsys, table, *arguments)[0]["payload"]["ts"] == 1709280000000 - 8 * 3600_000


def test_values_are_scaled_to_the_points_unit(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sent = replay(capsys, table, *TABLE, "--scale", "temperature=1e5", "--limit", "1")
    assert sent[0]["payload"]["values"] == {"humidity": 45.5, "temperature": 2_000_000.0}


def test_json_lines_give_nested_values_and_the_device_in_the_order_of_the_file(
    lines: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--device-field", "device_id", "--time", "ts", "--site", "lab"]
    arguments += [
        "--value",
        "humidity=data.humidity",
        "--value",
        "temperature=data.temp",
        "--value",
        "light=data.light",
    ]
    sent = replay(capsys, lines, *arguments)
    assert [line["topic"] for line in sent] == [
        f"facility/lab/{device}/telemetry" for device in ("0e-9c-00", "f3-6b-f4", "0e-9c-00")
    ]
    assert [line["payload"]["ts"] for line in sent] == [1594598424500, 1594598425250, 1594598424000]
    assert [line["payload"]["seq"] for line in sent] == [7, 7, 8]
    assert sent[0]["payload"]["values"] == {"humidity": 50, "temperature": 18.5, "light": True}
    assert sent[2]["payload"]["values"] == {"humidity": 52, "light": False}


def test_a_shifted_clock_keeps_the_distances_and_ends_at_now(lines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--device-field", "device_id", "--time", "ts", "--value", "humidity=data.humidity"]
    before = time.time()
    times = [line["payload"]["ts"] for line in replay(capsys, lines, *arguments, "--clock", "shifted")]
    assert times[1] - times[0] == pytest.approx(750, abs=1)
    assert times[0] - times[2] == pytest.approx(500, abs=1)
    assert before * 1000 - 1 <= max(times) <= time.time() * 1000 + 1


def test_speed_compresses_the_recording(lines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--device-field", "device_id", "--time", "ts", "--value", "humidity=data.humidity", "--speed", "5"]
    began = time.monotonic()
    replay(capsys, lines, *arguments)
    assert 0.24 < time.monotonic() - began < 1.0


def test_rows_without_times_go_step_by_step(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--delimiter", ";", "--value", "humidity=Humidity RH", "--device", "d", "--step", "5s"]
    sent = replay(capsys, table, *arguments, "--start", "2024-01-01T00:00:00Z")
    assert [line["payload"]["ts"] for line in sent] == [1704067200000, 1704067205000]


def test_faults_of_the_line_work_on_recordings_too(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(replay(capsys, table, *TABLE, "--duplicates", "1")) == 6


def test_raw_lines_are_sent_unchanged_on_a_topic_of_ones_own(lines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--raw-topic", "raw/{site}/{device}", "--device-field", "device_id", "--time", "ts", "--site", "lab"]
    sent = replay(capsys, lines, *arguments)
    assert [line["topic"] for line in sent] == ["raw/lab/0e-9c-00", "raw/lab/f3-6b-f4", "raw/lab/0e-9c-00"]
    assert [line["payload"] for line in sent] == JSON_LINES


def test_the_summary_accounts_for_every_row(table: Path, lines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def summary(*arguments: str) -> dict[str, Any]:
        assert main(["replay", *arguments, "--stdout", "--speed", "max"]) == 0
        counts: dict[str, Any] = json.loads(capsys.readouterr().err.splitlines()[-1])
        return {key: counts[key] for key in ("rows", "rows_without_values", "messages", "published")}

    mapped = [str(table), "--delimiter", ";", "--time", "time", "--device", "d", "--value", "temperature=temp"]
    assert summary(*mapped) == {"rows": 3, "rows_without_values": 1, "messages": 2, "published": 2}
    raw = summary(str(lines), "--raw-topic", "raw")
    assert raw == {"rows": 3, "rows_without_values": 0, "messages": 3, "published": 3}


@pytest.mark.parametrize(
    ("content", "arguments", "error"),
    [
        (CSV.replace("46;", "wet;"), TABLE, "{file}:3: field 'Humidity RH': 'wet' is no number"),
        (CSV.replace("08:00:20", "later"), TABLE, "{file}:4: field 'time': '2024-03-01 later' is no time (auto)"),
        (CSV, [*TABLE, "--value", "x=Missing"], "{file}:2: no field 'Missing'"),
        (CSV.replace(";false;b", ""), TABLE, "{file}:3: not the 5 fields of the header"),
        ("time;Humidity RH;temp\n", TABLE, "{file}: no rows"),
        ('{"a": 1', ["--format", "jsonl", "--step", "1", "--value", "a=a", "--device", "d"], "{file}:1: not JSON"),
        ("[1]", ["--format", "jsonl", "--step", "1", "--value", "a=a", "--device", "d"], "{file}:1: not a JSON object"),
        ("t,v\n9e9,1\n", ["--time", "t", "--value", "v=v", "--device", "d"], "{file}: it ends in the future"),
    ],
)
def test_bad_input_is_one_line_with_file_line_and_field_before_anything_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, arguments: list[str], error: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(content, encoding="utf-8")
    assert main(["replay", str(path), "--stdout", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("simulators: " + error.format(file=path)), captured.err
    assert len(captured.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([], "say what to send"),
        (["--value", "humidity", "--device", "d", "--time", "t"], "not of the form KEY="),
        (["--value", "a=a"], "say which device"),
        (["--value", "a=a", "--device", "d"], "say when"),
        (["--value", "a=a", "--device", "d", "--time", "t", "--naive-zone", "Mars/Base"], "unknown zone 'Mars/Base'"),
        (["--raw-topic", "x", "--value", "a=a"], "--raw-topic sends lines unchanged"),
        (["--raw-topic", "x"], "--raw-topic needs JSON lines"),
    ],
)
def test_options_that_do_not_fit_are_one_line(
    table: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], error: str
) -> None:
    assert main(["replay", str(table), "--stdout", *arguments]) == 2
    captured = capsys.readouterr()
    assert error in captured.err
    assert len(captured.err.splitlines()) == 1


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--value", "a=a", "--device", "d", "--step", "1", "--stdout"]
    assert main(["replay", str(tmp_path / "none.csv"), *arguments]) == 2
    assert "none.csv: No such file or directory" in capsys.readouterr().err


def test_real_messages_are_replayed_as_they_were_captured(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shared_data / "stafford_mqtt" / "messages.jsonl"
    arguments = ["--device-field", "device_id", "--time", "ts", "--limit", "500"]
    arguments += ["--value", "humidity=data.humidity", "--value", "temperature=data.temp"]
    sent = replay(capsys, path, *arguments)
    with path.open(encoding="utf-8") as file:
        recorded = [json.loads(next(file)) for _ in range(500)]
    assert [line["payload"]["values"] for line in sent] == [
        {"humidity": one["data"]["humidity"], "temperature": one["data"]["temp"]} for one in recorded
    ]
    assert [line["payload"]["ts"] for line in sent] == [round(one["ts"] * 1000) for one in recorded]


def test_a_pump_recording_with_naive_times_is_replayed(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shared_data / "skab" / "valve1" / "0.csv"
    arguments = ["--delimiter", ";", "--time", "datetime", "--naive-zone", "Europe/Moscow", "--device", "pr-1-plc"]
    sent = replay(capsys, path, *arguments, "--value", "flow=Volume Flow RateRMS", "--limit", "50")
    assert len(sent) == 50
    assert sent[0]["payload"] == {"ts": 1583738073000, "seq": 7, "values": {"flow": 32.0}}
