"""``bench detect`` takes whatever folder it is given, as far as the layout goes, and scores by the published rules."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from facility_monitor.bench.detect_recordings import stamped
from facility_monitor.bench.detect_replay import Raised, rules, settings
from facility_monitor.bench.detect_scores import Event, episodes, events, nab
from facility_monitor.cli import main
from facility_monitor.domain.instant import SECOND

START = datetime(2020, 3, 1, tzinfo=UTC)


def written(path: Path, lines: list[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def pump(header: str, row: str, fault: range = range(500, 600)) -> list[str]:
    """700 seconds of a pump loop whose flow falls by a third during ``fault``."""
    lines = [header]
    for at in range(700):
        stamp = (START + timedelta(seconds=at)).strftime("%Y-%m-%d %H:%M:%S")
        noise = (at * 61 % 101) / 1000
        flow = (20 if at in fault else 30) + noise
        lines.append(row.format(stamp=stamp, flow=flow, a=0.2 + noise / 100, label=int(at in fault)))
    return lines


def ran(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    alarms = folder.parent / "alarms.jsonl"
    assert main(["bench", "detect", "--data", str(folder), "--alarms", str(alarms)]) == 0
    return json.loads(capsys.readouterr().out), [json.loads(line) for line in alarms.read_text("utf-8").splitlines()]


def test_columns_are_known_by_name_and_labels_may_be_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    whole = "datetime;Accelerometer1RMS;Accelerometer2RMS;Volume Flow RateRMS;anomaly;changepoint"
    written(data / "skab/valve1/1.csv", pump(whole, "{stamp};{a};{a};{flow};{label}.0;0.0"))
    turned = "anomaly,Volume Flow RateRMS,datetime,Accelerometer1RMS"
    written(data / "skab/other/2.csv", pump(turned, "{label},{flow},{stamp},{a}"))
    written(data / "skab/quiet/3.csv", pump("datetime;Volume Flow RateRMS", "{stamp};{flow}", range(0)))
    written(data / "skab/notes/4.csv", ["remark", "none"])
    written(data / "skab/empty/5.csv", [])
    (data / "lwsndr").mkdir()
    figures, told = ran(data, capsys)
    skab = figures["sets"]["skab"]
    assert (skab["events"], skab["found"], skab["false_episodes"]) == (2, 2, 0)
    assert skab["f1"] > 0.85
    assert skab["files"]["skab/quiet/3.csv"]["alarms"] == 0
    assert {each["file"] for each in figures["skipped"]} == {"skab/notes/4.csv", "skab/empty/5.csv"}
    assert set(figures["sets"]) == {"skab"}
    first = next(alarm for alarm in told if alarm["file"] == "skab/valve1/1.csv")
    assert first["raised_at"].startswith("2020-03-01T00:08:2")


def test_a_recording_without_a_clock_begins_in_2026_and_a_misread_is_no_alarm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wet = [90.0 if 600 <= at < 640 else 45.0 for at in range(900)]
    wet[300] = 5.0
    rows = [f"{at},3,{value},21.5" for at, value in enumerate(wet)]
    written(tmp_path / "data/lwsndr/mote3.csv", ["reading,mote,humidity_pct,temperature_c", *rows, "901,3,,"])
    figures, told = ran(tmp_path / "data", capsys)
    assert figures["sets"]["lwsndr"]["files"]["lwsndr/mote3.csv"]["unreadable_rows"] == 1
    assert [(alarm["point"], alarm["raised_at"]) for alarm in told] == [("humidity", "2026-01-01T00:50:20Z")]


@pytest.mark.parametrize("missing", ["nowhere", "empty"])
def test_what_cannot_be_run_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["bench", "detect", "--data", str(tmp_path / missing)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert missing in said.err


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["timestamp,value", "2014-01-01 00:00:00,none", "yesterday,1"], "no row with a time and a number"),
        (["2014-01-01 00:00:00,1"], "no column timestamp"),
    ],
)
def test_a_recording_of_which_nothing_can_be_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: list[str], why: str
) -> None:
    written(tmp_path / "nab/a/b.csv", lines)
    assert main(["bench", "detect", "--data", str(tmp_path)]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert "nab/a/b.csv" in said
    assert why in said


def test_a_set_of_which_nothing_can_be_read_ends_with_2_beside_one_that_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"2014-01-{day:02} 00:00:00,1" for day in range(1, 20)]
    written(tmp_path / "nab/a/b.csv", ["timestamp,value", *rows])
    written(tmp_path / "lwsndr/m.csv", ["reading,mote,humidity,temperature,label", *["1,1,45,93,27,97,0"] * 20])
    written(tmp_path / "occupancy/none.txt", [])
    assert main(["bench", "detect", "--data", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert list(json.loads(said.out)["sets"]) == ["nab"]
    mote, nothing = said.err.splitlines()
    assert "lwsndr/m.csv" in mote
    assert nothing == "occupancy/none.txt: an empty file"


def test_a_file_newest_first_with_decimal_commas_and_windows_lines_tells_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = pump("datetime;Accelerometer1RMS;Volume Flow RateRMS;anomaly", "{stamp};{a};{flow};{label}")
    written(tmp_path / "a/skab/x/1.csv", lines)
    turned = [lines[0], *(line.replace(".", ",") for line in reversed(lines[1:]))]
    (tmp_path / "b/skab/x").mkdir(parents=True)
    (tmp_path / "b/skab/x/1.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(turned).encode())
    assert ran(tmp_path / "a", capsys)[1] == ran(tmp_path / "b", capsys)[1] != []


def test_windows_that_are_none_are_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"2014-01-{day:02} 00:00:00,1" for day in range(1, 20)]
    written(tmp_path / "nab/a/b.csv", ["timestamp,value", *rows])
    written(tmp_path / "nab/combined_windows.json", ['{"a/b.csv": [["today", "tomorrow"]]}'])
    assert main(["bench", "detect", "--data", str(tmp_path)]) == 2
    assert "combined_windows.json" in capsys.readouterr().err
    written(tmp_path / "lwsndr/m.csv", ["reading,mote,humidity,temperature,label", *["1,1,45,27,0"] * 20])
    assert main(["bench", "detect", "--data", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert list(json.loads(said.out)["sets"]) == ["lwsndr"], "what else there is is scored all the same"
    assert said.err.startswith("nab/combined_windows.json: no windows by file in it")


def test_the_settings_are_rules_of_the_product() -> None:
    made = {signals: [rule.condition.kind for rule in rules(signals)] for signals in settings()}
    assert made == {
        "pump": ["joint"],
        "room": ["fluctuation", "fluctuation"],
        "building": ["fluctuation"],
        "machine": ["fluctuation"],
    }


def test_the_earliest_hit_in_a_window_counts_and_a_false_alarm_costs_little() -> None:
    """The figures of the published scorer: 2 sigmoid(5) - 1 at the left edge brings all, 0.11 is the cost outside."""
    rows = [at * SECOND for at in range(1000)]
    windows = [(rows[400], rows[499]), (rows[800], rows[899])]
    assert nab(rows, windows, []) == 0
    assert nab(rows, windows, [rows[400], rows[800]]) == 100
    assert nab(rows, windows, [rows[400], rows[450], rows[800]]) == 100
    assert nab(rows, windows, [rows[400], rows[800], rows[300]]) == 97.2
    assert nab(rows, windows, [rows[400]]) == 50
    assert nab(rows, windows, [rows[899]]) == 25.6, "hardly better than a miss"
    assert nab(rows, windows, [rows[100]]) == 0, "the first 15 % are for learning"
    assert nab(rows, [], [rows[400]]) is None


def test_alarms_less_than_half_a_minute_apart_are_one_episode() -> None:
    def alarm(since: int, until: int | None) -> Raised:
        return Raised("r", "p", since * SECOND, None if until is None else until * SECOND)

    assert episodes([alarm(0, 10), alarm(39, 50), alarm(80, None), alarm(200, 300)]) == [
        (0, 50 * SECOND),
        (80 * SECOND, None),
    ]
    (block,) = events([0, SECOND, 2 * SECOND, 3 * SECOND], [False, True, True, False])
    assert block == Event(SECOND, 2 * SECOND)
    assert block.overlaps((2 * SECOND, None))
    assert not block.overlaps((3 * SECOND, None))
    assert not block.overlaps((0, SECOND))


def test_times_without_a_zone_are_utc() -> None:
    assert stamped("2020-03-01 00:00:01") == stamped("2020-03-01T08:00:01+08:00") == stamped(1583020801)
    assert stamped("yesterday") is stamped("") is stamped(float("inf")) is None
