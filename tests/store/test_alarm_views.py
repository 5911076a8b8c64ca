"""Reading alarms from a long history costs what is shown, not what there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from facility_monitor.api.app import create_app
from facility_monitor.domain.alarm.alarm import LIVE, AlarmState
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.person import Person, Role
from facility_monitor.settings import Settings
from facility_monitor.store.database import Database
from facility_monitor.store.sight import Sight
from facility_monitor.store.views import alarms
from facility_monitor.store.views.alarms import Filter
from tests.api.world import START, World, copy_alarm, fill, open_world

HISTORY = 20_000
PAGE = 51


@pytest.fixture
def history(database_url: str, tmp_path: Path) -> Iterator[World]:
    """Twenty thousand old alarms at one room, and a live one at each piece of equipment."""
    database = Database(database_url, pool=2)
    app = create_app(Settings(_env_file=None), database)
    world = open_world(app, database, fill(database), tmp_path)
    number = world.raise_alarm("hill-dr")
    with world.tx() as tx:
        copy_alarm(tx, number, world.ids["engineer"], HISTORY)
    for equipment in ("hill-el", "vale-dr", "vale-el"):
        world.raise_alarm(equipment)
    with database.listen() as connection:
        connection.execute("VACUUM ANALYZE alarm")
    yield world
    database.close()


def _person(world: World, username: str) -> Person:
    role = Role(username) if username != "chief" else Role.MANAGER
    return Person(world.ids[username], username, username, role, "en", world.ids["lifts"])


def _rows_read(world: World, username: str, wanted: Filter, after: Any = None) -> int:
    """How many rows of the table the query looks at, those passed over included."""
    query = alarms._newest(Sight(_person(world, username), START), wanted, after, PAGE)
    words = str(query.compile(world.database.engine, compile_kwargs={"literal_binds": True}))
    with world.tx() as tx:
        plan = tx.exec_driver_sql("EXPLAIN (ANALYZE, FORMAT JSON) " + words).scalar_one()
    return _read(plan[0]["Plan"])


def _read(node: dict[str, Any]) -> int:
    below = sum(map(_read, node.get("Plans", ())))
    if node.get("Relation Name") != "alarm":
        return below
    passed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return below + round(float((node["Actual Rows"] + passed) * node["Actual Loops"]))


LONG_AGO = START - timedelta(seconds=HISTORY - 10)


@pytest.mark.parametrize("username", ["admin", "chief", "manager", "contractor"])
def test_no_list_reads_much_more_than_it_shows(history: World, username: str) -> None:
    hill, vale, room = history.ids["hill"], history.ids["vale"], history.ids["hill-dr"]
    wanted = {
        "all": Filter(),
        "live": Filter(states=LIVE),
        "cleared": Filter(states=[AlarmState.CLEARED]),
        "returned": Filter(states=[AlarmState.RETURNED_UNACKNOWLEDGED]),
        "a rare severity": Filter(severities=[Severity.CRITICAL]),
        "two severities": Filter(severities=[Severity.CRITICAL, Severity.HIGH]),
        "a busy site": Filter(site_id=hill),
        "a quiet site": Filter(site_id=vale),
        "a busy room": Filter(equipment_id=room),
        "a span": Filter(start=LONG_AGO, end=LONG_AGO + timedelta(seconds=30)),
        "a span before all": Filter(end=LONG_AGO - timedelta(days=1)),
    }
    read = {name: _rows_read(history, username, each) for name, each in wanted.items()}
    read["a later part"] = _rows_read(history, username, Filter(), (LONG_AGO, 10))
    assert max(read.values()) <= 4 * PAGE, read


def test_a_query_without_an_index_would_be_noticed(history: World) -> None:
    with history.tx() as tx:
        tx.execute(text("DROP INDEX alarm_raised_at"))
    assert _rows_read(history, "admin", Filter()) > HISTORY
