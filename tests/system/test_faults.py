"""A fault survived, as ``bench faults`` sees it: the broker is killed under load."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from facility_monitor.cli import main
from facility_monitor.demo.embedded import find_mosquitto


@pytest.mark.timeout(300)
def test_a_broker_that_is_killed_costs_no_reading_and_changes_no_alarm(
    tmp_path: Path, require: Callable[[str, bool], None]
) -> None:
    require("mosquitto", find_mosquitto() is not None)
    found = tmp_path / "faults.json"
    code = main(["bench", "faults", "--short", "--only", "broker", "--json", str(found)])
    report = json.loads(found.read_text())
    ((row,),) = report["tables"].values()
    assert (row["fault"], row["times"]) == ("broker killed", 1)
    assert row["stored"] == row["acknowledged"] > 0
    assert [check for check in report["checks"] if check["found"] != check["expected"]] == []
    assert code == 0
