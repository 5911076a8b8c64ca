"""The page for a contractor's developer and the README do word for word what they say, on a real server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text, update

from facility_monitor.api.elevator.elevator_file import COLUMNS
from facility_monitor.api.models import elevators as models
from facility_monitor.domain.elevator.elevator import CAR_ITEMS, CLEAR_WIDTH, FLOOR_ITEMS, STATIC
from facility_monitor.domain.limit import Direction
from facility_monitor.store import limits
from facility_monitor.store.tables import equipment
from tests.api.elevator import register, with_key
from tests.api.served import Served
from tests.api.world import PASSWORD, World
from tests.pictures import a_picture


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    content: str


def blocks(page: str) -> list[Block]:
    return [Block(*found) for found in re.findall(r"^```(\w+)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)]


@pytest.fixture
def page(project: Path) -> str:
    return (project / "docs" / "elevator-tests.md").read_text("utf-8")


@pytest.fixture
def url(world: World, served: Served) -> str:
    """The world's API on a port of the loopback address."""
    register(world)
    with world.tx() as tx:
        tx.execute(update(equipment).where(equipment.c.id == world.ids["hill-el"]).values(code="el-1"))
    return served.url


def run(block: Block, folder: Path, settings: Mapping[str, str]) -> str:
    """What an example prints."""
    command = {
        "sh": ["bash", "-euo", "pipefail", "-c", block.content],
        "python": [sys.executable, "-X", "utf8", "-c", block.content],
    }[block.language]
    environment = {**os.environ, **settings, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=30, check=False
    )
    assert done.returncode == 0, (block.content, done.stdout, done.stderr)
    return done.stdout


def shows(shown: Any, actual: Any) -> bool:
    """Whether all that is ``shown`` stands in the ``actual`` answer; lists in the same order, others may be between."""
    if isinstance(shown, dict):
        return isinstance(actual, dict) and all(
            name in actual and shows(each, actual[name]) for name, each in shown.items()
        )
    if isinstance(shown, list):
        rest = iter(actual if isinstance(actual, list) else [])
        return all(any(shows(each, other) for other in rest) for each in shown)
    return bool(shown == actual) and isinstance(shown, bool) is isinstance(actual, bool)


def test_what_is_shown_is_looked_for_strictly() -> None:
    actual = {"a": [1, {"b": 2, "c": 3}, 4], "d": None}
    good = ['{"a": [1, 4]}', '{"a": [{"b": 2}], "d": null}', "{}"]
    bad = [
        '{"a": [4, 1]}',
        '{"a": [{"b": 3}]}',
        '{"e": null}',
        '{"a": {}}',
        '{"d": false}',
        '{"a": [true]}',
        '{"a": [1, 1]}',
    ]
    assert [shows(json.loads(shown), actual) for shown in good] == [True] * len(good)
    assert [shows(json.loads(shown), actual) for shown in bad] == [False] * len(bad)


def test_every_example_of_the_page_does_what_it_says(
    world: World, url: str, page: str, tmp_path: Path, require: Callable[[str, bool], None]
) -> None:
    require("curl", shutil.which("curl") is not None)
    settings = {
        "FM_URL": url,
        "FM_USER": "contractor",
        "FM_PASSWORD": PASSWORD,
        "ELEVATOR": str(world.ids["hill-el"]),
    }
    (tmp_path / "sill.jpg").write_bytes(a_picture())
    printed, ran, compared = "", 0, 0
    for block in blocks(page):
        if block.language == "csv":
            (tmp_path / "tests.csv").write_text(block.content, "utf-8")
        elif block.language == "json":
            assert shows(json.loads(block.content), json.loads(printed)), (block.content, printed)
            compared += 1
        elif block.language == "text":
            assert printed == block.content
            compared += 1
        else:
            printed = run(block, tmp_path, settings)
            settings.setdefault("FM_KEY", printed.strip())
            ran += 1
    assert (ran, compared) == (12, 10)
    template = (tmp_path / "template.csv").read_text("utf-8")
    assert template.splitlines()[0] == ",".join(COLUMNS)
    assert len(template.splitlines()) == 7


def test_the_example_of_the_readme_does_what_it_says(
    world: World, url: str, project: Path, tmp_path: Path, require: Callable[[str, bool], None]
) -> None:
    require("curl", shutil.which("curl") is not None)
    chapter = (project / "README.md").read_text("utf-8").partition("## Post an elevator test")[2].partition("\n## ")[0]
    example, shown = blocks(chapter)
    world.clock.now = datetime(2026, 3, 2, 1, 31, 12, tzinfo=UTC)
    with world.tx() as tx:
        for table in ("elevator_test", "ticket"):
            number = {"elevator_test": "7", "ticket": "31"}[table]
            tx.execute(text(f"ALTER TABLE {table} ALTER COLUMN id RESTART WITH {number}"))
    key = with_key(world).token
    settings = {"FM_URL": url, "FM_KEY": key, "ELEVATOR": str(world.ids["hill-el"])}
    printed = run(example, tmp_path, settings)
    assert shows(json.loads(shown.content), json.loads(printed)), printed


def rows(page: str) -> dict[str, list[str]]:
    """The lines of the page's tables by their first cell."""
    lines = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| `")]
    return {cells[0].strip().strip("`"): [cell.strip() for cell in cells[1:]] for cells in lines}


def test_the_table_has_every_field_with_its_unit_bounds_and_limit(world: World, page: str) -> None:
    table = rows(page)
    with world.tx() as tx:
        standing = [each for each in limits.known(tx) if each.in_force(world.clock.now.date())]
    signs = {Direction.WITHIN: "±", Direction.AT_MOST: "≤ ", Direction.AT_LEAST: "≥ "}
    measured = {f"floors[].{name}": item for name, item in FLOOR_ITEMS.items()} | dict(CAR_ITEMS)
    for name, item in {**measured, "door.clear_width_mm": CLEAR_WIDTH}.items():
        _, unit, bounds, limit = table[name]
        assert unit.replace("²", "2") == item.unit, name
        assert bounds == f"{item.least:g} to {item.most:g}", name
        found = [each for each in standing if each.quantity == item.quantity and each.door_type is None]
        if found:
            assert [f"{signs[each.direction]}{each.value:g}" for each in found] == [limit], name
        elif item.quantity.startswith("door_") and item.quantity.endswith("time"):
            assert limit == "by door, below"
    speed = sorted(each.value for each in standing if each.quantity == "speed")
    assert table["speed.measured_m_s"][-1] == "{:g} to {:g} %".format(*speed)
    for door in ("centre", "side"):
        for quantity in ("door_open_time", "door_close_time"):
            of_door = [each for each in standing if (each.quantity, each.door_type) == (quantity, door)]
            by_width = sorted((each.clear_width_up_to_mm or 0, each.value) for each in of_door)
            assert [width for width, _ in by_width] == [800, 1000, 1100, 1300]
            assert [f"{value:.1f}" for _, value in by_width] == table[door]


def test_the_page_names_every_field_column_and_entry_of_the_register(page: str) -> None:
    prose = re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE)
    said = set(re.findall(r"`([^`]+)`", prose))
    fields = {name.removeprefix("floors[].").rpartition(".")[2] for name in said}
    inputs = (models.NewElevatorTest, models.Floor, models.Door, models.Speed, models.Vibration)
    assert {name for model in inputs for name in model.model_fields} - {"speed", "vibration", "door"} <= fields
    assert set(STATIC) | {"floors"} <= said
    assert {name for name in COLUMNS if name not in FLOOR_ITEMS} <= said
