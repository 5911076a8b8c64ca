"""The manager's view of the alarms in a real browser: the report and its proposals, service windows, a new rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from facility_monitor.domain.alarm.judge import Change, Verdict
from facility_monitor.domain.instant import SECOND, instant
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.flows.alarm import alarms
from facility_monitor.flows.alarm.alarms import Judgement
from facility_monitor.store import plant
from facility_monitor.store.reading import readings
from facility_monitor.store.tables import rule, service_window, space
from tests.system.test_app import House, browser, house, signed_in, wait_until

__all__ = ["browser", "house"]


@pytest.fixture
def manager(browser: Browser, house: House) -> Iterator[Page]:
    """The phone of the site's manager."""
    yield from signed_in(browser, house, "wang")


def fits(page: Page) -> bool:
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return wide <= 360


def chatter(house: House) -> None:
    """Three raises of the pressure rule within a minute, an hour ago."""
    begin = instant(datetime.now(UTC) - timedelta(hours=1))
    with house.database.transaction() as tx:
        device = plant.load(tx, plant.revision(tx)).devices["plc-1"]
        point = device.points["pressure"]
        (watching,) = (each for each in point.rules if each.code == "pressure-low")
        values = [(0, 390e3), (10, 405e3), (14, 388e3), (30, 402e3), (36, 391e3), (50, 450e3)]
        seen = watching.condition.sentence(390e3)
        readings.insert(
            tx,
            [Reading(point.id, begin + s * SECOND, s, value, Quality.GOOD, begin + s * SECOND) for s, value in values],
        )
        for at, change in zip((0, 10, 14, 30, 36, 50), (Change.RAISED, Change.RETURNED) * 3, strict=True):
            verdict = Verdict(change, begin + at * SECOND, 390e3)
            alarms.record(tx, [Judgement(watching, point, verdict, seen)], datetime.now(UTC))


def test_a_proposal_of_the_report_becomes_the_next_version_of_the_rule(manager: Page, house: House) -> None:
    chatter(house)
    manager.goto(f"{house.url}/report")
    expect(manager.get_by_text("This would have spared 2 raises:").first).to_be_visible()
    assert fits(manager)
    manager.get_by_role("button", name="Off-delay 7 s").first.click()
    manager.get_by_label("Reason for the change").fill("It chatters at night")
    manager.get_by_role("button", name="Accept").click()
    expect(manager.get_by_text("It is the rule’s next version.").first).to_be_visible()
    with house.database.transaction() as tx:
        row = tx.execute(select(rule).where(rule.c.code == "pressure-low")).one()
    assert (row.version, row.definition["off_delay_s"], row.reason) == (2, 7, "It chatters at night")


def test_a_window_is_scheduled_and_ended(manager: Page, house: House) -> None:
    manager.goto(f"{house.url}/windows")
    manager.get_by_role("button", name="Schedule a window").click()
    manager.get_by_label("Place").select_option(label="Building 1 › Basement")
    manager.get_by_label("Kind of equipment").select_option("pump_room")
    manager.get_by_label("Reason").fill("Pump 2 gets a new seal")
    assert fits(manager)
    manager.get_by_role("button", name="Schedule", exact=True).click()
    row = manager.get_by_text("Pump 2 gets a new seal")
    expect(row).to_be_visible()
    with house.database.transaction() as tx:
        kept = tx.execute(select(service_window)).one()
        assert tx.execute(select(space.c.code).where(space.c.id == kept.space_id)).scalar_one() == "b1-0"
    assert (kept.equipment_kind, kept.purpose, kept.ends_at - kept.starts_at) == (
        "pump_room",
        "maintenance",
        timedelta(hours=2),
    )
    manager.get_by_role("button", name="End it now").click()
    expect(manager.get_by_role("heading", name="Ended")).to_be_visible()


def test_a_new_rule_is_tried_on_last_week_and_saved_on_trial(manager: Page, house: House) -> None:
    chatter(house)
    manager.goto(f"{house.url}/rules")
    manager.get_by_role("link", name="Try a new rule").click()
    manager.get_by_label("Measured").select_option("pressure")
    manager.locator("input[name=side][value=low]").check()
    manager.locator("input[name=value]").fill("0.4")
    manager.locator("input[name=on_delay_s]").fill("0")
    manager.get_by_role("button", name="Try it on last week").click()
    expect(manager.get_by_text("It would have raised 3 alarms last week.")).to_be_visible()
    expect(manager.locator(".preview canvas").first).to_be_visible()
    assert fits(manager)
    manager.locator("input[name=name]").fill("Pressure below 0.4")
    manager.locator("textarea[name=response]").fill("Look at the pumps")
    manager.get_by_role("button", name="Save on trial").click()
    manager.get_by_label("Reason for the change").fill("Asked for by the tenants")
    manager.locator("dialog").get_by_role("button", name="Save on trial").click()
    expect(manager.get_by_role("heading", name="Pressure below 0.4")).to_be_visible()
    with house.database.transaction() as tx:
        made = tx.execute(select(rule.c.definition).where(rule.c.code.like("own-pressure-%"))).scalar_one()
    assert (made["shadow"], made["limit"]["value"], made["limit"]["level"]) == (True, 400_000, "low")


def test_a_limit_by_date_is_read_as_its_number(manager: Page, house: House) -> None:
    with house.database.transaction() as tx:
        asked = select(rule.c.id).where(rule.c.code == "distribution-room-humidity-high-high")
        number = tx.execute(asked).scalar_one()
    manager.goto(f"{house.url}/rules/{number}")
    expect(manager.get_by_text("alarm above 80 %RH", exact=False).first).to_be_visible()
    wait_until(lambda: fits(manager))
