"""The event stream, over a real socket."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import text

from facility_monitor.api import events
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from tests.api.served import Served
from tests.api.world import World


def _until(condition: Any, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)


@dataclass
class Line:
    """One client's end of a stream, read by a thread of its own as a browser would."""

    place: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    comments: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def take(self, lines: Iterator[str]) -> None:
        name, data = "message", ""
        for line in lines:
            if line.startswith(":"):
                self.comments += 1
            elif line.startswith("id: "):
                self.place = line.removeprefix("id: ")
            elif line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data = line.removeprefix("data: ")
            elif not line and data:
                body = json.loads(data)
                assert body["kind"] == name
                self.events.append(body)
                name, data = "message", ""

    def kinds(self) -> list[tuple[str, int | None]]:
        return [(each["kind"], each["alarm_id"]) for each in self.events]


@contextmanager
def _listening(served: Served, username: str, last: str | None = None, token: str | None = None) -> Iterator[Line]:
    line = Line()
    headers = {"Authorization": f"Bearer {token or served.world.tokens[username]}"}
    if last is not None:
        headers["Last-Event-ID"] = last
    connection = HTTPConnection(urlsplit(served.url).netloc, timeout=30)
    connection.request("GET", "/api/v1/events", headers=headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    assert str(answer.getheader("content-type")).startswith("text/event-stream")
    wire = connection.sock
    assert wire is not None

    def read() -> None:
        with suppress(OSError, HTTPException):  # cut off, by us or by the server: both are part of the tests
            line.take(iter(lambda: _next(answer), None))
        line.ended.set()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    _until(lambda: line.place or line.ended.is_set())
    try:
        yield line
    finally:
        if not line.ended.is_set():
            wire.shutdown(socket.SHUT_RDWR)  # as a client that is gone; a mere close would wait for the reader
        thread.join(5)
        connection.close()


def _next(answer: HTTPResponse) -> str | None:
    line = answer.readline()
    return line.decode().rstrip("\n") if line else None


def test_what_happens_comes_at_once_and_only_to_those_who_see_it(served: Served) -> None:
    world = served.world
    with (
        _listening(served, "admin") as admin,
        _listening(served, "contractor") as contractor,
        _listening(served, "manager") as manager,
    ):
        lift, room, other = (world.raise_alarm(each) for each in ("hill-el", "hill-dr", "vale-el"))
        everything = [("alarm_raised", each) for each in (lift, room, other)]
        _until(lambda: len(admin.events) == 6)
        _until(lambda: len(manager.events) == 4 and len(contractor.events) == 2)
        time.sleep(0.1)
        assert [each for each in admin.kinds() if each[1]] == everything
        assert [each for each in manager.kinds() if each[1]] == everything[:2]
        assert contractor.kinds() == [("alarm_raised", lift), ("ticket_opened", None)]
    first = contractor.events[0]
    assert first["equipment_id"] == world.ids["hill-el"]
    assert first["site_id"] == world.ids["hill"]
    assert first["at"].endswith("Z")
    assert first["body"]["value"] == 99.0


def test_an_event_is_there_at_once(served: Served) -> None:
    with _listening(served, "engineer") as line:
        served.world.raise_alarm("hill-el")
        began = time.monotonic()
        _until(lambda: line.events, 2)
        assert time.monotonic() - began < 1


def test_a_stream_goes_on_where_it_was_cut_off(served: Served) -> None:
    world = served.world
    with _listening(served, "engineer") as line:
        first = world.raise_alarm("hill-el")
        _until(lambda: len(line.events) == 2)
    second = world.raise_alarm("hill-dr")
    with _listening(served, "engineer", last=line.place) as again:
        _until(lambda: len(again.events) == 2)
        third = world.end_alarm("hill-el")
        _until(lambda: len(again.events) == 3)
    assert [each for each in (*line.kinds(), *again.kinds()) if each[1]] == [
        ("alarm_raised", first),
        ("alarm_raised", second),
        ("alarm_returned", third),
    ]
    ids = [each["id"] for each in (*line.events, *again.events)]
    assert ids == sorted(set(ids))


def test_a_new_stream_begins_with_now(served: Served) -> None:
    served.world.raise_alarm("hill-el")
    with _listening(served, "engineer") as line:
        served.world.raise_alarm("hill-dr")
        _until(lambda: len(line.events) == 2)
        time.sleep(0.1)
        assert {each["equipment_id"] for each in line.events} == {served.world.ids["hill-dr"]}


def _lengthen(world: World, by: int) -> None:
    entry = Entry("alarm_raised", world.clock.now, world.clock.now, world.ids["vale"], None, None, None, None, None, {})
    with world.tx() as tx:
        ledger.append(tx, [entry] * by)


@pytest.mark.parametrize("last", ["0", "999999", "-1", "x", "1e3", "9" * 30])
def test_who_is_too_far_behind_or_lost_is_told_to_read_anew(served: Served, last: str) -> None:
    _lengthen(served.world, events.FURTHEST_BEHIND + 1)
    with _listening(served, "engineer", last=last) as line:
        _until(lambda: line.events)
        assert [each["kind"] for each in line.events] == ["reset"]
        assert line.place == str(line.events[0]["id"])
        served.world.raise_alarm("hill-el")
        _until(lambda: len(line.events) == 3)


def test_who_sees_little_does_not_fall_behind_by_what_it_does_not_see(served: Served) -> None:
    with _listening(served, "contractor") as line:
        for _ in range(3):
            _lengthen(served.world, events.FURTHEST_BEHIND // 2)
            with served.world.tx() as tx:
                newest = str(tx.execute(text("SELECT max(id) FROM ledger")).scalar_one())
            _until(lambda newest=newest: line.place == newest)
        assert line.events == []
    with _listening(served, "contractor", last=line.place) as again:
        served.world.raise_alarm("hill-el")
        _until(lambda: len(again.events) == 2)


def test_a_silent_stream_shows_that_it_lives(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.1)
    with _listening(served, "engineer") as line:
        _until(lambda: line.comments >= 4)
        assert line.events == []


def test_a_stream_ends_with_its_session(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.1)
    with _listening(served, "engineer") as line:
        path = f"/people/{served.world.ids['engineer']}"
        assert served.world.as_("admin").change("PATCH", path, 1, {"disabled": True}).status_code == 200
        assert line.ended.wait(5)


def test_a_disabled_person_hears_nothing_more(served: Served) -> None:
    with _listening(served, "engineer") as line:
        path = f"/people/{served.world.ids['engineer']}"
        assert served.world.as_("admin").change("PATCH", path, 1, {"disabled": True}).status_code == 200
        served.world.raise_alarm("hill-el")
        assert line.ended.wait(5)
        assert line.events == []


def test_a_key_without_tickets_hears_of_alarms_only(served: Served) -> None:
    made = served.world.as_("engineer").post("/keys", {"name": "k", "scopes": ["read:alarms"]}).json()
    with _listening(served, "engineer", token=made["secret"]) as line:
        alarm = served.world.raise_alarm("hill-el")
        _until(lambda: line.events)
        time.sleep(0.1)
        assert line.kinds() == [("alarm_raised", alarm)]


def test_streams_end_promptly_when_the_server_stops(served: Served) -> None:
    with _listening(served, "engineer") as one, _listening(served, "manager") as another:
        assert served.stop() < 2
        assert one.ended.wait(1)
        assert another.ended.wait(1)


def test_a_client_that_goes_away_leaves_nothing_behind(served: Served) -> None:
    feed = served.world.app.state.parts.feed
    with _listening(served, "engineer"), _listening(served, "manager"):
        _until(lambda: feed.streams == 2)
    _until(lambda: feed.streams == 0, 2)


def test_streams_outlive_a_lost_database(served: Served) -> None:
    world = served.world
    feed = world.app.state.parts.feed
    with _listening(served, "engineer") as line:
        _until(lambda: feed.listening)
        with world.tx() as tx:
            tx.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        world.raise_alarm("hill-el")
        _until(lambda: len(line.events) == 2)
        _until(lambda: feed.listening)
        world.raise_alarm("hill-dr")
        _until(lambda: len(line.events) == 4)


def test_there_is_an_end_to_the_number_of_streams(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_STREAMS", 1)
    with _listening(served, "engineer"):
        refused = httpx.get(
            f"{served.url}/api/v1/events", headers={"Authorization": f"Bearer {served.world.tokens['manager']}"}
        )
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
