"""The command line: help everywhere, and whatever is wrong is said in one line with exit code 2."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from sqlalchemy import select

from facility_monitor.cli import main, parser
from facility_monitor.ingest.broker_accounts import file_lets_in
from facility_monitor.store.database import Database
from facility_monitor.store.tables import device, person, site, site_access

SITE = """
code: north-court
name: {en: North Court}
timezone: Asia/Shanghai
equipment: [{code: dr-1, kind: distribution_room, name: {en: Room}}]
devices: [{code: dr-1-env, equipment: dr-1, name: {en: Sensor}, points: [{key: humidity}]}]
"""
ELEVATOR = """
code: x
name: {en: a}
timezone: UTC
equipment: [{code: el-1, kind: elevator, name: {en: a}, attributes: {floors: 6, rated_load: 5}}]
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env of the developer's, and nothing written into the working copy."""
    monkeypatch.chdir(tmp_path)


def words(command: str) -> list[list[str]]:
    """The subcommand itself and each of its verbs."""
    commands = next(action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    verbs = [a for a in commands.choices[command]._actions if isinstance(a, argparse._SubParsersAction)]
    return [[command], *([command, verb] for action in verbs for verb in action.choices)]


def commands() -> list[list[str]]:
    top = next(action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    return [[], *(each for command in top.choices for each in words(command))]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_explains_itself(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        raise SystemExit(main([*command, "--help"]))
    assert left.value.code == 0
    assert "usage:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FM_DATABASE_URL", "mysql://user:secret@host/db"),
        ("FM_MQTT_URL", "http://user:secret@host"),
        ("FM_MQTT_URL", "mqtt://host:notaport"),
        ("FM_HTTP", "8000"),
        ("FM_TIMEZONE", "Mars/Olympus"),
        ("FM_TIMEZONE", "../etc/passwd"),
        ("FM_LOCALE", "fr"),
        ("FM_BATCH", "0"),
        ("FM_GATHER_MS", "soon"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["check"]) == 2
    error = capsys.readouterr().err
    assert name in error
    assert error.count("\n") == 1
    assert "secret" not in error


@pytest.mark.parametrize("line", [["nonsense"], ["run", "--fast"], [], ["user", "add", "x", "--role", "king"]])
def test_a_wrong_command_line_is_one_line(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(line)
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_settings_are_read_from_dotenv_and_shown_without_passwords(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text(
        "FM_DATABASE_URL=postgresql://fm:geheim@127.0.0.1:9/x?password=geheim\nFM_MQTT_URL=mqtt://fm:geheim@127.0.0.1:9\n"
    )
    assert main(["check"]) == 1
    out = capsys.readouterr().out
    assert "FM_DATABASE_URL=postgresql://fm:***@127.0.0.1:9/x?password=***" in out
    assert "geheim" not in out
    assert "FAIL database" in out
    assert "FAIL broker" in out


def test_a_database_that_is_away_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FM_DATABASE_URL", "postgresql://127.0.0.1:9/x")
    assert main(["user", "list"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("facility-monitor user: database: ")
    assert error.count("\n") == 1


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("FM_DATABASE_URL", database_url)
    return Database(database_url, pool=1)


def test_site_user_and_device_from_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site.yaml").write_text(SITE)
    assert main(["site", "load", "site.yaml"]) == 0
    assert main(["site", "load", "site.yaml"]) == 0
    assert main(["user", "add", "li", "--name", "Li", "--role", "engineer", "--site", "north-court", "--generate"]) == 0
    assert main(["device", "list"]) == 0
    assert "dr-1-env\tunknown\tfacility/north-court/dr-1-env/telemetry" in capsys.readouterr().out
    with database.transaction() as tx:
        assert tx.execute(select(device.c.code)).scalars().all() == ["dr-1-env"]
        seen = tx.execute(
            select(person.c.username, site.c.code)
            .join_from(person, site_access)
            .join(site, site.c.id == site_access.c.site_id)
        ).all()
    assert [tuple(row) for row in seen] == [("li", "north-court")]

    assert main(["device", "password", "dr-1-env", "--generate", "--file", "passwords"]) == 0
    password = capsys.readouterr().out.strip()
    assert file_lets_in(tmp_path / "passwords", "dr-1-env", password)
    assert main(["device", "password", "nobody", "--generate", "--file", "passwords"]) == 2
    assert capsys.readouterr().err == "facility-monitor device: there is no device nobody\n"

    assert main(["user", "disable", "li"]) == 0
    assert main(["user", "list"]) == 0
    assert "li\tengineer\tLi\tdisabled" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("code: x\n", "name"),
        ("[1, 2]", "mapping"),
        ("code: [x\n", "site.yaml"),
        ("code: X Y\nname: {en: a}\ntimezone: UTC", "site_code_check"),
        (SITE.replace("equipment: dr-1,", "equipment: dr-2,"), "dr-2"),
        (SITE.replace("distribution_room", "palace"), "palace"),
        (ELEVATOR, "equipment.el-1.attributes.rated_load: must be a number from 50 to 10000 kg"),
    ],
)
def test_a_wrong_site_file_is_named_in_one_line_and_nothing_is_stored(
    content: str, named: str, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site.yaml").write_text(content)
    assert main(["site", "load", "site.yaml"]) == 2
    error = capsys.readouterr().err
    assert named in error
    assert error.count("\n") == 1
    with database.transaction() as tx:
        assert tx.execute(select(site.c.id)).all() == []
