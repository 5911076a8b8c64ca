"""The lock files: complete, hashed, and naming no machine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

LOCKS = ["run.txt", "all.txt", "build.txt", "node.txt"]


def pins(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", file.read_text(), re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=;! ]", each, maxsplit=1)[0].lower() for each in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(project: Path, lock: str) -> None:
    blocks = re.split(r"^(?=[a-z0-9-]+==)", (project / "requirements" / lock).read_text(), flags=re.MULTILINE)[1:]
    assert blocks
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_a_host_or_a_path(project: Path, lock: str) -> None:
    assert (
        re.findall(r"https?:|file:|@ |--index|--extra|--find|/\w+/", (project / "requirements" / lock).read_text())
        == []
    )


def test_the_locks_hold_what_the_project_declares(project: Path) -> None:
    declared = tomllib.loads((project / "pyproject.toml").read_text())
    run, everything = pins(project / "requirements" / "run.txt"), pins(project / "requirements" / "all.txt")
    assert names(declared["project"]["dependencies"]) <= set(run)
    extras = declared["project"]["optional-dependencies"]
    assert names([*extras["demo"], *extras["dev"], *declared["dependency-groups"]["build"]]) <= set(everything)
    assert names(declared["dependency-groups"]["build"]) <= set(pins(project / "requirements" / "build.txt"))


def test_what_is_tested_is_what_is_deployed(project: Path) -> None:
    run, everything = pins(project / "requirements" / "run.txt"), pins(project / "requirements" / "all.txt")
    assert run.items() <= everything.items()
