"""What every test may ask for: a real PostgreSQL, a real broker, a browser, recordings of real sensors."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import psycopg
import pytest
from psycopg import sql

from facility_monitor.demo.embedded import EmbeddedBroker, EmbeddedPostgres, find_mosquitto
from facility_monitor.errors import Unavailable
from facility_monitor.store import migrate

PROJECT = Path(__file__).parents[1]

# How long an example takes says something about the machine, nothing about the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

_LEFTOVER_S = 120.0
_MEMORY = Path("/dev/shm")
_MEMORY_NEEDED = 4 << 30  # bytes: what PostgreSQL's log may grow to, the databases of a few tests, and as much again


def _require(what: str, present: bool) -> None:
    if not present:
        reason = f"needs {what}, which is not here"
        if os.environ.get("FM_TEST_REQUIRE") == "all":
            pytest.fail(f"{reason} (FM_TEST_REQUIRE=all)", pytrace=False)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def require() -> Callable[[str, bool], None]:
    """``require(what, present)`` skips a test where ``what`` is absent, and fails it with FM_TEST_REQUIRE=all."""
    return _require


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the working copy."""
    return PROJECT


@pytest.fixture(scope="session")
def mosquitto() -> Path:
    """The mosquitto program, for what only Mosquitto does."""
    found = find_mosquitto()
    _require("mosquitto", found is not None)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    _require("chromium", found is not None)
    assert found is not None
    return Path(found)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Recordings of real sensors, kept beside the working copy and never in it."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the recordings of ../shared/data, which are not here")
    return folder


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Where servers of this session keep their files: short, since a socket's path is bounded.

    In memory where there is enough of it: a database has 700 files, and to copy them on a disk takes most of the time
    of most tests.
    """
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _MEMORY_NEEDED
    parent = _MEMORY if roomy else Path(tempfile.gettempdir())
    prefix = f"fm-test-{os.getuid()}-"
    _clear_leftovers(parent, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    yield folder
    shutil.rmtree(folder)


def _clear_leftovers(parent: Path, prefix: str) -> None:
    """End the servers of test runs that were killed, and remove their files."""
    for folder in parent.glob(f"{prefix}*"):
        # Another run may be clearing the same folder, or its owner may just have ended.
        with suppress(FileNotFoundError, Unavailable):
            if folder.stat().st_mtime < time.time() - _LEFTOVER_S:
                servers = (EmbeddedPostgres(folder), EmbeddedBroker(folder))
                if all(server.end_unused() for server in servers):
                    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database that may create others: FM_TEST_DATABASE_URL, else the embedded server's."""
    given = os.environ.get("FM_TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder: Path = request.getfixturevalue("servers_folder")
    with EmbeddedPostgres(folder, durable=False) as server:
        yield server.url


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> Iterator[str]:
    """The name of a migrated database without users, of which every test gets a copy."""
    name = f"fm_template_{secrets.token_hex(6)}"
    _execute(postgres_url, "CREATE DATABASE {}", name)
    try:
        migrate.upgrade(_url_of(postgres_url, name))
        yield name
    finally:
        _execute(postgres_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def database_url(postgres_url: str, template_database: str) -> Iterator[str]:
    """A migrated database of this test's own, dropped after it."""
    name = f"fm_test_{secrets.token_hex(6)}"
    _execute(postgres_url, "CREATE DATABASE {} TEMPLATE {}", name, template_database)
    yield _url_of(postgres_url, name)
    _execute(postgres_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="module")
def module_database_url(postgres_url: str, template_database: str) -> Iterator[str]:
    """A migrated database for the tests of one file, which leave it as they find it: to make one takes a while."""
    name = f"fm_module_{secrets.token_hex(6)}"
    _execute(postgres_url, "CREATE DATABASE {} TEMPLATE {}", name, template_database)
    yield _url_of(postgres_url, name)
    _execute(postgres_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A database of this test's own with nothing in it, for tests of migrations."""
    name = f"fm_empty_{secrets.token_hex(6)}"
    _execute(postgres_url, "CREATE DATABASE {}", name)
    yield _url_of(postgres_url, name)
    _execute(postgres_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="session")
def broker(servers_folder: Path) -> Iterator[EmbeddedBroker]:
    """The broker of this session: Mosquitto where it is installed, else amqtt.

    Sessions and retained messages outlive a test: take a site code and client ids of your own.
    """
    with EmbeddedBroker(servers_folder) as running:
        yield running


def _execute(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _url_of(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
