"""The house stands as drawn: floors import downwards only, doors not each other, and the documents fit the code."""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from facility_monitor.cli import parser
from facility_monitor.ingest import topics
from facility_monitor.settings import Settings

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "src" / "facility_monitor"

FLOORS = (
    {"errors"},
    {"domain"},
    {"settings", "media", "sheets", "catalogue", "yaml_text"},
    {"store"},
    {"flows"},
    {"ingest", "push", "jobs", "api"},
    {"service"},
    {"demo"},
    {"bench"},
    {"cli"},
)
HEIGHT = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}
DRAWERS = {"utils", "util", "common", "helpers", "helper", "types", "manager", "misc", "base"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            yield module
            if module == "facility_monitor":
                yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_and_no_door_opens_another(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "facility_monitor" or len(parts) < 2 or parts[1].startswith("__"):
            continue
        assert parts[1] == here or HEIGHT[parts[1]] < HEIGHT[here], f"{path.relative_to(PACKAGE)} imports {name}"


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "domain").rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_the_domain_is_pure(path: Path) -> None:
    impure = {"logging", "random", "secrets", "uuid", "time", "os", "socket", "threading", "pathlib", "io"}
    for name in imports(path):
        top = name.split(".")[0]
        assert top == "facility_monitor" or (top in sys.stdlib_module_names and top not in impure), name
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & {"now", "utcnow", "today"}, "time is an argument"


def test_only_the_subscriber_knows_the_mqtt_library_and_the_bench_that_compares_with_it() -> None:
    knowing = {path.relative_to(PACKAGE).as_posix() for path in modules() if any("paho" in n for n in imports(path))}
    assert knowing == {"ingest/subscriber.py", "bench/bare_client.py"}


def test_the_simulators_import_nothing_of_the_package() -> None:
    for path in (PROJECT / "simulators").rglob("*.py"):
        assert not [name for name in imports(path) if name.startswith("facility_monitor")], path


def test_no_drawer_for_everything() -> None:
    names = {part.removesuffix(".py") for path in modules() for part in path.relative_to(PACKAGE).parts}
    assert not names & DRAWERS


def test_files_are_short() -> None:
    long = {str(path): n for path in modules() if (n := len(path.read_text("utf-8").splitlines())) > 400}
    assert not long


def subcommands() -> list[str]:
    actions = [action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)]
    return list(actions[0].choices)


@pytest.mark.parametrize("name", subcommands())
def test_every_subcommand_stands_in_the_readme(name: str) -> None:
    assert f"`{name}`" in (PROJECT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    words = (PROJECT / "docs" / "settings.md").read_text("utf-8")
    assert f"`FM_{name.upper()}`" in words
    assert (Settings.model_fields[name].description or "no description") in words


def test_every_topic_stands_in_the_readme() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    for topic in (topics.telemetry("{site}", "{device}"), topics.status("{site}", "{device}")):
        assert f"`{topic}`" in readme


def test_links_in_the_documents_lead_somewhere() -> None:
    for page in (PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
