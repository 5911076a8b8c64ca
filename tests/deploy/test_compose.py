"""docker-compose.yml and Dockerfile, held to the settings, the command line and the files they name."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from facility_monitor.cli import main
from facility_monitor.settings import Settings

GIVEN = {"POSTGRES_PASSWORD": "a" * 48, "MQTT_PASSWORD": "b" * 48}
OURS = {"accounts", "migrate", "ingest", "worker", "api", "simulators"}


def interpolated(value: str, given: Mapping[str, str]) -> str:
    """What Compose makes of ``${X}``, ``${X:-other}``, ``${X:+other}`` and ``${X:?message}``; KeyError for the last."""

    def replace(found: re.Match[str]) -> str:
        name, operator, rest = found.groups()
        present = given.get(name, "")
        if operator == ":?" and not present:
            raise KeyError(f"{name}: {rest}")
        if operator == ":+":
            return rest if present else ""
        return present or (rest if operator == ":-" else "")

    while re.search(r"\$\{[^${}]*\}", value):
        value = re.sub(r"\$\{(\w+)(:[-+?])?([^${}]*)\}", replace, value)
    return value.replace("$$", "$")


@pytest.fixture(scope="module")
def compose(project: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((project / "docker-compose.yml").read_text())
    return parsed


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def environment_of(service: Mapping[str, Any], given: Mapping[str, str] = GIVEN) -> dict[str, str]:
    pairs = service.get("environment", {}).items()
    return {name: interpolated(str(value), given) for name, value in pairs if value is not None}


def test_the_services_are_there(services: dict[str, Any]) -> None:
    assert set(services) == OURS | {"db", "mosquitto"}
    assert {name for name, service in services.items() if "profiles" in service} == {"simulators"}


def test_every_setting_exists(services: dict[str, Any]) -> None:
    known = {f"FM_{name.upper()}" for name in Settings.model_fields}
    used = {name for service in services.values() for name in service.get("environment", {}) if name.startswith("FM_")}
    assert {"FM_DATABASE_URL", "FM_MQTT_URL", "FM_HTTP"} <= used
    assert used <= known


@pytest.mark.parametrize("service", ["migrate", "ingest", "worker", "api"])
def test_the_settings_take_what_they_are_given(
    services: dict[str, Any], service: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # no .env of this working copy
    for name, value in environment_of(services[service]).items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.database_url == f"postgresql://facility_monitor:{'a' * 48}@db:5432/facility_monitor"
    assert settings.mqtt_url == f"mqtt://facility-monitor:{'b' * 48}@mosquitto:1884"
    assert settings.http == "0.0.0.0:8000"


def commands(services: Mapping[str, Any]) -> set[str]:
    found = {
        service["command"][0] for service in services.values() if "entrypoint" not in service and service.get("command")
    }
    tests = [service["healthcheck"]["test"] for service in services.values() if "healthcheck" in service]
    return found | {test[2] for test in tests if test[:2] == ["CMD", "facility-monitor"]}


def test_every_subcommand_exists(services: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert commands(services) == {"migrate", "ingest", "worker", "api", "check"}
    for command in sorted(commands(services)):
        with pytest.raises(SystemExit) as left:
            main([command, "--help"])
        assert left.value.code == 0, command
    assert "usage" in capsys.readouterr().out


@pytest.mark.parametrize("missing", sorted(GIVEN))
def test_nothing_starts_without_passwords(services: dict[str, Any], missing: str) -> None:
    given = {name: value for name, value in GIVEN.items() if name != missing}
    for name in ("api", "ingest", "worker", "migrate", "accounts"):
        with pytest.raises(KeyError, match=missing):
            environment_of(services[name], given)


def test_no_password_stands_in_a_file(project: Path, services: dict[str, Any]) -> None:
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name:
                assert re.fullmatch(r"\$\{\w+:\?[^}]*\}", str(value)), name
            for password in re.findall(r"://[^:/@]+:([^@]*)@", str(value)):
                assert password.startswith("${"), name
    for line in (project / ".env.example").read_text().splitlines():
        if "PASSWORD" in line and not line.startswith("#"):
            assert line.endswith("="), line


def test_the_example_of_env_names_every_variable(project: Path) -> None:
    used = set(re.findall(r"\$\{(\w+)", (project / "docker-compose.yml").read_text()))
    example = (project / ".env.example").read_text()
    assert used <= set(re.findall(r"^#?(\w+)=", example, re.MULTILINE))


def test_the_simulators_have_an_account_only_where_a_password_is_given(services: dict[str, Any]) -> None:
    for name in ("accounts", "simulators"):
        assert environment_of(services[name])["SIMULATORS_MQTT_URL"] == ""
        given = GIVEN | {"SIMULATORS_PASSWORD": "c"}
        assert environment_of(services[name], given)["SIMULATORS_MQTT_URL"] == "mqtt://simulators:c@mosquitto:1884"


def test_whoever_waits_waits_for_something_that_tells(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            match how["condition"]:
                case "service_healthy":
                    assert "healthcheck" in services[other], (name, other)
                case "service_completed_successfully":
                    assert services[other]["restart"] == "no", (name, other)
                case unknown:
                    pytest.fail(f"{name} waits for {other}: {unknown}")
    assert {"db", "mosquitto", "ingest", "worker", "api"} <= {
        n for n, each in services.items() if "healthcheck" in each
    }


def test_only_the_api_and_the_port_of_devices_are_published(services: dict[str, Any]) -> None:
    ports = {
        name: [interpolated(port, {}) for port in each["ports"]] for name, each in services.items() if "ports" in each
    }
    assert ports == {"api": ["127.0.0.1:8000:8000"], "mosquitto": ["0.0.0.0:1883:1883"]}


def test_every_volume_and_file_exists(project: Path, compose: dict[str, Any], services: dict[str, Any]) -> None:
    for service in services.values():
        for volume in service.get("volumes", []):
            source, target, *mode = volume.split(":")
            if source.startswith("./"):
                assert (project / source).is_file(), volume
                assert mode == ["ro"], volume
            else:
                assert source in compose["volumes"], volume
            assert target.startswith("/"), volume


def test_the_broker_finds_its_files_where_they_are_mounted(project: Path, services: dict[str, Any]) -> None:
    targets = [volume.split(":")[1] for volume in services["mosquitto"]["volumes"]]
    lines = (project / "mosquitto.conf").read_text().splitlines()
    said = dict(line.partition(" ")[::2] for line in lines if line and not line.startswith("#"))
    assert said["acl_file"] in targets
    assert said["persistence_location"].rstrip("/") in targets
    assert said["password_file"].rpartition("/")[0] in targets
    assert services["accounts"]["command"][0] == said["password_file"]
    assert services["accounts"]["user"] == services["mosquitto"]["user"]
    assert any(volume.startswith("accounts:") for volume in services["accounts"]["volumes"])


def test_images_are_pinned(project: Path, services: dict[str, Any]) -> None:
    images = [service["image"] for service in services.values()]
    images += re.findall(r"^FROM (\S+)", (project / "Dockerfile").read_text(), re.MULTILINE)
    for image in images:
        assert re.search(r":\d+(\.\d+)*", image), image
        assert "latest" not in image


def test_our_image_bears_the_version_of_the_project(project: Path, services: dict[str, Any]) -> None:
    version = tomllib.loads((project / "pyproject.toml").read_text())["project"]["version"]
    assert {services[name]["image"] for name in OURS} == {f"facility-monitor:{version}"}


def test_our_containers_have_no_rights_to_spare(services: dict[str, Any]) -> None:
    for name in OURS:
        service = services[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"]


def test_the_commands_of_the_manual_exist(
    project: Path, services: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = re.findall(r"^docker compose run (.*)$", (project / "docs" / "deploy.md").read_text(), re.MULTILINE)
    assert lines
    for line in lines:
        words = shlex.split(line)
        place = next(number for number, word in enumerate(words) if word in services)
        with pytest.raises(SystemExit) as left:
            main([*words[place + 1 : place + 3], "--help"])
        assert left.value.code == 0, line
    assert "usage" in capsys.readouterr().out


class TestDockerfile:
    @pytest.fixture
    def instructions(self, project: Path) -> list[tuple[str, str]]:
        text = re.sub(r"\\\n\s*", "", (project / "Dockerfile").read_text())
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]

    def final(self, instructions: list[tuple[str, str]]) -> dict[str, str]:
        start = max(number for number, (word, _) in enumerate(instructions) if word == "FROM")
        return dict(instructions[start:])

    def test_it_runs_as_an_unprivileged_user(self, instructions: list[tuple[str, str]]) -> None:
        uid = self.final(instructions)["USER"].partition(":")[0]
        assert int(uid) > 0

    def test_it_copies_what_exists_and_what_docker_may_see(
        self, project: Path, instructions: list[tuple[str, str]]
    ) -> None:
        seen = {line[1:] for line in (project / ".dockerignore").read_text().splitlines() if line.startswith("!")}
        copied = [
            shlex.split(rest)[:-1] for word, rest in instructions if word == "COPY" and not rest.startswith("--from")
        ]
        sources = [source for each in copied for source in each]
        assert sources
        for source in sources:
            assert (project / source).exists(), source
            assert source.partition("/")[0] in seen, source

    def test_it_installs_the_locked_runtime_and_nothing_else(self, instructions: list[tuple[str, str]]) -> None:
        runs = " ".join(rest for word, rest in instructions if word == "RUN")
        assert "/opt/facility-monitor/bin/pip install --require-hashes --requirement requirements/run.txt" in runs
        assert "all.txt" not in runs

    def test_its_settings_exist(self, instructions: list[tuple[str, str]]) -> None:
        names = re.findall(r"\b(FM_\w+)=", self.final(instructions)["ENV"])
        assert names
        assert set(names) <= {f"FM_{name.upper()}" for name in Settings.model_fields}

    def test_it_starts_the_console_script(self, project: Path, instructions: list[tuple[str, str]]) -> None:
        scripts = tomllib.loads((project / "pyproject.toml").read_text())["project"]["scripts"]
        assert self.final(instructions)["ENTRYPOINT"] == f'["{next(iter(scripts))}"]'
        with pytest.raises(SystemExit) as left:
            main([*yaml.safe_load(self.final(instructions)["CMD"]), "--help"])
        assert left.value.code == 0
