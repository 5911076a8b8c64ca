"""Lists in parts: nothing twice, nothing left out, whatever is added meanwhile."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.api.pages import Order, Window
from facility_monitor.errors import InvalidInput
from tests.api.world import START, World, copy_alarm


def _parts(world: World, path: str, limit: int, between: Any = lambda: None, **query: Any) -> list[Any]:
    caller, cursor, found = world.as_("admin"), None, []
    while True:
        asked = {**query, "limit": limit} | ({"cursor": cursor} if cursor else {})
        page = caller.get(path, **asked).json()
        assert len(page["items"]) <= limit
        found.append([row["id"] for row in page["items"]])
        cursor = page["next_cursor"]
        if cursor is None:
            return found
        assert len(page["items"]) == limit
        between()


LISTS = ("/sites", "/spaces", "/equipment", "/devices", "/points", "/rules", "/people", "/contracts", "/organisations")


@pytest.mark.parametrize("path", [*LISTS, "/alarms", "/tickets", "/tickets?order=desc", "/rejects", "/duty"])
def test_the_parts_of_a_list_are_the_list(world: World, path: str) -> None:
    for equipment in ("hill-dr", "hill-el", "vale-dr", "vale-el"):
        world.raise_alarm(equipment)
    path, _, order = path.partition("?order=")
    query = {"order": order} if order else {}
    whole = [each for part in _parts(world, path, 500, **query) for each in part]
    for limit in (1, 2, 3):
        assert [each for part in _parts(world, path, limit, **query) for each in part] == whole
    assert len(set(whole)) == len(whole) > 0


def _many_alarms(world: World, count: int, apart_s: float = 1) -> None:
    number = world.raise_alarm("hill-dr")
    with world.tx() as tx:
        copy_alarm(tx, number, world.ids["engineer"], count, apart_s)


def test_new_alarms_do_not_shift_the_parts_that_follow(world: World) -> None:
    _many_alarms(world, 40)
    before = [each for part in _parts(world, "/alarms", 500) for each in part]
    new = iter(("hill-el", "vale-dr", "vale-el"))

    def raise_another() -> None:
        name = next(new, None)
        if name:
            world.raise_alarm(name, after_s=60)

    assert [each for part in _parts(world, "/alarms", 7, raise_another) for each in part] == before


def test_alarms_of_one_instant_are_told_apart_by_their_ids(world: World) -> None:
    _many_alarms(world, 25, apart_s=0)
    found = [each for part in _parts(world, "/alarms", 4) for each in part]
    assert found == sorted(found, reverse=True)
    assert len(found) == 26
    for query in ({"severity": "high"}, {"state": "cleared"}, {"site": world.ids["hill"]}):
        listed = [each for part in _parts(world, "/alarms", 4, **query) for each in part]
        assert listed == [each for each in found if query.get("state") != "cleared" or each != min(found)]


def test_readings_come_in_parts_both_ways(world: World) -> None:
    path = f"/points/{world.ids['hill-dr.humidity']}/readings"
    caller = world.as_("engineer")
    up = caller.items(path, limit=7)
    assert [row["value"] for row in up] == [50.0 + n for n in range(30)]
    assert caller.items(path, limit=7, order="desc") == up[::-1]
    first = START - timedelta(seconds=300)
    window = {"from": (first + timedelta(seconds=10)).isoformat(), "to": (first + timedelta(seconds=13)).isoformat()}
    assert [row["value"] for row in caller.items(path, limit=2, **window)] == [60.0, 61.0, 62.0]
    assert up[0] == {
        "at": "2026-03-02T07:55:00Z",
        "value": 50.0,
        "quality": "good",
        "sequence": None,
        "received_at": "2026-03-02T07:55:00Z",
    }


def _written(*key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%00",
        "====",
        _written(),
        _written("alarms"),
        _written("alarms", "2026-03-02T08:00:00+00:00"),
        _written("alarms", "2026-03-02T08:00:00", 1),
        _written("alarms", "0000-00-00", 1),
        _written("alarms", 1, "2026-03-02T08:00:00+00:00"),
        _written("alarms", "2026-03-02T08:00:00+00:00", "1"),
        _written("alarms", "2026-03-02T08:00:00+00:00", True),
        _written("alarms", "2026-03-02T08:00:00+00:00", 10**30),
        _written("alarms", "2026-03-02T08:00:00+00:00", 1.5),
        _written("alarms", "2026-03-02T08:00:00+00:00", 1, 2),
        _written("sites", 1),
        base64.urlsafe_b64encode(b"{}").decode(),
        "A" * 501,
    ],
)
def test_a_cursor_that_was_tampered_with_is_refused_by_name(same_world: World, cursor: str) -> None:
    answer = same_world.as_("admin").get("/alarms", cursor=cursor)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_cursor_is_read_or_refused(cursor: str) -> None:
    order, window = Order("list", str, int), Window(1, cursor)
    try:
        order.after(window)
    except InvalidInput:
        with pytest.raises(InvalidInput, match="cursor: is none that this list has given out"):
            order.after(window)


@given(
    st.integers(0, 2**63 - 1), st.datetimes(timezones=st.just(START.tzinfo)).filter(lambda at: 1970 <= at.year < 9999)
)
def test_a_cursor_comes_back_as_it_went(number: int, at: Any) -> None:
    order = Order("list", type(at), int)
    page = order.page([{"x": 1}, {"x": 2}], 1, lambda _: (at, number))
    assert order.after(Window(1, page["next_cursor"])) == (at, number)
