"""``bench push`` in short: every alarm reaches every phone once, sealed and proven; how fast is not asked here."""

from __future__ import annotations

import json
from pathlib import Path

from facility_monitor.cli import main


def test_nothing_is_lost_or_doubled_on_the_way_to_phones(tmp_path: Path) -> None:
    found = tmp_path / "push.json"
    words = ["--seconds", "4", "--rate", "300", "--recipients", "40", "--json", str(found)]
    assert main(["bench", "push", *words]) == 0
    report = json.loads(found.read_text())
    checks = {each["check"]: each["found"] for each in report["checks"]}
    assert len(checks) == 6
    assert set(checks.values()) == {0}
