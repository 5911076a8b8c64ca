"""A fault survived, as ``bench faults`` sees it: the broker is killed under load.

Whether the alarms are those of an undisturbed run is for the bench to say: on a machine that is busy with other things
a value can be on its way for longer than the clock waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from facility_monitor.cli import main
from facility_monitor.demo.embedded import find_mosquitto


@pytest.mark.timeout(300)
def test_a_broker_that_is_killed_costs_no_reading_and_doubles_none(
    tmp_path: Path, require: Callable[[str, bool], None]
) -> None:
    require("mosquitto", find_mosquitto() is not None)
    found = tmp_path / "faults.json"
    main(["bench", "faults", "--short", "--only", "broker", "--json", str(found)])
    report = json.loads(found.read_text())
    ((row,),) = report["tables"].values()
    assert (row["fault"], row["times"]) == ("broker killed", 1)
    assert row["stored"] == row["acknowledged"] > 0
    wrong = {check["check"]: check["found"] for check in report["checks"] if ": readings " in check["check"]}
    assert wrong == {f"broker killed: readings {what}": 0 for what in ("lost", "doubled", "never published")}
