"""Backtest on the command line: what the page says, what a CSV may look like, and one line for what is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from facility_monitor.cli import main

RULE = "- {code: hot, point: temperature, limit: {level: high, value: 30}}\n"


class Desk:
    """A folder with a rules file and a CSV file."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys

    def run(self, csv: str, *words: str, rules: str = RULE) -> tuple[int, list[dict[str, Any]], str]:
        """(exit code, alarms, standard error)"""
        (self.folder / "rules.yaml").write_text(rules, "utf-8")
        (self.folder / "data.csv").write_text(csv, "utf-8")
        files = ["--rules", str(self.folder / "rules.yaml"), "--csv", str(self.folder / "data.csv")]
        try:
            code = main(["backtest", *files, *words])
        except SystemExit as end:
            code = int(str(end.code))
        out, err = self._capsys.readouterr()
        return code, [json.loads(line) for line in out.splitlines()], err


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_the_example_of_the_page(desk: Desk, project: Path) -> None:
    page = (project / "docs" / "rules.md").read_text("utf-8").partition("## Backtest")[2]
    blocks = dict(re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL))
    words = re.search(r"room\.csv (.*)", blocks["sh"])
    assert words is not None
    code, alarms, _ = desk.run(blocks["csv"], *words[1].split(), rules=blocks["yaml"])
    assert (code, alarms) == (0, [json.loads(blocks["json"])])


def test_a_file_without_times_begins_with_the_year_and_goes_by_the_period(desk: Desk) -> None:
    code, (alarm,), _ = desk.run("T\n20\n31\n29\n", "--point", "temperature=T", "--period", "5s")
    assert code == 0
    assert (alarm["raised_at"], alarm["cleared_at"]) == ("2026-01-01T00:00:05Z", "2026-01-01T00:00:10Z")


def test_the_end_of_the_file_leaves_alarms_standing_and_delays_unfinished(desk: Desk) -> None:
    words = ("--point", "temperature=T", "--period", "5s")
    assert desk.run("T\n20\n31\n", *words)[1][0]["cleared_at"] is None
    delayed = "- {code: hot, point: temperature, limit: {level: high, value: 30}, on_delay_s: 10}\n"
    assert desk.run("T\n31\n31\n", *words, rules=delayed)[1] == []
    assert desk.run("T\n31\n31\n31\n", *words, rules=delayed)[1][0]["raised_at"] == "2026-01-01T00:00:10Z"


@pytest.mark.parametrize(
    "told",
    [
        "2026-03-02T08:00:00",
        "2026-03-02 16:00:00+08:00",
        "20260302T080000Z",
        "1772438400",
        "1772438400000",
        "1772438400.0",
        "2026/3/2 8:00",
        "2026.03.02 08:00:00",
    ],
)
def test_times_may_be_written_in_many_ways(desk: Desk, told: str) -> None:
    _, (alarm,), _ = desk.run(f"t;T\n{told};31\n", "--time", "t", "--point", "temperature=T", "--delimiter", ";")
    assert alarm["raised_at"] == "2026-03-02T08:00:00Z"


def test_cells_without_a_number_are_no_readings_and_are_counted(desk: Desk) -> None:
    rows = "t,T\n0,20\n5,nan\n10,31\n15,\n20,-inf\n25,N/A\n30,29\n"
    code, (alarm,), err = desk.run(rows, *GOOD)
    assert (code, alarm["value"]) == (0, 31.0)
    assert (alarm["raised_at"], alarm["cleared_at"]) == ("1970-01-01T00:00:10Z", "1970-01-01T00:00:30Z")
    assert err == "cells of T without a number, which are no readings: 4\n"


@pytest.mark.parametrize("rows", ["30,29\n25,31\n20,31\n10,29\n", "7,30,29\n8,20,31\n9,10,29\n10,25,31\n"])
def test_a_file_in_any_order_is_read_in_that_of_time(desk: Desk, rows: str) -> None:
    """Many programs write the newest row first."""
    _, (alarm,), err = desk.run(f"t,T\n{rows}", *GOOD)
    assert (alarm["raised_at"][-3:], alarm["cleared_at"][-3:]) == ("20Z", "30Z")
    assert err == "rows older than one before them, put in the order of time: 3\n"


def test_what_is_wrong_in_a_file_in_any_order_is_told_with_its_line(desk: Desk) -> None:
    code, _, err = desk.run("t,T\n30,29\n25,31\nyesterday,31\n10,29\n", *GOOD)
    assert (code, "line 4: t: 'yesterday' is no time" in err) == (2, True)


def test_a_comma_parts_a_number_where_it_parts_no_cells(desk: Desk) -> None:
    _, (alarm,), err = desk.run('\ufefft;T\r\n0;29,5\r\n10;"31,5"\r\n', *GOOD, "--delimiter", ";")
    assert alarm["value"] == 31.5
    assert err == "cells of T with a comma, read as the decimal point: 2\n"


def test_what_says_the_same_again_counts_once_as_it_would_be_stored_once(desk: Desk) -> None:
    """Else a single misread that comes twice would pass for two."""
    filtered = "- {code: hot, point: temperature, limit: {level: high, value: 30}, misread_filter: true}\n"
    _, alarms, err = desk.run("t,T\n0,20\n5,31\n5,31\n10,20\n", *GOOD, rules=filtered)
    assert (alarms, err) == ([], "cells of T that say the same of the same instant again, which count once: 1\n")


def test_rows_may_be_numbered_or_end_in_a_comma(desk: Desk) -> None:
    rows = 't,T\n"140",0,20\n"141",10,31\n20,29,\n'
    _, (alarm,), _ = desk.run(rows, *GOOD)
    assert (alarm["raised_at"][-3:], alarm["cleared_at"][-3:]) == ("10Z", "20Z")


def test_silence_of_one_column_is_found_while_others_speak(desk: Desk) -> None:
    rows = "a,b\n" + "1,1\n" * 3 + "1,\n" * 5
    silent = "- {code: silent, scope: {metric: flow}, silence: {missed: 2}}\n"
    _, alarms, _ = desk.run(rows, *("--point", "x.flow=a", "--point", "y.flow=b", "--period", "10s"), rules=silent)
    assert [(each["point"], each["raised_at"], each["value"]) for each in alarms] == [
        ("y.flow", "2026-01-01T00:00:40Z", 20.0)
    ]


def test_several_points_of_one_equipment_and_its_set_point(desk: Desk) -> None:
    rules = """
attributes: {set_point: 100}
rules:
  - code: weak
    point: pressure
    combination:
      all:
        - {metric: pump_running, state: {values: [1]}}
        - {metric: pressure, limit: {level: low, value: -10, unit: Pa, relative_to: set_point}}
"""
    words = ("--point", "pressure=p", "--point", "pump_running=r", "--period", "1s")
    _, alarms, _ = desk.run("p,r\n100,1\n85,0\n85,1\n95,1\n", *words, rules=rules)
    assert [(each["raised_at"][-3:], each["cleared_at"][-3:]) for each in alarms] == [("02Z", "03Z")]
    _, alarms, _ = desk.run("p,r\n100,1\n85,1\n", *words, "--attribute", "set_point=50", rules=rules)
    assert alarms == []


GOOD = ("--time", "t", "--point", "temperature=T")


@pytest.mark.parametrize(
    ("csv", "words", "rules", "said"),
    [
        ("t,T\n", ("--time", "when", "--point", "temperature=T"), RULE, "has no column 'when'; it has t, T"),
        ("t,T\n", ("--time", "t", "--point", "temperature=X"), RULE, "has no column 'X'"),
        ("t,T\n0,1\n5,warm\n", GOOD, RULE, "line 3: T: 'warm' is no number"),
        ("t,T\nnoon,1\n", GOOD, RULE, "line 2: t: 'noon' is no time"),
        ("t,T\n0,7_5\n", GOOD, RULE, "line 2: T: '7_5' is no number"),
        ("t,T\n1_0,7\n", GOOD, RULE, "line 2: t: '1_0' is no time"),
        ("t,T\n2026-03-02 08:00,29,5\n", GOOD, RULE, "line 2: has 3 of 2 columns"),
        ("T\n29,5\n31,5\n", ("--point", "temperature=T", "--period", "5s"), RULE, "line 3: has 2 of 1 columns"),
        ("t,T\n", GOOD, RULE, "has no reading in T"),
        ("t,T\n0,nan\n", GOOD, RULE, "has no reading in T"),
        ("t,T\n0,1\n", (*GOOD, "--attribute", "set_point=nan"), RULE, "--attribute: set_point: 'nan' is no number"),
        ("t,T\n", GOOD, f"attributes: {{a: .nan}}\nrules:\n{RULE}", "attributes.a: must be a number"),
        ("t,T\n", GOOD, f"ruels: []\nrules:\n{RULE}", "ruels: is unknown: a file has rules and attributes"),
        ("t,T\n0\n", GOOD, RULE, "line 2: has 1 of 2 columns"),
        (
            "t,T\n0,1\n",
            ("--time", "t", "--point", "humidity=T"),
            RULE,
            "no rule watches humidity; they watch temperature",
        ),
        ("t,T\n0,1\n", ("--time", "t", "--point", "T"), RULE, "'T' must be NAME=VALUE"),
        ("T\n1\n", ("--point", "temperature=T"), RULE, "without one, --period"),
        ("t,T\n0,1\n", (*GOOD, "--point", "temperature=t"), RULE, "--point: temperature is given twice"),
        ("", GOOD, RULE, "is empty"),
        ("T\n1\n", ("--point", "temperature=T", "--period", "soon"), RULE, "'soon' is no span of time"),
        ("T\n1\n", ("--point", "temperature=T", "--period", "99999999999d"), RULE, "is no span of time"),
        ("T\n" + "1\n" * 200, ("--point", "temperature=T", "--period", "366d"), RULE, "beyond the year 2200"),
        ("t,T\ninf,1\n", GOOD, RULE, "line 2: t: 'inf' is no time"),
        ("t,T,T\n0,1,2\n", GOOD, RULE, "has more than one column 'T'"),
        ("t,T\n", GOOD, "[" * 5000, "file: is nested too deeply"),
        ("t,T\n", GOOD, f"attributes: 5\nrules:\n{RULE}", "attributes: must be a mapping"),
        (
            "t,T\n0,1\n",
            GOOD,
            "- {point: temperature, limit: {level: high, quantity: comfort}}",
            "rules.0.limit.quantity: there is no dated limit of comfort",
        ),
        ("t,T\n", (*GOOD, "--delimiter", "ab"), RULE, "must be one character"),
        (
            "t,T\n",
            GOOD,
            "- {point: temperature, limit: {level: high}}",
            "rules.0.limit.value: needs either a value or a quantity",
        ),
        ("t,T\n", GOOD, "- {point: temperature, kind: guess}", "rules.0.kind"),
        ("t,T\n", GOOD, "- {code: a}", "rules.0.scope"),
        ("t,T\n", GOOD, "just words", "must be a list of rules"),
        ("t,T\n", GOOD, "- [1", "file: "),
        (
            "t,T\n0,1\n",
            GOOD,
            "- {point: temperature, limit: {level: low, value: -1, relative_to: set_point}}",
            "rules.0.limit: rule-1 counts from an attribute that is not given",
        ),
        (
            "t,T\n0,1\n",
            ("--time", "t", "--point", "surface_temperature=T"),
            "- {point: surface_temperature, dew_point: {margin: 3}}",
            "needs --point humidity=COLUMN too",
        ),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_2(
    desk: Desk, csv: str, words: tuple[str, ...], rules: str, said: str
) -> None:
    code, alarms, err = desk.run(csv, *words, rules=rules)
    assert (code, alarms) == (2, [])
    assert said in err
    assert err.count("\n") == 1


def test_missing_files_are_said_too(desk: Desk, tmp_path: Path) -> None:
    assert main(["backtest", "--rules", "/nowhere.yaml", "--csv", "x", *GOOD]) == 2
