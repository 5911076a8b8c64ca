"""Lines of Mosquitto's password file. That a real Mosquitto takes them is shown in test_mosquitto."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from facility_monitor.domain.plant import RESERVED_CODES
from facility_monitor.errors import InvalidInput
from facility_monitor.ingest.broker_accounts import (
    file_lets_in,
    main,
    new_password,
    password_fits,
    password_line,
    set_password,
)


def test_a_line_fits_its_user_and_password_only() -> None:
    line = password_line("dr-1-env", "secret")
    assert password_fits(line, "dr-1-env", "secret")
    assert not password_fits(line, "dr-1-env", "Secret")
    assert not password_fits(line, "dr-1-en", "secret")


@pytest.mark.parametrize(
    "line", ["", "u", "u:", "u:$7$x$AA==$AA==", "u:$6$1$AA==$AA==", "u:$7$1$*$AA==", "u:$7$0$AA==$AA=="]
)
def test_a_damaged_line_fits_nobody(line: str) -> None:
    assert not password_fits(line, "u", "")


@pytest.mark.parametrize("user", ["", "a:b", "a\nb", "A", "a/b", "+", "x" * 65])
def test_a_user_name_that_could_break_out_is_refused(user: str) -> None:
    with pytest.raises(InvalidInput):
        password_line(user, "secret")


def test_an_empty_password_is_refused() -> None:
    with pytest.raises(InvalidInput):
        password_line("dr-1-env", "")


def test_a_second_password_replaces_the_first_and_leaves_the_others(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    for user, password in (("dr-1-env", "old"), ("dr-2-env", "other"), ("dr-1-env", "new")):
        set_password(file, user, password)
    assert file_lets_in(file, "dr-1-env", "new")
    assert not file_lets_in(file, "dr-1-env", "old")
    assert file_lets_in(file, "dr-2-env", "other")
    assert len(file.read_text().splitlines()) == 2


def test_the_file_is_private_unless_somebody_opened_it(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    set_password(file, "dr-1-env", "secret")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o640)
    set_password(file, "dr-2-env", "secret")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_the_command_takes_accounts_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "passwords"
    monkeypatch.setenv("FM_MQTT_URL", "mqtt://facility-monitor:p%40ss@mosquitto:1884")
    monkeypatch.setenv("SIMULATORS_MQTT_URL", "")
    assert main([str(file), "FM_MQTT_URL", "SIMULATORS_MQTT_URL"]) == 0
    assert file_lets_in(file, "facility-monitor", "p@ss")
    assert len(file.read_text().splitlines()) == 1
    assert "p@ss" not in capsys.readouterr().out


def test_the_command_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FM_MQTT_URL", "mqtt://facility-monitor@mosquitto:1884")
    assert main([str(tmp_path / "passwords"), "FM_MQTT_URL"]) == 2
    assert main([]) == 2
    assert "FM_MQTT_URL: password" in capsys.readouterr().err


def test_generated_passwords_differ_and_stand_in_a_url_as_they_are() -> None:
    passwords = {new_password() for _ in range(100)}
    assert len(passwords) == 100
    assert all(len(each) >= 26 and each.replace("-", "").replace("_", "").isalnum() for each in passwords)


def test_the_accounts_with_rights_of_their_own_are_reserved(project: Path) -> None:
    lines = (project / "mosquitto.acl").read_text().splitlines()
    assert {line.removeprefix("user ") for line in lines if line.startswith("user ")} == RESERVED_CODES
