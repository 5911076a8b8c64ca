"""The ledger across all alarms: by time, place, severity, state, event and person, and as a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from facility_monitor.store.evidence.ledger import Entry, append
from facility_monitor.store.tables import ledger
from tests.api.world import START, World


@pytest.fixture
def told(world: World) -> World:
    """A humid room, acknowledged, returned and cleared; then an elevator's motor at the same site, and another site."""
    humid = world.raise_alarm("hill-dr", value=84.0)
    world.clock.move(minutes=10)
    world.as_("engineer").post(f"/alarms/{humid}/acknowledge", {"comment": "on my way"})
    world.end_alarm("hill-dr", 60)
    world.clock.move(minutes=10)
    world.raise_alarm("hill-el")
    world.raise_alarm("vale-dr")
    return world


def listed(world: World, who: str = "chief", **query: Any) -> list[tuple[str, str]]:
    items = world.as_(who).get("/alarms/transitions", **query).json()["items"]
    return [(each["equipment"]["code"], each["kind"].removeprefix("alarm_")) for each in items]


def test_every_transition_is_found_by_what_it_was(told: World) -> None:
    assert listed(told, "engineer") == [
        ("hill-el", "raised"),
        ("hill-dr", "cleared"),
        ("hill-dr", "returned"),
        ("hill-dr", "acknowledged"),
        ("hill-dr", "raised"),
    ]
    (taken,) = told.as_("engineer").get("/alarms/transitions", event="alarm_acknowledged").json()["items"]
    assert (taken["actor"]["name"], taken["reason"], taken["state"]) == ("Engineer", "on my way", "active_acknowledged")
    assert (taken["value"], taken["seen"]["en"]) == (84.0, "84 %RH, above the limit of 80 %RH")
    assert listed(told, "engineer", actor=taken["actor"]["id"]) == [("hill-dr", "acknowledged")]
    assert listed(told, "engineer", equipment=told.ids["hill-el"]) == [("hill-el", "raised")]
    assert listed(told, "engineer", state="cleared") == [("hill-dr", "cleared"), ("hill-dr", "returned")]
    assert listed(told, "engineer", state="live", event="alarm_raised") == [
        ("hill-el", "raised"),
        ("hill-dr", "raised"),
    ]
    assert listed(told, "engineer", severity="critical") == []
    early = {"from": START.isoformat(), "to": (START + timedelta(minutes=5)).isoformat()}
    assert listed(told, "engineer", **early) == [("hill-dr", "raised")]
    assert listed(told, "admin", site=told.ids["vale"]) == [("vale-dr", "raised")]


def test_an_entry_that_an_older_version_wrote_with_less_in_it_is_told_by_its_alarm(told: World) -> None:
    with told.tx() as tx:
        (raised,) = tx.execute(select(ledger).where(ledger.c.kind == "alarm_raised").limit(1)).mappings()
        less = {name: raised[name] for name in Entry._fields} | {"at": told.clock.now, "kind": "alarm_unshelved"}
        append(tx, [Entry(**{**less, "body": {"point_id": raised["body"]["point_id"]}})])
    newest = told.as_("admin").get("/alarms/transitions", limit=1).json()["items"][0]
    assert (newest["kind"], newest["state"], newest["value"]) == ("alarm_unshelved", "cleared", 84.0)
    assert newest["seen"]["en"] == "84 %RH, above the limit of 80 %RH"


def test_a_list_in_parts_misses_and_repeats_nothing(told: World) -> None:
    whole = told.as_("engineer").get("/alarms/transitions").json()["items"]
    first = told.as_("engineer").get("/alarms/transitions", limit=2).json()
    rest = told.as_("engineer").get("/alarms/transitions", cursor=first["next_cursor"]).json()
    assert first["items"] + rest["items"] == whole
    assert rest["next_cursor"] is None


def test_a_contractor_sees_what_its_elevators_went_through(told: World) -> None:
    assert listed(told, "contractor") == [("hill-el", "raised")]


def test_the_ledger_as_a_file(told: World) -> None:
    answer = told.as_("engineer").get("/alarms/transitions/export", event="alarm_acknowledged")
    head, row = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    named = dict(zip(head, row, strict=True))
    assert (named["Event"], named["By"], named["Reason"]) == ("Acknowledged", "Engineer", "on my way")
    book = openpyxl.load_workbook(
        io.BytesIO(told.as_("engineer").get("/alarms/transitions/export", format="xlsx").content)
    )
    assert book.active is not None
    assert book.active.max_row == 6
