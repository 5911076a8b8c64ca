"""The wheel holds all that runs, and what runs in the image needs nothing that only the demo or the tests have."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel that was built just now; the web app is built if it is not yet."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(build, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(file).namelist())


def test_it_holds_every_module_and_data_file(project: Path, wheel: set[str]) -> None:
    roots = {
        "src/facility_monitor": "facility_monitor",
        "simulators": "simulators",
        "migrations": "facility_monitor/migrations",
    }
    for root, packed in roots.items():
        files = [file for file in (project / root).rglob("*") if file.is_file() and "__pycache__" not in file.parts]
        assert files
        for file in files:
            assert f"{packed}/{file.relative_to(project / root)}" in wheel, file


def test_it_holds_the_web_app_the_broker_configuration_and_the_licence(wheel: set[str]) -> None:
    printed = ("web/dist/print/NotoSansSC-Regular.ttf", "web/dist/print/OFL.txt")
    for name in ("web/dist/index.html", *printed, "demo/mosquitto.conf", "demo/mosquitto.acl", "py.typed"):
        assert f"facility_monitor/{name}" in wheel
    assert any(name.endswith("licenses/LICENSE") for name in wheel)


def test_it_holds_nothing_else(wheel: set[str]) -> None:
    tops = {name.partition("/")[0].partition("-")[0] for name in wheel}
    assert tops == {"facility_monitor", "simulators"}
    assert not [name for name in wheel if "__pycache__" in name or "node_modules" in name or "/tests/" in name]


def test_the_service_starts_without_what_only_the_demo_has(project: Path) -> None:
    declared = tomllib.loads((project / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    only_demo = [name.partition(">")[0].replace("-", "_") for name in declared["demo"]]
    assert "psutil" in only_demo
    text = f"""
import sys
for name in {only_demo!r}:
    sys.modules[name] = None
from facility_monitor.cli import main
sys.exit(main(["api", "--help"]))
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
