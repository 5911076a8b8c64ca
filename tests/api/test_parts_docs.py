"""The page on parts and scorecards does word for word what it says, on a real server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.api.test_elevator_docs import blocks, run, shows, url
from tests.api.world import World

__all__ = ["url"]


def test_every_example_of_the_page_does_what_it_says(
    world: World, url: str, project: Path, tmp_path: Path, require: Callable[[str, bool], None]
) -> None:
    require("curl", shutil.which("curl") is not None)
    settings = {"FM_URL": url, "FM_KEY": world.tokens["manager"], "ELEVATOR": str(world.ids["hill-el"])}
    printed, compared = "", 0
    for block in blocks((project / "docs" / "parts.md").read_text("utf-8")):
        if block.language == "sh":
            printed = run(block, tmp_path, settings)
        else:
            assert shows(json.loads(block.content), json.loads(printed)), (block.content, printed)
            compared += 1
    assert compared == 5
