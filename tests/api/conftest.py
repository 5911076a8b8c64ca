"""The API on a real database, called through its ASGI interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from facility_monitor.store.database import Database
from tests.api.world import World, build


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """Two sites, somebody of every role; see ``tests.api.world``. The web app is not built."""
    database = Database(database_url, pool=5)
    yield build(database, tmp_path / "dist")
    database.close()
