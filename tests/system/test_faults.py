"""Every fault survived, each a time or two in one trial, as ``bench faults`` sees it.

Whether the alarms are those of an undisturbed run is for the bench to say: on a machine that is busy with other things
a value can be on its way for longer than the clock waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from facility_monitor.bench.harms import DISK_FULL, FAULTS
from facility_monitor.cli import main
from facility_monitor.demo.embedded import find_mosquitto


@pytest.mark.timeout(400)
def test_whatever_dies_is_cut_off_or_full_costs_no_reading_and_doubles_none(
    tmp_path: Path, require: Callable[[str, bool], None]
) -> None:
    require("mosquitto", find_mosquitto() is not None)
    found = tmp_path / "faults.json"
    main(["bench", "faults", "--short", "--json", str(found)])
    report = json.loads(found.read_text())
    ((title, rows),) = report["tables"].items()
    # only root may mount the small disk that is filled
    assert {fault.name for fault in FAULTS if fault.brief} - {row["fault"] for row in rows} <= {DISK_FULL.name}
    for row in rows:
        assert row["stored"] == row["acknowledged"] > 0
    wrong = {check["check"]: check["found"] for check in report["checks"] if ": readings " in check["check"]}
    assert wrong == {f"{title}: readings {what}": 0 for what in ("lost", "doubled", "never published")}
