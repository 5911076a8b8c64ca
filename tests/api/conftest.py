"""The API on a real database, called through its ASGI interface."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from fastapi import FastAPI
from psycopg import sql

from facility_monitor.api.app import create_app
from facility_monitor.settings import Settings
from facility_monitor.store.database import Database
from tests.api.served import Served, serve
from tests.api.world import World, fill, open_world


@contextmanager
def _copy(postgres_url: str, template: str) -> Iterator[tuple[str, Database]]:
    """A copy of a database, dropped in the end; its name, and the pool of connections to it."""
    name = f"fm_api_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template))))
        database = Database(urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}")), pool=5)
        yield name, database
        database.close()
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def filled(postgres_url: str, template_database: str) -> Iterator[tuple[str, dict[str, int]]]:
    """The name of a database that holds the world, of which every test gets a copy, and the ids in it."""
    with _copy(postgres_url, template_database) as (name, database):
        ids = fill(database)
        database.close()
        yield name, ids


def _app() -> FastAPI:
    return create_app(Settings(_env_file=None), Database("postgresql://nowhere"))


@pytest.fixture(scope="session")
def app() -> FastAPI:
    """An app to be given its parts: to lay its routes takes longer than most tests."""
    return _app()


@pytest.fixture
def world(postgres_url: str, filled: tuple[str, dict[str, int]], app: FastAPI, tmp_path: Path) -> Iterator[World]:
    """Two sites, somebody of every role; see ``tests.api.world``. The web app is not built."""
    template, ids = filled
    with _copy(postgres_url, template) as (_, database):
        yield open_world(app, database, ids, tmp_path / "dist")


@pytest.fixture
def served(world: World) -> Iterator[Served]:
    """The world on a port of the loopback address."""
    with serve(world) as one:
        yield one


@pytest.fixture(scope="session")
def same_world(
    postgres_url: str, filled: tuple[str, dict[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One world for all tests whose requests are refused, and thereby change nothing."""
    template, ids = filled
    with _copy(postgres_url, template) as (_, database):
        yield open_world(_app(), database, ids, tmp_path_factory.mktemp("dist"))
