"""Alarms in sum: the report's figures and proposals, and the list as a file that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import text

from facility_monitor.cli import main
from facility_monitor.domain.instant import SECOND, instant
from facility_monitor.domain.reading.reading import Quality, Reading, unnumbered
from facility_monitor.store.reading import readings
from tests.api.world import START, World, copy_alarm

DAY = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}


def _chatter(world: World) -> None:
    """Three raises within a minute, the value back by 0.8 and 1.9 %RH between them, for 4 and 6 s; then quiet."""
    values = [(0, 82.0), (10, 79.2), (14, 83.0), (30, 78.1), (36, 81.0), (50, 60.0)]
    at = instant(START)
    with world.tx() as tx:
        readings.insert(
            tx,
            [
                Reading(world.ids["hill-dr.humidity"], at + s * SECOND, unnumbered(value), value, Quality.GOOD, at)
                for s, value in values
            ],
        )
    for begin, end in ((0, 10), (14, 30), (36, 50)):
        world.raise_alarm("hill-dr", begin)
        world.end_alarm("hill-dr", end)


def test_a_proposal_goes_by_the_order_of_the_raises_not_by_that_of_the_rows(world: World) -> None:
    _chatter(world)
    with world.tx() as tx:  # a row that is changed is written anew, behind the others
        for number in (2, 1):
            changed = "UPDATE alarm_occurrence SET acknowledged_at = raised_at WHERE number = :number"
            tx.execute(text(changed), {"number": number})
        tx.execute(text("ANALYZE alarm_occurrence, alarm"))  # knowing how few there are, it reads them as they lie
    (queue,) = world.as_("engineer").get("/alarms/kpi", **DAY).json()["queues"]
    proposal = queue["chattering"]["items"][0]["proposal"]
    assert (proposal["deadband"], proposal["off_delay_s"], proposal["spared"]) == (2.1, 7, 2)


def test_the_report_counts_what_people_were_called_for_and_proposes_a_deadband(world: World) -> None:
    _chatter(world)
    number = world.raise_alarm("hill-el", 60)
    world.clock.move(minutes=5)
    engineer = world.as_("engineer")
    engineer.post(f"/alarms/{number}/acknowledge")
    until = (world.clock.now + timedelta(hours=1)).isoformat()
    engineer.post(f"/alarms/{number}/shelve", {"until": until, "reason": "Motor is being changed"})
    world.end_alarm("hill-el", 60)
    world.raise_alarm("hill-el", 120)
    world.clock.move(hours=30)
    report = engineer.get("/alarms/kpi", **DAY).json()
    assert (report["from"], report["to"]) == (DAY["from"], DAY["to"])
    assert report["targets"]["per_10_min"] == 1
    (queue,) = report["queues"]
    assert queue["site"]["code"] == "hill"
    assert (queue["alarms"], queue["per_10_min"]["peak"], queue["per_day"]) == (4, 4, {"average": 4, "peak": 4})
    assert queue["per_10_min"]["average"] == pytest.approx(4 / 144)
    assert [(each["rule"]["code"], each["count"]) for each in queue["top"]["items"]] == [
        ("hill-humid", 3),
        ("hill-hot", 1),
    ]
    (chattering,) = queue["chattering"]["items"]
    assert (chattering["equipment"]["id"], chattering["count"]) == (world.ids["hill-dr"], 3)
    # 1.9 * 1.1 = 2.09 %RH up to two digits; 6 s * 1.1 up to whole seconds
    assert chattering["proposal"] == {
        "deadband": 2.1,
        "off_delay_s": 7,
        "on_delay_s": None,
        "spared": 2,
        "unit": "%RH",
    }
    assert queue["not_announced"] == {"shelved": 1}
    assert queue["acknowledge_s"] == {"count": 1, "median": 240, "p90": 240}
    assert (queue["shelved"]["count"], queue["shelved"]["items"][0]["reason"]) == (1, "Motor is being changed")
    assert queue["stale"]["count"] == 0
    later = engineer.get("/alarms/kpi").json()["queues"][0]
    assert [(each["alarm_id"] > number, each["active_s"]) for each in later["stale"]["items"]] == [(True, 107_880)]


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-03-03T00:00:00Z", "to": "2026-03-02T00:00:00Z"},
        {"from": "2024-03-02T00:00:00Z", "to": "2026-03-02T00:00:00Z"},
        {"from": "yesterday"},
    ],
)
def test_a_report_needs_a_period(world: World, query: dict[str, str]) -> None:
    answer = world.as_("engineer").get("/alarms/kpi", **query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "from"


def test_everybody_gets_the_figures_of_their_own_sites(world: World) -> None:
    for code in ("hill-dr", "hill-el", "vale-dr"):
        world.raise_alarm(code)
    world.clock.move(seconds=1)

    def alarms(username: str) -> dict[str, int]:
        queues = world.as_(username).get("/alarms/kpi").json()["queues"]
        return {each["site"]["code"]: each["alarms"] for each in queues}

    assert alarms("admin") == {"hill": 2, "vale": 1}
    assert alarms("engineer") == {"hill": 2}
    assert alarms("contractor") == {"hill": 1}
    assert world.as_("engineer").get("/alarms/kpi", site=world.ids["vale"]).status_code == 404


def test_the_command_line_prints_the_same_figures(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _chatter(world)
    monkeypatch.setenv("FM_DATABASE_URL", world.database.url)
    asked = ["kpi", "--from", "2026-03-02", "--to", "2026-03-03"]
    assert main([*asked, "--site", "hill", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    shown = world.as_("admin").get("/alarms/kpi", site=world.ids["hill"], **DAY).json()
    assert printed["queues"][0]["chattering"] == shown["queues"][0]["chattering"]
    assert printed["targets"] == shown["targets"]
    assert main(asked) == 0
    out = capsys.readouterr().out
    assert "Hill (hill)" in out
    assert "chattering: hill-humid at Room (humidity): deadband 2.1 %RH or off-delay 7 s would spare 2 raises" in out
    for wrong in (["--site", "nowhere"], ["--to", "soon"], ["--from", "2026-03-04"]):
        assert main([*asked, *wrong]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def _evil(world: World) -> None:
    with world.tx() as tx:
        tx.execute(text("""UPDATE equipment SET name = '{"en": "=cmd|''/c calc''!A1", "zh-CN": "+1"}'"""))
        tx.execute(text("UPDATE person SET name = '@SUM(1)' WHERE username = 'engineer'"))


def test_the_list_as_csv_has_every_alarm_that_is_wanted_and_no_formula(world: World) -> None:
    numbers = [world.raise_alarm(code, n) for n, code in enumerate(("hill-dr", "hill-el"))]
    world.as_("engineer").post(f"/alarms/{numbers[0]}/acknowledge")
    _evil(world)
    answer = world.as_("engineer").get("/alarms/export")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith("\ufeff")
    head, *rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    shown: list[dict[str, Any]] = [dict(zip(head, row, strict=True)) for row in rows]
    assert [int(each["No."]) for each in shown] == numbers[::-1]
    assert (shown[1]["Equipment"], shown[1]["By"]) == ("'=cmd|'/c calc'!A1", "'@SUM(1)")
    assert (shown[1]["Value"], shown[1]["Raised (UTC)"], shown[1]["State"]) == (
        "99.0",
        "2026-03-02T08:00:00Z",
        "acknowledged, still active",
    )
    assert len(world.as_("contractor").get("/alarms/export").text.splitlines()) == 2
    assert len(world.as_("engineer").get("/alarms/export", state="active_acknowledged").text.splitlines()) == 2


def test_the_list_as_xlsx_holds_words_as_words_and_numbers_as_numbers(world: World) -> None:
    number = world.raise_alarm("hill-dr", value=-1.5)
    _evil(world)
    answer = world.as_("engineer").get("/alarms/export", format="xlsx")
    assert 'filename="alarms.xlsx"' in answer.headers["content-disposition"]
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    head, row = list(page.iter_rows())
    cells = {title.value: cell for title, cell in zip(head, row, strict=True)}
    assert (cells["No."].value, cells["Value"].value) == (number, -1.5)
    assert (cells["Equipment"].value, cells["Equipment"].data_type) == ("=cmd|'/c calc'!A1", "s")
    assert cells["Equipment"].quotePrefix
    assert cells["Raised (UTC)"].value == START.replace(tzinfo=None)


def test_a_file_goes_on_after_its_first_part(world: World) -> None:
    number = world.raise_alarm("hill-dr")
    with world.tx() as tx:
        copy_alarm(tx, number, world.ids["engineer"], 1200)
    lines = world.as_("engineer").get("/alarms/export").text.splitlines()
    assert len(lines) == 1 + 1201
    assert len({line.partition(",")[0] for line in lines}) == 1202
