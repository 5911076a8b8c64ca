"""Readings over the API: in steps, and as files."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from facility_monitor.domain.instant import instant
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.store.reading import readings
from tests.api.world import START, World

FIRST = START - timedelta(seconds=300)


def path(world: World) -> str:
    return f"/points/{world.ids['hill-dr.humidity']}/readings"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_steps_tell_least_most_mean_count_and_last(world: World) -> None:
    answer = world.as_("engineer").get(path(world), **{"from": FIRST.isoformat(), "step": "10s"}).json()
    assert (answer["unit"], answer["step_s"], answer["timezone"]) == ("%RH", 10, "Asia/Shanghai")
    assert answer["items"] == [
        {
            "at": f"2026-03-02T07:55:{10 * n:02}Z",
            "min": 50.0 + 10 * n,
            "max": 59.0 + 10 * n,
            "mean": 54.5 + 10 * n,
            "last": 59.0 + 10 * n,
            "last_at": f"2026-03-02T07:55:{10 * n + 9:02}Z",
            "count": 10,
        }
        for n in range(3)
    ]


def test_auto_chooses_a_step_for_a_screen(world: World) -> None:
    for days, step_s in ((365, 43_200), (1, 120), (7, 900)):
        start = START - timedelta(days=days)
        answer = world.as_("engineer").get(path(world), **{"from": start.isoformat(), "step": "auto"}).json()
        assert answer["step_s"] == step_s
        assert sum(each["count"] for each in answer["items"]) == 30


def test_days_are_those_of_the_site(world: World) -> None:
    window = {"from": "2026-03-01T15:00:00Z", "to": "2026-03-03T15:00:00Z"}
    answer = world.as_("engineer").get(path(world), **window, step="1d").json()
    assert [(each["at"], each["count"]) for each in answer["items"]] == [("2026-03-01T16:00:00Z", 30)]


def test_a_file_has_every_reading_in_order_and_exact(world: World) -> None:
    number, at = world.ids["hill-dr.humidity"], instant(START)
    with world.tx() as tx:
        readings.insert(tx, [Reading(number, at + n, n, 0.1 + 0.2, Quality.GOOD, at) for n in range(12_000)])
    answer = world.as_("engineer").get(path(world), format="csv", **{"from": START.isoformat()})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="point-{number}.csv"'
    found = rows(answer.text)
    assert [int(row["sequence"]) for row in found] == list(range(12_000))
    assert {float(row["value"]) for row in found} == {0.1 + 0.2}
    assert found[1]["at"] == "2026-03-02T08:00:00.000001Z"
    assert rows(world.as_("engineer").get(path(world), format="csv").text)[0]["sequence"] == ""


def test_a_file_of_steps_has_their_columns(world: World) -> None:
    window = {"from": FIRST.isoformat(), "step": "1m"}
    (row,) = rows(world.as_("engineer").get(path(world), format="csv", **window).text)
    assert row == {
        "at": "2026-03-02T07:55:00Z",
        "min": "50.0",
        "max": "79.0",
        "mean": "64.5",
        "last": "79.0",
        "last_at": "2026-03-02T07:55:29Z",
        "count": "30",
    }


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"step": "1h"}, "from"),
        ({"step": "0"}, "step"),
        ({"step": "1y"}, "step"),
        ({"step": "fast"}, "step"),
        ({"step": "999999999w"}, "step"),
        ({"step": "1s", "from": "2025-03-02T00:00:00Z"}, "step"),
        ({"step": "1h", "from": "2026-03-02T00:00:00Z", "to": "2026-03-02T00:00:00Z"}, "to"),
        ({"format": "xml"}, "format"),
    ],
)
def test_what_cannot_be_cut_so_is_refused_by_name(world: World, query: dict[str, Any], field: str) -> None:
    answer = world.as_("engineer").get(path(world), **query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_who_does_not_see_the_point_gets_no_file_of_it(world: World) -> None:
    for query in ({"format": "csv"}, {"step": "auto", "from": FIRST.isoformat()}):
        assert world.as_("contractor").get(path(world), **query).status_code == 404


def test_retention_is_changed_by_who_sees_all_sites_and_every_change_stays_on_record(world: World) -> None:
    change = {"reading_days": 180, "reason": "the insurer wants half a year"}
    assert world.as_("engineer").post("/retention-policies", change).status_code == 403
    assert world.as_("manager").post("/retention-policies", change).status_code == 403
    made = world.as_("admin").post("/retention-policies", change)
    assert made.status_code == 201
    assert (made.json()["reading_days"], made.json()["minute_days"]) == (180, 1827)
    listed = world.as_("engineer").items("/retention-policies")
    assert [(each["reading_days"], each["changed_by"]) for each in listed] == [(180, "admin"), (90, "catalogue")]
    for wrong, field in (
        ({"minute_days": 100}, "minute_days"),
        ({"late_days": 180}, "reading_days"),
        ({"reject_days": 0}, "reject_days"),
    ):
        answer = world.as_("admin").post("/retention-policies", wrong | {"reason": "x"})
        assert answer.json()["errors"][0]["field"] == field
