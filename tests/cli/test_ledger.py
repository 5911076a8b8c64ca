"""``ledger`` on the command line: sealed, handed out, proved, and 1 for broken, 2 for bad input."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from facility_monitor.cli import main
from facility_monitor.store.database import Database
from tests.people import new_entry, new_site


@pytest.fixture
def database(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FM_DATABASE_URL", database_url)
    database = Database(database_url, pool=1)
    with database.transaction() as tx:
        number = new_site(tx)
        for _ in range(3):
            new_entry(tx, number)
    return database


def test_the_ledger_is_handed_out_and_proved_elsewhere(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "verify"]) == 0
    assert "no checkpoint" in capsys.readouterr().out
    assert main(["ledger", "checkpoint"]) == 0
    assert capsys.readouterr().out == "var/checkpoints/checkpoint-000001.json\n"
    assert main(["ledger", "key"]) == 0
    Path("ours.pem").write_text(capsys.readouterr().out)
    assert main(["ledger", "export", "out.zip"]) == 0
    assert "out.zip: 3 entries" in capsys.readouterr().out

    monkeypatch.setenv("FM_DATABASE_URL", "postgresql://127.0.0.1:9/nowhere")
    assert main(["ledger", "verify", "--export", "out.zip", "--key", "ours.pem"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("proved: 3 entries of 1 sites")
    assert f"\nnewest checkpoint: {datetime.now(UTC):%Y-%m-%d}T" in said


def test_what_is_broken_is_named_with_exit_code_1(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with database.transaction() as tx:
        code = tx.execute(text("SELECT code FROM site")).scalar_one()
        tx.execute(text("ALTER TABLE ledger DISABLE TRIGGER USER"))
        tx.execute(text("UPDATE ledger SET reason = 'it was nothing' WHERE position = 2"))
    assert main(["ledger", "verify"]) == 1
    assert capsys.readouterr().out.startswith(f"broken: site {code}, position 2: has been altered")
    assert main(["ledger", "export", "out.zip"]) == 0
    capsys.readouterr()
    assert main(["ledger", "verify", "--export", "out.zip"]) == 1
    assert f"site {code}, position 2" in capsys.readouterr().out


def test_a_forged_name_is_no_line_of_its_own(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "export", "out.zip"]) == 0
    with zipfile.ZipFile("out.zip", "a") as file:
        file.writestr("x\nproved: 3 entries\x1b[2K", b"")
    capsys.readouterr()
    assert main(["ledger", "verify", "--export", "out.zip"]) == 1
    assert capsys.readouterr().out == "broken: x?proved: 3 entries?[2K is not listed in the manifest\n"


@pytest.mark.parametrize(
    "line",
    [
        ["verify", "--export", "nowhere.zip"],
        ["verify", "--export", "."],
        ["verify", "--export", "text"],
        ["verify", "--key", "text"],
        ["export", "nowhere/out.zip"],
        ["export", "out.zip", "--site", "nowhere"],
    ],
    ids=" ".join,
)
def test_bad_input_is_one_line_and_exit_code_2(
    database: Database, line: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("text").write_text("hello")
    assert main(["ledger", *line]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    assert not Path("out.zip").exists()
    assert [path.name for path in Path().iterdir() if path.name.endswith(".part")] == []


def test_a_database_of_another_version_is_one_line_and_exit_code_2(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.transaction() as tx:
        tx.execute(text("ALTER TABLE ledger_head RENAME TO another"))
    assert main(["ledger", "verify"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "run facility-monitor migrate" in said.err


def test_a_reader_that_goes_away_is_no_error(database: Database) -> None:
    command = [sys.executable, "-m", "facility_monitor.cli", "ledger", "verify"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as verify:
        assert verify.stdout is not None
        assert verify.stderr is not None
        verify.stdout.close()
        said = verify.stderr.read()
    assert (verify.returncode, said) == (141, b"")
