"""Parts of an elevator, their budget and the contractor's card on a phone, in a real browser on the real API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select

from facility_monitor.demo import site as demo_site
from facility_monitor.demo.embedded import free_port
from facility_monitor.demo.seed import seed
from facility_monitor.service import Part, Service
from facility_monitor.settings import Settings
from facility_monitor.store.database import Database
from facility_monitor.store.tables import equipment
from tests.system.test_app import FLAGS


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(chromium), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The demo's site with its parts; addresses, log-ins and the elevators' ids by code."""
    database, address = Database(database_url, pool=2), f"127.0.0.1:{free_port()}"
    settings = Settings(_env_file=None, database_url=database_url, http=address, data_dir=tmp_path)
    logins = seed(database, tmp_path, "en", datetime.now(UTC) - timedelta(minutes=1))
    with database.transaction() as tx:
        ids = {row.code: row.id for row in tx.execute(select(equipment.c.code, equipment.c.id))}
    with Service(settings, [Part.API]):
        yield {"url": f"http://{address}", "logins": logins, **ids}
    database.close()


def entered(browser: Browser, house: dict[str, Any], who: str, width: int, faults: list[str]) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 640}, locale="en-GB").new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(house["url"])
    page.locator("input[name=username]").fill(who)
    page.locator("input[type=password]").fill(house["logins"][who])
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Me", exact=True).wait_for()
    return page


def fits(page: Page) -> bool:
    """Nothing is wider than the screen but what moves below the finger."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_parts_budget_and_scorecards_on_a_phone(browser: Browser, house: dict[str, Any]) -> None:
    faults: list[str] = []
    page = entered(browser, house, "manager", 360, faults)
    page.goto(f"{house['url']}/equipment/{house[f'el-{demo_site.BUILDINGS}']}")
    parts = page.locator("section", has=page.get_by_role("heading", name="Parts"))
    rope = parts.locator("li.part-row").filter(has_text="wire ropes")
    expect(rope).to_contain_text("Over age")
    expect(rope).to_contain_text("63 months of 60 months")
    expect(rope).to_contain_text("own proposal")
    assert fits(page)

    page.goto(f"{house['url']}/equipment/{house['el-1']}")
    rope = page.locator("li.part-row").filter(has_text="wire ropes")
    rope.locator("summary").click()
    measured = rope.locator(".lives > li").last
    expect(measured).to_contain_text("discard line 10")
    expect(measured).to_contain_text("GB/T 31821")
    expect(measured).to_contain_text("makers’ line 6")
    expect(measured).to_contain_text("ISO 4344")
    assert fits(page)

    page.get_by_role("link", name="See the budget of parts").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Budget of parts")
    quarters = page.locator(".budget-chart .quarter")
    expect(quarters).to_have_count(13)
    total = page.locator(".budget-totals dd").first
    stands = total.inner_text()
    expect(page.locator("li.part-row").filter(has_text="Over age").first).to_be_visible()
    page.get_by_label("Change of prices (%)").fill("10")
    expect(page.locator(".budget-difference")).to_contain_text("+")
    assert amount(total.inner_text()) == pytest.approx(1.1 * amount(stands), abs=1)
    page.get_by_label("All postponed").select_option(label="12 months")
    expect(page.locator(".budget-totals dt")).to_have_text("As it would be")
    page.get_by_label("Change of prices (%)").fill("-200")
    expect(page.get_by_role("alert").filter(has_text="100")).to_be_visible()
    page.get_by_label("Change of prices (%)").fill("")
    page.get_by_label("All postponed").select_option(label="not")
    expect(total).to_have_text(stands)
    quarters.nth(12).focus()
    page.keyboard.press("Enter")
    expect(quarters.nth(12)).to_have_attribute("aria-pressed", "true")
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    assert download.value.suggested_filename.startswith("elevator-parts-")
    assert fits(page)

    page.goto(f"{house['url']}/scorecards")
    expect(page.locator(".cards")).to_contain_text("Swift Lift Maintenance")
    expect(page.locator(".cards")).to_contain_text("Tested in time")
    page.locator("summary", has_text="Weeks missed").first.click()
    expect(page.locator(".score-list li").first).to_contain_text("Elevator")
    assert fits(page)

    page = entered(browser, house, "contractor", 360, faults)
    page.goto(f"{house['url']}/me")
    expect(page.get_by_role("link", name="Open the scorecards")).to_be_visible()
    expect(page.get_by_role("link", name="Open the budget of parts")).to_have_count(0)
    assert faults == []


def test_a_warning_is_confirmed_with_its_trend_and_a_part_is_replaced_in_the_app(
    browser: Browser, house: dict[str, Any]
) -> None:
    faults: list[str] = []
    page = entered(browser, house, "manager", 360, faults)
    page.goto(f"{house['url']}/warnings")
    page.get_by_role("link", name="Elevator 1 · Floor 5 · Door opening time").click()
    trend = page.get_by_role("img", name="Trend from")
    expect(trend.locator("circle:not(.meets)")).to_have_count(12)  # every test of the demo's wearing door
    expect(trend).to_contain_text("Limit 4 s")
    assert fits(page)
    page.get_by_role("button", name="Confirm").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Confirm").click()
    expect(sheet.locator(".fault")).to_be_visible()  # not without a reason
    sheet.get_by_label("Reason").fill("Heard the belt slip")
    sheet.get_by_role("button", name="Confirm").click()
    expect(page.locator(".pane-under strong")).to_have_text("Confirmed")
    page.get_by_role("button", name="Dismiss").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("Belt tightened before, gauge was wrong")
    page.get_by_role("dialog").get_by_role("button", name="Dismiss").click()
    expect(page.locator(".pane-under strong")).to_have_text("Dismissed")

    page.goto(f"{house['url']}/equipment/{house[f'el-{demo_site.BUILDINGS}']}")
    rope = page.locator("li.part-row").filter(has_text="wire ropes")
    expect(rope).to_contain_text("Over age")
    rope.locator("summary").click()
    rope.get_by_role("button", name="Replace or correct").click()
    expect(page.get_by_label("Nominal diameter (mm)")).to_have_value("10")
    page.locator("input[name=installed_on]").fill(f"{datetime.now(UTC) - timedelta(days=3):%Y-%m-%d}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".pane-action [role=alert]")).to_be_visible()  # why is it replaced?
    page.locator("input[name=reason]").fill("Worn out")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(f"{house['url']}/equipment/{house[f'el-{demo_site.BUILDINGS}']}")
    assert faults == []


def amount(words: str) -> float:
    return float("".join(each for each in words if each.isdigit() or each == "."))
